"""`authsvc staff …`: making the first staff user, and helping one who is locked out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import click

from authsvc.callers import Caller
from authsvc.staff.rules import Role
from authsvc.staff.use_cases import Staff

OpenStaff = Callable[[], AbstractContextManager[Staff]]
_ROLES = click.Choice([role.value for role in Role])
_PROMPT = click.option(
    "--prompt", is_flag=True, help="Ask for the password instead of generating one."
)


def staff_commands(open_staff: OpenStaff) -> click.Group:
    """Build the group of commands; `open_staff` connects to the stores for as long as one command takes."""

    @click.group()
    def staff() -> None:
        """Staff users of a tenant, who sign in at /admin."""

    @staff.command("create")
    @click.argument("tenant_id", type=int)
    @click.argument("username")
    @click.option("--role", type=_ROLES, required=True, help="What the staff user is there for.")
    @click.option(
        "--must-enrol", is_flag=True, help="Nothing goes before a second factor is set up."
    )
    @_PROMPT
    def create(tenant_id: int, username: str, role: str, must_enrol: bool, prompt: bool) -> None:
        """Create a staff user; prints a generated password, to be changed at the first sign-in."""
        password = _asked() if prompt else None
        with open_staff() as people:
            user, password = people.users.create(
                Caller(tenant_id),
                username,
                Role(role),
                password,
                must_enrol=must_enrol,
                # A generated one is on somebody's screen; a typed one may be its owner's.
                must_change=not prompt,
            )
        click.echo(f"username  {user.username}\nrole      {user.role.value}")
        _show(password, prompt)

    @staff.command("list")
    @click.argument("tenant_id", type=int)
    def list_staff(tenant_id: int) -> None:
        """List a tenant's staff: username, role, state, second factor, last sign-in."""
        with open_staff() as people:
            for user in people.users.users(tenant_id):
                state = "active" if user.is_active else "disabled"
                factor = "second factor" if user.has_second_factor else "password only"
                seen = user.last_sign_in_at.isoformat() if user.last_sign_in_at else "never"
                click.echo(f"{user.username}\t{user.role.value}\t{state}\t{factor}\t{seen}")

    @staff.command("disable")
    @click.argument("tenant_id", type=int)
    @click.argument("username")
    def disable(tenant_id: int, username: str) -> None:
        """Let a staff user in no longer; their sessions end at once."""
        with open_staff() as people:
            people.users.set_active(Caller(tenant_id), username, active=False)
        click.echo(f"{username} is disabled and signed out everywhere.")

    @staff.command("enable")
    @click.argument("tenant_id", type=int)
    @click.argument("username")
    def enable(tenant_id: int, username: str) -> None:
        """Let a disabled staff user in again."""
        with open_staff() as people:
            people.users.set_active(Caller(tenant_id), username, active=True)
        click.echo(f"{username} may sign in again.")

    @staff.command("reset-password")
    @click.argument("tenant_id", type=int)
    @click.argument("username")
    @_PROMPT
    def reset_password(tenant_id: int, username: str, prompt: bool) -> None:
        """Give a staff user another password and end their sessions; prints a generated one, this once."""
        password = _asked() if prompt else None
        with open_staff() as people:
            password = people.users.reset_password(
                Caller(tenant_id), username, password, must_change=not prompt
            )
        click.echo(f"{username} is signed out everywhere.")
        _show(password, prompt)

    @staff.command("reset-second-factor")
    @click.argument("tenant_id", type=int)
    @click.argument("username")
    def reset_second_factor(tenant_id: int, username: str) -> None:
        """Take a lost second factor away; its owner sets up another at the next sign-in."""
        with open_staff() as people:
            people.second_factors.reset(Caller(tenant_id), username)
        click.echo(f"{username} is signed out and sets up a second factor at the next sign-in.")

    return staff


def _asked() -> str:
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer


def _show(password: str, prompted: bool) -> None:
    if not prompted:
        click.echo(f"password  {password}")
