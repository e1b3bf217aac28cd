"""Design §3: one reusable store test repeats each query as another tenant and as another set and must see nothing.

A new public method of a store fails `test_every_query_has_a_case` until its feature's file in tests/isolation/cases
has one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from pkgutil import iter_modules, walk_packages

import pytest
from flask import Flask
from sqlalchemy import MetaData
from sqlalchemy.exc import IntegrityError

import authsvc
from authsvc.accounts.rules import UsernameTaken
from authsvc.errors import AuthsvcError
from authsvc.services import Services
from tests.isolation import cases
from tests.isolation.world import Case, World, everything_of, new_world
from tests.machines import taken_back
from tests.merchants import Merchant, new_merchant

CASES: dict[str, Case] = {
    name: case
    for module in iter_modules(cases.__path__)
    for name, case in import_module(f"{cases.__name__}.{module.name}").CASES.items()
}

# Not about one tenant, and why.
WHOLE_INSTALLATION = {
    "StructureStore.add_tenant": "makes a tenant",
    "StructureStore.tenants": "lists them for the operator of the installation, who has a shell on it",
    "StructureStore.site_of_host": "finds out which tenant a host belongs to",
    "SessionStore.purge": "housekeeping: what ran out long ago, of whichever tenant",
    "ApplicationStore.purge": "the same",
    "StaffSessionStore.purge": "the same",
    "ArrivalStore.purge": "the same",
    "MailStore.purge": "the same",
    "LinkStore.purge": "the same",
    "DeviceStore.purge": "the same",
    "PendingStore.purge": "the same",
    "ChallengeStore.purge": "the same",
    "SettlingStore.noted": "housekeeping: where large moves left something to do, of whichever tenant",
    "ExternalHashStore.forget_unused": "housekeeping: kinds that no login has any more, of whichever tenant",
    "ChainStore.last_id": "the highest id of any entry; ids are given out for the whole installation",
    "ChainStore.writers": "names transactions, and nothing of what they write",
    "ChainStore.unsealed_tenants": "housekeeping: who has entries that are not sealed, of whichever tenant",
    "ChainStore.hold": "reads and writes nothing: one sealer at a time",
    "AccountStore.hold_names": "reads and writes nothing; see test_what_is_held_is_held_per_tenant",
    "StructureStore.hold": "the same",
    "StructureStore.is_held": "the same",
    "MovingStore.lift_limits": "sets how long the open transaction may last",
}

# These take the set they write to; there is nothing of another set to see.
WRITES_TO_A_SET = {"AccountStore.add", "StructureStore.add_site", "StructureStore.assign_site"}


def stores() -> Iterator[type]:
    """Return every class that asks PostgreSQL about tenants' things."""
    for module in walk_packages(authsvc.__path__, "authsvc."):
        if module.name.rpartition(".")[2].endswith("store"):
            members = vars(import_module(module.name)).values()
            for member in members:
                if inspect.isclass(member) and member.__module__ == module.name:
                    yield member


@cache
def queries() -> dict[str, Callable[..., object]]:
    """Return every public method of every store, by name."""
    return {
        f"{store.__name__}.{name}": method
        for store in stores()
        for name, method in vars(store).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }


def takes_a_set(name: str) -> bool:
    """Tell whether a query asks about one customer set."""
    parameters = inspect.signature(queries()[name]).parameters
    return bool({"customer_set", "customer_sets"} & set(parameters))


@pytest.fixture(name="world", scope="module")
def _world(services: Services, app: Flask) -> World:
    """One for all tests: whatever is asked of it is taken back."""
    return new_world(new_merchant(services, app.test_client()))


@pytest.fixture(name="stranger", scope="module")
def _stranger(services: Services) -> int:
    """A tenant with nothing but its default set."""
    return services.customer_sets.create_tenant("Stranger").id


@pytest.fixture(scope="session", name="tables")
def _tables(services: Services) -> MetaData:
    """All tables there are, as the database itself tells."""
    tables = MetaData()
    tables.reflect(services.database.engine)
    return tables


def nothing(answer: object) -> bool:
    """Tell an answer that gives nothing away."""
    return answer is None or answer is False or answer in (0, [], {}, ())


def ask(
    world: World, case: Case, tenant_id: int, code: str, tables: MetaData
) -> tuple[object, bool]:
    """Ask as `tenant_id`, and take it back; returns the answer and whether the world was changed."""
    services, own = world.services, world.merchant.tenant_id
    answer: object = None
    changed = False
    with taken_back(services):
        before = everything_of(services, own, tables)
        try:
            answer = case(world, tenant_id, code)
        except (IntegrityError, AuthsvcError):
            return None, False
        changed = everything_of(services, own, tables) != before
    return answer, changed


def test_every_query_has_a_case() -> None:
    assert queries().keys() == CASES.keys() | WHOLE_INSTALLATION.keys()
    assert not CASES.keys() & WHOLE_INSTALLATION.keys()


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_query_says_or_does_something_for_its_own_tenant(
    name: str, world: World, tables: MetaData
) -> None:
    """Or the two tests below would show nothing."""
    answer, changed = ask(world, CASES[name], world.merchant.tenant_id, "b2c", tables)
    assert changed or not nothing(answer)


@pytest.mark.parametrize("name", sorted(CASES))
def test_another_tenant_sees_nothing_and_changes_nothing(
    name: str, world: World, stranger: int, tables: MetaData
) -> None:
    answer, changed = ask(world, CASES[name], stranger, "b2c", tables)
    assert nothing(answer)
    assert not changed


@pytest.mark.parametrize(
    "name", sorted(name for name in CASES.keys() - WRITES_TO_A_SET if takes_a_set(name))
)
def test_another_set_sees_nothing(name: str, world: World, tables: MetaData) -> None:
    if name == "StructureStore.sites":
        found, _ = ask(world, CASES[name], world.merchant.tenant_id, "b2b", tables)
        assert "b2c" not in repr(found)
        return
    answer, changed = ask(world, CASES[name], world.merchant.tenant_id, "b2b", tables)
    assert nothing(answer)
    assert not changed


def test_what_is_held_is_held_per_tenant(world: World, stranger: int) -> None:
    services, own = world.services, world.merchant.tenant_id

    def hold(tenant_id: int, code: str, *, structure: bool) -> None:
        with services.database.transaction():
            services.accounts.store.hold_names(tenant_id, code, ["stacy"])
            if structure:
                services.customer_sets.structure.hold(tenant_id)

    with ThreadPoolExecutor(1) as threads, services.database.transaction():
        hold(own, "b2c", structure=True)
        threads.submit(hold, own, "b2b", structure=False).result(timeout=5)
        threads.submit(hold, stranger, "b2c", structure=True).result(timeout=5)
        is_held = services.customer_sets.structure.is_held
        assert threads.submit(is_held, own).result(timeout=5)
        assert not threads.submit(is_held, stranger).result(timeout=5)


def test_the_same_username_in_two_tenants_is_two_accounts(
    merchant: Merchant, other_merchant: Merchant
) -> None:
    one = merchant.sign_up("stacy@mail.com", "Mystic Sports", username="stacy")
    other = other_merchant.sign_up("stacy@mail.com", "Mystic Sports", username="stacy")
    assert merchant.sign_in("stacy", "Mystic Sports").user_id == one.user_id
    assert other_merchant.sign_in("stacy", "Mystic Sports").user_id == other.user_id
    with pytest.raises(UsernameTaken):
        merchant.sign_up("other@mail.com", "Mystic Sports", username="stacy")
