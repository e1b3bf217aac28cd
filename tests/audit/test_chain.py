"""Issue 6: the audit trail is tamper-evident, and a lawful erasure is no tampering."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from authsvc.audit.chain import (
    LASTING_FIELDS,
    StoredEntry,
    beginning,
    digest_of,
    forged,
    has_personal_values,
)
from authsvc.audit.rules import Change
from authsvc.audit.verification import LATEST_SEAL, Fault, Finding, Verdict
from authsvc.callers import Caller
from authsvc.infra.clock import utc_now
from authsvc.services import Services
from tests.merchants import Merchant

ENTRIES = 20


@dataclass(frozen=True)
class Trail:
    """A tenant with a trail of its own, which may be tampered with."""

    services: Services
    caller: Caller

    @property
    def ids(self) -> list[int]:
        """The entries, in order."""
        return [
            entry.id for entry, _, _ in self.services.audit.store.linked(self.tenant_id, 0, 999)
        ]

    @property
    def tenant_id(self) -> int:
        """Whose trail it is."""
        return self.caller.tenant_id

    def note(self, number: int) -> None:
        """Add an entry."""
        changes = [
            Change("first_name", None, f"Stacy {number}"),
            Change("is_locked", False, True),
        ]
        self.services.trail.note(self.caller, "account.updated", f"account:{number}", changes)

    def verified(self, kept: dict[int, set[bytes]] | None = None) -> tuple[list[Finding], Verdict]:
        """Return what verifying finds."""
        *findings, verdict = self.services.audit.verification.run(self.tenant_id, kept)
        assert isinstance(verdict, Verdict)
        assert verdict.faults == len(findings)
        return [each for each in findings if isinstance(each, Finding)], verdict

    def faults(self, kept: dict[int, set[bytes]] | None = None) -> list[tuple[Fault, int | None]]:
        """Return what is wrong, and at which entry."""
        return [(each.fault, each.entry_id) for each in self.verified(kept)[0]]

    def tamper(self, statement: str, **values: object) -> None:
        """Run a statement as somebody who may do everything, past all triggers."""
        with self.services.database.engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(statement), {"tenant": self.tenant_id, **values})


@pytest.fixture(name="trail")
def _trail(services: Services) -> Trail:
    """A trail of some entries, sealed in two goes."""
    services.audit.sealing.run()
    tenant = services.customer_sets.create_tenant("Mystic")
    caller = Caller(tenant.id, application="tests", remote_address="203.0.113.7")
    trail = Trail(services, caller)
    for number in range(ENTRIES // 2):
        trail.note(number)
    assert services.audit.sealing.run() >= ENTRIES // 2
    for number in range(ENTRIES // 2, ENTRIES):
        trail.note(number)
    assert services.audit.sealing.run() == ENTRIES // 2
    return trail


def test_what_nobody_touched_is_verified(trail: Trail) -> None:
    findings, verdict = trail.verified()
    head = trail.services.audit.store.head(trail.tenant_id)
    assert findings == []
    assert head is not None
    assert (verdict.sealed, verdict.unsealed) == (len(trail.ids), 0)
    assert (verdict.place, verdict.digest) == (head.place, head.digest)
    assert trail.services.audit.sealing.run() == 0


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'staff:somebody-else'",
        "at = at - interval '1 microsecond'",
        "application = NULL",
        "site_id = 7",
        "remote_address = '203.0.113.8'",
        "correlation_id = 'c'",
        "action = 'account.created'",
        "subject = 'account:9'",
        "changes = jsonb_set(changes, '{0,new}', '\"Mallory\"')",
        "changes = jsonb_set(changes, '{1,new}', 'false')",
        "changes = changes - 0",
        # As an erasure would leave it, but that the account was not erased: its salt is there still.
        "redacted_at = now(), remote_address = NULL, changes = without_personal_values(changes)",
    ],
)
def test_an_entry_that_was_changed_is_told(trail: Trail, change: str) -> None:
    one = trail.ids[5]
    trail.tamper(
        f"UPDATE audit_entries SET {change} WHERE tenant_id = :tenant AND id = :one",
        one=one,
    )
    assert trail.faults() == [(Fault.CHANGED, one)]


@pytest.mark.parametrize(
    "change", ["salt = 'ssssssssssssssss'", "values_digest = sha256('v')", "digest = sha256('d')"]
)
def test_a_link_that_was_changed_is_told_first(trail: Trail, change: str) -> None:
    one = trail.ids[5]
    trail.tamper(
        f"UPDATE audit_links SET {change} WHERE tenant_id = :tenant AND entry_id = :one",
        one=one,
    )
    assert trail.faults()[0] == (Fault.CHANGED, one)


def test_entries_that_were_removed_are_told_with_how_many(trail: Trail) -> None:
    ids = trail.ids
    trail.tamper(
        "DELETE FROM audit_entries WHERE tenant_id = :tenant AND id = ANY(:gone)", gone=ids[3:6]
    )
    findings, _ = trail.verified()
    assert [(each.fault, each.entry_id, each.missing) for each in findings] == [
        (Fault.REMOVED, ids[6], 3)
    ]
    trail.tamper(
        "DELETE FROM audit_links WHERE tenant_id = :tenant AND entry_id = ANY(:gone)", gone=ids[3:6]
    )
    assert trail.faults() == [(Fault.REMOVED, ids[6])]
    # Nor does it help to close the gap.
    trail.tamper(
        "UPDATE audit_links SET place = place - 3 WHERE tenant_id = :tenant AND entry_id > :last",
        last=ids[5],
    )
    assert trail.faults()[0] == (Fault.CHANGED, ids[6])


def test_a_tail_that_was_cut_off_is_told(trail: Trail) -> None:
    """With its links; and by what was kept outside, even when the end of the chain was put back as well."""
    kept = trail.services.audit.store.head(trail.tenant_id)
    assert kept is not None
    ids = trail.ids
    for table, column in (("audit_entries", "id"), ("audit_links", "entry_id")):
        trail.tamper(
            f"DELETE FROM {table} WHERE tenant_id = :tenant AND {column} > :last",
            last=ids[9],
        )
    findings, verdict = trail.verified()
    assert [(each.fault, each.missing) for each in findings] == [(Fault.CUT_OFF, len(ids) - 10)]
    trail.tamper(
        "UPDATE audit_chains SET place = :place, digest = :digest, entry_id = :last WHERE tenant_id = :tenant",
        place=verdict.place,
        digest=verdict.digest,
        last=ids[9],
    )
    assert trail.faults() == []
    assert trail.faults({kept.place: {kept.digest}}) == [(Fault.CUT_OFF, None)]


def test_an_entry_that_was_put_in_is_told(trail: Trail) -> None:
    ids = trail.ids
    trail.tamper(
        "INSERT INTO audit_entries (tenant_id, id, at, actor, action, subject, changes) OVERRIDING SYSTEM VALUE "
        "SELECT tenant_id, id - 100000, at, 'staff:mallory', action, subject, changes FROM audit_entries "
        "WHERE tenant_id = :tenant AND id = :one",
        one=ids[5],
    )
    assert trail.faults() == [(Fault.INSERTED, ids[5] - 100_000)]


def test_a_chain_that_was_made_anew_is_told_by_what_was_kept_outside(trail: Trail) -> None:
    kept = trail.services.audit.store.head(trail.tenant_id)
    assert kept is not None
    trail.tamper(
        "UPDATE audit_entries SET actor = 'staff:mallory' WHERE tenant_id = :tenant AND id = :one",
        one=trail.ids[5],
    )
    for table in ("audit_links", "audit_chains"):
        trail.tamper(f"DELETE FROM {table} WHERE tenant_id = :tenant")
    trail.services.audit.sealing.run()
    assert trail.faults() == []
    assert trail.faults({kept.place: {kept.digest}}) == [(Fault.NOT_AS_KEPT, trail.ids[-1])]
    # Nor does it help that the new end was written down as well.
    anew = trail.services.audit.store.head(trail.tenant_id)
    assert anew is not None
    assert trail.faults({anew.place: {anew.digest}}) == []
    both = {kept.place: {kept.digest, anew.digest}}
    assert trail.faults(both) == [(Fault.NOT_AS_KEPT, trail.ids[-1])]


def test_what_waits_too_long_for_its_seal_is_told_once(trail: Trail) -> None:
    trail.note(1)
    trail.note(2)
    assert trail.faults() == []
    later = utc_now() + LATEST_SEAL + timedelta(seconds=1)
    late = replace(trail.services.audit.verification, clock=lambda: later)
    finding, verdict = late.run(trail.tenant_id)
    assert isinstance(finding, Finding)
    assert (finding.fault, finding.entry_id) == (Fault.UNSEALED, trail.ids[-2])
    assert isinstance(verdict, Verdict)
    assert (verdict.faults, verdict.unsealed) == (1, 2)
    assert trail.services.audit.sealing.run() == 2
    assert trail.faults() == []


@pytest.mark.parametrize("sealed_before", [True, False])
def test_an_erasure_is_no_tampering_and_leaves_nothing_to_guess_by(
    services: Services, merchant: Merchant, sealed_before: bool
) -> None:
    """GDPR Art. 17: what the trail keeps of a shopper who is gone says nothing of them, nor does its chain."""
    account = merchant.sign_up("stacy@mail.com", "Mystic Sports").account
    assert account is not None
    services.accounts.update(merchant.caller(), account.id, {"first_name": "Stacy"})
    if sealed_before:
        services.audit.sealing.run()
    services.privacy.erase(merchant.caller(), account.id)
    services.audit.sealing.run()
    about = [
        (entry, link)
        for entry, link, _ in services.audit.store.linked(merchant.tenant_id, 0, 999)
        if entry.subject == f"account:{account.id}" and entry.is_redacted
    ]
    assert len(about) >= 2
    assert all(link is not None and link.salt is None for _, link in about)
    *findings, verdict = services.audit.verification.run(merchant.tenant_id)
    assert findings == []
    assert isinstance(verdict, Verdict)
    assert verdict.redacted >= len(about)


def test_values_that_went_without_an_erasure_are_told(trail: Trail) -> None:
    """The account is there still: somebody took the values out of its trail."""
    services, tenant_id = trail.services, trail.tenant_id
    site = services.customer_sets.create_site(trail.caller, "Sports")
    account = services.accounts.create(trail.caller, site.id, {"first_name": "Stacy"})
    services.audit.sealing.run()
    one = trail.ids[-1]
    trail.tamper(
        "UPDATE audit_entries SET redacted_at = now(), remote_address = NULL, "
        "changes = without_personal_values(changes) WHERE tenant_id = :tenant AND id = :one",
        one=one,
    )
    trail.tamper(
        "UPDATE audit_links SET salt = NULL WHERE tenant_id = :tenant AND entry_id = :one", one=one
    )
    assert services.accounts.account(tenant_id, account.id).first_name == "Stacy"
    assert trail.faults() == [(Fault.REDACTED, one)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_links SET digest = digest WHERE tenant_id = :tenant",
        "UPDATE audit_links SET salt = NULL WHERE tenant_id = :tenant",
        "DELETE FROM audit_links WHERE tenant_id = :tenant",
        "TRUNCATE audit_links",
        "UPDATE audit_chains SET place = place - 1 WHERE tenant_id = :tenant",
        "UPDATE audit_chains SET digest = sha256('d') WHERE tenant_id = :tenant",
        "DELETE FROM audit_chains WHERE tenant_id = :tenant",
        "TRUNCATE audit_chains",
        "DELETE FROM audit_entries WHERE tenant_id = :tenant",
        "UPDATE audit_entries SET actor = 'x' WHERE tenant_id = :tenant",
    ],
)
def test_the_database_refuses_to_touch_what_is_sealed(trail: Trail, statement: str) -> None:
    with (
        pytest.raises(IntegrityError),
        trail.services.database.engine.begin() as connection,
    ):
        connection.execute(text(statement), {"tenant": trail.tenant_id})


def test_nobody_waits_for_the_sealer_and_it_waits_for_who_is_writing(trail: Trail) -> None:
    """An entry that was begun first and committed last gets its place all the same."""
    services = trail.services
    early = services.database.engine.connect()
    early.execute(
        text(
            "INSERT INTO audit_entries (tenant_id, at, actor, action, subject, changes) "
            "VALUES (:tenant, now(), 'system', 'test.early', 'test:1', '[]')"
        ),
        {"tenant": trail.tenant_id},
    )
    trail.note(1)
    before = trail.ids
    looks = 0

    def wait(_: float) -> None:
        nonlocal looks
        looks += 1
        trail.note(2)
        if looks == 3:
            early.commit()

    sealing = replace(services.audit.sealing, wait=wait)
    assert sealing.run() == 2
    assert looks == 3
    early.close()
    # What was written while it waited is for the next time.
    assert trail.verified()[1].unsealed == 3
    assert services.audit.sealing.run() == 3
    assert trail.faults() == []
    assert len(trail.ids) == len(before) + 4


def test_a_sealer_gives_up_waiting_and_seals_nothing_it_cannot_be_sure_of(trail: Trail) -> None:
    with trail.services.database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_entries (tenant_id, at, actor, action, subject, changes) "
                "VALUES (:tenant, now(), 'system', 'test.early', 'test:1', '[]')"
            ),
            {"tenant": trail.tenant_id},
        )
        trail.note(1)
        assert replace(trail.services.audit.sealing, wait=lambda _: None).run() == 0
    assert trail.services.audit.sealing.run() == 2


def test_several_sealers_at_once_make_one_chain(trail: Trail) -> None:
    sealed: list[int] = []
    for number in range(50):
        trail.note(number)
    threads = [
        Thread(target=lambda: sealed.append(trail.services.audit.sealing.run())) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sealed) == 50
    assert trail.faults() == []


JSON = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
CHANGES = st.lists(
    st.fixed_dictionaries(
        {
            "field": st.sampled_from([*sorted(LASTING_FIELDS), "first_name"]),
            "old": JSON,
            "new": JSON,
        }
    ),
    max_size=4,
)


@given(CHANGES)
@settings(max_examples=50)
def test_a_link_fits_before_and_after_an_erasure_and_for_nothing_else(
    changes: list[dict[str, Any]],
) -> None:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    entry = StoredEntry(
        1001,
        5,
        moment,
        "system",
        None,
        None,
        "203.0.113.7",
        None,
        "a.b",
        "account:1",
        json.dumps(changes),
        None,
    )
    link = forged(entry, 1, beginning(1001), b"s" * 16)
    left = [
        each
        if each["field"] in LASTING_FIELDS
        else {"field": each["field"], "old": None, "new": None}
        for each in changes
    ]
    erased = replace(
        entry, changes=json.dumps(left), remote_address=None, redacted_at=moment + timedelta(1)
    )
    assert digest_of(erased, beginning(1001), link.values_digest) == link.digest
    assert not has_personal_values(erased)
    assert digest_of(erased, beginning(1002), link.values_digest) != link.digest
    assert digest_of(replace(entry, actor="x"), beginning(1001), link.values_digest) != link.digest


def test_what_lasts_is_what_the_database_leaves_in_an_erasure(services: Services) -> None:
    """Migration 0015 says it once more, to the one party every writer must pass."""
    changes = [{"field": name, "old": 1, "new": 2} for name in (*LASTING_FIELDS, "first_name")]
    with services.database.connection() as connection:
        left = connection.execute(
            text("SELECT without_personal_values(CAST(:changes AS jsonb))"),
            {"changes": json.dumps(changes)},
        ).scalar_one()
    assert {each["field"] for each in left if each["new"] == 2} == LASTING_FIELDS
