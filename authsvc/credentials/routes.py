"""Passwords, locks and login states of customer accounts ([K] 3.1)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, RootModel

from authsvc.accounts.rules import UnknownAccount
from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.credentials.hashing import HashingBusy
from authsvc.credentials.password_policy import TYPED_MAX_BYTES
from authsvc.credentials.rules import LoginState, NoLogin
from authsvc.credentials.service import Credentials, PasswordChange, PasswordChangeResult
from authsvc.errors import AuthsvcError, Invalid, NotOffered
from authsvc.guessing.rules import TooManyFailures
from authsvc.web.operations import Routes
from authsvc.web.wire import Count, Id, Wire, WireDateTime

# As many as a page of a list; each may cost two password hashes.
MOST_PASSWORDS_AT_ONCE = 50
LONGEST_NAME = 400

Password = Annotated[str, Field(max_length=TYPED_MAX_BYTES)]


class PasswordInfo(Wire):
    """An old password and the one to replace it."""

    old_password: Password | None = None
    new_password: Password | None = None
    external_password: str | None = None


class ChangePasswordQuery(Wire):
    """Whether to unlock the account as well."""

    unlock_account: bool = False
    user_id: str | None = None


class PasswordChangeItem(Wire):
    """One password to change."""

    account_id: Id
    user_id: str | None = None
    password_info: PasswordInfo
    unlock_account: bool = False


class PasswordChangeItems(Wire):
    """Passwords to change."""

    items: Annotated[
        list[PasswordChangeItem], Field(min_length=1, max_length=MOST_PASSWORDS_AT_ONCE)
    ]


class PasswordChangeOutcome(Wire):
    """What became of one password."""

    account_id: Id
    succeeded: bool
    error_message: str | None


class PasswordChangeOutcomes(Wire):
    """What became of each password."""

    items: list[PasswordChangeOutcome]
    total_count: Count


class LoginStateModel(Wire):
    """How a login stands."""

    is_password_change_required: bool
    last_password_change_on: WireDateTime
    is_locked: bool
    last_locked_on: WireDateTime | None
    failed_login_attempt_count: Count
    remaining_login_attempts: Count
    first_failed_login_attempt_on: WireDateTime | None
    last_login_on: WireDateTime | None
    created_on: WireDateTime
    updated_on: WireDateTime


class LoginStateQuery(Wire):
    """A `userId` may come along; the account's id decides."""

    user_id: str | None = None
    response_fields: str | None = None


class LoginStateByUserNameQuery(Wire):
    """A username, and the set it is looked for in; without one the set of the call's site."""

    user_name: Annotated[str, Field(max_length=LONGEST_NAME)]
    customer_set_code: Annotated[str, Field(max_length=50)] | None = None
    response_fields: str | None = None


class LoginStateByEmailAddressQuery(Wire):
    """An e-mail address, and the set it is looked for in; without one the set of the call's site."""

    email_address: Annotated[str, Field(max_length=LONGEST_NAME)]
    customer_set_code: Annotated[str, Field(max_length=50)] | None = None
    response_fields: str | None = None


class Flag(RootModel[bool]):
    """A bare true or false."""


_UPDATE = Requires(Behavior.CUSTOMER_UPDATE)
_READ = Requires(Behavior.CUSTOMER_READ)


def routes(service: Credentials) -> Routes:
    """Declare the operations over `service`."""
    part = Routes("credentials", prefix="/api/commerce/customer/accounts", tag="Logins")
    _passwords(part, service)
    _states(part, service)
    return part


