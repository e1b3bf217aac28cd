"""A small API with one operation of every kind, to try `authsvc.web` on without any feature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from flask import Flask, Response, request
from pydantic import Field
from werkzeug.test import TestResponse

from authsvc.errors import (
    AuthsvcError,
    Conflict,
    Forbidden,
    Invalid,
    NotAuthenticated,
    NotFound,
    NotOffered,
    TooMany,
    Unavailable,
)
from authsvc.web.collection import Collection
from authsvc.web.flask_app import new_flask_app
from authsvc.web.operations import Routes
from authsvc.web.running import RequestInfo
from authsvc.web.wire import Count, Id, Integer, Money, Wire, WireDateTime

TICKET = "a-good-ticket"


@dataclass(frozen=True)
class Requires:
    """What the sample's operations ask of a caller."""

    security: Sequence[Mapping[str, Sequence[str]]] = ({"bearerTicket": ()},)
    description: str = "Needs a ticket."


SECURITY_SCHEMES = {"bearerTicket": {"type": "http", "scheme": "bearer"}}


class Contact(Wire):
    """An address."""

    email: str
    types: list[str] = Field(default_factory=list)


class Account(Wire):
    """A field of every kind."""

    id: Id = 0
    user_name: Annotated[str, Field(min_length=1, max_length=200)]
    email_address: str | None = None
    requires_2fa: bool = Field(default=False, alias="requires2FA")
    contacts: list[Contact] = Field(default_factory=list)
    total_order_amount: Money | None = None
    customer_since_date: WireDateTime | None = None
    lucky_number: Integer | None = None
    values: list[Any] = Field(default_factory=list)


class AccountQuery(Wire):
    """A parameter of every kind."""

    start_index: Count = 0
    page_size: Annotated[int, Field(ge=1, le=200)] = 20
    is_anonymous: bool | None = None
    filter: str | None = Field(default=None, description="Which accounts: `field op value`.")
    response_fields: str | None = None


class OAuthRequest(Wire):
    """A body that may be a form; its names are snake case on the wire."""

    client_id: str = Field(alias="client_id")
    client_secret: str = Field(alias="client_secret")


class UsernameTaken(Conflict):
    """The customer set already has an account with this username."""


class Echo(Wire):
    """What an operation was given."""

    given: dict[str, Any]


def authenticate(_requires: Requires) -> str:
    """Return the caller's name."""
    sent = request.headers.get("Authorization")
    if sent is None:
        raise NotAuthenticated("Send a ticket.")
    if sent != f"Bearer {TICKET}":
        raise Forbidden("This ticket does not allow it.")
    return "the caller"


REFUSALS: dict[str, AuthsvcError] = {
    "invalid": Invalid(
        "EmailAddress",
        "EmailAddress already associated with a login",
        items=[Invalid("password", "is too short"), Invalid("username")],
    ),
    "not-authenticated": NotAuthenticated("Who are you?"),
    "forbidden": Forbidden("Not you."),
    "not-found": NotFound("Not here."),
    "conflict": UsernameTaken("The username is taken."),
    "too-many": TooMany("Slow down.", retry_after_seconds=7),
    "unavailable": Unavailable("Later."),
    "not-offered": NotOffered("Not in this release."),
}


def account_routes() -> Routes:
    """Declare operations of the usual kinds."""
    routes = Routes("accounts", prefix="/api/accounts", tag="Accounts")

    @routes.get("/", requires=Requires(), answers=Collection[Account])
    def accounts(caller: str, query: AccountQuery) -> Collection[Account]:
        """List accounts.

        The one account is called like the caller.
        """
        items = [Account(id=1, user_name=caller, contacts=[Contact(email="a@b.c")])]
        return Collection[Account].page(
            items, start_index=query.start_index, page_size=query.page_size, total_count=41
        )

    @routes.post("", requires=Requires(), answers=Account, status=201, refuses=[UsernameTaken])
    def create(query: AccountQuery, body: Account) -> Account:
        """Create an account."""
        return body

    @routes.get("/current", requires=None, answers=Account)
    def current(request_info: RequestInfo) -> Account:
        """Tell who asks."""
        return Account(user_name=request_info.host, values=[request_info.correlation_id])

    @routes.get("/<int:account_id>", requires=None, answers=Account)
    def account(account_id: int) -> Account:
        """Get an account."""
        return Account(id=account_id, user_name="someone")

    @routes.delete("/<int:account_id>", requires=None)
    def delete(account_id: int) -> None:
        """Delete an account."""

    return routes


def other_routes() -> Routes:
    """Declare operations whose inputs are out of the ordinary."""
    routes = Routes("others", prefix="/api/accounts", tag="Others")

    @routes.post("/<int:account_id>/set-login-locked", requires=None, status=200)
    def lock(account_id: int, body: bool) -> None:
        """Lock or unlock a login."""

    @routes.put("/<int:account_id>/contacts", requires=None, answers=list[Contact])
    def contacts(account_id: int, body: list[Contact]) -> list[Contact]:
        """Replace all contacts."""
        return body

    @routes.post("/bulk", requires=None, answers=Echo)
    def bulk(body: list[Account] | None, query: AccountQuery) -> Echo:
        """Tell what came in, or that nothing did."""
        return Echo(given={"accounts": None if body is None else len(body)})

    @routes.patch("/<int:account_id>", requires=None, answers=Echo, body_name="account")
    def patch(account_id: int, body: Account) -> Echo:
        """Tell which fields were given, null included."""
        return Echo(given={name: getattr(body, name) for name in body.model_fields_set})

    @routes.post("/oauth", requires=None, answers=Echo, form=True)
    def oauth(body: OAuthRequest) -> Echo:
        """Take JSON or a form."""
        return Echo(given={"client": body.client_id})

    @routes.get("/tokens/<refresh_token>", requires=None, answers=Echo)
    def token(refresh_token: str) -> Echo:
        """Take a token in the path."""
        return Echo(given={"token": refresh_token})

    return routes


def trouble_routes() -> Routes:
    """Declare operations that go wrong."""
    routes = Routes("trouble", prefix="/api/trouble", tag="Trouble")

    @routes.get("/refusal/<kind>", requires=None)
    def refusal(kind: str) -> None:
        """Refuse."""
        raise REFUSALS[kind]

    @routes.post("/bug", requires=None)
    def bug(body: OAuthRequest) -> None:
        """Break."""
        raise RuntimeError("something with a hunter2 in it")

    @routes.get("/own-response", requires=None)
    def own_response() -> Response:
        """Answer in one's own way."""
        return Response("own", 202, {"Cache-Control": "max-age=5", "X-Own": "1"})

    return routes


def sample_routes() -> list[Routes]:
    """Declare everything."""
    return [account_routes(), other_routes(), trouble_routes()]


def told(answer: TestResponse) -> Any:  # noqa: ANN401  tests narrow it down
    """Return the JSON of an answer."""
    return orjson.loads(answer.data)


def sample_app() -> Flask:
    """Make an application of the sample."""
    app = new_flask_app(__name__, application_names={"/api/trouble": "Trouble"})
    for routes in sample_routes():
        app.register_blueprint(routes.blueprint(authenticate))
    return app
