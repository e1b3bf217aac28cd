"""The CLI makes the first staff user; `authsvc demo` writes one per role into `demo.json` under `staff`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result

from authsvc.demo.merchant import load_merchant
from authsvc.services import Services
from authsvc.staff.commands import staff_commands
from authsvc.staff.rules import Role, Standing, UnknownStaffUser
from authsvc.staff.sign_in import BadStaffCredentials
from authsvc.staff.use_cases import Staff
from tests.merchants import Merchant
from tests.staff.people import OTHER_PASSWORD, PASSWORD, VISIT, enrol

Run = Callable[..., Result]


@pytest.fixture(name="run")
def _run(services: Services) -> Run:
    """Run `authsvc staff …` in this process; what is raised comes through."""

    @contextmanager
    def open_staff() -> Iterator[Staff]:
        yield services.staff

    commands = staff_commands(open_staff)

    def run(*arguments: object, typed: str | None = None) -> Result:
        return CliRunner().invoke(
            commands, [str(item) for item in arguments], input=typed, catch_exceptions=False
        )

    return run


def test_the_first_administrator_is_made_with_a_password_shown_once(
    run: Run, services: Services, merchant: Merchant
) -> None:
    made = run("create", merchant.tenant_id, "Anna", "--role", "administrator")
    assert made.exit_code == 0
    shown = re.search(r"password  (\S+)", made.output)
    assert shown
    _, signed_in = services.staff.sign_in.sign_in(merchant.tenant_id, "anna", shown[1], VISIT)
    assert signed_in.user.role is Role.ADMINISTRATOR
    # Whoever looked over the shoulder knows it too.
    assert signed_in.standing is Standing.MUST_CHANGE_PASSWORD
    listed = run("list", merchant.tenant_id).output
    assert shown[1] not in listed
    assert listed.startswith("Anna\tadministrator\tactive\tpassword only\t20")


def test_a_password_may_be_typed_and_is_not_shown(
    run: Run, services: Services, merchant: Merchant
) -> None:
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    made = run(
        "create",
        merchant.tenant_id,
        "bea",
        "--role",
        "auditor",
        "--prompt",
        "--must-enrol",
        typed=typed,
    )
    assert PASSWORD not in made.output
    token, signed_in = services.staff.sign_in.sign_in(merchant.tenant_id, "bea", PASSWORD, VISIT)
    assert signed_in.standing is Standing.MUST_ENROL
    enrol(services, token)
    assert "second factor" in run("list", merchant.tenant_id).output


def test_a_role_that_is_none_is_refused(run: Run, merchant: Merchant) -> None:
    assert run("create", merchant.tenant_id, "anna", "--role", "owner").exit_code == 2
    assert run("create", merchant.tenant_id, "anna").exit_code == 2


def test_who_is_locked_out_is_helped(run: Run, services: Services, merchant: Merchant) -> None:
    run(
        "create",
        merchant.tenant_id,
        "cleo",
        "--role",
        "auditor",
        "--prompt",
        typed=f"{PASSWORD}\n{PASSWORD}\n",
    )

    def sign_in(password: str = PASSWORD) -> str:
        return services.staff.sign_in.sign_in(merchant.tenant_id, "cleo", password, VISIT)[0]

    run("disable", merchant.tenant_id, "cleo")
    assert "disabled" in run("list", merchant.tenant_id).output
    with pytest.raises(BadStaffCredentials):
        sign_in()
    run("enable", merchant.tenant_id, "cleo")
    _, token, _ = enrol(services, sign_in())
    run("reset-second-factor", merchant.tenant_id, "CLEO")
    assert services.staff.sign_in.check(token, VISIT) is None
    run(
        "reset-password",
        merchant.tenant_id,
        "cleo",
        "--prompt",
        typed=f"{OTHER_PASSWORD}\n{OTHER_PASSWORD}\n",
    )
    sign_in(OTHER_PASSWORD)
    generated = run("reset-password", merchant.tenant_id, "cleo").output.split()[-1]
    token = sign_in(generated)
    standing = services.staff.sign_in.check(token, VISIT)
    assert standing is not None
    assert standing.standing is Standing.MUST_CHANGE_PASSWORD
    with pytest.raises(UnknownStaffUser):
        run("disable", merchant.tenant_id, "nobody")


def test_the_demo_has_one_of_the_staff_for_each_role(services: Services) -> None:
    described = load_merchant(services, "http://127.0.0.1:8080", "127.0.0.1:8080")
    again = load_merchant(services, "http://127.0.0.1:8080", "127.0.0.1:8080")
    assert again["staff"] == described["staff"]
    assert [member["role"] for member in described["staff"]] == [role.value for role in Role]
    for member in described["staff"]:
        _, signed_in = services.staff.sign_in.sign_in(
            described["tenantId"], member["username"], member["password"], VISIT
        )
        assert signed_in.user.role == member["role"]
