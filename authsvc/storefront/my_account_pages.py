"""My Account on a page: what each part of it shows, and what was just done.

Other features add their part with `MyAccountPages.sections.append`; a part is a template and what it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import request
from werkzeug.wrappers import Response

from authsvc.storefront.pages import Answer, StorefrontPages, go
from authsvc.storefront.places import Place
from authsvc.storefront.profile_pages import add_profile_pages
from authsvc.storefront.visitors import ShopperVisitor

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.recovery.verification import EmailVerification


# By name, so that no link can put words on our pages.
_NOTICES = {
    "profile": "Your profile is saved.",
    "password": "Your password is changed. You are signed out everywhere else.",
    "address": "The address is saved.",
    "address-deleted": "The address is deleted.",
    "card": "This card is your first choice now.",
    "card-deleted": "The card is deleted here.",
    "passkey": "The passkey is added. You can sign in with it from now on.",
    "passkey-named": "The passkey is called so now.",
    "passkey-removed": "The passkey is removed. Delete it on your device as well.",
    "second-factor-removed": "The authenticator app is removed.",
    "second-factor-late": "This has taken too long. Set the authenticator app up again.",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of My Account: a heading, a template below `templates/`, and the values it is written with.

    Values of None leave it out.
    """

    heading: str
    template: str
    values: Callable[[ShopperVisitor], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class MyAccountPages:
    """The pages; only who is signed in gets to them."""

    pages: StorefrontPages
    accounts: Accounts
    verification: EmailVerification
    sections: list[Section] = field(default_factory=list)

    def profile(self, visitor: ShopperVisitor) -> Mapping[str, Any]:
        """Return the shopper's own account, for the first part."""
        account = self.accounts.account(visitor.place.tenant.id, visitor.account_id)
        return {
            "account": account,
            "sends_mail": self.verification.links.mails.is_offered,
            "asks_for_email": self.verification.is_wanted(account),
        }


def add_my_account_pages(own: MyAccountPages) -> None:
    """Declare the pages, with the profile as their first part."""
    own.sections.append(Section("Profile", "storefront/profile.html", own.profile))
    mails = own.verification.links.mails
    add_profile_pages(own.pages, own.accounts, confirms_addresses=mails.is_offered)

    @own.pages.own_page("/my-account")
    def my_account(place: Place, visitor: ShopperVisitor) -> Answer:
        return own.pages.show(
            "my_account.html",
            place,
            notice=_NOTICES.get(request.args.get("done", "")),
            sections=[
                (section, values)
                for section in own.sections
                if (values := section.values(visitor)) is not None
            ],
        )


def go_and_sign_in(place: Place) -> Response:
    """Send whoever is not signed in to the sign-in page, which leads back to the page that was opened."""
    if place.is_hub:
        return go("/login", site=place.details.id)
    return go("/login", return_to=request.path if request.method == "GET" else "/my-account")
