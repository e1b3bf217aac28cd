"""What customer sets ask of new passwords, as applications read and set it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.callers import Behavior, Caller, Requires
from authsvc.credentials.password_policy import MINIMUM_LENGTH_LIMIT, PasswordPolicy
from authsvc.credentials.policies import PasswordPolicies
from authsvc.customer_sets.rules import UnknownCustomerSet
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire

_Length = Annotated[int, Field(ge=1, le=MINIMUM_LENGTH_LIMIT)]
_Count = Annotated[int, Field(ge=0, le=MINIMUM_LENGTH_LIMIT)]


class PasswordPolicyModel(Wire):
    """A set's policy; what is left out is the vendor's rule: 6 characters, of which 1 number and 1 letter."""

    minimum_length: _Length = 6
    minimum_digits: _Count = 1
    minimum_letters: _Count = 1
    refuses_common_passwords: bool = False
    refuses_similar_passwords: bool = False

    def policy(self) -> PasswordPolicy:
        """Return what is said; raises `Invalid` for what nobody could satisfy."""
        return PasswordPolicy(
            self.minimum_length,
            self.minimum_digits,
            self.minimum_letters,
            self.refuses_common_passwords,
            self.refuses_similar_passwords,
        )

    @classmethod
    def of(cls, policy: PasswordPolicy) -> PasswordPolicyModel:
        """Write a policy."""
        return cls(
            minimum_length=policy.minimum_length,
            minimum_digits=policy.minimum_digits,
            minimum_letters=policy.minimum_letters,
            refuses_common_passwords=policy.refuses_common,
            refuses_similar_passwords=policy.refuses_similar,
        )


def routes(service: PasswordPolicies) -> Routes:
    """Declare the operations over `service`."""
    part = Routes("password_policies", prefix="/api/commerce/customer", tag="Customer sets")
    path = "/customersets/<code>/passwordpolicy"

    @part.get(
        path,
        requires=Requires(Behavior.CUSTOMER_SET_READ),
        answers=PasswordPolicyModel,
        refuses=(UnknownCustomerSet,),
    )
    def get_password_policy(caller: Caller, code: str) -> PasswordPolicyModel:
        """Tell what a customer set asks of new passwords."""
        return PasswordPolicyModel.of(service.policy(caller.tenant_id, code.strip()))

    @part.put(
        path,
        requires=Requires(Behavior.CUSTOMER_SET_UPDATE),
        answers=PasswordPolicyModel,
        refuses=(UnknownCustomerSet,),
        body_name="passwordPolicy",
    )
    def set_password_policy(
        caller: Caller, code: str, body: PasswordPolicyModel
    ) -> PasswordPolicyModel:
        """Say what a customer set asks of passwords chosen from now on; those there are already go on working."""
        service.set_policy(caller, code.strip(), body.policy())
        return body

    return part