def _passwords(part: Routes, service: Credentials) -> None:
    @part.post(
        "/<int:account_id>/change-password",
        requires=Requires(Behavior.CUSTOMER_UPDATE, ShopperRole.OWN_ACCOUNT, acting=False),
        status=200,
        refuses=(NoLogin, TooManyFailures, NotOffered, HashingBusy),
        body_name="passwordInfo",
    )
    def change_password(
        caller: Caller, account_id: int, body: PasswordInfo, query: ChangePasswordQuery
    ) -> None:
        """Change a password, knowing the old one; every other session of the account ends."""
        caller.may_see_account(account_id)
        old, new = _passwords_of(body)
        service.change_password(caller, account_id, old, new, unlock=query.unlock_account)

    @part.post(
        "/change-passwords",
        requires=_UPDATE,
        answers=PasswordChangeOutcomes,
        refuses=(NotOffered, HashingBusy),
        body_name="accountPasswordInfos",
    )
    def change_passwords(caller: Caller, body: PasswordChangeItems) -> PasswordChangeOutcomes:
        """Change several passwords; each succeeds or fails by itself."""
        results = [_change_one(service, caller, item) for item in body.items]
        return PasswordChangeOutcomes(
            items=[
                PasswordChangeOutcome(
                    account_id=result.account_id,
                    succeeded=result.refusal is None,
                    error_message=result.refusal and result.refusal.message,
                )
                for result in results
            ],
            total_count=len(results),
        )

    @part.post(
        "/<int:account_id>/set-login-locked",
        requires=_UPDATE,
        status=200,
        refuses=(UnknownAccount,),
        body_name="isLocked",
    )
    def set_login_locked(
        caller: Caller, account_id: int, body: Flag, query: LoginStateQuery
    ) -> None:
        """Lock an account (`true`), which ends its sessions everywhere, or unlock it (`false`)."""
        service.set_locked(caller, account_id, locked=body.root)

    @part.post(
        "/<int:account_id>/set-password-change-required",
        requires=_UPDATE,
        status=200,
        refuses=(UnknownAccount, NoLogin),
        body_name="isPasswordChangeRequired",
    )
    def set_password_change_required(
        caller: Caller,
        account_id: int,
        body: Flag,
        query: LoginStateQuery,
    ) -> None:
        """Ask for a new password before the next sign-in (`true`), or take that back (`false`)."""
        service.set_must_change(caller, account_id, must_change=body.root)


def _states(part: Routes, service: Credentials) -> None:
    @part.get(
        "/<int:account_id>/loginstate",
        requires=_READ,
        answers=LoginStateModel,
        refuses=(UnknownAccount, NoLogin),
    )
    def get_login_state(caller: Caller, account_id: int, query: LoginStateQuery) -> LoginStateModel:
        """Tell how an account's login stands."""
        return _model(service.login_state(caller.tenant_id, account_id))

    @part.post("/loginstatebyusername", requires=_READ, answers=LoginStateModel, refuses=(NoLogin,))
    def get_login_state_by_user_name(
        caller: Caller, query: LoginStateByUserNameQuery
    ) -> LoginStateModel:
        """Tell how the login of a username stands."""
        return _model(service.login_state_by_name(caller, query.user_name, query.customer_set_code))

    @part.post(
        "/loginstatebyemailaddress", requires=_READ, answers=LoginStateModel, refuses=(NoLogin,)
    )
    def get_login_state_by_email_address(
        caller: Caller, query: LoginStateByEmailAddressQuery
    ) -> LoginStateModel:
        """Tell how the login of an e-mail address stands."""
        return _model(
            service.login_state_by_name(caller, query.email_address, query.customer_set_code)
        )


def _change_one(
    service: Credentials, caller: Caller, item: PasswordChangeItem
) -> PasswordChangeResult:
    """Change one of several passwords; an item that is incomplete fails by itself too ([K] 3.2)."""
    try:
        old, new = _passwords_of(item.password_info)
    except AuthsvcError as refusal:
        return PasswordChangeResult(item.account_id, refusal)
    change = PasswordChange(item.account_id, old, new, item.unlock_account)
    return service.change_passwords(caller, [change])[0]


def _passwords_of(info: PasswordInfo) -> tuple[str, str]:
    if info.external_password:
        raise NotOffered("This release does not take externalPassword yet. Send newPassword.")
    if not info.old_password:
        raise Invalid("oldPassword", "Give the password that is to be replaced.")
    if not info.new_password:
        raise Invalid("newPassword", "Give the new password.")
    return info.old_password, info.new_password


def _model(state: LoginState) -> LoginStateModel:
    return LoginStateModel(
        is_password_change_required=state.is_password_change_required,
        last_password_change_on=state.last_password_change_on,
        is_locked=state.is_locked,
        last_locked_on=state.last_locked_on,
        failed_login_attempt_count=state.failed_login_attempt_count,
        remaining_login_attempts=state.remaining_login_attempts,
        first_failed_login_attempt_on=state.first_failed_login_attempt_on,
        last_login_on=state.last_login_on,
        created_on=state.created_on,
        updated_on=state.updated_on,
    )
