"""My Account › Profile: who the shopper is, and what may be sent to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from authsvc.errors import Invalid
from authsvc.storefront.acting_pages import refuse_acting
from authsvc.storefront.own_forms import REFUSALS, OwnForm, saved
from authsvc.storefront.pages import Answer, StorefrontPages
from authsvc.storefront.places import Place
from authsvc.storefront.visitors import ShopperVisitor, caller_of

if TYPE_CHECKING:
    from authsvc.accounts.rules import CustomerAccount
    from authsvc.accounts.service import Accounts

PATH = "/my-account/profile"
FORM = OwnForm(
    "profile_form.html",
    {
        "firstname": "first_name",
        "lastname": "last_name",
        "emailaddress": "email",
        "companyororganization": "company",
    },
)
# The form's field → the account's.
_TEXTS = {
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email_address",
    "company": "company_or_organization",
}
_MARKETING = "accepts_marketing"


class AddressToConfirm(Invalid):
    """Another e-mail address was typed where it would count unconfirmed."""

    def __init__(self) -> None:
        """Say where it is changed."""
        super().__init__(
            "emailAddress",
            "Your e-mail address is changed on a page of its own: choose “Change your e-mail address”.",
        )


def add_profile_pages(
    pages: StorefrontPages, accounts: Accounts, *, confirms_addresses: bool
) -> None:
    """Declare the form and what it is sent to.

    `confirms_addresses`: an account with a login gets another e-mail address by a link that is mailed there, not here.
    """

    @pages.own_page(PATH)
    def profile_form(place: Place, visitor: ShopperVisitor) -> Answer:
        account = accounts.account(place.tenant.id, visitor.account_id)
        is_kept = confirms_addresses and account.has_login
        typed = {field: getattr(account, name) or "" for field, name in _TEXTS.items()}
        if account.accepts_marketing:
            typed[_MARKETING] = "1"
        return FORM.show(pages, place, typed, username=account.username, is_email_kept=is_kept)

    @pages.own_form(PATH)
    def save_profile(place: Place, visitor: ShopperVisitor) -> Answer:
        account = accounts.account(place.tenant.id, visitor.account_id)
        is_kept = confirms_addresses and account.has_login
        wanted, caller = _wanted(account), caller_of(request, place, visitor)
        try:
            if "email_address" in wanted:
                refuse_acting(visitor)
                if is_kept:
                    raise AddressToConfirm
                accounts.sessions.freshness.ensure(caller)
            accounts.update(caller, account.id, wanted)
        except REFUSALS as error:
            # What cannot be typed shows what stays.
            kept = {"email": account.email_address or ""} if is_kept else {}
            typed = request.form.to_dict() | kept
            return FORM.show(
                pages, place, typed, error, username=account.username, is_email_kept=is_kept
            )
        return saved(place, "profile")


def _wanted(account: CustomerAccount) -> dict[str, Any]:
    """Return what was typed that is another than it was; what is emptied is taken away, where that is allowed."""
    given = {name: request.form.get(field, "").strip() for field, name in _TEXTS.items()}
    wanted: dict[str, Any] = {
        name: text or None for name, text in given.items() if text != (getattr(account, name) or "")
    }
    return wanted | {_MARKETING: _MARKETING in request.form}
