"""Signing in by a passkey alone, and every way in which it must not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from authsvc.login.rules import Ticket
from authsvc.passkeys.rules import PasskeyUse
from authsvc.second_factor.pending import SecondFactorRequired
from tests.merchants import Merchant
from tests.passkeys.authenticator import PRESENT, Authenticator
from tests.passkeys.conftest import Shops, account_id, new_shops


@pytest.fixture(name="telephone")
def _telephone(shops: Shops, john: Ticket) -> Authenticator:
    """John's, with a passkey that counts."""
    device = shops.device(counts=True)
    assert shops.add(john, device).status_code == 201
    return device


def test_a_passkey_signs_in_on_all_sites_of_the_set_and_tells_when(
    shops: Shops, john: Ticket, telephone: Authenticator
) -> None:
    """[Issue 6] As the only factor; [W] §5.11: pages of the set's other sites may ask for it."""
    asked = shops.ask()
    assert asked["publicKey"]["allowCredentials"] == []
    assert asked["publicKey"]["userVerification"] == "required"
    answer = shops.sign_in(telephone)
    assert answer.status_code == 201, answer.text
    assert answer.get_json()["userId"] == john.user_id
    assert shops.merchant.check(answer.get_json()["accessToken"], "Mystic Kids").status_code == 200
    on_kids = replace(telephone, origin=shops.origin("Mystic Kids"))
    assert shops.sign_in(on_kids, "Mystic Kids").status_code == 201
    (passkey,) = shops.passkeys(john)
    assert passkey["lastUsedDate"] is not None


def test_related_sites_are_named_at_the_domain_alone(shops: Shops) -> None:
    client = shops.merchant.client
    hosts = shops.hosts

    def asked(host: str) -> Any:  # noqa: ANN401  JSON
        return client.get("/.well-known/webauthn", base_url=f"https://{host}")

    answer = asked(hosts["Mystic Sports"])
    assert answer.mimetype == "application/json"
    assert answer.get_json() == {
        "origins": [shops.origin("Mystic Sports"), shops.origin("Mystic Kids")]
    }
    assert asked(hosts["Mystic Kids"]).status_code == 404
    assert asked("elsewhere.example").status_code == 404
    # The other set's domain names its own.
    assert asked(hosts["Mystic Parts"]).get_json() == {"origins": [shops.origin("Mystic Parts")]}


def test_no_passkey_opens_a_site_of_another_set_or_tenant(
    shops: Shops, john: Ticket, telephone: Authenticator, other_merchant: Merchant
) -> None:
    """Rules 11, 13: as if there were none, however the browser was brought to ask for it."""
    lying = replace(
        telephone,
        origin=shops.origin("Mystic Parts"),
        relying_party=shops.hosts["Mystic Parts"],
    )
    texts = set()
    nobodys = Authenticator(shops.origin("Mystic Parts"), handle=b"x")
    for device in (lying, replace(lying, relying_party=None), telephone, nobodys):
        refused = shops.sign_in(device, "Mystic Parts")
        assert refused.status_code == 401
        texts.add((refused.get_json()["errorCode"], refused.get_json()["message"]))
    assert [code for code, _ in texts] == ["INVALID_CREDENTIALS"]
    others = new_shops(other_merchant)
    abroad = replace(telephone, origin=others.origin("Mystic Sports"))
    assert others.sign_in(abroad).status_code == 401
    # With both sets on one domain the account's set alone decides.
    policies = shops.merchant.services.passkeys.policies
    shops.merchant.services.passkeys.passkeys.store.set_policy(
        shops.merchant.tenant_id, "b2b", PasskeyUse.SIGN_IN, shops.hosts["Mystic Sports"]
    )
    on_parts = replace(telephone, origin=shops.origin("Mystic Parts"))
    assert shops.sign_in(on_parts, "Mystic Parts").status_code == 401
    # A site that moves takes nobody along; whoever moves takes their passkeys along (rules 13, 14).
    services, caller = shops.merchant.services, shops.merchant.caller()
    services.customer_sets.assign_site(caller, shops.merchant.site("Mystic Kids"), "b2b")
    on_kids = replace(telephone, origin=shops.origin("Mystic Kids"))
    assert shops.sign_in(on_kids, "Mystic Kids").status_code == 401
    shops.merchant.move(account_id(john), "b2b")
    assert shops.sign_in(on_kids, "Mystic Kids").status_code == 201
    assert shops.sign_in(telephone).status_code == 401
    assert policies.policy(shops.merchant.tenant_id, "b2b").signs_in


