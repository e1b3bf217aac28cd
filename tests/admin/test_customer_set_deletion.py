"""Deleting a customer set as document [A] shows it: successor, counts and clashes first, and only then Delete."""

from __future__ import annotations

import pytest

from authsvc.customer_sets.rules import UnknownCustomerSet
from authsvc.regrouping.rules import AssignSites
from tests.admin.browser import Browser
from tests.admin.customer_sets import SETS, structure
from tests.admin.pages import said
from tests.merchants import Merchant


@pytest.fixture(name="admin")
def _admin(admin: Browser) -> Browser:
    """The browser of an administrator, at the customer sets."""
    admin.get(SETS)
    return admin


def test_delete_is_in_the_menu_on_the_far_right_but_for_the_default_set(admin: Browser) -> None:
    """[A]: click the "Ellipses" on the far right of the Set, then click "Delete"."""
    assert 'aria-label="Menu of b2c">⋯</summary>' in admin.text
    assert f'action="{SETS}/set/b2c/delete"' in admin.text
    assert f'action="{SETS}/set/default/delete"' not in admin.text
    assert "The default set cannot be deleted." in admin.text


def test_a_deletion_asks_for_the_successor_and_says_what_it_does(
    admin: Browser, merchant: Merchant
) -> None:
    """[A]: a modal window … which existing Customer Set to assign Customers and Sites of the deleted Set to."""
    merchant.sign_up("john@mail.com", "Mystic Sports")
    admin.send(f"{SETS}/set/b2c/delete")
    # [B]: The default customer set is automatically selected by default, but you can select another.
    assert '<option value="default" selected>' in admin.text
    assert '<option value="b2b">' in admin.text
    assert '<option value="b2c"' not in admin.text
    assert (
        "Sites 2 Customers 1 Signed in now 1 session Orders in the last 30 days 0 at the sites concerned "
        "In force everywhere by "
    ) in said(admin)
    commit = f"{SETS}/set/b2c/delete/commit"
    admin.send(commit, successor="b2b", reason="One brand")
    assert "Into b2b" in said(admin)
    assert '<option value="b2b" selected>' in admin.text
    assert structure(merchant)["Mystic Sports"] == "b2c"
    admin.send(commit, successor="b2b", reason="One brand too many")
    assert "Customer set b2c is deleted. 2 sites changed sets. 1 customer moved along." in (
        said(admin)
    )
    assert structure(merchant)["Mystic Sports"] == "b2b"
    with pytest.raises(UnknownCustomerSet):
        merchant.services.customer_sets.customer_set(merchant.tenant_id, "b2c")


def test_a_deletion_with_clashes_lists_them_and_cannot_be_sent(
    admin: Browser, merchant: Merchant
) -> None:
    """[B]: you cannot assign more than one of Stacy's accounts to the same customer set."""
    merchant.sign_up("stacy@mail.com", "Mystic Sports")
    merchant.sign_up("stacy@mail.com", "Mystic Business")
    admin.send(f"{SETS}/set/b2c/delete")
    assert '<button class="danger">Delete' in admin.text
    commit = f"{SETS}/set/b2c/delete/commit"
    token = admin.field(commit, "form_token")
    admin.post(f"{SETS}/set/b2c/delete", {"form_token": token, "successor": "b2b"})
    assert "1 username exists in both sets, so b2c cannot be deleted into b2b" in said(admin)
    assert '<th scope="row">stacy@mail.com</th>' in admin.text
    assert '<button class="danger" disabled aria-describedby="clashes">Delete' in admin.text
    answer = admin.send(commit, successor="b2b")
    assert answer.status_code == 409
    assert "Rename, move or delete one account of each pair" in said(admin)
    assert structure(merchant)["Mystic Sports"] == "b2c"


@pytest.mark.parametrize("reason", ["", "Typed beside the button"])
def test_a_deletion_of_what_changed_meanwhile_is_refused_and_shown_anew(
    admin: Browser, merchant: Merchant, reason: str
) -> None:
    admin.send(f"{SETS}/set/b2c/delete")
    commit = f"{SETS}/set/b2c/delete/commit"
    moved = AssignSites("b2c", (merchant.site("Mystic Parts"),))
    merchant.services.regrouping.at_once(merchant.caller(), [moved])
    answer = admin.send(commit, successor="default", reason=reason)
    assert answer.status_code == 409
    assert "Things have changed since this plan was asked for" in said(admin)
    assert "Sites 3" in said(admin)
    assert admin.send(commit, successor="default").status_code == 200
    assert structure(merchant)["Mystic Parts"] == "default"
