"""Tenants, sites, sets, accounts and sessions in any order, on two machines, against the documents' rules.

After each step every session that was ever opened is checked on every site and on both machines. Twelve short
stories by default, always the same; `WORLD_EXAMPLES=500 WORLD_STEPS=60` tells many new ones.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    rule,
    run_state_machine_as_test,
)

from authsvc.accounts.rules import UnknownAccount
from authsvc.callers import Shopper
from authsvc.credentials.rules import WrongPassword
from authsvc.regrouping.refusals import UsernamesClash
from authsvc.regrouping.rules import MoveCustomers
from authsvc.settings import Propagation, Settings
from tests.clock import HeldClock
from tests.machines import machine
from tests.state_machine.model import (
    ModelAccount,
    ModelSession,
)
from tests.state_machine.shoppers import (
    Shoppers,
    Stage,
    machine_numbers,
    passwords,
    sets,
    sites,
    tenant_numbers,
)

EXAMPLES = os.environ.get("WORLD_EXAMPLES")
STEPS = int(os.environ.get("WORLD_STEPS", "25"))
DEFAULT_EXAMPLES = 12


class World(Shoppers):
    """The same story with a merchant who moves sites and accounts, and locks, disables and deletes."""

    @rule(which=tenant_numbers, on=machine_numbers, site=sites, code=sets)
    def move_site(self, which: int, on: int, site: str, code: str) -> None:
        """Rules 5 and 14."""
        tenant = self.model.tenants[which]
        self.machines[on].customer_sets.assign_site(
            self.caller(tenant), tenant.site_ids[site], code
        )
        tenant.set_of_site[site] = code

    @rule(account=Shoppers.accounts, on=machine_numbers, code=sets)
    def move_account(self, account: ModelAccount, on: int, code: str) -> None:
        """Rule 9."""
        number, tenant = self.id_and_tenant(account)
        move = MoveCustomers(code, accounts=(number,))
        try:
            self.machines[on].regrouping.at_once(self.caller(tenant), [move])
        except UnknownAccount:
            assert account.deleted
        except UsernamesClash:
            assert self.model.holder(tenant.id, code, account.username) not in (None, account)
        else:
            assert self.model.holder(tenant.id, code, account.username) in (None, account)
            account.customer_set = code

    @rule(account=Shoppers.accounts, on=machine_numbers, locked=st.booleans())
    def lock(self, account: ModelAccount, on: int, locked: bool) -> None:
        """Lock or unlock."""
        number, tenant = self.id_and_tenant(account)
        try:
            self.machines[on].credentials.set_locked(self.caller(tenant), number, locked=locked)
        except UnknownAccount:
            assert account.deleted
            return
        if locked and not account.locked:
            self.model.end_sessions(account)
        account.locked = locked

    @rule(account=Shoppers.accounts, on=machine_numbers)
    def disable(self, account: ModelAccount, on: int) -> None:
        """Disable for good."""
        number, tenant = self.id_and_tenant(account)
        try:
            self.machines[on].accounts.disable(self.caller(tenant), number)
        except UnknownAccount:
            assert account.deleted
            return
        account.disabled = True
        self.model.end_sessions(account)

    @rule(account=Shoppers.accounts, on=machine_numbers)
    def delete(self, account: ModelAccount, on: int) -> None:
        """Delete."""
        number, tenant = self.id_and_tenant(account)
        try:
            self.machines[on].accounts.delete(self.caller(tenant), number)
        except UnknownAccount:
            assert account.deleted
        account.deleted = True
        self.model.end_sessions(account)

    @rule(
        session=Shoppers.sessions,
        on=machine_numbers,
        old=passwords,
        new=passwords,
        as_shopper=st.booleans(),
    )
    def change_password(
        self, session: ModelSession, on: int, old: str, new: str, as_shopper: bool
    ) -> None:
        """Design §4: ends every other session of the account."""
        account = session.account
        if account is None:
            return
        number, tenant = self.id_and_tenant(account)
        caller = self.caller(tenant)
        if as_shopper:
            shopper = Shopper(session.session_id, "u", number, account.customer_set)
            caller = replace(caller, shopper=shopper, carries_shopper=True)
        try:
            self.machines[on].credentials.change_password(caller, number, old, new)
        except UnknownAccount:
            assert account.deleted
        except WrongPassword:
            assert account.password != old
        else:
            assert account.password == old
            account.password = new
            self.model.end_sessions(account, spare=session if as_shopper else None)


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("services")
def test_the_world_follows_the_rules(settings: Settings) -> None:
    """Issue: a Hypothesis state machine over tenants, sites, sets, accounts and sessions against a model."""
    clock = HeldClock()
    push = {"propagation": Propagation.PUSH}
    with machine(settings, clock, **push) as one, machine(settings, clock, **push) as other:

        class Story(World):
            """Played on these two machines."""

            stage = Stage((one, other), clock)

        run_state_machine_as_test(
            Story,
            settings=hypothesis_settings(
                max_examples=int(EXAMPLES or DEFAULT_EXAMPLES),
                stateful_step_count=STEPS,
                derandomize=EXAMPLES is None,
                # A broken rule is told at once, by the story that broke it; the long run makes it shorter.
                phases=tuple(Phase) if EXAMPLES else (Phase.generate,),
                database=None,
                # Each step asks real servers, which take the time they take.
            ),
        )
