"""The one place where things are connected: stores, use cases, and what they need of each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from authsvc.account_data import AccountData, connect_account_data
from authsvc.accounts.account_sessions import AccountSessions
from authsvc.accounts.list_store import AccountList
from authsvc.accounts.service import Accounts
from authsvc.accounts.store import AccountStore
from authsvc.acting.service import ActingForShoppers
from authsvc.acting.use_cases import connect_acting
from authsvc.applications.service import Applications
from authsvc.applications.use_cases import connect_applications
from authsvc.audit.use_cases import Audit, connect_audit
from authsvc.contacts.service import Contacts
from authsvc.contacts.store import ContactStore
from authsvc.credentials.hashing import PasswordHashing
from authsvc.credentials.policies import PasswordPolicies
from authsvc.credentials.policy_store import PasswordPolicyStore
from authsvc.credentials.service import Credentials
from authsvc.credentials.store import CredentialStore
from authsvc.credentials.use_cases import connect_passwords
from authsvc.customer_search.service import CustomerSearch
from authsvc.customer_search.store import CustomerSearchStore
from authsvc.customer_sets.service import CustomerSets
from authsvc.devices.account_devices import AccountDevices
from authsvc.devices.service import Devices
from authsvc.devices.use_cases import connect_devices
from authsvc.explanations.service import Explanations
from authsvc.explanations.use_cases import connect_explanations
from authsvc.foundations import Foundations, lay_foundations
from authsvc.guessing.service import Attempts
from authsvc.guessing.use_cases import connect_guessing
from authsvc.identification import Identification
from authsvc.infra.clock import Clock, running_seconds, utc_now
from authsvc.infra.follower import Follower
from authsvc.lifetimes import browser_terms, ticket_lifetimes
from authsvc.login.enrolling import Enrolling
from authsvc.login.on_behalf import OnBehalf
from authsvc.login.service import Login
from authsvc.login.use_cases import SignIn, connect_sign_in
from authsvc.mail.service import Mails
from authsvc.mail.use_cases import connect_mail
from authsvc.my_account.answers import MyAccountAnswers
from authsvc.my_account.use_cases import connect_my_account
from authsvc.offline_orders.service import OfflineOrders
from authsvc.offline_orders.use_cases import connect_offline_orders
from authsvc.orders.service import Orders
from authsvc.orders.use_cases import connect_orders
from authsvc.passkeys.second_factor import EnrolledPasskeys
from authsvc.passkeys.store import PasskeyStore
from authsvc.passkeys.use_cases import PasskeyUseCases, connect_passkeys
from authsvc.privacy.service import Privacy
from authsvc.privacy.use_cases import connect_privacy
from authsvc.recovery.use_cases import (
    Recovery,
    connect_address_notice,
    connect_recovery,
    connect_verification,
)
from authsvc.regrouping.customer_history import CustomerHistory
from authsvc.regrouping.service import Regrouping
from authsvc.regrouping.sites import Sites
from authsvc.regrouping.undertaking import Undertaking
from authsvc.regrouping.use_cases import connect_regrouping, connect_sites
from authsvc.segments.service import Segments
from authsvc.sessions.browser import BrowserSessions
from authsvc.sessions.jwt import JwtTickets
from authsvc.sessions.key_rotation import KeyRotation
from authsvc.sessions.live_store import LiveSessionStore
from authsvc.sessions.service import Sessions
from authsvc.sessions.signing_keys import SigningKeys
from authsvc.sessions.use_cases import connect_sessions
from authsvc.settings import Settings
from authsvc.staff.use_cases import Staff, connect_staff
from authsvc.storefront.use_cases import Storefront, connect_storefront


@dataclass(frozen=True)
class Services(Foundations):
    """Everything one process works with, connected; CLI, pages and tests take what they need from it."""

    audit: Audit
    customer_sets: CustomerSets
    applications: Applications
    signing_keys: SigningKeys
    key_rotation: KeyRotation
    sessions: Sessions
    browser_sessions: BrowserSessions
    devices: Devices
    account_devices: AccountDevices
    accounts: Accounts
    account_sessions: AccountSessions
    customer_history: CustomerHistory
    account_list: AccountList
    account_data: AccountData
    my_account: MyAccountAnswers
    privacy: Privacy
    acting: ActingForShoppers
    segments: Segments
    contacts: Contacts
    customer_search: CustomerSearch
    attempts: Attempts
    credentials: Credentials
    regrouping: Regrouping
    undertaking: Undertaking
    sites: Sites
    orders: Orders
    sign_in: SignIn
    offline_orders: OfflineOrders
    login: Login
    storefront: Storefront
    explanations: Explanations
    on_behalf: OnBehalf
    mails: Mails
    recovery: Recovery
    passkeys: PasskeyUseCases
    staff: Staff
    identification: Identification
    hashing: PasswordHashing

    def close(self) -> None:
        """Let go of connections and threads."""
        self.login.passwords.close()
        self.disconnect()


def connect_services(
    settings: Settings, *, clock: Clock = utc_now, ticks: Callable[[], float] = running_seconds
) -> Services:
    """Connect everything to the stores that `settings` name; nothing is asked of them yet.

    `clock` gives the time; `ticks` counts seconds without ever jumping, for what is remembered.
    """
    base = lay_foundations(settings, clock, ticks)
    database, invalidation, directory = base.database, base.invalidation, base.directory
    trail, transaction = base.trail, base.database.transaction
    account_store = AccountStore(database)
    customer_sets = CustomerSets(
        base.structure, trail, transaction, account_store.count_by_set, base.propagation, clock
    )
    applications = connect_applications(
        database, base.records, invalidation, base.application_copies, trail, clock
    )
    mails = connect_mail(settings, database, clock)
    devices = connect_devices(database, mails, trail, clock)
    sessions, browser_sessions = connect_sessions(
        database,
        base.records,
        invalidation,
        base.session_copies,
        directory,
        trail,
        lifetimes=ticket_lifetimes(settings),
        terms=browser_terms(settings),
        fresh_within=timedelta(seconds=settings.fresh_sign_in_seconds),
        fresh_sign_in_as_vendor=settings.fresh_sign_in == "vendor",
        forget_devices=devices.forget_all,
        clock=clock,
    )
    attempts = connect_guessing(settings, base.valkey, base.structure, trail, transaction, clock)
    accounts = Accounts(
        account_store,
        ContactStore(database),
        customer_sets,
        sessions,
        trail,
        transaction,
        clock,
        connect_address_notice(database, mails, clock).tell,
        attempts,
    )
    passwords = connect_passwords(settings, database, trail, clock, ticks)
    account_data = connect_account_data(database, accounts, trail, clock)
    credential_store = CredentialStore(database)
    policies = PasswordPolicies(PasswordPolicyStore(database), customer_sets, trail, transaction)
    enrolling = Enrolling(
        directory, account_data.whole_accounts, credential_store, passwords, policies, trail, clock
    )
    signing_keys = SigningKeys(database, settings.encryption, clock, ticks)
    jwt = JwtTickets(signing_keys, clock)
    regrouping = connect_regrouping(
        settings,
        database,
        base.beside,
        invalidation,
        base.propagation,
        base.structure,
        account_store,
        trail,
        sessions=sessions,
        clock=clock,
    )
    customer_search = CustomerSearch(CustomerSearchStore(database))
    on_behalf = OnBehalf(enrolling, customer_sets, transaction)
    orders = connect_orders(database, signing_keys, accounts)
    account_sessions = AccountSessions(
        LiveSessionStore(database), accounts, sessions, trail, transaction, clock
    )
    account_devices = AccountDevices(
        devices, account_sessions, browser_sessions.terms, trail, transaction
    )
    credentials = Credentials(
        credential_store,
        accounts,
        sessions,
        passwords,
        policies,
        attempts,
        directory,
        trail,
        transaction,
        clock,
    )
    verification = connect_verification(
        database, mails, accounts, credential_store, directory, clock
    )
    others = [EnrolledPasskeys(PasskeyStore(database))]
    sign_in = connect_sign_in(
        database, enrolling, attempts, verification, devices, mails, jwt, others
    )
    login, links, ensure_fresh = sign_in.login, verification.links, sessions.freshness.ensure
    passkeys = connect_passkeys(
        settings, database, customer_sets, sign_in.completion, links, ensure_fresh
    )
    storefront = connect_storefront(database, customer_sets, login, browser_sessions, credentials)
    acting = connect_acting(database, accounts, jwt, storefront.arrivals)
    recovery = connect_recovery(
        settings,
        database,
        verification,
        sign_in,
        on_behalf,
        credentials,
        passkeys.passkeys.remove_all,
    )
    return Services(
        **vars(base),
        audit=connect_audit(database, clock),
        customer_sets=customer_sets,
        applications=applications,
        signing_keys=signing_keys,
        key_rotation=KeyRotation(database, transaction, settings.encryption, clock),
        sessions=sessions,
        browser_sessions=browser_sessions,
        devices=devices,
        account_devices=account_devices,
        accounts=accounts,
        account_sessions=account_sessions,
        customer_history=CustomerHistory(trail, regrouping.moving, regrouping.plans),
        account_list=AccountList(database),
        account_data=account_data,
        my_account=connect_my_account(base.my_account_line, account_data, orders, ticks),
        acting=acting,
        privacy=connect_privacy(
            database,
            accounts,
            account_data,
            orders,
            account_devices,
            sign_in.second_factors.factors.authenticators,
            credentials,
            clock,
        ),
        segments=account_data.segments,
        contacts=account_data.contacts,
        customer_search=customer_search,
        attempts=attempts,
        credentials=credentials,
        regrouping=regrouping,
        undertaking=Undertaking(regrouping),
        sites=connect_sites(database, regrouping, customer_sets, base.propagation),
        orders=orders,
        offline_orders=connect_offline_orders(
            database, customer_search, orders, on_behalf, recovery
        ),
        sign_in=sign_in,
        login=login,
        storefront=storefront,
        on_behalf=on_behalf,
        mails=mails,
        recovery=recovery,
        passkeys=passkeys,
        explanations=connect_explanations(database, attempts, base.propagation, clock),
        staff=connect_staff(settings, database, passwords.hashing, trail, clock, acting.end_all),
        identification=Identification(directory, applications, sessions, jwt),
        hashing=passwords.hashing,
    )


def start_follower(services: Services) -> Follower:
    """Begin to follow what other workers and machines change; every serving process needs it."""
    follower = Follower(services.invalidation)
    follower.start()
    return follower
