"""Requests made of the examples, one reference at a time somebody else's, and what is judged of their answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import MetaData, TextClause, text
from werkzeug.test import TestResponse

from authsvc.accounts.rules import CustomerAccount
from authsvc.services import Services
from tests.attacks.belongings import Belongings
from tests.attacks.described import DescribedOperation, Place
from tests.attacks.examples import EXAMPLES, USUAL, Example, Ref

NO_EXAMPLE = Example()


@dataclass(frozen=True)
class Filled:
    """A request as it is sent."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any


def examples_of(operation: DescribedOperation) -> Iterator[Example]:
    """Return the good requests of an operation."""
    example: Example | None = EXAMPLES.get(operation.id, NO_EXAMPLE)
    while example is not None:
        yield example
        example = example.also


def values_of(operation: DescribedOperation, example: Example) -> dict[Place, Any]:
    """Return every value of a good request, by place; references as `Ref`."""
    values: dict[Place, Any] = {}
    for where, name in operation.parameters:
        if where == "path":
            values[where, name] = example.path.get(name) or USUAL.get(name)
        elif name in example.query:
            if example.query[name] is not None:
                values[where, name] = example.query[name]
        elif name in USUAL:
            values[where, name] = USUAL[name]
    return {**values, **dict(_leaves(example.body, ("body",)))}


def references(operation: DescribedOperation, example: Example) -> dict[Place, Ref]:
    """Return what a good request refers to, by place."""
    return {
        place: value
        for place, value in values_of(operation, example).items()
        if isinstance(value, Ref)
    }


def filled(
    operation: DescribedOperation,
    example: Example,
    own: Mapping[str, object],
    instead: Mapping[Place, object] | None = None,
) -> Filled:
    """Fill a good request with one's own things, and at some places with others `instead`."""
    instead = instead or {}
    path, query = operation.path, {}
    for place, value in {**values_of(operation, example), **instead}.items():
        where, name = place[0], place[-1]
        given = value.of(own) if isinstance(value, Ref) else value
        if where == "path":
            path = path.replace(f"{{{name}}}", str(given))
        elif where == "query":
            query[str(name)] = str(given)
    body = _filled_body(example.body, own, instead, ("body",))
    return Filled(operation.method, path, query, body)


def send(
    caller: Belongings, request: Filled, *, site: str | None = None, shopper: str | None = None
) -> TestResponse:
    """Send a request as the merchant's application, perhaps with a shopper's ticket along."""
    merchant = caller.merchant
    headers = {
        "Authorization": f"Bearer {merchant.application_token}",
        "x-vol-tenant": str(merchant.tenant_id),
    }
    if site:
        headers["x-vol-site"] = str(merchant.site(site))
    if shopper:
        headers["x-vol-user-claims"] = shopper
    return merchant.client.open(
        request.path,
        method=request.method,
        query_string=urlencode(dict(request.query), errors="surrogatepass"),
        # Python's own writer: it writes text that is no text too, as whoever attacks may.
        data=None if request.body is None else json.dumps(request.body),
        content_type=None if request.body is None else "application/json",
        headers=headers,
    )


# Ids and moments differ from answer to answer, whoever asks.
_CHANGING = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z|[0-9a-f]{32}|\d+")
_CORRELATION = re.compile(r'"correlationId":"[^"]*"')


def told(answer: TestResponse, sent: object) -> tuple[int, str]:
    """Return what an answer tells beside what was asked for: its status, and why it refused."""
    if answer.status_code < 400:
        return answer.status_code, ""
    return answer.status_code, _CHANGING.sub(
        "#", _CORRELATION.sub("", answer.text).replace(str(sent), "#")
    )


class Rows:
    """Sums up all rows of a tenant, or of one account, of every table that there is, in one question."""

    def __init__(self, services: Services) -> None:
        """Ask the database which tables there are."""
        tables = MetaData()
        tables.reflect(services.database.engine)
        self._services = services
        self._owners = {
            table.name: "id" if table.name == "accounts" else "account_id"
            for table in tables.tables.values()
            if "tenant_id" in table.c
        }
        self._of_tenants = self._question(self._owners, "tenant_id = :tenant_id")
        self._of_accounts = self._question(
            [name for name, column in self._owners.items() if column in tables.tables[name].c],
            "tenant_id = :tenant_id AND {column} = :account_id",
        )

    def of_tenant(self, tenant_id: int) -> dict[str, tuple[int, int]]:
        """Return for each table how many rows a tenant has, and a sum that any change of one changes."""
        return self._ask(self._of_tenants, tenant_id=tenant_id)

    def of_account(self, account: CustomerAccount) -> dict[str, tuple[int, int]]:
        """Return the same of what is one account's."""
        return self._ask(self._of_accounts, tenant_id=account.tenant_id, account_id=account.id)

    def _question(self, names: Iterable[str], where: str) -> TextClause:
        return text(
            " UNION ALL ".join(
                f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)"
                f' FROM "{name}" t WHERE {where.format(column=self._owners[name])}'
                for name in names
            )
        )

    def _ask(self, question: TextClause, **values: int) -> dict[str, tuple[int, int]]:
        with self._services.database.connection() as connection:
            rows = connection.execute(question, values).all()
        return {name: (count, total) for name, count, total in rows}


def _leaves(value: object, place: Place) -> Iterator[tuple[Place, object]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(part, (*place, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _leaves(part, (*place, index))
    elif value is not None:
        yield place, value


def _filled_body(
    value: object, own: Mapping[str, object], instead: Mapping[Place, object], place: Place
) -> Any:  # noqa: ANN401  JSON
    if place in instead:
        return instead[place]
    if isinstance(value, Mapping):
        return {
            name: _filled_body(part, own, instead, (*place, name)) for name, part in value.items()
        }
    if isinstance(value, list):
        return [
            _filled_body(part, own, instead, (*place, index)) for index, part in enumerate(value)
        ]
    return value.of(own) if isinstance(value, Ref) else value


def none_of(found: Iterable[object]) -> None:
    """Fail with a line for each that was found."""
    lines = [str(each) for each in found]
    if lines:
        pytest.fail("\n".join(lines))
