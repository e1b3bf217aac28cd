"""`authsvc password-verifier …`: the merchant's own endpoint for passwords of another system."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TextIO

import click

from authsvc.callers import Caller
from authsvc.password_verifiers.rules import NoVerifier
from authsvc.password_verifiers.service import PasswordVerifiers, pem

OpenVerifiers = Callable[[], AbstractContextManager[PasswordVerifiers]]


def verifier_commands(open_verifiers: OpenVerifiers) -> click.Group:
    """Build the group of commands; `open_verifiers` connects to the stores for as long as one command takes."""

    @click.group("password-verifier")
    def verifier() -> None:
        """A tenant's own endpoint, asked about imported passwords that nothing here can compare with."""

    @verifier.command("set")
    @click.argument("tenant_id", type=int)
    @click.argument("url")
    @click.option(
        "--in-own-network", is_flag=True, help="It may be at a private address, such as 10.0.0.7."
    )
    @click.option(
        "--authorities", type=click.File(), help="PEM file of certificates to trust it by."
    )
    def set_verifier(
        tenant_id: int, url: str, in_own_network: bool, authorities: TextIO | None
    ) -> None:
        """Name the endpoint; prints the secret that questions to it are signed with, this once."""
        trusted = None if authorities is None else pem(authorities.read())
        with open_verifiers() as verifiers:
            secret = verifiers.set(
                Caller(tenant_id), url, in_own_network=in_own_network, authorities=trusted
            )
        click.echo(secret)

    @verifier.command("show")
    @click.argument("tenant_id", type=int)
    def show(tenant_id: int) -> None:
        """Tell where a tenant's endpoint is."""
        with open_verifiers() as verifiers:
            found = verifiers.verifier(tenant_id)
        if found is None:
            raise NoVerifier
        where = "in our own network" if found.in_own_network else "on the Internet"
        click.echo(f"{found.url}\n{where}, since {found.updated_at.isoformat()}")

    @verifier.command("remove")
    @click.argument("tenant_id", type=int)
    def remove(tenant_id: int) -> None:
        """Ask the endpoint no more; customers who have not signed in till now choose a new password."""
        with open_verifiers() as verifiers:
            verifiers.remove(Caller(tenant_id))

    return verifier
