"""The documents' own example merchant: Mystic Sports and its sister sites, John, Stacy and the businesses ([B])."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from authsvc.callers import Behavior, Caller
from authsvc.customer_sets.rules import Site
from authsvc.login.rules import Enrolment
from authsvc.orders.rules import OrderKind, OrderState, SourceVersion
from authsvc.services import Services
from authsvc.staff.rules import Role

MERCHANT = "Mystic"

CUSTOMER_SETS = (("b2c", "B2C"), ("b2b", "B2B"))

# (name, host, customer set); the documents name the first four.
SITES = (
    ("Mystic Sports", "sports.mystic.localhost", "b2c"),
    ("Mystic Kids", "kids.mystic.localhost", "b2c"),
    ("Mystic Business", "business.mystic.localhost", "b2b"),
    ("Mystic Parts", "parts.mystic.localhost", "b2b"),
    ("Mystic Outlet", "outlet.mystic.localhost", "default"),
)

# Everybody's password in the demo.
PASSWORD = "Mystic-2026"  # noqa: S105  printed for whoever tries the demo

# (first name, last name or company, username, site to sign up on)
SHOPPERS = (
    ("John", "D.", "john@mail.com", "Mystic Sports"),
    ("Stacy", "M.", "stacy@mail.com", "Mystic Kids"),
    # The same username in another set is another account ([B] Membership Restrictions).
    ("Stacy", "M.", "stacy@mail.com", "Mystic Business"),
    ("Total Parts", "Supply", "orders@totalparts.com", "Mystic Parts"),
    ("Big Sports", "Ltd", "buying@bigsports.com", "Mystic Business"),
)
# (number, username, site it was placed on, kind, status, US dollars, day of 2026-10). John sees on each of his two
# sites what he ordered on the other ([B] Shopper My Account Behavior); offline orders are those staff placed for them.
ORDERS = (
    ("1001", "john@mail.com", "Mystic Sports", OrderKind.ONLINE, "Completed", "89.90", 2),
    ("1002", "john@mail.com", "Mystic Kids", OrderKind.ONLINE, "Completed", "24.50", 9),
    ("1003", "john@mail.com", "Mystic Sports", OrderKind.OFFLINE, "Accepted", "149.00", 20),
    ("1004", "stacy@mail.com", "Mystic Kids", OrderKind.ONLINE, "Cancelled", "12.00", 11),
    ("1005", "stacy@mail.com", "Mystic Business", OrderKind.ONLINE, "Completed", "310.00", 12),
    ("1006", "orders@totalparts.com", "Mystic Parts", OrderKind.ONLINE, "Accepted", "1980.00", 15),
    ("1007", "buying@bigsports.com", "Mystic Parts", OrderKind.OFFLINE, "Processing", "760.00", 21),
)
# One of the staff for each role, who sign in at /admin.
STAFF = (
    ("administrator", Role.ADMINISTRATOR),
    ("customer.service", Role.CUSTOMER_SERVICE),
    ("auditor", Role.AUDITOR),
)
# All of theirs; longer, as staff passwords are.
STAFF_PASSWORD = "Mystic-2026-behind-the-counter"  # noqa: S105  as above
COMPANIES = {
    "orders@totalparts.com": "Total Parts Supply",
    "buying@bigsports.com": "Big Sports Ltd",
}


def load_merchant(services: Services, base_url: str, domain: str) -> dict[str, Any]:
    """Make sure the merchant is there, and describe it for `demo.json`.

    `base_url`: where the demo answers. `domain`: the same as host and port. The application is new at each start:
    its secret is shown once and stored only as a digest.
    """
    tenant = next(
        (tenant for tenant in services.customer_sets.tenants() if tenant.name == MERCHANT), None
    ) or services.customer_sets.create_tenant(MERCHANT)
    services.customer_sets.set_domain(tenant.id, domain)
    system = Caller(tenant.id)
    sites = services.customer_sets.sites(tenant.id) or _new_structure(services, system)
    by_name = {site.name: site for site in sites}
    if not services.accounts.store.count_by_set(tenant.id, ["b2c", "b2b"]):
        accounts = _sign_everybody_up(services, system, by_name)
        _take_orders(services, system, by_name, accounts)
    _hire_everybody(services, system)
    for old in services.applications.applications(tenant.id):
        services.applications.remove(system, old.client_id)
    application, shared_secret = services.applications.create(system, "Demo storefront", Behavior)
    return {
        "baseUrl": base_url,
        "tenantId": tenant.id,
        "sites": [
            {
                "id": site.id,
                "name": site.name,
                "host": site.hosts[0],
                "customerSet": site.customer_set,
            }
            for site in sites
        ],
        "customerSets": [
            {"code": item.customer_set.code, "name": item.customer_set.name}
            for item in services.customer_sets.customer_sets(tenant.id, [], 0, 200)[0]
        ],
        "application": {"clientId": application.client_id, "sharedSecret": shared_secret},
        "shoppers": [
            {"username": username, "password": PASSWORD, "site": by_name[site].id}
            for _, _, username, site in SHOPPERS
        ],
        "staff": [
            {"username": username, "password": STAFF_PASSWORD, "role": role.value}
            for username, role in STAFF
        ],
    }


def _new_structure(services: Services, system: Caller) -> list[Site]:
    with services.database.transaction():
        for code, name in CUSTOMER_SETS:
            services.customer_sets.create_customer_set(system, code, name)
        for name, host, code in SITES:
            site = services.customer_sets.create_site(system, name, [host])
            services.customer_sets.assign_site(system, site.id, code)
    return services.customer_sets.sites(system.tenant_id)


def _sign_everybody_up(
    services: Services, system: Caller, sites: dict[str, Site]
) -> dict[tuple[str, str], int]:
    """Make the accounts; returns username and customer set → account id."""
    made: dict[tuple[str, str], int] = {}
    for first_name, last_name, username, site in SHOPPERS:
        customer_set = sites[site].customer_set
        fields = {
            "first_name": first_name,
            "last_name": last_name,
            "email_address": username,
            "company_or_organization": COMPANIES.get(username),
            "account_type": "B2B" if customer_set == "b2b" else "B2C",
        }
        on_site = Caller(system.tenant_id, sites[site].id)
        (account,) = services.on_behalf.create_several(on_site, [Enrolment(fields, PASSWORD)])
        made[username, customer_set] = account.id
    return made


def _take_orders(
    services: Services,
    system: Caller,
    sites: dict[str, Site],
    accounts: dict[tuple[str, str], int],
) -> None:
    with services.database.transaction():
        for external_id, username, site, kind, status, total, day in ORDERS:
            placed_at = datetime(2026, 10, day, 12, tzinfo=UTC)
            order = OrderState(
                external_id,
                kind,
                sites[site].id,
                accounts[username, sites[site].customer_set],
                status,
                Decimal(total),
                "USD",
                placed_at,
                SourceVersion(1, placed_at),
            )
            services.orders.put(system, order)


def _hire_everybody(services: Services, system: Caller) -> None:
    there = {user.username_key for user in services.staff.users.users(system.tenant_id)}
    for username, role in STAFF:
        if username not in there:
            services.staff.users.create(system, username, role, STAFF_PASSWORD)
