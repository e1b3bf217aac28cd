"""The JWT of a ticket: the vendor's shape, our signature, and good for a check like the access token ([K] 2.2)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jwt as pyjwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey
from jwt import PyJWKSet

from authsvc.callers import Shopper
from authsvc.login.rules import Ticket
from authsvc.sessions.jwt import APP_CLAIMS, USER_CLAIMS, behavior_words, looks_like_jwt
from authsvc.settings import Settings
from authsvc.tokens import Audience, digest, reference
from tests.clock import HeldClock
from tests.machines import machine, on
from tests.merchants import PASSWORD, Merchant


@pytest.fixture(name="clock")
def _clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(name="shop")
def _shop(settings: Settings, clock: HeldClock, merchant: Merchant) -> Iterator[Merchant]:
    with machine(settings, clock) as services:
        yield on(services, merchant)


@pytest.fixture(name="stacy")
def _stacy(shop: Merchant) -> Ticket:
    return shop.sign_up("stacy@mail.com", "Mystic Kids", first_name="Stacy", last_name="M.")


def part(text: str, index: int) -> dict[str, Any]:
    """Read a part of a JWT as a storefront does, without verifying anything."""
    encoded = text.split(".")[index]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return read


def claims(ticket: Ticket) -> dict[str, Any]:
    """Read the claims of a ticket's JWT."""
    return part(ticket.jwt, 1)


def test_full_access_to_own_account_is_bit_22_of_word_31() -> None:
    """[K] 2.2: `[31, 4194304]` is bit 22 of word 31 → behaviour 1014, "full access to own account"."""
    assert behavior_words((1014,)) == [[31, 4194304]]
    assert behavior_words((1000, 1014)) == [[31, 4194304 + 256]]
    assert behavior_words(()) == []


@given(st.sets(st.integers(0, 5000)))
def test_each_behavior_can_be_read_back_from_the_words(behaviors: set[int]) -> None:
    words = behavior_words(tuple(behaviors))
    read = {word * 32 + bit for word, mask in words for bit in range(32) if mask >> bit & 1}
    assert read == behaviors


def test_it_has_three_parts_and_the_vendors_claims(
    shop: Merchant, stacy: Ticket, clock: HeldClock
) -> None:
    """[K] 2.2: it must have three dot-separated parts and `user_claims.bv`, else the handler throws."""
    assert stacy.jwt.count(".") == 2
    found = claims(stacy)
    now = int(clock.now().timestamp())
    assert stacy.account is not None
    assert {key: found[key] for key in ("sub", "unique_name", "sid", "iat", "nbf", "exp")} == {
        "sub": stacy.user_id,
        "unique_name": stacy.user_id,
        "sid": stacy.tokens.session_id,
        "iat": now,
        "nbf": now,
        "exp": int(stacy.tokens.access_expires_at.timestamp()),
    }
    assert found["aud"] == f"tenant:{shop.tenant_id}"
    assert found["jti"] == digest(stacy.tokens.access_token).hex()
    assert found[APP_CLAIMS] == {"aid": "tests", "exp": found["exp"]}
    user = found[USER_CLAIMS]
    assert user["anon"] == "0"
    assert user["uid"] == stacy.user_id
    assert user["st"] == "Shopper"
    assert [31, 4194304 | 256] in user["bv"]
    assert {key: value for key, value in user.items() if key.startswith("b.")} == {
        "b.TenantId": str(shop.tenant_id),
        "b.SiteId": str(shop.site("Mystic Kids")),
        "b.CustomerSet": "b2c",
        "b.AccountId": str(stacy.account.id),
        "b.UserFirstName": "Stacy",
        "b.UserLastName": "M.",
        "b._sess_": stacy.tokens.session_id,
    }
    assert {"alg": "ES256"}.items() <= part(stacy.jwt, 0).items()


def test_an_anonymous_shoppers_says_so_and_grants_no_account(shop: Merchant) -> None:
    user = claims(shop.services.login.anonymous(shop.caller("Mystic Kids")))[USER_CLAIMS]
    assert user["anon"] == "1"
    assert user["bv"] == [[31, 256]]
    assert "b.AccountId" not in user


def test_the_anonymous_id_before_login_is_carried_over(shop: Merchant, stacy: Ticket) -> None:
    """[K] 2.2: carried over (`b.PreviousAnonymousId`), so carts can be merged."""
    before = shop.services.login.anonymous(shop.caller("Mystic Kids"))
    anonymous = Shopper(before.tokens.session_id, before.user_id, None, "b2c")
    caller = replace(shop.caller("Mystic Kids"), shopper=anonymous)
    ticket = shop.services.login.sign_in(caller, "stacy@mail.com", PASSWORD)
    assert claims(ticket)[USER_CLAIMS]["b.PreviousAnonymousId"] == before.user_id
    assert stacy.account is not None
    herself = Shopper(stacy.tokens.session_id, stacy.user_id, stacy.account.id, "b2c")
    again = shop.services.login.sign_in(
        replace(caller, shopper=herself), "stacy@mail.com", PASSWORD
    )
    assert "b.PreviousAnonymousId" not in claims(again)[USER_CLAIMS]


