"""A tenant with one of everything, and the questions that stores are asked about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import MetaData, select, text

from authsvc.accounts.rules import CustomerAccount
from authsvc.attributes.rules import DataType, Definition, ValueType
from authsvc.callers import Behavior, Caller, ShownDevice
from authsvc.contacts.rules import Contact
from authsvc.credentials.password_policy import PasswordPolicy
from authsvc.devices.rules import shown_digest
from authsvc.login.rules import Enrolment, holder_of
from authsvc.mail.rules import Letter, MailKind, StoredMail
from authsvc.orders.rules import Order, OrderKind, OrderState, SourceVersion
from authsvc.passkeys.rules import Passkey, PasskeyUse
from authsvc.recovery.rules import Link, Purpose, ResetRequest
from authsvc.regrouping.rules import CreateSet, MoveCustomers
from authsvc.second_factor.pending import NO_WISHES, PendingSignIn
from authsvc.second_factor.rules import Factor, Policy, Requirement
from authsvc.services import Services
from authsvc.sessions.arrival_store import ArrivalCode
from authsvc.sessions.rules import IssuedTokens
from authsvc.staff.rules import StaffSession, StaffUser
from authsvc.tokens import Audience, TokenReference, reference
from tests.merchants import Merchant
from tests.staff.people import check, enrol, hire, sign_in

# What her browser shows of itself.
STACYS_DEVICE = ShownDevice("x" * 43)
# Of a mail that waits to be sent to Stacy.
MAIL_ID = UUID(int=77)
# Of a link that was mailed to Stacy, and of a request for one.
LINK_DIGEST = b"l" * 32
RESET_REQUEST_ID = UUID(int=79)
# Of a sign-in of Stacy's that waits for its second factor, and of her request for a code.
PENDING_DIGEST = b"p" * 32
CODE_REQUEST_ID = UUID(int=81)
RECOVERY_DIGEST = b"r" * 32
# Of Stacy's passkey, and of a challenge that was used.
CREDENTIAL_ID = b"c" * 16
CHALLENGE_DIGEST = b"d" * 32
# Of a code that carries a browser's session to another host.
ARRIVAL_DIGEST = b"a" * 32


@dataclass(frozen=True)
class World:
    """What one tenant has, by the ids that another might guess."""

    services: Services
    merchant: Merchant
    account: CustomerAccount
    guest_id: int
    tokens: IssuedTokens
    # In a browser, of the same account, which knows its device.
    cookie: str
    browser_session_id: UUID
    device_id: UUID
    device_digest: bytes
    client_id: str
    application_token: str
    now: datetime
    staff: StaffUser
    staff_session: StaffSession
    staff_token: str
    recovery_code: str
    # Stacy is in it.
    segment_id: int
    # Hers, as are a card `card-token`, a note, and what is known of her under the attribute `tenant~tier`.
    contact_id: int
    note_id: int
    attribute_id: int
    # A committed plan that moved this account from the default set to `regional`, where nobody else is; meanwhile
    # somebody took its username in the default set.
    plan_id: int
    moved_id: int
    # Of a customer of its own, as it keeps its customer from being deleted.
    order: Order
    # Stacy's.
    passkey_id: int

    @property
    def session_id(self) -> UUID:
        """The account's session."""
        return UUID(self.tokens.session_id)

    def access(self, tenant_id: int) -> TokenReference:
        """Return the shopper's access token, as `tenant_id` would look it up."""
        return _as(tenant_id, reference(self.tokens.access_token, Audience.SHOPPER))

    def refresh(self, tenant_id: int) -> TokenReference:
        """Return the shopper's refresh token, as `tenant_id` would look it up."""
        return _as(tenant_id, reference(self.tokens.refresh_token, Audience.SHOPPER))

    def of_application(self, tenant_id: int) -> TokenReference:
        """Return the application's access token, as `tenant_id` would look it up."""
        return _as(tenant_id, reference(self.application_token, Audience.APPLICATION))


Case = Callable[[World, int, str], object]
"""One store method asked about a world's things: (world, tenant that asks, customer set) → its answer."""


_LARGE_MOVE = text("""
    INSERT INTO customer_search_moves (tenant_id, home_set_code, customer_set_code, moved_at)
    VALUES (:tenant_id, 'b2c', 'regional', now())
""")


# What its trail has been sealed to; sealing it would take each test longer.
_CHAIN = text("""
    INSERT INTO audit_chains (tenant_id, place, entry_id, digest, sealed_at)
    VALUES (:tenant_id, 1, 1, sha256('1'), now())
""")


