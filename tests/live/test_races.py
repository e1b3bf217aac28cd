"""Rules 8 and 12 and the refresh, with many callers at once through several workers of two instances."""

from __future__ import annotations

from collections import Counter
from functools import partial

from tests.live.conftest import House
from tests.live.crowds import at_once
from tests.live.storefronts import Answer, Storefronts
from tests.merchants import PASSWORD

CALLERS = 50
EMAIL_TAKEN = (
    400,
    "MISSING_OR_INVALID_PARAMETER",
    "Missing or invalid parameter: EmailAddress EmailAddress already associated with a login",
)
USERNAME_TAKEN = (409, "VALIDATION_CONFLICT")


def refusal(answer: Answer) -> tuple[object, ...]:
    body = answer.json
    return (answer.status, body["errorCode"], body["message"])


def judge(answers: list[Answer], accounts: int) -> None:
    """Exactly so many accounts; everyone else is told what [K] 1.5 documents."""
    assert Counter(answer.status for answer in answers)[201] == accounts
    for answer in answers:
        if answer.status != 201:
            said = refusal(answer)
            assert said == EMAIL_TAKEN or said[:2] == USERNAME_TAKEN


def test_fifty_sign_ups_of_one_username_on_two_sites_of_a_set_make_one_account(
    storefronts: Storefronts,
) -> None:
    """[B]: a username is unique within a set."""
    sites = ("Mystic Sports", "Mystic Kids")
    answers = at_once(
        [
            partial(
                storefronts.sign_up,
                "john@mail.com",
                sites[number % 2],
                at=storefronts.instances[number // 2 % 2],
            )
            for number in range(CALLERS)
        ]
    )
    judge(answers, accounts=1)
    assert EMAIL_TAKEN in {refusal(answer) for answer in answers if answer.status != 201}
    found = storefronts.call(
        "GET", "accounts?filter=emailAddress eq john@mail.com".replace(" ", "%20")
    )
    assert found.json["totalCount"] == 1


def test_fifty_sign_ups_on_sites_of_two_sets_make_two_accounts(storefronts: Storefronts) -> None:
    """[B]: the same username may exist in different sets, each time as another account."""
    sites = ("Mystic Sports", "Mystic Business", "Mystic Kids", "Mystic Parts")
    answers = at_once(
        [
            partial(
                storefronts.sign_up,
                "stacy@mail.com",
                sites[number % 4],
                at=storefronts.instances[number // 4 % 2],
            )
            for number in range(CALLERS)
        ]
    )
    judge(answers, accounts=2)
    made = [answer.json["customerAccount"] for answer in answers if answer.status == 201]
    assert {account["customerSet"] for account in made} == {"b2c", "b2b"}
    assert made[0]["id"] != made[1]["id"]


def test_spellings_of_one_username_race_for_one_account(storefronts: Storefronts) -> None:
    """Rule 10: names are compared by their normal form, in a race too."""
    spellings = ("Björn", "björn", "BJÖRN", "bjo\u0308rn", "ｂｊöｒｎ")

    def sign_up(number: int) -> Answer:
        return storefronts.call(
            "POST",
            "accounts/add-account-and-login",
            {
                "account": {
                    "userName": spellings[number % 5],
                    "emailAddress": f"number-{number}@mail.com",
                },
                "password": PASSWORD,
            },
            site=("Mystic Sports", "Mystic Kids")[number % 2],
            at=storefronts.instances[number // 2 % 2],
        )

    answers = at_once([partial(sign_up, number) for number in range(CALLERS)])
    judge(answers, accounts=1)
    assert {refusal(answer)[:2] for answer in answers if answer.status != 201} == {USERNAME_TAKEN}


def test_a_guest_account_gains_its_login_once_however_many_ask(
    house: House, storefronts: Storefronts
) -> None:
    """Rule 12: each caller wants another username for the same guest account."""
    guest = storefronts.call(
        "POST", "accounts", {"emailAddress": "guest@mail.com"}, site="Mystic Sports"
    ).json

    def create_login(number: int) -> Answer:
        return storefronts.call(
            "POST",
            f"accounts/{guest['id']}/create-login",
            {"username": f"guest-{number}", "emailAddress": "guest@mail.com", "password": PASSWORD},
            site="Mystic Sports",
            at=storefronts.instances[number % 2],
        )

    answers = at_once([partial(create_login, number) for number in range(CALLERS)])
    won = [answer for answer in answers if answer.status == 201]
    assert len(won) == 1
    assert {refusal(answer)[:2] for answer in answers if answer.status != 201} == {
        (409, "VALIDATION_CONFLICT")
    }
    username = won[0].json["customerAccount"]["userName"]
    assert storefronts.sign_in(username).status == 201
    assert storefronts.call("GET", f"accounts/{guest['id']}").json["userName"] == username


def test_tabs_that_refresh_at_once_get_one_successor_and_stay_signed_in(
    storefronts: Storefronts,
) -> None:
    """Design §4: within the grace the previous token returns the same successor."""
    shopper = storefronts.new_shopper()
    answers = at_once(
        [
            partial(
                storefronts.refresh,
                shopper.refresh_token,
                "Mystic Sports",
                at=storefronts.instances[number % 2],
            )
            for number in range(20)
        ]
    )
    assert {answer.status for answer in answers} == {200}
    tokens = {
        tuple(
            answer.json[name]
            for name in (
                "accessToken",
                "accessTokenExpiration",
                "refreshToken",
                "refreshTokenExpiration",
            )
        )
        for answer in answers
    }
    assert len(tokens) == 1
    access_token, _, refresh_token, _ = tokens.pop()
    assert storefronts.check(access_token).status == 200
    assert storefronts.check(shopper.access_token).status == 200
    assert storefronts.refresh(refresh_token, "Mystic Kids").status == 200
