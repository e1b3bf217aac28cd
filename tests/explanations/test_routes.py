"""The documents' own examples, explained over the API: with the rule, the change, who made it, and what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from authsvc.callers import Behavior, Caller
from authsvc.guessing.rules import FREE_ALTOGETHER
from authsvc.regrouping.rules import AssignSites, DeleteSet, MoveCustomers, StructureChange
from authsvc.services import Services
from tests.merchants import Merchant, new_merchant


def explained(merchant: Merchant, account_id: int, site: str) -> dict[str, Any]:
    """Ask the API; returns the answers by question."""
    answer = merchant.call("GET", f"accounts/{account_id}/why?siteId={merchant.site(site)}")
    assert answer.status_code == 200, answer.json
    assert answer.json is not None
    return {each["question"]: each for each in answer.json["answers"]}


def signed_up(merchant: Merchant, name: str, site: str) -> int:
    """Sign somebody up; returns the account's id."""
    account = merchant.sign_up(f"{name.lower()}@mail.com", site, first_name=name).account
    assert account is not None
    return account.id


def dana(merchant: Merchant) -> Caller:
    """Return a member of staff as a caller."""
    return Caller(merchant.tenant_id, behaviors=frozenset(Behavior), staff="dana")


def plan(merchant: Merchant, *changes: StructureChange, reason: str = "") -> int:
    """Let Dana carry changes out."""
    return merchant.services.regrouping.at_once(dana(merchant), changes, reason).id


def test_john_on_his_sites_and_on_the_others(services: Services, client: FlaskClient) -> None:
    """[A]: John's Customer Account is automatically added to the B2C Customer Set."""
    merchant = new_merchant(services, client)
    john = signed_up(merchant, "John", "Mystic Sports")
    for site in ("Mystic Sports", "Mystic Kids"):
        answers = explained(merchant, john, site)
        assert [each["isYes"] for each in answers.values()] == [True, True, True]
        assert answers["signIn"]["words"] == f"Yes: John can sign in on {site}."
        assert answers["signIn"]["reasons"][0]["rule"]["number"] == 13
    refused = explained(merchant, john, "Mystic Business")
    assert [each["isYes"] for each in refused.values()] == [False, False, False]
    rules = {question: each["reasons"][0]["rule"]["number"] for question, each in refused.items()}
    assert rules == {"signIn": 13, "myAccount": 15, "offlineOrder": 16}
    reason = refused["signIn"]["reasons"][0]
    assert reason["cause"] == "otherCustomerSet"
    assert reason["facts"] == [
        "Mystic Business is in the customer set b2b.",
        "John is in the customer set b2c.",
    ]
    # Nobody parted them: that he signed up elsewhere is the background.
    assert reason["change"] is None
    assert [each["kind"] for each in reason["background"]] == ["siteAssigned", "accountCreated"]


def test_an_offline_order_for_stephanie_on_mystic_sports(merchant: Merchant) -> None:
    """[B]: Stephanie does not have a customer account that's assigned to the B2C customer set.

    In order to place the order for Stephanie, you either must create a new unique customer account for her, or she can
    create her own customer account on the Mystic Sports site.
    """
    stephanie = signed_up(merchant, "Stephanie", "Mystic Parts")
    reason = explained(merchant, stephanie, "Mystic Sports")["offlineOrder"]["reasons"][0]
    assert reason["rule"]["number"] == 16
    assert (
        "you can only select customers that belong to the same customer set"
        in (reason["rule"]["sentence"])
    )
    assert reason["remedies"][0] == (
        "Create a new unique account for them on Mystic Sports, or let them create it there: it joins b2c."
    )
    own = signed_up(merchant, "Stephanie", "Mystic Sports")
    again = explained(merchant, stephanie, "Mystic Sports")["offlineOrder"]["reasons"][0]
    assert again["remedies"][0] == (f"Order for customer {own}, who has the same username in b2c.")
    assert not any("Move the customer" in each for each in again["remedies"])
    assert explained(merchant, own, "Mystic Sports")["offlineOrder"]["isYes"]


def test_a_site_that_dana_moved_without_its_customers(merchant: Merchant) -> None:
    """[B]: if you reassign a site without also reassigning the customer accounts, they lose access."""
    stacy = signed_up(merchant, "Stacy", "Mystic Kids")
    moved = plan(
        merchant, AssignSites("b2b", (merchant.site("Mystic Kids"),)), reason="sold to business"
    )
    answers = explained(merchant, stacy, "Mystic Kids")
    for question in ("signIn", "myAccount"):
        reason = answers[question]["reasons"][0]
        assert reason["rule"]["number"] == 14
        change = reason["change"]
        assert (change["kind"], change["by"]) == ("siteAssigned", "staff:dana")
        assert (change["planId"], change["planReason"]) == (moved, "sold to business")
        assert change["words"].startswith("Mystic Kids was moved from b2c to b2b by dana on ")
        assert change["words"].endswith(f" UTC (plan {moved}, reason “sold to business”).")
        assert any(each.startswith(f"Roll plan {moved} back") for each in reason["remedies"])
    assert answers["signIn"]["oldAnswerUntil"] is None
    assert answers["myAccount"]["oldAnswerUntil"] is not None
    merchant.services.regrouping.rollback(dana(merchant), moved)
    back = explained(merchant, stacy, "Mystic Kids")["signIn"]
    assert back["isYes"]
    change = back["reasons"][0]["change"]
    assert change["isRollback"]
    assert change["words"].startswith("Mystic Kids was moved back from b2b to b2c by dana")
    assert f"(plan {moved} was rolled back" in change["words"]


