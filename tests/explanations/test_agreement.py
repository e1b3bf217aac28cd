"""What is explained is what happens: in any world, the answers are those of sign-in, the session check and orders.

Each story is a new tenant whose sites and customers are moved, by themselves and by plans that may be rolled back, and
whose accounts are locked, unlocked, disabled and told to change their password. Afterwards every customer tries every
site. `AGREEMENT_EXAMPLES=500` tells many stories.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from authsvc.callers import Behavior, Caller
from authsvc.errors import AuthsvcError
from authsvc.explanations.rules import Question, Verdict
from authsvc.login.rules import Enrolment
from authsvc.orders.rules import NotOfTheSitesSet, OrderKind, OrderState, SourceVersion
from authsvc.regrouping.rules import AssignSites, MoveCustomers, StructureChange
from authsvc.services import Services
from authsvc.sessions.rules import NoSession, UnknownRefreshToken
from authsvc.settings import Settings
from authsvc.tokens import Audience, reference
from tests.clock import HeldClock
from tests.machines import machine

EXAMPLES = int(os.environ.get("AGREEMENT_EXAMPLES", "12"))
SETS = ("default", "b2c", "b2b")
GUEST = "guest@mail.com"
PASSWORD = "Mystic-2026"
FAILURES_ALLOWED = 2
TTL = 900

sets = st.sampled_from(SETS)
sites = st.integers(0, 2)
# Two with one username, each of a set; one of another name; a guest.
CUSTOMERS = (("stacy@mail.com", 0), ("stacy@mail.com", 1), ("john@mail.com", 0), (None, 1))
customers = st.integers(0, len(CUSTOMERS) - 1)
steps = st.one_of(
    st.tuples(st.just("move_site"), sites, sets),
    st.tuples(st.just("move_customer"), customers, sets),
    st.tuples(st.just("plan"), sites, customers, sets),
    st.tuples(st.just("roll_back")),
    st.tuples(st.just("lock"), customers, st.booleans()),
    st.tuples(st.just("disable"), customers),
    st.tuples(st.just("must_change"), customers, st.booleans()),
    st.tuples(st.just("fail"), customers),
    st.tuples(st.just("sign_in"), customers, sites),
    st.tuples(st.just("look"), sites),
    st.tuples(st.just("apply_now")),
    st.tuples(st.just("wait"), st.sampled_from([60, TTL - 1, 3600, 24 * 3600])),
)


@dataclass
class Story:
    """One tenant, and what is done in it."""

    services: Services
    clock: HeldClock
    tenant_id: int = 0
    site_ids: list[int] = field(default_factory=list)
    account_ids: list[int] = field(default_factory=list)
    tickets: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    plans: list[int] = field(default_factory=list)

    def begin(self) -> None:
        """Make the tenant, its sites and customers."""
        services = self.services
        self.tenant_id = services.customer_sets.create_tenant(f"Story {uuid4().hex[:8]}").id
        for code in SETS[1:]:
            services.customer_sets.create_customer_set(self.caller(), code, code)
        for name, code in (("sports", "b2c"), ("parts", "b2b"), ("outlet", "default")):
            self.site_ids.append(services.customer_sets.create_site(self.caller(), name).id)
            services.customer_sets.assign_site(self.caller(), self.site_ids[-1], code)
        for username, site in CUSTOMERS:
            fields = {"email_address": username or GUEST}
            enrolment = Enrolment(fields, PASSWORD if username else None)
            made = services.on_behalf.create_several(self.caller(site), [enrolment])
            self.account_ids.append(made[0].id)

    def caller(self, site: int | None = None) -> Caller:
        """Return a caller who may do everything."""
        site_id = None if site is None else self.site_ids[site]
        return Caller(self.tenant_id, site_id, "stories", frozenset(Behavior))

    def do(self, action: str, *values: object) -> None:
        """Take one step; one that is refused changes nothing."""
        with suppress(AuthsvcError):
            getattr(self, action)(*values)

    def move_site(self, site: int, code: str) -> None:
        """Move a site without its customers."""
        self.services.customer_sets.assign_site(self.caller(), self.site_ids[site], code)

    def move_customer(self, who: int, code: str) -> None:
        """Move one customer."""
        move = MoveCustomers(code, accounts=(self.account_ids[who],))
        self.services.regrouping.at_once(self.caller(), [move])

    def plan(self, site: int, who: int, code: str) -> None:
        """Move a site and a customer together."""
        changes: list[StructureChange] = [
            AssignSites(code, (self.site_ids[site],)),
            MoveCustomers(code, accounts=(self.account_ids[who],)),
        ]
        self.plans.append(self.services.regrouping.at_once(self.caller(), changes, "why not").id)

    def roll_back(self) -> None:
        """Undo the last plan."""
        if self.plans:
            self.services.regrouping.rollback(self.caller(), self.plans[-1])

    def lock(self, who: int, locked: bool) -> None:
        """Lock or unlock."""
        self.services.credentials.set_locked(self.caller(), self.account_ids[who], locked=locked)

    def disable(self, who: int) -> None:
        """Disable."""
        self.services.accounts.disable(self.caller(), self.account_ids[who])

    def must_change(self, who: int, must: bool) -> None:
        """Ask for a new password."""
        self.services.credentials.set_must_change(
            self.caller(), self.account_ids[who], must_change=must
        )

    def fail(self, who: int) -> None:
        """Type a wrong password where the customer is at home."""
        for site in range(len(self.site_ids)):
            with suppress(AuthsvcError):
                self.services.login.sign_in(self.caller(site), self.name(who), "wrong")

    def sign_in(self, who: int, site: int) -> bool:
        """Sign in, keep the token; tell whether it is this customer who is in."""
        ticket = self.services.login.sign_in(self.caller(site), self.name(who), PASSWORD)
        assert ticket.account is not None
        shown = (ticket.tokens.access_token, ticket.tokens.refresh_token)
        self.tickets.setdefault(ticket.account.id, []).append(shown)
        return ticket.account.id == self.account_ids[who]

    def look(self, site: int) -> None:
        """Let the worker remember the site's set."""
        self.services.directory.site(self.tenant_id, self.site_ids[site])

    def apply_now(self) -> None:
        """Let every worker know at once."""
        self.services.propagation.apply_now(self.caller())

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.clock.pass_time(seconds=seconds)

    def name(self, who: int) -> str:
        """Return what a customer types; a guest has nothing better than the address."""
        return CUSTOMERS[who][0] or GUEST

    def verdicts(self, who: int, site: int) -> dict[Question, Verdict]:
        """Return what is explained."""
        explained = self.services.explanations.explain(
            self.tenant_id, self.account_ids[who], self.site_ids[site]
        )
        for answer in explained.answers:
            assert answer.reasons
            assert all(reason.facts for reason in answer.reasons)
        return {answer.verdict.question: answer.verdict for answer in explained.answers}

    def can_sign_in(self, who: int, site: int) -> bool:
        """Try."""
        try:
            return self.sign_in(who, site)
        except AuthsvcError:
            return False

    def is_let_in(self, who: int, site: int) -> bool:
        """Show every session of the customer's on the site."""
        for access, _ in self.tickets.get(self.account_ids[who], []):
            with suppress(NoSession):
                token = reference(access, Audience.SHOPPER)
                self.services.sessions.check(token, self.site_ids[site])
                return True
        return False

    def goes_on(self, who: int, site: int) -> bool:
        """Refresh every session of the customer's on the site, and keep what comes of it."""
        tickets = self.tickets.get(self.account_ids[who], [])
        went_on = False
        for place, (_, refresh) in enumerate(tickets):
            with suppress(UnknownRefreshToken):
                tokens = self.services.login.refresh(self.caller(site), refresh).tokens
                tickets[place] = (tokens.access_token, tokens.refresh_token)
                went_on = True
        return went_on

    def may_be_ordered_for(self, who: int, site: int) -> bool:
        """Put the customer on an offline order."""
        now = self.clock.now()
        state = OrderState(
            external_id=uuid4().hex,
            kind=OrderKind.OFFLINE,
            site_id=self.site_ids[site],
            account_id=self.account_ids[who],
            status="Accepted",
            total=Decimal(1),
            currency_code="USD",
            placed_at=now,
            version=SourceVersion(0, now),
        )
        try:
            self.services.orders.put(self.caller(), state)
        except NotOfTheSitesSet:
            return False
        return True


