"""Making staff users, disabling them, and their passwords."""

from __future__ import annotations

from uuid import uuid4

import pytest

from authsvc.callers import Caller
from authsvc.customer_sets.rules import UnknownTenant
from authsvc.errors import Invalid
from authsvc.services import Services
from authsvc.staff.rules import Role, StaffUsernameTaken, Standing, UnknownStaffUser
from authsvc.staff.service import WrongStaffPassword
from authsvc.staff.sign_in import BadStaffCredentials
from tests.merchants import Merchant
from tests.staff.people import (
    ELSEWHERE,
    OTHER_PASSWORD,
    PASSWORD,
    VISIT,
    check,
    enrol,
    hire,
    sign_in,
)
from tests.trail import changes, entries


def test_a_generated_password_signs_in(services: Services, merchant: Merchant) -> None:
    user, password = services.staff.users.create(
        Caller(merchant.tenant_id), "Anna@Mystic.example", Role.AUDITOR
    )
    _, signed_in = services.staff.sign_in.sign_in(
        merchant.tenant_id, "anna@mystic.EXAMPLE", password, VISIT
    )
    assert signed_in.user.id == user.id
    assert [found.username for found in services.staff.users.users(merchant.tenant_id)] == [
        "Anna@Mystic.example"
    ]
    (created,) = [
        entry
        for entry in entries(services, merchant.tenant_id, "staff:anna@mystic.example")
        if entry["action"] == "staff.created"
    ]
    assert (created["actor"], changes(created)["role"]) == ("system", (None, "auditor"))


def test_a_name_is_one_staff_users_in_whatever_form(
    services: Services, merchant: Merchant, other_merchant: Merchant
) -> None:
    name = f"anna-{uuid4().hex}"
    caller = Caller(merchant.tenant_id)
    services.staff.users.create(caller, name, Role.AUDITOR)
    with pytest.raises(StaffUsernameTaken):
        services.staff.users.create(caller, name.upper(), Role.AUDITOR)
    services.staff.users.create(Caller(other_merchant.tenant_id), name, Role.AUDITOR)


def test_a_tenant_that_is_not_there_has_no_staff(services: Services) -> None:
    with pytest.raises(UnknownTenant):
        services.staff.users.create(Caller(999_999_999), "anna", Role.AUDITOR)


@pytest.mark.parametrize("password", ["short-but-fine", "administrator-x!", "aaaaaaaaaaaaaaaaa"])
def test_an_unfit_password_is_refused(
    services: Services, merchant: Merchant, password: str
) -> None:
    """NIST SP 800-63B-4 §3.1.1.2: 15 characters where the password may be the only factor."""
    with pytest.raises(Invalid):
        services.staff.users.create(
            Caller(merchant.tenant_id), "administrator", Role.ADMINISTRATOR, password
        )


def test_disabling_ends_every_session_at_once(services: Services, merchant: Merchant) -> None:
    user = hire(services, merchant.tenant_id)
    token, _ = sign_in(services, user)
    system = Caller(merchant.tenant_id)
    services.staff.users.set_active(system, user.username, active=False)
    services.staff.users.set_active(system, user.username, active=False)
    assert services.staff.sign_in.check(token, VISIT) is None
    with pytest.raises(BadStaffCredentials):
        sign_in(services, user)
    services.staff.users.set_active(system, user.username, active=True)
    assert services.staff.sign_in.check(token, VISIT) is None
    sign_in(services, user)
    told = [
        entry["action"]
        for entry in entries(services, merchant.tenant_id, user.subject)
        if entry["action"] in ("staff.disabled", "staff.enabled")
    ]
    assert told == ["staff.disabled", "staff.enabled"]


def test_a_password_change_ends_every_other_session(services: Services, merchant: Merchant) -> None:
    user = hire(services, merchant.tenant_id)
    token, signed_in = sign_in(services, user)
    other, _ = sign_in(services, user, visit=ELSEWHERE)
    services.staff.users.change_password(
        signed_in.caller(VISIT), signed_in, PASSWORD, OTHER_PASSWORD
    )
    check(services, token)
    assert services.staff.sign_in.check(other, VISIT) is None
    with pytest.raises(BadStaffCredentials):
        sign_in(services, user)
    sign_in(services, user, OTHER_PASSWORD)
    changed = entries(services, merchant.tenant_id, user.subject)[-3]
    assert (changed["action"], changed["actor"]) == ("staff.password_changed", user.subject)
    assert changes(changed) == {"password": (None, None)}


def test_a_password_change_asks_for_the_present_one(services: Services, merchant: Merchant) -> None:
    user = hire(services, merchant.tenant_id)
    _, signed_in = sign_in(services, user)
    caller = signed_in.caller(VISIT)
    with pytest.raises(WrongStaffPassword):
        services.staff.users.change_password(caller, signed_in, OTHER_PASSWORD, OTHER_PASSWORD)
    services.staff.users.change_password(caller, signed_in, PASSWORD, OTHER_PASSWORD)
    # The same form sent a second time, by someone who read the page before.
    with pytest.raises(WrongStaffPassword):
        services.staff.users.change_password(caller, signed_in, PASSWORD, PASSWORD)
    sign_in(services, user, OTHER_PASSWORD)


def test_a_reset_password_ends_all_sessions(services: Services, merchant: Merchant) -> None:
    user = hire(services, merchant.tenant_id)
    _, token, _ = enrol(services, sign_in(services, user)[0])
    system = Caller(merchant.tenant_id)
    password = services.staff.users.reset_password(system, user.username)
    assert services.staff.sign_in.check(token, VISIT) is None
    # The second factor stays, and is asked for as before.
    assert sign_in(services, user, password)[1].standing is Standing.AWAITS_CODE
    for name in ("nobody", "no/bo@dy"):
        with pytest.raises(UnknownStaffUser):
            services.staff.users.reset_password(system, name)
