"""What shoppers do in the small world: sign up and in, come and go; and what must be true after each step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from authsvc.accounts.rules import EmailAddressTaken
from authsvc.callers import Behavior, Caller
from authsvc.errors import AuthsvcError
from authsvc.login.rules import (
    AccountDisabled,
    AccountLocked,
    BadCredentials,
    Enrolment,
    Ticket,
)
from authsvc.services import Services
from authsvc.sessions.rules import NoSession, UnknownRefreshToken
from authsvc.tokens import Audience, TokenReference, reference
from tests.clock import HeldClock
from tests.state_machine.model import (
    GRACE,
    LONGEST,
    Model,
    ModelAccount,
    ModelSession,
    ModelTenant,
)

SETS = ("default", "b2c", "b2b")
SITES = {"sports": "b2c", "kids": "b2c", "parts": "b2b", "outlet": "default"}
# As typed → as compared.
USERNAMES = {
    "stacy@mail.com": "stacy@mail.com",
    "STACY@Mail.com": "stacy@mail.com",
    "john@mail.com": "john@mail.com",
    "ｊｏｈｎ@mail.com": "john@mail.com",
}
PASSWORDS = ("Mystic-2026", "Other-2027")

tenant_numbers = st.integers(0, 1)
machine_numbers = st.integers(0, 1)
sites = st.sampled_from(sorted(SITES))
sets = st.sampled_from(SETS)
usernames = st.sampled_from(sorted(USERNAMES))
passwords = st.sampled_from(PASSWORDS)
pauses = st.sampled_from([10, 31, 15 * 60, 24 * 3600])


@dataclass(frozen=True)
class Stage:
    """What every story plays on: two machines that push, and one held clock."""

    machines: tuple[Services, Services]
    clock: HeldClock


class Shoppers(RuleBasedStateMachine):
    """A story of shoppers on two machines."""

    stage: ClassVar[Stage]
    accounts = Bundle("accounts")
    sessions = Bundle("sessions")

    def __init__(self) -> None:
        super().__init__()
        self.machines = self.stage.machines
        self.clock = self.stage.clock
        self.model = Model()

    def caller(self, tenant: ModelTenant, site: str | None = None) -> Caller:
        """Return an application's call."""
        site_id = tenant.site_ids[site] if site else None
        return Caller(tenant.id, site_id, "world", frozenset(Behavior))

    def opened(
        self, tenant: ModelTenant, site: str, ticket: Ticket, account: ModelAccount | None
    ) -> ModelSession:
        """Note a new session."""
        session = ModelSession(
            tenant.id,
            account,
            tenant.set_of_site[site],
            ticket.tokens.session_id,
            self.clock.now() + LONGEST,
        )
        session.keep(ticket.tokens.access_token, ticket.tokens.refresh_token, self.clock.now())
        self.model.sessions.append(session)
        return session

    @initialize()
    def two_tenants(self) -> None:
        """Each with the documents' sites and sets."""
        services = self.machines[0]
        for _ in range(2):
            tenant = services.customer_sets.create_tenant(f"World {uuid4().hex[:8]}")
            system = Caller(tenant.id)
            for code in SETS[1:]:
                services.customer_sets.create_customer_set(system, code, code)
            ids = {}
            for site, code in SITES.items():
                ids[site] = services.customer_sets.create_site(system, site).id
                services.customer_sets.assign_site(system, ids[site], code)
            self.model.tenants.append(ModelTenant(tenant.id, ids, dict(SITES)))

    @rule(
        target=sessions,
        which=tenant_numbers,
        on=machine_numbers,
        site=sites,
        username=usernames,
        password=passwords,
    )
    def sign_up(self, which: int, on: int, site: str, username: str, password: str) -> object:
        """Rules 7 and 8."""
        tenant = self.model.tenants[which]
        code, key = tenant.set_of_site[site], USERNAMES[username]
        enrolment = Enrolment({"email_address": username}, password)
        try:
            ticket = self.machines[on].login.sign_up(self.caller(tenant, site), enrolment)
        except EmailAddressTaken:
            assert self.model.holder(tenant.id, code, key)
            return multiple()
        assert self.model.holder(tenant.id, code, key) is None
        assert ticket.account is not None
        assert ticket.account.customer_set == code
        account = ModelAccount(tenant.id, code, key, password)
        self.model.accounts[ticket.account.id] = account
        return self.opened(tenant, site, ticket, account)

    @rule(
        target=sessions,
        which=tenant_numbers,
        on=machine_numbers,
        site=sites,
        username=usernames,
        password=passwords,
    )
    def sign_in(self, which: int, on: int, site: str, username: str, password: str) -> object:
        """Rules 10 and 11."""
        tenant = self.model.tenants[which]
        account = self.model.holder(tenant.id, tenant.set_of_site[site], USERNAMES[username])
        expected: type[AuthsvcError] | None = None
        if account is None or account.password != password:
            expected = BadCredentials
        elif account.locked:
            expected = AccountLocked
        elif account.disabled:
            expected = AccountDisabled
        sign_in = self.machines[on].login.sign_in
        if expected is not None:
            with pytest.raises(expected):
                sign_in(self.caller(tenant, site), username, password)
            return multiple()
        ticket = sign_in(self.caller(tenant, site), username, password)
        return self.opened(tenant, site, ticket, account)

    @rule(target=sessions, which=tenant_numbers, on=machine_numbers, site=sites)
    def come_in_anonymously(self, which: int, on: int, site: str) -> ModelSession:
        """A set never blocks visiting a site."""
        tenant = self.model.tenants[which]
        ticket = self.machines[on].login.anonymous(self.caller(tenant, site))
        return self.opened(tenant, site, ticket, None)

    @rule(target=accounts, session=sessions)
    def point_at_the_account(self, session: ModelSession) -> object:
        """Choose whose account the next steps are about."""
        return session.account or multiple()

    def id_and_tenant(self, account: ModelAccount) -> tuple[int, ModelTenant]:
        """Find an account's id and tenant."""
        ids = {id(each): number for number, each in self.model.accounts.items()}
        tenants = {tenant.id: tenant for tenant in self.model.tenants}
        return ids[id(account)], tenants[account.tenant]

    @rule(session=sessions, on=machine_numbers)
    def sign_out(self, session: ModelSession, on: int) -> None:
        """End one session."""
        caller = Caller(session.tenant, None, "world")
        self.machines[on].sessions.sign_out(caller, session.session_id)
        session.ended = True

    @rule(session=sessions, on=machine_numbers, site=sites, age=st.integers(0, 2))
    def refresh(self, session: ModelSession, on: int, site: str, age: int) -> None:
        """Design §4: rotates, with a grace; reuse after it ends the session."""
        tenant = next(each for each in self.model.tenants if each.id == session.tenant)
        token = session.refresh[max(0, len(session.refresh) - 1 - age)]
        now, gone = self.clock.now(), session.account is not None and session.account.deleted
        reused = token.replaced_at is not None and now > token.replaced_at + GRACE and not gone
        good = (
            session.usable
            and not reused
            and now < min(token.expires_at, session.expires_at)
            and tenant.set_of_site[site] == session.customer_set
        )
        try:
            ticket = self.machines[on].login.refresh(self.caller(tenant, site), token.text)
        except UnknownRefreshToken:
            assert not good
            session.ended = session.ended or reused
            return
        assert good
        if token.replaced_at is None:
            token.replaced_at, token.successor = now, ticket.tokens.refresh_token
            session.keep(ticket.tokens.access_token, ticket.tokens.refresh_token, now)
        assert ticket.tokens.refresh_token == token.successor
        assert ticket.tokens.access_token in session.access

    @rule(seconds=pauses)
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.clock.pass_time(seconds=seconds)

    @invariant()
    def each_session_is_valid_where_the_rules_say_and_nowhere_else(self) -> None:
        """Rule 13, on both machines."""
        for services in self.machines:
            services.invalidation.follow()
        for session in self.model.sessions:
            tenant = next(each for each in self.model.tenants if each.id == session.tenant)
            # The tokens of the latest refresh; what is older runs out first and ends alike.
            for token in list(session.access)[-2:]:
                for site, site_id in tenant.site_ids.items():
                    expected = session.is_valid(token, tenant.set_of_site[site], self.clock.now())
                    for services in self.machines:
                        assert is_let_in(services, tenant.id, token, site_id) is expected

    def teardown(self) -> None:
        """At the end of the story, show every session to the other tenant, who knows none of them."""
        for session in self.model.sessions:
            for tenant in self.model.tenants:
                for site_id in tenant.site_ids.values():
                    if tenant.id != session.tenant:
                        token = list(session.access)[-1]
                        assert not is_let_in(self.machines[0], tenant.id, token, site_id)


def is_let_in(services: Services, tenant_id: int, token: str, site_id: int) -> bool:
    """Ask a machine as a caller of the tenant would."""
    found = reference(token, Audience.SHOPPER)
    assert found is not None
    try:
        services.sessions.check(TokenReference(tenant_id, found.digest), site_id)
    except NoSession:
        return False
    return True
