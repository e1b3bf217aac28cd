"""What an application that is bound to sites may reach: deny by default, whatever its behaviors.

It names one of its sites in every call (`Requires.admit`), and then acts within it: signing up and in, and accounts of
the site's customer set. What is about more than a site is refused, and so is an operation nobody has judged yet; where
a body or a query names a site, a set or an account, the use case asks its caller (`Caller.may_use_site`,
`Caller.refuse_beyond_its_site`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authsvc.accounts.rules import UnknownAccount
from authsvc.callers import BEYOND_ITS_SITES, Caller
from authsvc.errors import Forbidden

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.customer_sets.directory import Directory

# Signing in and all that goes with it is done on the call's site.
_SIGN_IN = "/api/commerce/customer/authtickets"
_OF_AN_ACCOUNT = "/api/commerce/customer/accounts/<int:account_id>"
_OF_A_SITE = "/api/commerce/customer/sites/<int:site_id>/"

# Operations that are done on the call's site and nowhere else, or that ask their caller.
WITHIN_A_SITE = frozenset(
    {
        "accounts.create_account",
        "accounts.current_account",
        "enrolment.add_account_and_login",
        "enrolment.add_accounts",
        "my_account.get_my_account",
        "recovery.reset_password",
        "recovery.update_forgotten_password",
        "credentials.get_login_state_by_email_address",
        "credentials.get_login_state_by_user_name",
        # The merchant's own words, that forms are made of; they are no site's.
        "attribute_definitions.list_definitions",
        "attribute_definitions.get_definition",
        "attribute_definitions.list_vocabulary_values",
        "orders.put_order",
        "orders.get_order",
        "sessions.sign_out",
        # Digests of what has ended: they say nothing to who has not got the token.
        "invalidations.read_invalidations",
    }
)
# About an account, but telling of what happened to it on other sites as well; a shopper may know.
TELLS_OF_OTHER_SITES = frozenset(
    {
        "orders_of_accounts.list_orders_of_account",
        "privacy.export_account",
        "audit_log.get_audit_log",
        "explanations.explain",
    }
)


@dataclass(frozen=True, slots=True)
class SiteBounds:
    """Asked about each call of an application that is bound."""

    directory: Directory
    accounts: Accounts

    def refuse_beyond(
        self, caller: Caller, rule: str, operation: str, path: Mapping[str, Any]
    ) -> None:
        """Raise `Forbidden` for what is beyond the caller's sites, `UnknownAccount` for who is not a customer there.

        `rule`: the operation's address with its parameters' names; `path`: what stands in their places.
        """
        if caller.bound_to is None:
            return
        if rule.startswith(_OF_A_SITE):
            caller.may_use_site(path["site_id"])
            if "account_id" in path:
                self._refuse_stranger(caller, path["site_id"], path["account_id"])
        elif rule.startswith(_OF_AN_ACCOUNT):
            if caller.is_shopper:
                # Their session was good on the site, and only their own account is in reach.
                return
            if operation in TELLS_OF_OTHER_SITES:
                raise Forbidden(BEYOND_ITS_SITES)
            self._refuse_stranger(caller, caller.site(), path["account_id"])
        elif not rule.startswith(_SIGN_IN) and operation not in WITHIN_A_SITE:
            raise Forbidden(BEYOND_ITS_SITES)

    def _refuse_stranger(self, caller: Caller, site_id: int, account_id: int) -> None:
        account = self.accounts.account(caller.tenant_id, account_id)
        if account.customer_set != self.directory.set_of(caller.tenant_id, site_id):
            raise UnknownAccount(account_id)
