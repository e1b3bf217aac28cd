"""From what a request shows to who is calling ([K] A6, A7)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from authsvc.callers import (
    BadTicket,
    Behavior,
    Caller,
    NoTicket,
    Requires,
    ShopperRole,
)
from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import AuthsvcError, Forbidden, Invalid
from authsvc.identification import Shown
from authsvc.login.rules import Ticket
from authsvc.services import Services
from authsvc.sessions.rules import NoSession, Refusal
from tests.merchants import Merchant

OWN = Requires(Behavior.CUSTOMER_READ, ShopperRole.OWN_ACCOUNT)
ANY = Requires(Behavior.CUSTOMER_READ, ShopperRole.IRRELEVANT)


def shown(host: str = "localhost", **headers: object) -> Shown:
    """Show headers, with `_` for `-`, on a host."""
    return Shown(
        {name.replace("_", "-"): str(value) for name, value in headers.items()},
        host,
        "203.0.113.7",
        "c-1",
    )


def identify(services: Services, requires: Requires = ANY, /, **what: object) -> Caller:
    host = str(what.pop("host", "localhost"))
    return services.identification.caller(requires, shown(host, **what))


@pytest.fixture(name="stacy")
def _stacy(merchant: Merchant) -> Ticket:
    return merchant.sign_up("stacy@mail.com", "Mystic Sports")


@pytest.mark.parametrize("where", ["Authorization", "x_vol_app_claims"])
def test_an_application_shows_its_ticket_in_either_header(
    services: Services, merchant: Merchant, where: str
) -> None:
    token = merchant.application_token
    shows = {where: f"bearer {token}" if where == "Authorization" else token}
    caller = identify(services, **shows)
    assert caller.tenant_id == merchant.tenant_id
    assert caller.application is not None
    assert caller.behaviors == frozenset(Behavior)
    assert (caller.site_id, caller.shopper, caller.carries_shopper) == (None, None, False)
    assert (caller.remote_address, caller.correlation_id) == ("203.0.113.7", "c-1")


@pytest.mark.parametrize("form", ["token", "jwt"])
@pytest.mark.parametrize("where", ["Authorization", "x_vol_user_claims"])
def test_a_shopper_shows_access_token_or_jwt_in_either_header(
    services: Services, merchant: Merchant, stacy: Ticket, where: str, form: str
) -> None:
    """[K] A6: shopper by `x-vol-user-claims` (opaque access token; accept the JWT as well)."""
    token = stacy.jwt if form == "jwt" else stacy.tokens.access_token
    shows = {where: f"Bearer {token}" if where == "Authorization" else token}
    caller = identify(services, OWN, x_vol_site=merchant.site("Mystic Kids"), **shows)
    assert caller.tenant_id == merchant.tenant_id
    assert caller.shopper is not None
    assert caller.shopper.user_id == stacy.user_id
    assert caller.shopper.customer_set == "b2c"
    assert caller.application is None


def test_application_and_shopper_may_come_together(
    services: Services, merchant: Merchant, stacy: Ticket
) -> None:
    caller = identify(
        services,
        OWN,
        Authorization=f"Bearer {merchant.application_token}",
        x_vol_user_claims=stacy.tokens.access_token,
    )
    assert caller.application is not None
    assert caller.shopper is not None


def test_tenant_and_site_come_from_headers_before_host_before_ticket(
    services: Services, merchant: Merchant
) -> None:
    """[K] A7: `x-vol-tenant`, `x-vol-site` headers first, else from the host, else from the token."""
    bearer = f"Bearer {merchant.application_token}"
    tenant, kids, sports = (
        merchant.tenant_id,
        merchant.site("Mystic Kids"),
        merchant.site("Mystic Sports"),
    )
    own_host = f"kids-{uuid4().hex}.example"
    golf = services.customer_sets.create_site(merchant.caller(), "Golf", [own_host]).id
    by_host = f"t{tenant}-s{kids}.shop.example"
    places: list[tuple[dict[str, object], tuple[int, int | None]]] = [
        ({"x_vol_tenant": tenant, "x_vol_site": sports, "host": by_host}, (tenant, sports)),
        ({"x_vol_site": sports, "host": by_host}, (tenant, sports)),
        ({"x_vol_tenant": tenant, "host": by_host}, (tenant, kids)),
        ({"host": by_host}, (tenant, kids)),
        ({"host": f"t{tenant}.shop.example"}, (tenant, None)),
        ({"host": own_host}, (tenant, golf)),
        ({"host": "localhost"}, (tenant, None)),
    ]
    for what, place in places:
        caller = identify(services, Authorization=bearer, **what)
        assert (caller.tenant_id, caller.site_id) == place, what


def test_the_site_of_another_tenants_host_is_not_taken(
    services: Services, merchant: Merchant, other_merchant: Merchant
) -> None:
    host = f"t{other_merchant.tenant_id}-s{other_merchant.site('Mystic Kids')}.shop.example"
    bearer = f"Bearer {merchant.application_token}"
    caller = identify(services, Authorization=bearer, x_vol_tenant=merchant.tenant_id, host=host)
    assert (caller.tenant_id, caller.site_id) == (merchant.tenant_id, None)
    with pytest.raises(Forbidden, match="another tenant"):
        identify(services, Authorization=bearer, host=host)


def test_a_call_that_shows_nothing_is_asked_for_a_ticket(services: Services) -> None:
    with pytest.raises(NoTicket):
        identify(services)
    with pytest.raises(NoTicket):
        identify(services, Authorization="Basic abc")


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({"Authorization": "Bearer rubbish", "x_vol_app_claims": ""}, BadTicket),
        ({"Authorization": "Bearer rubbish"}, NoSession),
        ({"x_vol_app_claims": "rubbish"}, BadTicket),
        ({"x_vol_user_claims": "rubbish"}, NoSession),
        ({"x_vol_user_claims": "a.b.c"}, NoSession),
        ({"x_vol_tenant": "first"}, Invalid),
        ({"x_vol_tenant": "1" * 19}, Invalid),
        ({"x_vol_site": "-1"}, Invalid),
        ({"x_vol_site": "٣"}, Invalid),
    ],
)
def test_what_is_no_proof_is_refused(
    services: Services, merchant: Merchant, headers: dict[str, str], refusal: type[AuthsvcError]
) -> None:
    good = {
        "x_vol_app_claims": merchant.application_token,
        "x_vol_tenant": str(merchant.tenant_id),
    }
    with pytest.raises(refusal):
        identify(services, OWN, **(good | headers))


def test_a_rubbish_bearer_is_refused_even_where_no_tenant_is_named(services: Services) -> None:
    for headers in ({"Authorization": "Bearer a.b.c"}, {"x_vol_user_claims": "rubbish"}):
        with pytest.raises(NoTicket):
            identify(services, OWN, **headers)


def test_a_shopper_of_another_tenant_is_nobody(
    services: Services, merchant: Merchant, other_merchant: Merchant, stacy: Ticket
) -> None:
    for token in (stacy.tokens.access_token, stacy.jwt):
        with pytest.raises(NoSession) as refusal:
            identify(
                services,
                OWN,
                Authorization=f"Bearer {other_merchant.application_token}",
                x_vol_user_claims=token,
            )
        assert refusal.value.refusal is Refusal.UNKNOWN
        with pytest.raises(NoSession):
            services.identification.session(
                shown(Authorization=f"Bearer {token}", x_vol_tenant=other_merchant.tenant_id)
            )


def test_a_stale_ticket_keeps_nobody_from_signing_in_again(
    services: Services, merchant: Merchant, stacy: Ticket
) -> None:
    services.sessions.sign_out(merchant.caller(), stacy.tokens.session_id)
    headers = {
        "Authorization": f"Bearer {merchant.application_token}",
        "x_vol_user_claims": stacy.tokens.access_token,
    }
    caller = identify(services, ANY, **headers)
    assert (caller.shopper, caller.carries_shopper) == (None, True)
    with pytest.raises(NoSession):
        identify(services, OWN, **headers)


def test_an_unknown_site_is_not_found(
    services: Services, merchant: Merchant, other_merchant: Merchant, stacy: Ticket
) -> None:
    with pytest.raises(UnknownSite):
        identify(
            services,
            OWN,
            Authorization=f"Bearer {merchant.application_token}",
            x_vol_user_claims=stacy.tokens.access_token,
            x_vol_site=other_merchant.site("Mystic Kids"),
        )


def test_the_session_of_a_request_is_asked_for_the_site_it_names(
    services: Services, merchant: Merchant, stacy: Ticket
) -> None:
    bearer = f"Bearer {stacy.tokens.access_token}"
    session = services.identification.session(
        shown(Authorization=bearer, x_vol_site=merchant.site("Mystic Kids"))
    )
    assert session.site_id == merchant.site("Mystic Kids")
    assert services.identification.session(shown(Authorization=bearer)).site_id == merchant.site(
        "Mystic Sports"
    )
    with pytest.raises(NoSession):
        services.identification.session(
            shown(Authorization=bearer, x_vol_site=merchant.site("Mystic Parts"))
        )
    with pytest.raises(NoSession):
        services.identification.session(shown())