def new_world(merchant: Merchant) -> World:
    """Fill a merchant with one of everything."""
    services = merchant.services
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports", username="stacy")
    assert ticket.account is not None
    (contact_id,) = services.accounts.contacts.add_all(
        merchant.tenant_id,
        ticket.account.id,
        [
            Contact(
                0,
                "s@mail.com",
                phone_home="+1 512 555 0142",
                primary_billing=True,
                primary_shipping=True,
            )
        ],
        "tests",
        services.clock(),
    )
    guest = services.accounts.create(
        merchant.caller(), merchant.site("Mystic Sports"), {"username": "guest"}
    )
    application, secret = services.applications.create(merchant.caller(), "Shop", Behavior)
    staff = hire(services, merchant.tenant_id)
    services.acting.begin(
        replace(staff.caller(None, None), site_id=merchant.site("Mystic Sports")), ticket.account.id
    )
    _, staff_token, codes = enrol(services, sign_in(services, staff)[0])
    staff_session = check(services, staff_token).session
    services.staff.sign_in.sessions.set_enrolment(
        merchant.tenant_id, staff_session.id, b"a secret that is shown"
    )
    application_ticket = services.applications.authenticate(application.client_id, secret)
    segment = services.segments.create(merchant.caller(), {"code": "vip"})
    services.segments.add_accounts(merchant.caller(), segment.id, [ticket.account.id])
    buyer = merchant.sign_up("buyer@mail.com", "Mystic Kids", username="buyer").account
    assert buyer is not None
    moved = merchant.sign_up("moved@mail.com", "Mystic Outlet", username="moved").account
    assert moved is not None
    plan = services.regrouping.at_once(
        merchant.caller(),
        [CreateSet("regional", "Regional"), MoveCustomers("regional", accounts=(moved.id,))],
    )
    merchant.sign_up("moved@mail.com", "Mystic Outlet", username="moved")
    with services.database.connection() as connection:
        connection.execute(_LARGE_MOVE, {"tenant_id": merchant.tenant_id})
        connection.execute(_CHAIN, {"tenant_id": merchant.tenant_id})
    with services.database.transaction():
        cookie = services.browser_sessions.open(
            merchant.sites["Mystic Sports"], holder_of(ticket.account), (), remembered=False
        )
        services.devices.signed_in(
            Caller(merchant.tenant_id, device=STACYS_DEVICE),
            merchant.sites["Mystic Sports"],
            ticket.account,
            cookie.session_id,
        )
    (device,) = services.devices.store.of_account(merchant.tenant_id, ticket.account.id)
    shown = shown_digest(STACYS_DEVICE)
    assert shown is not None
    services.storefront.arrivals.store.add(
        merchant.tenant_id,
        ARRIVAL_DIGEST,
        ArrivalCode(
            cookie.session_id, merchant.site("Mystic Kids"), "x", b"b" * 32, services.clock()
        ),
    )
    services.mails.store.add(
        stacys_mail(merchant.tenant_id, merchant.site("Mystic Sports"), ticket.account.id)
    )
    passkeys = services.passkeys.passkeys.store
    passkeys.set_policy(merchant.tenant_id, "b2c", PasskeyUse.SIGN_IN, "mystic.example")
    passkeys.handle(merchant.tenant_id, ticket.account.id, b"h" * 32)
    passkey_id = passkeys.add(merchant.tenant_id, a_passkey(ticket.account.id, CREDENTIAL_ID))
    services.passkeys.registration.challenges.store.spend(
        merchant.tenant_id, CHALLENGE_DIGEST, services.clock()
    )
    recovery = services.recovery
    recovery.verification.store.set_policy(merchant.tenant_id, "b2c", "off")
    services.credentials.policies.store.set_policy(merchant.tenant_id, "b2c", PasswordPolicy(7))
    recovery.verification.store.note_verified(
        merchant.tenant_id, ticket.account.id, "stacy@mail.com", services.clock()
    )
    recovery.links.store.add(
        merchant.tenant_id, LINK_DIGEST, stacys_link(merchant, ticket.account.id)
    )
    recovery.password_resets.requests.add(
        reset_request(merchant, merchant.tenant_id, RESET_REQUEST_ID)
    )
    _add_second_factors(merchant, ticket.account.id)
    return World(
        services,
        merchant,
        ticket.account,
        guest.id,
        ticket.tokens,
        cookie.token,
        UUID(cookie.session_id),
        UUID(device.id),
        shown[0],
        application.client_id,
        application_ticket.access_token,
        services.clock(),
        staff,
        staff_session,
        staff_token,
        codes[0],
        segment.id,
        contact_id,
        *_add_what_is_kept(merchant, ticket.account.id),
        plan.id,
        moved.id,
        services.orders.put(merchant.caller(), _order(merchant, buyer.id)),
        passkey_id,
    )


