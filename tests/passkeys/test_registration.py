"""Adding passkeys to an account, and what is refused then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from authsvc.callers import Shopper
from authsvc.infra.mail_schema import outgoing_mails
from authsvc.login.rules import Ticket
from authsvc.passkeys.challenges import LIFETIME, Challenge, Challenges
from authsvc.passkeys.rules import MOST_PASSKEYS, PasskeyUse
from authsvc.sessions.rules import EndReason
from tests.merchants import Merchant
from tests.passkeys.authenticator import BACKED_UP, PRESENT, VERIFIED
from tests.passkeys.conftest import Shops, account_id


def test_a_shopper_adds_a_passkey_names_it_and_removes_it(shops: Shops, john: Ticket) -> None:
    added = shops.add(john, shops.device())
    assert added.status_code == 201, added.text
    assert added.get_json()["relyingPartyId"] == shops.hosts["Mystic Sports"]
    assert (added.get_json()["isBackedUp"], added.get_json()["isUsable"]) == (True, True)
    renamed = shops.own(john, "PUT", f"/{added.get_json()['id']}", {"name": "  Old  telephone "})
    assert renamed.get_json()["name"] == "Old telephone"
    assert shops.own(john, "DELETE", f"/{added.get_json()['id']}").status_code == 204
    assert shops.passkeys(john) == []
    actions = [
        entry.action
        for entry in shops.merchant.services.accounts.trail.entries(
            shops.merchant.tenant_id, f"account:{account_id(john)}", 0, 20
        )[0]
        if "passkey" in entry.action
    ]
    assert sorted(actions) == [
        "account.passkey_added",
        "account.passkey_removed",
        "account.passkey_renamed",
    ]


def test_what_an_authenticator_is_told_of_an_account_reveals_nothing(
    shops: Shops, john: Ticket
) -> None:
    options = shops.request(john).get_json()["publicKey"]
    again = shops.request(john).get_json()["publicKey"]
    assert options["user"]["id"] == again["user"]["id"]
    assert len(options["user"]["id"]) == 43
    assert john.user_id not in str(options)
    assert options["challenge"] != again["challenge"]
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"


@pytest.mark.parametrize(
    "said",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://sports.example"},
        {"crossOrigin": True},
        {"topOrigin": "https://evil.example"},
        {"type": "webauthn.get"},
        {"challenge": "AAAA"},
    ],
    ids=str,
)
def test_a_passkey_made_elsewhere_or_in_a_frame_is_refused(
    shops: Shops, john: Ticket, said: dict[str, Any]
) -> None:
    assert shops.add(john, shops.device(), **said).status_code == 400
    assert shops.passkeys(john) == []


def test_a_passkey_for_another_domain_or_without_its_owner_is_refused(
    shops: Shops, john: Ticket
) -> None:
    elsewhere = shops.device(relying_party="evil.example")
    assert shops.add(john, elsewhere).status_code == 400
    # Good as second factor, and nothing for who is to sign in by it alone.
    assert shops.add(john, shops.device(flags=PRESENT)).status_code == 400
    assert shops.add(john, shops.device(flags=VERIFIED)).status_code == 400
    # What may not be copied is not.
    assert shops.add(john, shops.device(flags=PRESENT | VERIFIED | BACKED_UP)).status_code == 400
    shops.merchant.services.passkeys.policies.set_policy(
        shops.merchant.caller(), "b2c", PasskeyUse.SECOND_FACTOR
    )
    assert shops.add(john, shops.device(flags=PRESENT)).status_code == 201


def test_a_challenge_is_good_once_for_one_session_for_five_minutes(
    shops: Shops, john: Ticket
) -> None:
    device = shops.device()
    asked = shops.request(john).get_json()
    body = {
        "challengeToken": asked["challengeToken"],
        "credential": device.make(asked["publicKey"]),
    }
    again = shops.merchant.sign_in("john@mail.com", "Mystic Sports")
    assert shops.own(again, "POST", "", body).status_code == 400, "another session"
    assert shops.own(john, "POST", "", body).status_code == 201
    other = replace(device, credential_id=b"another of them")
    body["credential"] = other.make(asked["publicKey"])
    assert shops.own(john, "POST", "", body).status_code == 400, "a second time"
    registration = shops.merchant.services.passkeys.registration
    later = replace(
        registration.challenges, clock=lambda: shops.merchant.services.clock() - LIFETIME
    )
    old = replace(registration, challenges=later)
    caller = replace(shops.merchant.caller("Mystic Sports"), shopper=_shopper(john))
    options, sealed = old.begin(caller)
    body = {"challengeToken": sealed, "credential": shops.device().make(options)}
    assert shops.own(john, "POST", "", body).status_code == 400, "too late"
    for sealed in ("", "x", "gAAAAA", "ä"):
        assert shops.own(john, "POST", "", body | {"challengeToken": sealed}).status_code == 400


def test_a_session_that_ends_meanwhile_adds_none(
    shops: Shops, john: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, spend = shops.merchant.services, Challenges.spend

    def slowly(challenges: Challenges, challenge: Challenge) -> None:
        spend(challenges, challenge)
        # Meanwhile the holder opens the link that takes everything back, and nobody stays signed in.
        with services.database.transaction():
            services.sessions.end_all(
                shops.merchant.tenant_id, account_id(john), EndReason.PASSWORD_CHANGED
            )

    monkeypatch.setattr(Challenges, "spend", slowly)
    refused = shops.add(john, shops.device())
    assert refused.get_json()["errorCode"] == "FRESH_SIGN_IN_REQUIRED"
    passkeys = services.passkeys.passkeys
    assert passkeys.of_account(shops.merchant.tenant_id, account_id(john)) == []


def test_a_passkey_opens_one_account_and_whoever_shows_anothers_is_refused(
    shops: Shops, john: Ticket
) -> None:
    device = shops.device()
    assert shops.add(john, device).status_code == 201
    eve = shops.merchant.sign_up("eve@mail.com", "Mystic Kids")
    refused = shops.add(
        eve, shops.device("Mystic Kids", credential_id=device.credential_id), "Mystic Kids"
    )
    assert (refused.status_code, refused.get_json()["errorCode"]) == (409, "VALIDATION_CONFLICT")
    # The browser of who has it already is told not to make a second.
    excluded = shops.request(john).get_json()["publicKey"]["excludeCredentials"]
    assert len(excluded) == 1
    assert shops.request(eve).get_json()["publicKey"]["excludeCredentials"] == []


def test_only_who_is_signed_in_adds_to_their_own_account_and_others_remove(
    shops: Shops, john: Ticket
) -> None:
    merchant = shops.merchant
    assert shops.add(john, shops.device()).status_code == 201
    eve = merchant.sign_up("eve@mail.com", "Mystic Sports")
    for method, path in (("POST", "/request"), ("GET", "")):
        answer = merchant.call(
            method,
            f"accounts/{account_id(john)}/passkeys{path}",
            site="Mystic Sports",
            shopper=eve.tokens.access_token,
        )
        assert answer.status_code == 403
    # An application that could add one could sign in as anybody.
    asked = merchant.call(
        "POST", f"accounts/{account_id(john)}/passkeys/request", site="Mystic Sports"
    )
    assert asked.status_code == 401
    (passkey,) = shops.passkeys(john)
    path = f"accounts/{account_id(john)}/passkeys/{passkey['id']}"
    assert (
        merchant.call(
            "DELETE", path.replace(str(account_id(john)), str(account_id(eve)))
        ).status_code
        == 404
    )
    assert merchant.call("DELETE", path).status_code == 204


def test_there_is_an_end_to_passkeys_and_none_where_a_set_offers_none(
    shops: Shops, john: Ticket, merchant: Merchant
) -> None:
    passkeys = merchant.services.passkeys.passkeys
    assert shops.add(john, shops.device()).status_code == 201
    (first,) = passkeys.of_account(merchant.tenant_id, account_id(john))
    for number in range(MOST_PASSKEYS - 1):
        passkeys.store.add(merchant.tenant_id, replace(first, credential_id=bytes([number])))
    assert shops.request(john).status_code == 409
    outlet = merchant.sign_up("outlet@mail.com", "Mystic Outlet")
    assert shops.request(outlet, "Mystic Outlet").status_code == 403


def test_the_last_means_of_signing_in_stays(shops: Shops, john: Ticket) -> None:
    """[Issue 6] The last means of signing in cannot be removed; customer service can, for a thief's."""
    services = shops.merchant.services
    assert shops.add(john, shops.device()).status_code == 201
    assert shops.add(john, shops.device()).status_code == 201
    first, last = shops.passkeys(john)
    tenant_id = shops.merchant.tenant_id
    services.credentials.set_must_change(
        shops.merchant.caller(), account_id(john), must_change=True
    )
    services.accounts.store.update(
        tenant_id, account_id(john), {"email_address": None, "email_key": None}
    )
    assert shops.own(john, "DELETE", f"/{first['id']}").status_code == 204
    refused = shops.own(john, "DELETE", f"/{last['id']}")
    assert (refused.status_code, len(shops.passkeys(john))) == (409, 1)
    path = f"accounts/{account_id(john)}/passkeys/{last['id']}"
    assert shops.merchant.call("DELETE", path).status_code == 204


def test_holders_are_told_by_mail_and_a_name_is_no_letter(shops: Shops, john: Ticket) -> None:
    assert shops.add(john, shops.device()).status_code == 201
    (passkey,) = shops.passkeys(john)
    shops.own(john, "DELETE", f"/{passkey['id']}")
    with shops.merchant.services.database.connection() as connection:
        mails = connection.execute(
            select(outgoing_mails.c.kind, outgoing_mails.c.words).where(
                outgoing_mails.c.tenant_id == shops.merchant.tenant_id
            )
        ).all()
    assert sorted(mail.kind for mail in mails) == ["passkey_added", "passkey_removed"]
    assert "Telephone" not in str(mails)


def _shopper(ticket: Ticket) -> Shopper:
    return Shopper(ticket.tokens.session_id, ticket.user_id, account_id(ticket), "b2c")
