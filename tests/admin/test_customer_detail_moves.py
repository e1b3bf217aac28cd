"""The Customer Set drop-down of a customer's page: what the move would cost is looked at first ([A], [B])."""

from __future__ import annotations

import re

from authsvc.regrouping.rules import EditSet, MoveCustomers, StructureChange
from authsvc.services import Services
from tests.admin.browser import Browser
from tests.admin.customers import CUSTOMERS, customer_of, inputs, number_of, save
from tests.admin.pages import said
from tests.merchants import Merchant


def test_another_set_is_looked_at_first_and_then_chosen(
    services: Services, csr: Browser, usha: str, merchant: Merchant
) -> None:
    """[A]: In the "General" section, we'll click the dropdown under "Customer Set", and select a specific Set."""
    account_id = number_of(usha)
    ticket = merchant.sign_in("usha_cheruku@mozu.com", "Mystic Kids")
    csr.get(usha)
    save(csr, usha, customer_set="b2b", tax_id="typed too")
    text = said(csr)
    assert "The other changes are saved. The customer set is not changed yet." in text
    assert "From b2c to b2b" in text
    assert "no longer be able to sign in on Mystic Sports Mystic Kids" in text
    assert "Signs in on Mystic Business Mystic Parts" in text
    assert "Signed in now 2 sessions" in text
    account = services.accounts.account(merchant.tenant_id, account_id)
    assert (account.customer_set, account.tax_id) == ("b2c", "typed too")
    csr.send(csr.location, reason="Became a dealer")
    assert "Moved from the customer set b2c to b2b. In force everywhere at once." in said(csr)
    account = services.accounts.account(merchant.tenant_id, account_id)
    assert account.customer_set == "b2b"
    assert merchant.check(ticket.tokens.access_token, "Mystic Kids").status_code == 401
    assert merchant.check(ticket.tokens.access_token, "Mystic Parts").status_code == 200
    (plan_id,) = [
        move[0]
        for move in services.regrouping.moving.moves_of_account(merchant.tenant_id, account_id)
    ]
    plan = services.regrouping.plan(merchant.tenant_id, plan_id)
    assert plan.reason == "Became a dealer"
    assert (plan.committed_by or "").startswith("staff:customer-service-")
    assert f"Moved to another customer set (plan {plan_id}) Customer Set: b2c → b2b" in said(csr)


def test_where_there_are_hundreds_of_sets_the_code_is_typed(
    services: Services, csr: Browser, usha: str, merchant: Merchant
) -> None:
    with services.database.transaction():
        for at in range(200):
            services.customer_sets.create_customer_set(
                merchant.caller(), f"set-{at:03}", f"Set {at}"
            )
    assert len(csr.get(usha).data) < 20_000
    assert inputs(csr)["customer_set"] == "b2c"
    save(csr, usha, customer_set="Set-150")
    assert "From b2c to set-150" in said(csr)
    assert "no site: set-150 has none" in said(csr)


def test_a_username_that_the_set_has_is_explained_with_the_remedy(
    services: Services, csr: Browser, merchant: Merchant
) -> None:
    """[B]: You cannot assign more than one of Stacy's accounts to the same set, because they share the username."""
    one = customer_of(merchant, "stacy@mail.com", "Mystic Sports")
    other = customer_of(merchant, "stacy@mail.com", "Mystic Parts")
    page = f"{CUSTOMERS}/{one}"
    csr.get(page)
    save(csr, page, customer_set="b2b")
    text = said(csr)
    assert "The username stacy@mail.com exists in b2b already as customer" in text
    assert f'<a href="{CUSTOMERS}/{other}">customer {other}</a>' in csr.text
    assert "give this customer another username" in text
    assert "<button disabled" in csr.text
    dialog = csr.location
    assert csr.send(dialog).status_code == 409
    assert services.accounts.account(merchant.tenant_id, one).customer_set == "b2c"
    csr.get(page)
    save(csr, page, customer_set="b2b", username="stacy.test@mail.com")
    csr.send(csr.location)
    moved = services.accounts.account(merchant.tenant_id, one)
    assert (moved.customer_set, moved.username) == ("b2b", "stacy.test@mail.com")


def test_who_was_moved_meanwhile_is_looked_at_again(
    services: Services, csr: Browser, usha: str, merchant: Merchant
) -> None:
    csr.get(usha)
    save(csr, usha, customer_set="b2b")
    dialog = csr.location
    meanwhile = [MoveCustomers("default", accounts=(number_of(usha),))]
    services.regrouping.at_once(merchant.caller(), meanwhile)
    answer = csr.send(dialog)
    assert answer.status_code == 409
    assert "was in b2c, is now in default" in said(csr)
    assert "From default to b2b" in said(csr)
    assert csr.send(re.findall(r'action="([^"]+/plan/\d+)"', csr.text)[0]).status_code == 200
    assert services.accounts.account(merchant.tenant_id, number_of(usha)).customer_set == "b2b"


def test_a_dialog_commits_no_plan_but_one_that_moves_this_customer(
    services: Services, csr: Browser, usha: str, merchant: Merchant
) -> None:
    """Or customer service could change the structure by way of it."""
    mine = MoveCustomers("b2b", accounts=(number_of(usha),))
    other = customer_of(merchant, "john@mail.com", "Mystic Sports")
    form = {"form_token": csr.field("/admin/sign-out", "form_token")}
    plans: tuple[list[StructureChange], ...] = (
        [EditSet("b2b", "Mine")],
        [mine, EditSet("b2b", "Mine")],
        [MoveCustomers("b2b", from_set="b2c")],
        [MoveCustomers("b2b", accounts=(number_of(usha), other))],
        [MoveCustomers("b2b", accounts=(other,))],
    )
    for plan in plans:
        asked = services.regrouping.ask(merchant.caller(), plan)
        assert csr.get(f"{usha}/plan/{asked.id}").status_code == 404
        assert csr.post(f"{usha}/plan/{asked.id}", form).status_code == 404
    assert services.accounts.account(merchant.tenant_id, other).customer_set == "b2c"
