"""`authsvc application create|list|bind|rotate-secret|remove`: the machine callers of a tenant."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

import click

from authsvc.applications.rules import OVERLAP, Application, behaviors_named
from authsvc.applications.service import Applications
from authsvc.callers import Behavior, Caller
from authsvc.customer_sets.service import CustomerSets


@dataclass(frozen=True, slots=True)
class MachineCallers:
    """What the commands work with."""

    applications: Applications
    customer_sets: CustomerSets


OpenCallers = Callable[[], AbstractContextManager[MachineCallers]]

_SITES = click.option(
    "--site",
    "site_ids",
    type=int,
    multiple=True,
    help="Number of a site it may act on, and on no other; may be repeated.",
)


def application_commands(open_callers: OpenCallers) -> click.Group:
    """Build the group; `open_callers` connects to the stores for as long as one command takes."""

    @click.group()
    def application() -> None:
        """Machine callers of a tenant."""

    for declare in (_create, _list, _bind, _rotate_secret, _remove):
        application.add_command(declare(open_callers))
    return application


def _create(open_callers: OpenCallers) -> click.Command:
    @click.command("create")
    @click.argument("tenant_id", type=int)
    @click.argument("name")
    @click.option(
        "--behavior",
        "behaviors",
        multiple=True,
        help=f"What it may do; may be repeated. Without any: everything. One of {', '.join(sorted(Behavior))}.",
    )
    @_SITES
    def create(
        tenant_id: int, name: str, behaviors: tuple[str, ...], site_ids: tuple[int, ...]
    ) -> None:
        """Create an application; prints its client id and, this once, its shared secret."""
        wanted = behaviors_named(list(behaviors)) or frozenset(Behavior)
        with open_callers() as callers:
            callers.customer_sets.tenant(tenant_id)
            created, shared_secret = callers.applications.create(
                Caller(tenant_id), name, wanted, frozenset(site_ids) or None
            )
        click.echo(f"client id      {created.client_id}\nshared secret  {shared_secret}")

    return create


def _list(open_callers: OpenCallers) -> click.Command:
    @click.command("list")
    @click.argument("tenant_id", type=int)
    def list_applications(tenant_id: int) -> None:
        """List a tenant's applications: client id, name, behaviors, sites; and secrets: since, until, last used."""
        with open_callers() as callers:
            for item in callers.applications.applications(tenant_id):
                behaviors = ",".join(sorted(item.behaviors))
                click.echo(f"{item.client_id}\t{item.name}\t{behaviors}\t{_spelled(item)}")
                for secret in item.secrets:
                    since, until, used = (
                        f"{moment:%Y-%m-%d %H:%M}" if moment else "-"
                        for moment in (secret.created_at, secret.expires_at, secret.last_used_at)
                    )
                    click.echo(f"  secret since {since}, until {until}, last used {used}")

    return list_applications


def _bind(open_callers: OpenCallers) -> click.Command:
    @click.command("bind")
    @click.argument("tenant_id", type=int)
    @click.argument("client_id")
    @_SITES
    @click.option("--everywhere", is_flag=True, help="Let it act on all sites again.")
    def bind(tenant_id: int, client_id: str, site_ids: tuple[int, ...], everywhere: bool) -> None:
        """Say on which sites alone an application may act; what it asks of others is refused within a second."""
        if bool(site_ids) is everywhere:
            raise click.UsageError("Name its sites by --site, or give --everywhere.")
        with open_callers() as callers:
            bound = callers.applications.bind(
                Caller(tenant_id), client_id, frozenset(site_ids) or None
            )
        click.echo(f"{client_id}\t{_spelled(bound)}")

    return bind


def _rotate_secret(open_callers: OpenCallers) -> click.Command:
    @click.command("rotate-secret")
    @click.argument("tenant_id", type=int)
    @click.argument("client_id")
    @click.option(
        "--overlap-hours",
        type=click.IntRange(0),
        default=OVERLAP // timedelta(hours=1),
        show_default=True,
        help="How long the old secret is good beside the new one; 0: it was stolen, it and its tickets end now.",
    )
    def rotate_secret(tenant_id: int, client_id: str, overlap_hours: int) -> None:
        """Give an application a new secret, printed this once; bring it to all its servers before the old one ends."""
        with open_callers() as callers:
            ends, shared_secret = callers.applications.rotate_secret(
                Caller(tenant_id), client_id, timedelta(hours=overlap_hours)
            )
        click.echo(f"shared secret  {shared_secret}\nold one good until {ends:%Y-%m-%d %H:%M} UTC")

    return rotate_secret


def _remove(open_callers: OpenCallers) -> click.Command:
    @click.command("remove")
    @click.argument("tenant_id", type=int)
    @click.argument("client_id")
    def remove(tenant_id: int, client_id: str) -> None:
        """Delete an application; its tickets end within a second."""
        with open_callers() as callers:
            callers.applications.remove(Caller(tenant_id), client_id)

    return remove


def _spelled(application: Application) -> str:
    if application.site_ids is None:
        return "all sites"
    return "sites " + ",".join(map(str, sorted(application.site_ids)))
