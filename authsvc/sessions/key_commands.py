"""`authsvc keys rotate|list|retire`: the keys that sign tickets, for the whole installation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

import click

from authsvc.infra.clock import utc_now
from authsvc.sessions.key_ring import KeyState
from authsvc.sessions.key_rotation import KeyRotation

OpenKeys = Callable[[], AbstractContextManager[KeyRotation]]
_NOW = click.option(
    "--now", "at_once", is_flag=True, help="It signs at once: only if the present key was stolen."
)
_AT_ONCE = click.option(
    "--at-once", is_flag=True, help="It was stolen: nothing it signed is believed any more."
)


def key_commands(open_keys: OpenKeys) -> list[click.Command]:
    """Build the commands; `open_keys` connects to the stores for as long as one command takes."""

    @click.command("rotate")
    @_NOW
    def rotate(at_once: bool) -> None:
        """Publish a new signing key; it signs an hour later, when all who verify have it."""
        with open_keys() as keys:
            key = keys.rotate(at_once=at_once)
        click.echo(f"key         {key.kid}\nsigns from  {_spelled(key.signs_from)}")

    @click.command("list")
    def list_keys() -> None:
        """List the signing keys: id, state, since when it signs, until when it is needed."""
        with open_keys() as keys:
            ring = keys.ring()
        now = utc_now()
        for key in ring.keys:
            state = ring.state(key, now)
            until = ring.needed_until(key) if state is KeyState.KEPT else None
            needed = f"needed until {_spelled(until)}" if until else ""
            click.echo(f"{key.kid}\t{state}\tsigns from {_spelled(key.signs_from)}\t{needed}")

    @click.command("retire")
    @click.argument("key_id")
    @_AT_ONCE
    def retire(key_id: str, at_once: bool) -> None:
        """Publish a key no longer, once no token that it signed can be good any more."""
        with open_keys() as keys:
            keys.retire(key_id, at_once=at_once)
        click.echo(f"Key {key_id} is retired.")

    return [rotate, list_keys, retire]


def _spelled(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