@pytest.mark.parametrize("alone", [True, False])
def test_a_customer_who_was_moved_away(merchant: Merchant, alone: bool) -> None:
    stacy = signed_up(merchant, "Stacy", "Mystic Sports")
    move = (
        MoveCustomers("b2b", accounts=(stacy,)) if alone else MoveCustomers("b2b", from_set="b2c")
    )
    moved = plan(merchant, move)
    reason = explained(merchant, stacy, "Mystic Sports")["signIn"]["reasons"][0]
    assert reason["rule"]["number"] == 13
    assert reason["change"]["kind"] == "accountMoved"
    assert reason["change"]["by"] == "staff:dana"
    assert reason["change"]["planId"] == moved
    assert "was moved from b2c to b2b by dana" in reason["change"]["words"]


def test_a_set_that_was_deleted_took_both_along(merchant: Merchant) -> None:
    """[A]: select which existing Customer Set to assign Customers and Sites of the deleted Set to."""
    stacy = signed_up(merchant, "Stacy", "Mystic Sports")
    deleted = plan(merchant, DeleteSet("b2c", "b2b"))
    answers = explained(merchant, stacy, "Mystic Kids")
    assert [each["isYes"] for each in answers.values()] == [True, True, True]
    reason = answers["signIn"]["reasons"][0]
    assert reason["change"] is None
    assert {each["planId"] for each in reason["background"]} == {deleted}


def test_locked_and_told_to_change_the_password_and_by_whom(merchant: Merchant) -> None:
    john = signed_up(merchant, "John", "Mystic Sports")
    credentials = merchant.services.credentials
    credentials.set_must_change(dana(merchant), john, must_change=True)
    # The session of his sign-up goes on.
    assert explained(merchant, john, "Mystic Kids")["myAccount"]["isYes"]
    credentials.set_locked(dana(merchant), john, locked=True)
    answers = explained(merchant, john, "Mystic Kids")
    assert answers["offlineOrder"]["isYes"]
    for question in ("signIn", "myAccount"):
        reasons = answers[question]["reasons"]
        assert [each["cause"] for each in reasons] == ["accountLocked", "passwordChangeRequired"]
        assert reasons[0]["change"]["words"].startswith("The account was locked by dana on ")
        assert reasons[1]["change"]["words"].startswith("A new password was asked for by dana")
        assert reasons[0]["remedies"] == ["Unlock the account."]


def test_disabled(merchant: Merchant) -> None:
    john = signed_up(merchant, "John", "Mystic Sports")
    merchant.services.accounts.disable(dana(merchant), john)
    reason = explained(merchant, john, "Mystic Kids")["signIn"]["reasons"][0]
    assert reason["cause"] == "accountDisabled"
    assert reason["change"]["words"].startswith("The account was disabled by dana on ")


def test_a_guest_has_no_login(merchant: Merchant) -> None:
    guest = merchant.services.accounts.create(
        dana(merchant), merchant.site("Mystic Sports"), {"email_address": "guest@mail.com"}
    )
    answers = explained(merchant, guest.id, "Mystic Kids")
    reason = answers["signIn"]["reasons"][0]
    assert (reason["cause"], reason["rule"]["number"]) == ("noLogin", 12)
    assert reason["change"]["words"].startswith("The account was created in b2c by dana on ")
    assert answers["offlineOrder"]["isYes"]


def test_too_many_wrong_passwords(merchant: Merchant, services: Services) -> None:
    john = signed_up(merchant, "John", "Mystic Sports")
    site = services.directory.site(merchant.tenant_id, merchant.site("Mystic Kids"))
    for number in range(FREE_ALTOGETHER):
        caller = replace(merchant.caller(), application=f"elsewhere-{number}")
        services.attempts.begin(caller, site, "john@mail.com")
    reason = explained(merchant, john, "Mystic Kids")["signIn"]["reasons"][0]
    assert reason["cause"] == "tooManyFailures"
    assert reason["change"] is None


def test_without_a_site_it_is_the_calls_own(merchant: Merchant) -> None:
    john = signed_up(merchant, "John", "Mystic Sports")
    answer = merchant.call("GET", f"accounts/{john}/why", site="Mystic Parts")
    assert answer.json is not None
    assert answer.json["siteId"] == merchant.site("Mystic Parts")
    assert merchant.call("GET", f"accounts/{john}/why").status_code == 400


def test_another_merchants_customer_or_site_does_not_exist(
    merchant: Merchant, other_merchant: Merchant
) -> None:
    john = signed_up(merchant, "John", "Mystic Sports")
    theirs = signed_up(other_merchant, "John", "Mystic Sports")
    own_site, their_site = (each.site("Mystic Sports") for each in (merchant, other_merchant))
    for account_id, site_id, missing in (
        (theirs, own_site, f"There is no customer account {theirs}."),
        (john, their_site, f"There is no site {their_site}."),
    ):
        answer = merchant.call("GET", f"accounts/{account_id}/why?siteId={site_id}")
        assert answer.status_code == 404
        assert answer.json is not None
        assert answer.json["message"] == missing


@pytest.mark.parametrize("lacking", [Behavior.CUSTOMER_READ, Behavior.CUSTOMER_SET_READ])
def test_who_may_not_read_customers_and_sets_is_told_nothing(
    merchant: Merchant, lacking: Behavior
) -> None:
    john = signed_up(merchant, "John", "Mystic Sports")
    services = merchant.services
    application, secret = services.applications.create(
        merchant.caller(), "Blind", set(Behavior) - {lacking}
    )
    token = services.applications.authenticate(application.client_id, secret).access_token
    answer = merchant.call(
        "GET",
        f"accounts/{john}/why",
        site="Mystic Sports",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 403
    shopper = merchant.sign_in("john@mail.com", "Mystic Sports").tokens.access_token
    own = merchant.call("GET", f"accounts/{john}/why", site="Mystic Sports", shopper=shopper)
    assert own.status_code == 403
