"""A shopper who sends what the API only shows, in every writing operation and at every depth, assigns none of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from authsvc.services import Services
from tests.attacks.belongings import Belongings, belongings, sites_have_hosts
from tests.attacks.described import OPERATIONS, resolved
from tests.attacks.probing import Filled, examples_of, filled, none_of, send
from tests.machines import taken_back
from tests.merchants import Merchant
from tests.openapi.description import DESCRIPTION

# What decides who somebody is, where they get in, and what they pay; and the same as other software spells it.
WANTED: dict[str, Any] = {
    "id": 1,
    "accountId": 1,
    "userId": "chosen-by-me",
    "userName": "chosen-by-me",
    "tenantId": 1,
    "tenant_id": 1,
    "customerSet": "b2b",
    "customerSetCode": "b2b",
    "customer_set_code": "b2b",
    "isLocked": True,
    "is_locked": True,
    "isActive": False,
    "isAnonymous": True,
    "hasLogin": False,
    "hasExternalPassword": True,
    "externalPassword": "$2b$12$" + "x" * 53,
    "isImport": True,
    "migrationRequired": True,
    "taxExempt": True,
    "taxId": "1",
    "accountType": "B2B",
    "externalId": "chosen-by-me",
    "customerSinceDate": "1999-01-01T00:00:00.000Z",
    "commerceSummary": {"orderCount": 99, "totalOrderAmount": {"amount": 9999}},
    "auditInfo": {"createBy": "chosen-by-me", "createDate": "1999-01-01T00:00:00.000Z"},
    "segments": [{"id": 1, "code": "vip"}],
    "notes": [{"content": "chosen-by-me"}],
    "roles": ["administrator"],
    "behaviors": ["tenant-read"],
    "password": "chosen-by-me-1",
    "emailVerified": True,
    "unlockAccount": True,
}

# Of an account, what is the merchant's or the service's to say.
PROTECTED = text("""
    SELECT id, user_id, tenant_id, customer_set_code, username, is_locked, is_active, tax_exempt, tax_id,
        account_type, external_id, customer_since, created_at, created_by, visits_count, wishlist_count,
        (SELECT array_agg(password_hash) FROM credentials c WHERE c.tenant_id = a.tenant_id AND c.account_id = a.id),
        (SELECT array_agg(segment_id ORDER BY 1) FROM account_segments s
            WHERE s.tenant_id = a.tenant_id AND s.account_id = a.id),
        (SELECT array_agg(content ORDER BY 1) FROM account_notes n
            WHERE n.tenant_id = a.tenant_id AND n.account_id = a.id)
    FROM accounts a WHERE tenant_id = :tenant_id ORDER BY id
""")

# Which of those an operation is there to change; its own tests say how.
ITS_PURPOSE = {
    "credentials.change_password": "the password, by who knows it",
    "recovery.update_forgotten_password": "the password, by who has the mailed code",
    "privacy.erase_account": "the account's end, by who knows the password",
    "privacy.delete_account": "the same",
}


def with_more(value: object, more: Mapping[str, Any]) -> Any:  # noqa: ANN401  JSON
    """Return a body with `more` in each of its objects, in place of what it says itself."""
    if isinstance(value, dict):
        return {**{name: with_more(part, more) for name, part in value.items()}, **more}
    return [with_more(part, more) for part in value] if isinstance(value, list) else value


def protected(services: Services, tenant_id: int) -> list[tuple[Any, ...]]:
    """Return what nobody may assign, of all accounts there are."""
    with services.database.connection() as connection:
        return [tuple(row) for row in connection.execute(PROTECTED, {"tenant_id": tenant_id})]


def bodies(own: Belongings) -> Iterator[tuple[str, Filled]]:
    """Return each good request that has a body, by the name of its operation."""
    for operation in OPERATIONS.values():
        if operation.body is not None and operation.id not in ITS_PURPOSE:
            for example in examples_of(operation):
                yield operation.id, filled(operation, example, own.things)


def test_whatever_a_shopper_sends_along_assigns_nothing(
    merchant: Merchant, services: Services
) -> None:
    """All at once where that is taken, and one by one where one of them has the others refused."""
    sites_have_hosts(merchant)
    own = belongings(merchant, "own", "Mystic Sports")
    before, found, taken = protected(services, merchant.tenant_id), list[object](), set()

    def is_taken(name: str, request: Filled, more: Mapping[str, Any]) -> bool:
        sent = replace(request, body=with_more(request.body, more))
        with taken_back(services):
            answer = send(own, sent, site="Mystic Sports", shopper=own.access_token)
            after = protected(services, merchant.tenant_id)
        # A new account may be there beside: of a sign-up, which a shopper's ticket keeps nobody from.
        new = [row for row in after[len(before) :] if _is_more_than_new(row)]
        if after[: len(before)] != before or new:
            found.append((name, list(more), answer.status_code, answer.text))
        return answer.status_code < 400

    for name, request in bodies(own):
        if is_taken(name, request, {}):
            taken.add(name)
            if not is_taken(name, request, WANTED):
                for field, value in WANTED.items():
                    is_taken(name, request, {field: value})
    none_of(found)
    assert {
        "customers.update_account",
        "enrolment.add_account_and_login",
        "contacts.add_contact",
    } <= taken


def _is_more_than_new(row: tuple[Any, ...]) -> bool:
    _, _, _, customer_set, _, locked, active, exempt, tax_id, account_type, external_id = row[:11]
    said = (customer_set, locked, active, exempt, tax_id, account_type, external_id)
    return said != ("b2c", False, True, False, None, "B2C", None)


def test_the_fields_tried_are_all_that_an_account_shows() -> None:
    """A new field of an account is a shopper's to write, or among those that are tried."""
    written = set(resolved({"$ref": "#/components/schemas/AccountBody"})["properties"])
    shown = set(DESCRIPTION["components"]["schemas"]["Account"]["properties"])
    assert shown - written - {"last2FaDate"} <= set(WANTED)
