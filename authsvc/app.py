"""The one place where things are connected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from time import monotonic
from typing import Any

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from authsvc.accounts import routes as account_routes
from authsvc.accounts.contact_store import ContactStore
from authsvc.accounts.list_store import AccountList
from authsvc.accounts.service import Accounts
from authsvc.accounts.store import AccountStore
from authsvc.admin.routes import install_admin_pages
from authsvc.admin.tenant_of_host import HostTenants
from authsvc.applications import routes as application_routes
from authsvc.applications.records import ApplicationRecords
from authsvc.applications.service import Applications
from authsvc.applications.store import ApplicationStore
from authsvc.audit.store import AuditTrail
from authsvc.callers import Caller, Requires
from authsvc.credentials import routes as credential_routes
from authsvc.credentials.attempts import Attempts
from authsvc.credentials.hashing import HashParameters, PasswordHashing
from authsvc.credentials.password_policy import PasswordPolicy
from authsvc.credentials.service import Credentials
from authsvc.credentials.store import CredentialStore
from authsvc.customer_sets import routes as customer_set_routes
from authsvc.customer_sets.directory import Directory
from authsvc.customer_sets.service import CustomerSets
from authsvc.customer_sets.store import StructureStore
from authsvc.identification import (
    APPLICATION_HEADER,
    SHOPPER_HEADER,
    SITE_HEADER,
    TENANT_HEADER,
    Identification,
    Shown,
)
from authsvc.infra.clock import Clock, utc_now
from authsvc.infra.database import Database
from authsvc.infra.invalidation import TRUST_SECONDS, Follower, Invalidation
from authsvc.infra.token_records import TokenRecords
from authsvc.infra.valkey import Valkey
from authsvc.login import routes as login_routes
from authsvc.login.service import Login
from authsvc.regrouping import routes as plan_routes
from authsvc.regrouping import set_routes, site_routes
from authsvc.regrouping.carrying_out import CarryingOut
from authsvc.regrouping.moving_store import MovingStore
from authsvc.regrouping.plan_store import PlanStore
from authsvc.regrouping.progress_store import ProgressStore
from authsvc.regrouping.rehearsal import Rehearsal
from authsvc.regrouping.rehearsal_store import RehearsalStore
from authsvc.regrouping.service import InForce, Regrouping
from authsvc.regrouping.site_store import SiteStore
from authsvc.regrouping.sites import Sites
from authsvc.regrouping.structure_store import StructureChanges
from authsvc.sessions import routes as session_routes
from authsvc.sessions.jwt import JwtTickets
from authsvc.sessions.records import SessionRecords
from authsvc.sessions.rules import CheckedSession, Lifetimes
from authsvc.sessions.service import Sessions
from authsvc.sessions.signing_keys import SigningKeys
from authsvc.sessions.store import SessionStore
from authsvc.settings import Propagation, Settings
from authsvc.staff.rules import SecondFactor, StaffLifetimes
from authsvc.staff.use_cases import Staff, connect_staff
from authsvc.web import health
from authsvc.web.access_log import note_tenant
from authsvc.web.api_docs import api_docs
from authsvc.web.correlation import correlation_id
from authsvc.web.flask_app import new_flask_app
from authsvc.web.openapi import document
from authsvc.web.operations import Routes


@dataclass(frozen=True)
class Services:
    """Everything one process works with, connected; CLI, pages and tests take what they need from it."""

    settings: Settings
    clock: Clock
    database: Database
    follower_line: Database
    # What is asked and written beside a regrouping's transaction.
    beside: Database
    valkey: Valkey
    invalidation: Invalidation
    directory: Directory
    trail: AuditTrail
    customer_sets: CustomerSets
    applications: Applications
    signing_keys: SigningKeys
    sessions: Sessions
    accounts: Accounts
    account_list: AccountList
    credentials: Credentials
    regrouping: Regrouping
    sites: Sites
    login: Login
    staff: Staff
    identification: Identification
    hashing: PasswordHashing

    def purge(self, days: int) -> tuple[int, int]:
        """Delete what ended or ran out over `days` ago; returns how many sessions and application tokens."""
        before = self.clock() - timedelta(days=days)
        self.staff.purge(before)
        return self.sessions.store.purge(before), self.applications.store.purge(before)

    def close(self) -> None:
        """Let go of connections and threads."""
        self.hashing.close()
        self.database.close()
        self.follower_line.close()
        self.beside.close()
        self.valkey.close()


def connect_services(
    settings: Settings, *, clock: Clock = utc_now, ticks: Callable[[], float] = monotonic
) -> Services:
    """Connect everything to the stores that `settings` name; nothing is asked of them yet.

    `clock` gives the time; `ticks` counts seconds without ever jumping, for what is remembered.
    """
    database = Database(
        settings.database_url.get_secret_value(),
        pool_size=settings.database_pool_size,
        max_overflow=2 * settings.database_pool_size,
    )
    follower_line = Database(settings.database_url.get_secret_value(), pool_size=1, max_overflow=0)
    # One regrouping of a tenant at a time; connections are opened when there is one.
    beside = Database(settings.database_url.get_secret_value(), pool_size=1, max_overflow=9)
    valkey = Valkey(settings.valkey_url.get_secret_value())
    records = TokenRecords(valkey)
    structure = StructureStore(database)
    directory = Directory(structure, ticks, settings.directory_ttl_seconds)
    pushes = settings.propagation is Propagation.PUSH
    invalidation = Invalidation(
        database, follower_line, records, clock, directory.forget if pushes else lambda: None
    )
    trail = AuditTrail(database, clock)
    account_store = AccountStore(database)
    transaction = database.transaction
    customer_sets = CustomerSets(
        structure,
        trail,
        transaction,
        account_store.count_by_set,
        invalidation.structure_changed,
        clock,
    )
    application_store = ApplicationStore(database)
    applications = Applications(
        application_store,
        ApplicationRecords(application_store, records, invalidation, clock),
        trail,
        transaction,
        clock,
    )
    session_store = SessionStore(database)
    sessions = Sessions(
        session_store,
        SessionRecords(session_store, records, invalidation, clock),
        directory,
        trail,
        transaction,
        _lifetimes(settings),
        clock,
    )
    accounts = Accounts(
        account_store, ContactStore(database), customer_sets, sessions, trail, transaction, clock
    )
    hashing = PasswordHashing(
        HashParameters(settings.argon2_time_cost, settings.argon2_memory_kib),
        lanes=settings.hashing_lanes,
        most_waiting=settings.hashing_queue,
        longest_wait_seconds=settings.hashing_wait_seconds,
    )
    attempts = Attempts(
        valkey,
        limit=settings.failed_login_limit,
        window_seconds=settings.failed_login_window_seconds,
    )
    credential_store = CredentialStore(database)
    policy = PasswordPolicy()
    signing_keys = SigningKeys(database, transaction, settings.encryption, clock, ticks)
    jwt = JwtTickets(signing_keys, clock)
    moving = MovingStore(database)
    regrouping = Regrouping(
        Rehearsal(RehearsalStore(database), account_store.count_by_set, clock),
        PlanStore(database),
        CarryingOut(
            StructureChanges(database),
            moving,
            ProgressStore(beside),
            trail,
            invalidation.structure_changed,
            invalidation.void_all_copies,
            clock,
        ),
        moving,
        structure,
        trail,
        transaction,
        clock,
        settings.rollback_days,
        InForce(TRUST_SECONDS if pushes else settings.directory_ttl_seconds, TRUST_SECONDS),
    )
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        follower_line=follower_line,
        beside=beside,
        valkey=valkey,
        invalidation=invalidation,
        directory=directory,
        trail=trail,
        customer_sets=customer_sets,
        applications=applications,
        signing_keys=signing_keys,
        sessions=sessions,
        accounts=accounts,
        account_list=AccountList(database),
        credentials=Credentials(
            credential_store,
            accounts,
            sessions,
            hashing,
            policy,
            attempts,
            directory,
            trail,
            transaction,
            clock,
        ),
        regrouping=regrouping,
        sites=Sites(
            SiteStore(database),
            customer_sets,
            regrouping,
            trail,
            transaction,
            invalidation.structure_changed,
        ),
        login=Login(
            directory,
            customer_sets,
            accounts,
            credential_store,
            sessions,
            hashing,
            policy,
            attempts,
            jwt,
            trail,
            transaction,
            clock,
        ),
        staff=connect_staff(
            database,
            hashing,
            trail,
            settings.encryption,
            StaffLifetimes(
                timedelta(seconds=settings.staff_session_idle_seconds),
                timedelta(seconds=settings.staff_session_seconds),
            ),
            SecondFactor(settings.staff_second_factor),
            clock,
        ),
        identification=Identification(directory, applications, sessions, jwt),
        hashing=hashing,
    )


def create_app(services: Services) -> Flask:
    """Make the WSGI application that answers over `services`."""
    app = new_flask_app(application_names={"/api/platform": "Platform"})
    if services.settings.trusted_proxies:
        hops = services.settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented place for WSGI layers
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )

    def caller(requires: Requires) -> Caller:
        known = services.identification.caller(requires, _shown())
        note_tenant(known.tenant_id)
        return known

    def session_of_request() -> CheckedSession:
        return services.identification.session(_shown())

    parts = _parts(services, session_of_request)
    for part in parts:
        app.register_blueprint(part.blueprint(caller))
    app.register_blueprint(api_docs(_description(parts)))
    admin_pages = install_admin_pages(
        app, services.staff, HostTenants(services.customer_sets, services.directory)
    )
    app.register_blueprint(admin_pages.blueprint)
    return app


def start_follower(services: Services) -> Follower:
    """Begin to follow what other workers and machines change; every serving process needs it."""
    follower = Follower(services.invalidation)
    follower.start()
    return follower


def _parts(services: Services, session_of_request: Callable[[], CheckedSession]) -> list[Routes]:
    pings: dict[str, Callable[[], object]] = {
        "postgresql": services.database.ping,
        "valkey": services.valkey.look,
    }
    return [
        application_routes.routes(services.applications),
        *customer_set_routes.routes(services.customer_sets),
        set_routes.routes(services.regrouping, services.customer_sets),
        site_routes.routes(services.sites),
        plan_routes.routes(services.regrouping),
        *login_routes.routes(services.login),
        account_routes.routes(services.accounts, services.account_list),
        credential_routes.routes(services.credentials),
        session_routes.routes(services.sessions, services.signing_keys, session_of_request),
        health.health_routes(pings),
    ]


def _description(parts: list[Routes]) -> dict[str, Any]:
    def header(name: str, description: str) -> dict[str, Any]:
        return {
            "name": name,
            "in": "header",
            "required": False,
            "description": description,
            "schema": {"type": "integer", "minimum": 1},
        }

    return document(
        parts,
        title="authsvc",
        version=version("authsvc"),
        description="Customer identity for merchants who run many storefronts. "
        "Names in paths, bodies and queries match without regard to case.",
        security_schemes={
            "bearerTicket": {"type": "http", "scheme": "bearer"},
            "applicationTicket": {"type": "apiKey", "in": "header", "name": APPLICATION_HEADER},
            "shopperTicket": {"type": "apiKey", "in": "header", "name": SHOPPER_HEADER},
        },
        context_parameters=[
            header(TENANT_HEADER, "The tenant; without it the host or the ticket says which."),
            header(SITE_HEADER, "The site; without it the host says which, if any."),
        ],
    )


def _shown() -> Shown:
    return Shown(
        request.headers, request.host, request.remote_addr, correlation_id(request.environ)
    )


def _lifetimes(settings: Settings) -> Lifetimes:
    return Lifetimes(
        timedelta(seconds=settings.access_token_seconds),
        timedelta(seconds=settings.refresh_token_seconds),
        timedelta(seconds=settings.refresh_grace_seconds),
        timedelta(seconds=settings.session_seconds),
    )
