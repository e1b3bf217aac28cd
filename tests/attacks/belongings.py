"""What somebody has, by every id and name that the API knows things by; and what nobody has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from authsvc.accounts.rules import CustomerAccount
from authsvc.attributes.rules import DataType, Definition, ValueType
from authsvc.callers import Behavior
from authsvc.contacts.rules import Contact
from authsvc.devices.rules import Device
from authsvc.orders.rules import OrderKind, OrderState, SourceVersion
from authsvc.passkeys.rules import PasskeyUse
from authsvc.recovery.rules import Link, Purpose, digest, new_token
from authsvc.regrouping.rules import CreateSet, MoveCustomers
from authsvc.regrouping.sites import SiteChange
from authsvc.services import Services
from tests.isolation.world import a_passkey
from tests.merchants import PASSWORD, Merchant

LARGEST_ID = 9_007_199_254_740_991
# By the kinds of reference: well-formed, and nobody's.
NOWHERE: Mapping[str, object] = {
    "account": LARGEST_ID,
    "guest": LARGEST_ID,
    "site": LARGEST_ID,
    "free_site": LARGEST_ID,
    "tenant": LARGEST_ID,
    "contact": 2_000_000_000,
    "note": LARGEST_ID,
    "segment": LARGEST_ID,
    "plan": LARGEST_ID,
    "draft": LARGEST_ID,
    "card": "card-of-nobody",
    "order": "order-of-nobody",
    "set": "set-of-nobody",
    "other_set": "set-of-nobody",
    "attribute": "tenant~of-nobody",
    "session": str(UUID(int=7)),
    "device": str(UUID(int=7)),
    "user_id": f"{7:032x}",
    "email": "nobody@nowhere.example",
    "username": "nobody-at-all",
    "client_id": "nobody",
    "code": "no-code",
    "passkey": 2_000_000_000,
    "cursor": "bm9ib2R5",
    "eligible_cursor": "bm9ib2R5",
    "q": "nobody",
    "by": "nobody",
}


@dataclass(frozen=True)
class Belongings:
    """`mark` is in every text of theirs, so that an answer that shows one of them is known by it."""

    merchant: Merchant
    mark: str
    account: CustomerAccount
    access_token: str
    # By the kinds of reference.
    things: Mapping[str, object]

    @property
    def tenant_id(self) -> int:
        """The tenant."""
        return self.merchant.tenant_id


def sites_have_hosts(merchant: Merchant) -> None:
    """Give every site a host, as mails need one."""
    for name in merchant.sites:
        host = f"{name.split()[1].lower()}.t{merchant.tenant_id}.example"
        merchant.services.sites.change(
            merchant.caller(), merchant.site(name), SiteChange(hosts=[host])
        )


def belongings(merchant: Merchant, mark: str, site: str) -> Belongings:
    """Give somebody one of everything, on a site that belongs to their customer set."""
    services, caller = merchant.services, merchant.caller()
    password = f"{mark}-{PASSWORD}"
    ticket = merchant.sign_up(
        f"{mark}@mail.com", site, password, username=f"{mark}-name", first_name=f"{mark}-first"
    )
    account = ticket.account
    assert account is not None
    buyer = merchant.sign_up(f"{mark}-buyer@mail.com", site).account
    assert buyer is not None
    guest = services.accounts.create(
        caller, merchant.site(site), {"email_address": f"{mark}-guest@mail.com"}
    )
    (contact,) = services.accounts.contacts.add_all(
        merchant.tenant_id,
        account.id,
        [Contact(0, f"{mark}@mail.com", address={"address1": f"{mark} Street"})],
        "tests",
        services.clock(),
    )
    data = services.account_data
    data.cards.add(caller, account.id, f"{mark}-card", {"name_on_card": f"{mark} on card"})
    note = data.notes.add(caller, account.id, f"{mark} calls back.")
    attribute = f"tenant~{mark}"
    data.attributes.define(caller, Definition(attribute, DataType.STRING, ValueType.ADMIN_ENTERED))
    data.attributes.add(caller, account.id, attribute, [f"{mark}-value"])
    segment = services.segments.create(caller, {"code": f"{mark}-segment", "name": mark})
    services.segments.add_accounts(caller, segment.id, [account.id])
    second = merchant.sign_in(f"{mark}-name", site, password)
    free_site = services.customer_sets.create_site(caller, f"{mark} site")
    set_code = merchant.sites[site].customer_set
    plan = services.regrouping.at_once(
        caller, [CreateSet(f"{mark}-set", mark), MoveCustomers(f"{mark}-set", accounts=(buyer.id,))]
    )
    draft = services.regrouping.ask(caller, [CreateSet(f"{mark}-draft", mark)])
    application, secret = services.applications.create(caller, f"{mark} shop", Behavior)
    return Belongings(
        merchant,
        mark,
        account,
        ticket.tokens.access_token,
        {
            "tenant": merchant.tenant_id,
            "site": merchant.site(site),
            "free_site": free_site.id,
            "set": set_code,
            "other_set": f"{mark}-set",
            "account": account.id,
            "guest": guest.id,
            "user_id": account.user_id,
            "email": f"{mark}@mail.com",
            "username": f"{mark}-name",
            "contact": contact,
            "card": f"{mark}-card",
            "note": note.id,
            "attribute": attribute,
            "segment": segment.id,
            "session": second.tokens.session_id,
            "plan": plan.id,
            "draft": draft.id,
            "order": _order(services, merchant, mark, site),
            "code": _code(services, account, merchant.site(site)),
            "client_id": application.client_id,
            "q": mark,
            "by": "tests",
            "device": _device(services, account),
            "passkey": _passkey(services, account),
            "cursor": _next(merchant, f"accounts/search?pageSize=1&customerSet={set_code}"),
            "eligible_cursor": _next(
                merchant, f"sites/{merchant.site(site)}/eligiblecustomers?pageSize=1"
            ),
            # These show who calls, and are nobody else's to show.
            "client_secret": secret,
            "password": password,
            "access_token": ticket.tokens.access_token,
            "refresh_token": second.tokens.refresh_token,
            "application_refresh_token": services.applications.authenticate(
                application.client_id, secret
            ).refresh_token,
        },
    )


def _next(merchant: Merchant, path: str) -> str:
    """Return the cursor of the second page of a list."""
    answer = merchant.call("GET", path)
    assert answer.json is not None
    cursor: str = answer.json["nextCursor"]
    return cursor


def _order(services: Services, merchant: Merchant, mark: str, site: str) -> str:
    buyer = merchant.sign_up(f"{mark}-other-buyer@mail.com", site).account
    assert buyer is not None
    now = datetime.now(UTC)
    state = OrderState(
        f"{mark}-order",
        OrderKind.ONLINE,
        merchant.site(site),
        buyer.id,
        "Accepted",
        Decimal("19.99"),
        "USD",
        now,
        SourceVersion(1, now),
    )
    return services.orders.put(merchant.caller(), state).state.external_id


def _device(services: Services, account: CustomerAccount) -> str:
    device, now = uuid4(), services.clock()
    services.devices.store.add(
        account.tenant_id,
        account.id,
        Device(str(device), "Browser", None, now, now),
        device.bytes * 2,
        is_certain=True,
    )
    return str(device)


def _passkey(services: Services, account: CustomerAccount) -> int:
    store = services.passkeys.passkeys.store
    host = f"sports.t{account.tenant_id}.example"
    store.set_policy(account.tenant_id, account.customer_set, PasskeyUse.SIGN_IN, host)
    store.handle(account.tenant_id, account.id, account.id.to_bytes(32))
    return store.add(account.tenant_id, a_passkey(account.id, account.id.to_bytes(16)))


def _code(services: Services, account: CustomerAccount, site_id: int) -> str:
    """Make a link to a new password, as mailed."""
    token, now = new_token(), services.clock()
    link = Link(
        account.id,
        Purpose.PASSWORD_RESET,
        site_id,
        account.email_address or "",
        now,
        now + timedelta(hours=1),
    )
    services.recovery.links.store.add(account.tenant_id, digest(token), link)
    return token