def test_services_can_verify_it_alone_with_the_published_keys(
    merchant: Merchant, stacy: Ticket
) -> None:
    """Design §4: a real signed JWT (ES256, JWKS published)."""
    published = merchant.client.get("/.well-known/jwks.json")
    assert published.status_code == 200
    keys = published.get_json()["keys"]
    assert all("d" not in key for key in keys)
    verified = jwt.decode(stacy.jwt, KeySet.import_key_set({"keys": keys}), algorithms=["ES256"])
    assert verified.claims == claims(stacy)


def test_another_library_verifies_it_alone(merchant: Merchant, stacy: Ticket) -> None:
    """docs/session_checks.md: by the published keys, and nothing else of this service."""
    published = PyJWKSet.from_dict(merchant.client.get("/.well-known/jwks.json").get_json())
    key = published[pyjwt.get_unverified_header(stacy.jwt)["kid"]]

    def verified(tenant_id: int) -> dict[str, Any]:
        return pyjwt.decode(
            stacy.jwt,
            key,
            algorithms=["ES256"],
            issuer="authsvc",
            audience=f"tenant:{tenant_id}",
            options={"require": ["exp", "iat", "sub", "aud", "iss"]},
        )

    shown = verified(merchant.tenant_id)
    assert (shown["sub"], shown[USER_CLAIMS]["b.CustomerSet"]) == (stacy.user_id, "b2c")
    with pytest.raises(pyjwt.InvalidAudienceError):
        verified(merchant.tenant_id + 1)


def test_it_is_accepted_like_the_access_token_and_refused_after_sign_out(
    merchant: Merchant, stacy: Ticket
) -> None:
    for name, status in (("Mystic Sports", 200), ("Mystic Parts", 401)):
        assert merchant.check(stacy.jwt, name).status_code == status
    by_jwt, by_token = (
        # Each says the moment it is true for.
        merchant.check(token, "Mystic Kids").get_json() | {"asOf": None}
        for token in (stacy.jwt, stacy.tokens.access_token)
    )
    assert by_jwt == by_token
    merchant.services.sessions.sign_out(merchant.caller(), stacy.tokens.session_id)
    for token in (stacy.jwt, stacy.tokens.access_token):
        assert merchant.check(token, "Mystic Kids").status_code == 401


def test_a_genuine_one_stands_for_its_access_token(shop: Merchant, stacy: Ticket) -> None:
    expected = reference(stacy.tokens.access_token, Audience.SHOPPER)
    assert shop.services.identification.jwt.reference(stacy.jwt) == expected


def forged(ticket: Ticket, kind: str) -> str:
    """Make a JWT that is not ours out of one that is."""
    head, body, signature = ticket.jwt.split(".")
    header = part(ticket.jwt, 0)

    def encoded(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    match kind:
        case "another claim":
            return f"{head}.{encoded(claims(ticket) | {'aud': 'tenant:1'})}.{signature}"
        case "no signature":
            return f"{head}.{body}."
        case "algorithm none":
            return f"{encoded(header | {'alg': 'none'})}.{body}."
        case "another key":
            key = ECKey.generate_key("P-256", {"kid": header["kid"]})
            return jwt.encode(header, claims(ticket), key)
        case "an unknown key":
            key = ECKey.generate_key("P-256")
            return jwt.encode({"alg": "ES256", "kid": "nobody's"}, claims(ticket), key)
        case _:
            secret = OctKey.import_key("public halves are no secrets, thirty-two bytes")
            return jwt.encode({"alg": "HS256", "kid": header["kid"]}, claims(ticket), secret)


@pytest.mark.parametrize(
    "kind",
    ["another claim", "no signature", "algorithm none", "another key", "an unknown key", "HS256"],
)
def test_a_forged_one_stands_for_nothing(shop: Merchant, stacy: Ticket, kind: str) -> None:
    text = forged(stacy, kind)
    assert looks_like_jwt(text)
    assert shop.services.identification.jwt.reference(text) is None


@pytest.mark.parametrize("claim", ["aud", "jti"])
@pytest.mark.parametrize("value", [None, 7, "", "rubbish", "tenant:x", []])
def test_a_signed_one_of_another_shape_stands_for_nothing(
    shop: Merchant, stacy: Ticket, claim: str, value: object
) -> None:
    """Whatever else is ever signed with the same keys is not taken for a ticket."""
    key = shop.services.signing_keys.signing_key()
    changed = claims(stacy) | {claim: value}
    for signed in (changed, {name: each for name, each in changed.items() if name != claim}):
        text = jwt.encode({"alg": "ES256", "kid": key.kid}, signed, key)
        found = shop.services.identification.jwt.reference(text)
        assert found is None or found.digest != digest(stacy.tokens.access_token)


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "..", "a.b.c.d", "é.é.é", "a.\ud800.c"])
def test_what_is_no_jwt_stands_for_nothing(shop: Merchant, text: str) -> None:
    assert shop.services.identification.jwt.reference(text) is None
