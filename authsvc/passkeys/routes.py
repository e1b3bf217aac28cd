"""Passkeys by API: what sets allow, an account's own, and whose pages may ask for them."""

from __future__ import annotations

from authsvc.accounts.rules import UnknownAccount
from authsvc.callers import Behavior, Caller, FreshSignIn, Requires, ShopperRole
from authsvc.customer_sets.rules import UnknownCustomerSet
from authsvc.passkeys import related_origins, second_factor_routes, sign_in_routes
from authsvc.passkeys.policies import PasskeyPolicies
from authsvc.passkeys.registration import Registration
from authsvc.passkeys.rules import (
    LastMeansOfSigningIn,
    PasskeyRefused,
    PasskeysOff,
    PasskeyTaken,
    TooManyPasskeys,
    UnknownPasskey,
)
from authsvc.passkeys.service import Passkeys
from authsvc.passkeys.use_cases import PasskeyUseCases
from authsvc.passkeys.wire import (
    NewPasskey,
    PasskeyList,
    PasskeyModel,
    PasskeyName,
    PasskeyPolicyModel,
    PasskeyRequest,
)
from authsvc.sessions.freshness import FreshSignInRequired
from authsvc.web.operations import Routes

_TAG = "Passkeys"
# Whoever could add a passkey for somebody else could sign in as them.
_THE_SHOPPER = Requires(shopper=ShopperRole.REQUIRED, acting=False)
_CHANGES = Requires(
    Behavior.CUSTOMER_UPDATE,
    ShopperRole.OWN_ACCOUNT,
    acting=False,
    fresh_sign_in=FreshSignIn.NEEDED,
)


def routes(service: PasskeyUseCases) -> list[Routes]:
    """Declare the operations over `service`."""
    part = Routes("passkeys", prefix="/api/commerce/customer/accounts", tag=_TAG)
    _adding(part, service.registration, service.policies)
    _looking_after(part, service.passkeys)
    return [
        part,
        _allowing(service.policies),
        sign_in_routes.routes(service.sign_in),
        second_factor_routes.routes(service.second_factor),
        related_origins.routes(service.policies),
    ]


def _adding(part: Routes, registration: Registration, policies: PasskeyPolicies) -> None:
    @part.post(
        "/<int:account_id>/passkeys/request",
        requires=_THE_SHOPPER,
        answers=PasskeyRequest,
        status=200,
        refuses=(FreshSignInRequired, UnknownAccount, PasskeysOff, TooManyPasskeys),
    )
    def request_passkey(caller: Caller, account_id: int) -> PasskeyRequest:
        """Get what `navigator.credentials.create` takes, for the shopper's own account."""
        caller.may_see_account(account_id)
        options, sealed = registration.begin(caller)
        return PasskeyRequest(public_key=options, challenge_token=sealed)

    @part.post(
        "/<int:account_id>/passkeys",
        requires=_THE_SHOPPER,
        answers=PasskeyModel,
        status=201,
        refuses=(
            FreshSignInRequired,
            UnknownAccount,
            PasskeysOff,
            PasskeyRefused,
            PasskeyTaken,
            TooManyPasskeys,
        ),
        body_name="passkey",
    )
    def add_passkey(caller: Caller, account_id: int, body: NewPasskey) -> PasskeyModel:
        """Add the passkey that the shopper's browser has made, on one of the site's hosts or origins."""
        caller.may_see_account(account_id)
        passkey = registration.complete(
            caller,
            body.challenge_token,
            body.credential.made(),
            body.name,
            policies.site_origins(caller.tenant_id, caller.site()),
        )
        policy = registration.passkeys.policy_for(caller.tenant_id, account_id)
        return PasskeyModel.of(passkey, policy)


def _looking_after(part: Routes, passkeys: Passkeys) -> None:
    @part.get(
        "/<int:account_id>/passkeys",
        requires=Requires(Behavior.CUSTOMER_READ, ShopperRole.OWN_ACCOUNT),
        answers=PasskeyList,
        refuses=(UnknownAccount,),
    )
    def list_passkeys(caller: Caller, account_id: int) -> PasskeyList:
        """List an account's passkeys, oldest first."""
        caller.may_see_account(account_id)
        policy = passkeys.policy_for(caller.tenant_id, account_id)
        found = passkeys.of_account(caller.tenant_id, account_id)
        return PasskeyList(items=[PasskeyModel.of(each, policy) for each in found])

    @part.put(
        "/<int:account_id>/passkeys/<int:passkey_id>",
        requires=_CHANGES,
        answers=PasskeyModel,
        refuses=(FreshSignInRequired, UnknownAccount, UnknownPasskey),
        body_name="passkey",
    )
    def rename_passkey(
        caller: Caller, account_id: int, passkey_id: int, body: PasskeyName
    ) -> PasskeyModel:
        """Call a passkey something else."""
        caller.may_see_account(account_id)
        renamed = passkeys.rename(caller, account_id, passkey_id, body.name)
        return PasskeyModel.of(renamed, passkeys.policy_for(caller.tenant_id, account_id))

    @part.delete(
        "/<int:account_id>/passkeys/<int:passkey_id>",
        requires=_CHANGES,
        refuses=(FreshSignInRequired, UnknownAccount, UnknownPasskey, LastMeansOfSigningIn),
    )
    def remove_passkey(caller: Caller, account_id: int, passkey_id: int) -> None:
        """Remove a passkey; a shopper keeps the last means of signing in."""
        caller.may_see_account(account_id)
        passkeys.remove(caller, account_id, passkey_id)


def _allowing(policies: PasskeyPolicies) -> Routes:
    part = Routes("passkey_policies", prefix="/api/commerce/customer/customersets", tag=_TAG)

    @part.get(
        "/<code>/passkeys",
        requires=Requires(Behavior.CUSTOMER_SET_READ),
        answers=PasskeyPolicyModel,
        refuses=(UnknownCustomerSet,),
    )
    def get_passkey_policy(caller: Caller, code: str) -> PasskeyPolicyModel:
        """Tell what a customer set lets passkeys do, and the domain they are made for."""
        return PasskeyPolicyModel.of(policies.policy(caller.tenant_id, code.strip()))

    @part.put(
        "/<code>/passkeys",
        requires=Requires(Behavior.CUSTOMER_SET_UPDATE),
        answers=PasskeyPolicyModel,
        refuses=(UnknownCustomerSet,),
        body_name="passkeys",
    )
    def set_passkey_policy(
        caller: Caller, code: str, body: PasskeyPolicyModel
    ) -> PasskeyPolicyModel:
        """Say what a customer set lets passkeys do, and the domain that new ones are made for."""
        return PasskeyPolicyModel.of(
            policies.set_policy(caller, code.strip(), body.use, body.relying_party_id)
        )

    return part