@dataclass(frozen=True, repr=False)
class Stage:
    """A machine whose time the story tells."""

    services: Services
    clock: HeldClock


@pytest.fixture(scope="module", name="stage")
def _stage(settings: Settings, services: Services) -> Iterator[Stage]:
    clock = HeldClock()
    with machine(settings, clock, failed_login_limit=FAILURES_ALLOWED) as made:
        yield Stage(made, clock)


@hypothesis_settings(
    max_examples=EXAMPLES,
    derandomize="AGREEMENT_EXAMPLES" not in os.environ,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(story=st.lists(steps, min_size=4, max_size=16))
def test_what_is_explained_is_what_happens(stage: Stage, story: list[tuple[str, object]]) -> None:
    world = Story(stage.services, stage.clock)
    world.begin()
    for step in story:
        world.do(*step)
    for who in range(len(CUSTOMERS)):
        for site in range(len(world.site_ids)):
            said = world.verdicts(who, site)
            check_my_account(world, who, site, said)
            assert world.may_be_ordered_for(who, site) is said[Question.OFFLINE_ORDER].is_yes
            signed_in = world.can_sign_in(who, site)
            assert signed_in is said[Question.SIGN_IN].is_yes
            if signed_in:
                # Whoever signed in has a session now, which the check must take here.
                assert world.is_let_in(who, site)
                assert world.verdicts(who, site)[Question.MY_ACCOUNT].is_yes


def check_my_account(world: Story, who: int, site: int, said: dict[Question, Verdict]) -> None:
    """Hold the explanation against the check: as a worker remembers the site, and as one does that has just begun."""
    my_account = said[Question.MY_ACCOUNT]
    if world.is_let_in(who, site):
        assert my_account.is_yes or my_account.old_answer_until is not None
    world.services.directory.forget()
    # In a session that is good here; in one that is refreshed here first; or by signing in.
    ways = world.is_let_in(who, site) or world.goes_on(who, site) or said[Question.SIGN_IN].is_yes
    assert my_account.is_yes is ways