def a_passkey(account_id: int, credential_id: bytes) -> Passkey:
    """Return a passkey of an account."""
    return Passkey(
        0,
        account_id,
        credential_id,
        "mystic.example",
        b"public key",
        3,
        ("internal",),
        may_be_backed_up=True,
        is_backed_up=False,
        name="Telephone",
        created_at=datetime.now(UTC),
    )


def _add_second_factors(merchant: Merchant, account_id: int) -> None:
    factors, tenant_id = merchant.services.sign_in.second_factors.factors, merchant.tenant_id
    now = merchant.services.clock()
    factors.store.set_policy(tenant_id, "b2c", Policy(Requirement.OFFERED))
    factors.store.note_region(tenant_id, account_id, b"g" * 32, now)
    factors.authenticators.set_up(tenant_id, account_id, b"sealed", 7, now)
    factors.authenticators.set_recovery_codes(tenant_id, account_id, [RECOVERY_DIGEST])
    factors.pending.put(stacys_sign_in(merchant, tenant_id, account_id))


def stacys_sign_in(
    merchant: Merchant, tenant_id: int, account_id: int, digest: bytes = PENDING_DIGEST
) -> PendingSignIn:
    """Return a sign-in of Stacy's that waits for its second factor."""
    return PendingSignIn(
        tenant_id,
        digest,
        merchant.site("Mystic Sports"),
        "stacy",
        account_id,
        ("password",),
        frozenset({Factor.EMAIL_CODE}),
        None,
        None,
        NO_WISHES,
        "",
        "",
        datetime.now(UTC) + timedelta(hours=1),
        request_id=CODE_REQUEST_ID if digest == PENDING_DIGEST else None,
    )


def stacys_mail(
    tenant_id: int, site_id: int, account_id: int, mail_id: UUID = MAIL_ID
) -> StoredMail:
    """Return a mail for Stacy."""
    letter = Letter(
        MailKind.PASSWORD_RESET, site_id, "x", account_id, "s@mail.com", "en", datetime.now(UTC)
    )
    return StoredMail(tenant_id, mail_id, letter, b"sealed", datetime.now(UTC))


def stacys_link(merchant: Merchant, account_id: int) -> Link:
    """Return a link for Stacy."""
    now = datetime.now(UTC)
    return Link(
        account_id,
        Purpose.PASSWORD_RESET,
        merchant.site("Mystic Sports"),
        "s@mail.com",
        now,
        now + timedelta(hours=1),
    )


def reset_request(merchant: Merchant, tenant_id: int, request_id: UUID) -> ResetRequest:
    """Return a request for a link."""
    return ResetRequest(
        tenant_id,
        request_id,
        merchant.site("Mystic Sports"),
        "b2c",
        "x",
        "stacy",
        "tests",
        None,
        None,
        None,
        datetime.now(UTC),
    )


def _add_what_is_kept(merchant: Merchant, account_id: int) -> tuple[int, int]:
    data, caller = merchant.services.account_data, merchant.caller()
    data.cards.add(caller, account_id, "card-token", {"is_default": True})
    passwords = merchant.services.login.passwords
    passwords.store.add(merchant.tenant_id, "bcrypt,rounds=4", "$2b$x")
    passwords.verifiers.set(merchant.caller(), "https://old.mystic.example/verify")
    from_before = Enrolment({"email_address": "old@mail.com"}, None, external_password="v9:1f2e")
    merchant.services.on_behalf.create_several(merchant.caller("Mystic Outlet"), [from_before])
    note = data.notes.add(caller, account_id, "Calls back.")
    tier = Definition("tenant~tier", DataType.STRING, ValueType.ADMIN_ENTERED)
    defined = data.attributes.define(caller, tier)
    data.attributes.add(caller, account_id, "tenant~tier", ["gold"])
    return note.id, defined.id


def _order(merchant: Merchant, account_id: int) -> OrderState:
    now = merchant.services.clock()
    return OrderState(
        "S-1001",
        OrderKind.ONLINE,
        merchant.site("Mystic Sports"),
        account_id,
        "Accepted",
        Decimal("19.99"),
        "USD",
        now,
        SourceVersion(1, now),
    )


def everything_of(services: Services, tenant_id: int, metadata: MetaData) -> dict[str, list[str]]:
    """Return all rows of a tenant, by table; within the open transaction if there is one."""
    found = {}
    with services.database.connection() as connection:
        for table in metadata.tables.values():
            owner = table.c.get("tenant_id", table.c.id if table.name == "tenants" else None)
            if owner is None:
                continue
            rows = connection.execute(select(table).where(owner == tenant_id)).all()
            found[table.name] = sorted(map(repr, rows))
    return found


def _as(tenant_id: int, token: TokenReference | None) -> TokenReference:
    assert token is not None
    return TokenReference(tenant_id, token.digest)