@pytest.mark.parametrize(
    "said",
    [
        {"origin": "https://evil.example"},
        {"crossOrigin": True},
        {"topOrigin": "https://evil.example"},
        {"type": "webauthn.create"},
        {"challenge": "AAAA"},
    ],
    ids=str,
)
def test_what_was_signed_elsewhere_signs_nobody_in(
    shops: Shops, telephone: Authenticator, said: dict[str, Any]
) -> None:
    assert shops.sign_in(telephone, **said).status_code == 401


def test_a_passkey_must_be_the_holders_own_and_shown_by_its_owner(
    shops: Shops, telephone: Authenticator
) -> None:
    other_key = Authenticator("").key
    for wrong in (
        replace(telephone, flags=PRESENT),
        replace(telephone, flags=telephone.flags & ~PRESENT),
        replace(telephone, handle=b"somebody else's"),
        replace(telephone, handle=None),
        replace(telephone, relying_party="evil.example"),
        replace(telephone, key=other_key),
        # Whether copies may be made of it never changes.
        replace(telephone, flags=telephone.flags & 0x07),
    ):
        assert shops.sign_in(wrong).status_code == 401
    telephone.sign_count = 40
    assert shops.sign_in(telephone).status_code == 201


def test_a_challenge_is_good_once_even_for_two_at_once(
    shops: Shops, telephone: Authenticator
) -> None:
    asked = shops.ask()
    shown = telephone.show(asked["publicKey"])
    own = shops.merchant

    def redeem(_: int) -> int:
        client = own.client.application.test_client()
        return replace(shops, merchant=replace(own, client=client)).show(asked, shown).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(redeem, range(4))) == [201, 401, 401, 401]
    assert shops.show(asked, shown).status_code == 401
    # Asked on one site, it is answered there.
    asked = shops.ask("Mystic Kids")
    on_kids = replace(telephone, origin=shops.origin("Mystic Kids"))
    assert shops.show(asked, on_kids.show(asked["publicKey"])).status_code == 401


def test_a_copied_passkey_is_suspended_and_a_forged_count_suspends_nobodys(
    shops: Shops, john: Ticket, telephone: Authenticator
) -> None:
    """[W] §6.1.1. Whoever knows a passkey's id, and has no key, cannot have it taken for a copy."""
    copy = replace(telephone)
    assert shops.sign_in(telephone).status_code == 201
    assert shops.sign_in(telephone).status_code == 201
    forged = replace(telephone, key=Authenticator("").key, sign_count=0)
    assert shops.sign_in(forged).status_code == 401
    assert shops.sign_in(telephone).status_code == 201
    assert shops.sign_in(copy).status_code == 401
    assert shops.sign_in(telephone).status_code == 401, "nobody knows which is the copy"
    (passkey,) = shops.passkeys(john)
    assert (passkey["isSuspended"], passkey["isUsable"]) == (True, False)
    entries = shops.merchant.services.accounts.trail.entries(
        shops.merchant.tenant_id, f"account:{account_id(john)}", 0, 20
    )[0]
    assert "account.passkey_suspended" in [entry.action for entry in entries]


def test_a_locked_account_and_a_removed_passkey_stay_closed(
    shops: Shops, john: Ticket, telephone: Authenticator
) -> None:
    accounts = shops.merchant.services.accounts
    accounts.set_locked(shops.merchant.caller(), account_id(john), locked=True)
    assert shops.sign_in(telephone).status_code == 403
    accounts.set_locked(shops.merchant.caller(), account_id(john), locked=False)
    asked = shops.ask()
    shown = telephone.show(asked["publicKey"])
    again = shops.merchant.sign_in("john@mail.com", "Mystic Sports")
    (passkey,) = shops.passkeys(again)
    assert shops.own(again, "DELETE", f"/{passkey['id']}").status_code == 204
    assert shops.show(asked, shown).status_code == 401


def test_sets_say_what_passkeys_are_good_for(
    shops: Shops, john: Ticket, telephone: Authenticator
) -> None:
    merchant = shops.merchant
    body = {"use": "secondFactor"}
    path = "customersets/b2c/passkeys"
    assert merchant.call("PUT", path, body).get_json() == {
        "use": "secondFactor",
        "relyingPartyId": shops.hosts["Mystic Sports"],
    }
    assert (
        merchant.call("POST", "authtickets/passkey/request", site="Mystic Sports").status_code
        == 403
    )
    # Whoever has one is asked for it after the password.
    with pytest.raises(SecondFactorRequired):
        merchant.sign_in("john@mail.com", "Mystic Sports")
    for domain in ("localhost", "10.0.0.1", "evil.example", "http://x"):
        refused = merchant.call("PUT", path, body | {"relyingPartyId": domain})
        assert refused.status_code == 400, domain
    assert merchant.call("PUT", path, {"use": "off"}).status_code == 200
    assert merchant.sign_in("john@mail.com", "Mystic Sports").user_id == john.user_id
