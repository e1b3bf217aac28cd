"""`authsvc keys re-encrypt`: after a new first key in AUTHSVC_ENCRYPTION_KEYS (docs/secrets.md)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import click

from authsvc.infra.reencryption import Reencryption

OpenReencryption = Callable[[], AbstractContextManager[Reencryption]]
# Of what no key opens; the rest is counted.
MOST_NAMED = 10


def reencrypt_command(open_reencryption: OpenReencryption) -> click.Command:
    """Build the command; `open_reencryption` connects to the database for as long as it takes."""

    @click.command("re-encrypt")
    @click.option("--check", is_flag=True, help="Only count what older keys are still needed for.")
    def reencrypt(check: bool) -> None:
        """Encrypt all secrets at rest anew with the first of AUTHSVC_ENCRYPTION_KEYS; servers may go on meanwhile."""
        older = unreadable = 0
        with open_reencryption() as reencryption:
            for report in reencryption.run(only_look=check):
                done = "need an older key" if check else "encrypted anew"
                click.echo(f"{report.name}\t{report.values} values\t{report.older} {done}")
                for key in report.unreadable[:MOST_NAMED]:
                    click.echo(f"{report.name}: no key opens row {key}", err=True)
                older += report.older
                unreadable += len(report.unreadable)
        if unreadable:
            click.echo(
                f"No key opens {unreadable} values. Put back the keys they were encrypted with, and run this again.",
                err=True,
            )
            raise SystemExit(1)
        if check and older:
            click.echo(f"{older} values need an older key: authsvc keys re-encrypt")
        else:
            click.echo("Everything is encrypted with the first key. The others are not needed.")

    return reencrypt
