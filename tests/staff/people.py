"""Staff for tests: made through the service, with a telephone that shows codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import pyotp

from authsvc.callers import Caller
from authsvc.one_time_codes import STEP_SECONDS
from authsvc.services import Services
from authsvc.staff.rules import Role, StaffUser
from authsvc.staff.sign_in import SignedIn, Visit

PASSWORD = "Weatherproof-Anorak-7"
OTHER_PASSWORD = "Waterproof-Trousers-8"
VISIT = Visit("192.0.2.7", "A browser", "correlation-1")
ELSEWHERE = Visit("198.51.100.9", "Another browser", "correlation-2")


def hire(
    services: Services, tenant_id: int, role: Role = Role.ADMINISTRATOR, *, must_enrol: bool = False
) -> StaffUser:
    """Make a staff user whose password is `PASSWORD`."""
    name = f"{role.value}-{uuid4().hex[:8]}"
    return services.staff.users.create(
        Caller(tenant_id), name, role, PASSWORD, must_enrol=must_enrol
    )[0]


def sign_in(
    services: Services, user: StaffUser, password: str = PASSWORD, visit: Visit = VISIT
) -> tuple[str, SignedIn]:
    """Sign a staff user in by the password."""
    return services.staff.sign_in.sign_in(user.tenant_id, user.username, password, visit)


def check(services: Services, token: str) -> SignedIn:
    """Return whose session a token shows, which must be good."""
    signed_in = services.staff.sign_in.check(token, VISIT)
    assert signed_in is not None
    return signed_in


@dataclass(frozen=True)
class Telephone:
    """An authenticator app that holds one secret."""

    secret: str

    def code(self, now: datetime, later: int = 0) -> str:
        """Return the code it shows `later` steps from `now`."""
        return pyotp.TOTP(self.secret).generate_otp(int(now.timestamp()) // STEP_SECONDS + later)


def enrol(services: Services, token: str) -> tuple[Telephone, str, list[str]]:
    """Set a second factor up; returns the telephone, the session's new token and the recovery codes."""
    factors, signed_in = services.staff.second_factors, check(services, token)
    factors.begin(signed_in)
    telephone = Telephone(factors.shown(signed_in))
    new_token, codes = factors.confirm(
        signed_in.caller(VISIT), signed_in, telephone.code(services.clock()), VISIT
    )
    return telephone, new_token, codes
