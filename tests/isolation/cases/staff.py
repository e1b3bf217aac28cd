"""Questions about staff, their second factors and their sessions."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from authsvc.one_time_codes import recovery_digest
from authsvc.staff.rules import Role, StaffSessionEnd
from authsvc.staff.session_store import StaffSessionStore
from authsvc.staff.store import StaffStore
from authsvc.tokens import digest
from tests.isolation.world import Case, World

# Beyond every step of a clock in this century.
LATE_STEP = 10**9


def _users(world: World) -> StaffStore:
    return world.services.staff.users.store


def _sessions(world: World) -> StaffSessionStore:
    return world.services.staff.sign_in.sessions


def _add(world: World, tenant_id: int, _: str) -> None:
    """Add a staff user; who comes back is the tenant's own, whoever asks."""
    _users(world).add(
        tenant_id, "x", "x", Role.AUDITOR, "$argon2id$x", must_enrol=False, now=world.now
    )


CASES: dict[str, Case] = {
    "StaffStore.add": _add,
    "StaffStore.user": lambda w, tenant, _: _users(w).user(tenant, w.staff.id),
    "StaffStore.by_username": lambda w, tenant, _: _users(w).by_username(
        tenant, w.staff.username_key
    ),
    "StaffStore.hold_administrators": lambda w, tenant, _: _users(w).hold_administrators(tenant),
    "StaffStore.users": lambda w, tenant, _: _users(w).users(tenant),
    "StaffStore.set_password_hash": lambda w, tenant, _: _users(w).set_password_hash(
        tenant, w.staff.id, "$argon2id$x", w.now
    ),
    "StaffStore.set_password": lambda w, tenant, _: _users(w).set_password(
        tenant, w.staff.id, "$argon2id$x", w.now, must_change=True
    ),
    "StaffStore.set_role": lambda w, tenant, _: _users(w).set_role(
        tenant, w.staff.id, w.now, Role.AUDITOR
    ),
    "StaffStore.set_active": lambda w, tenant, _: _users(w).set_active(
        tenant, w.staff.id, w.now, active=False
    ),
    "StaffStore.note_sign_in": lambda w, tenant, _: _users(w).note_sign_in(
        tenant, w.staff.id, w.now
    ),
    "StaffStore.note_offer": lambda w, tenant, _: _users(w).note_offer(tenant, w.staff.id, w.now),
    "StaffStore.second_factor": lambda w, tenant, _: _users(w).second_factor(tenant, w.staff.id),
    "StaffStore.set_second_factor": lambda w, tenant, _: _users(w).set_second_factor(
        tenant, w.staff.id, b"sealed", LATE_STEP, [], w.now
    ),
    "StaffStore.drop_second_factor": lambda w, tenant, _: _users(w).drop_second_factor(
        tenant, w.staff.id, w.now
    ),
    "StaffStore.use_step": lambda w, tenant, _: _users(w).use_step(tenant, w.staff.id, LATE_STEP),
    "StaffStore.set_recovery_codes": lambda w, tenant, _: _users(w).set_recovery_codes(
        tenant, w.staff.id, []
    ),
    "StaffStore.use_recovery_code": lambda w, tenant, _: _users(w).use_recovery_code(
        tenant, w.staff.id, recovery_digest(w.recovery_code), w.now
    ),
    "StaffStore.recovery_codes_left": lambda w, tenant, _: _users(w).recovery_codes_left(
        tenant, w.staff.id
    ),
    "StaffSessionStore.add": lambda w, tenant, _: _sessions(w).add(
        replace(w.staff_session, tenant_id=tenant, id=str(uuid4())), digest("another")
    ),
    "StaffSessionStore.by_digest": lambda w, tenant, _: _sessions(w).by_digest(
        tenant, digest(w.staff_token)
    ),
    "StaffSessionStore.held": lambda w, tenant, _: _sessions(w).held(tenant, w.staff_session.id),
    "StaffSessionStore.open_sessions": lambda w, tenant, _: _sessions(w).open_sessions(
        tenant, w.staff.id, w.now
    ),
    "StaffSessionStore.touch": lambda w, tenant, _: _sessions(w).touch(
        tenant, w.staff_session.id, w.now, "198.51.100.9"
    ),
    "StaffSessionStore.prove": lambda w, tenant, _: _sessions(w).prove(
        tenant, w.staff_session.id, digest("another"), w.now, w.now
    ),
    "StaffSessionStore.set_enrolment": lambda w, tenant, _: _sessions(w).set_enrolment(
        tenant, w.staff_session.id, b"sealed"
    ),
    "StaffSessionStore.enrolment": lambda w, tenant, _: _sessions(w).enrolment(
        tenant, w.staff_session.id
    ),
    "StaffSessionStore.end": lambda w, tenant, _: _sessions(w).end(
        tenant, w.staff.id, StaffSessionEnd.DISABLED, w.now
    ),
    "StaffSessionStore.is_familiar": lambda w, tenant, _: _sessions(w).is_familiar(
        tenant,
        w.staff.id,
        w.staff_session.remote_address or "",
        w.staff_session.opened_at,
        second_factor=True,
    ),
}
