"""`authsvc audit seal|verify|head|export`: the trail's chains, and what stands in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

import click

from authsvc.audit.exporting import FORMATS, csv_head, entries, told
from authsvc.audit.trail_query import TrailQuery
from authsvc.audit.use_cases import Audit
from authsvc.audit.verification import Verdict


@dataclass(frozen=True, slots=True)
class AuditTools:
    """What the commands work with; `tenants`: the ids of all there are."""

    audit: Audit
    tenants: Sequence[int]


OpenAudit = Callable[[], AbstractContextManager[AuditTools]]

# Of one tenant's faults; the verdict counts all.
MOST_TOLD = 100

_TENANT = click.option(
    "--tenant", "tenant_ids", type=int, multiple=True, help="Only this one; may be repeated."
)


def audit_commands(open_audit: OpenAudit) -> click.Group:
    """Build the group; `open_audit` connects to the database for as long as one command takes."""

    @click.group()
    def audit() -> None:
        """The audit trail: who did what to whom, when and from where."""

    for declare in (_seal, _verify, _head, _export):
        audit.add_command(declare(open_audit))
    return audit


def _seal(open_audit: OpenAudit) -> click.Command:
    @click.command("seal")
    def seal() -> None:
        """Seal what was written since the last time; workers do it each minute."""
        with open_audit() as tools:
            click.echo(f"Sealed {tools.audit.sealing.run()} entries.")

    return seal


def _head(open_audit: OpenAudit) -> click.Command:
    @click.command("head")
    @_TENANT
    def head(tenant_ids: tuple[int, ...]) -> None:
        """Print where each chain ends, one line of JSON each; keep it outside, and show it to `verify --heads`."""
        with open_audit() as tools:
            for tenant_id in tenant_ids or tools.tenants:
                end = tools.audit.store.head(tenant_id)
                if end is not None:
                    click.echo(json.dumps(end.wire()))

    return head


def _verify(open_audit: OpenAudit) -> click.Command:
    @click.command("verify")
    @_TENANT
    @click.option(
        "--heads",
        type=click.File(encoding="utf-8"),
        help="Ends of chains that were kept outside, as `head` prints and the worker logs them.",
    )
    def verify(tenant_ids: tuple[int, ...], heads: TextIO | None) -> None:
        """Verify that nothing sealed was changed, taken out or put in: a line of JSON for each fault and tenant.

        Ends with 1 if there is a fault.
        """
        kept = _kept(heads) if heads is not None else {}
        faults = 0
        with open_audit() as tools:
            for tenant_id in tenant_ids or sorted({*tools.tenants, *kept}):
                told_of = 0
                for each in tools.audit.verification.run(tenant_id, kept.get(tenant_id)):
                    if isinstance(each, Verdict):
                        faults += each.faults
                    else:
                        told_of += 1
                    if isinstance(each, Verdict) or told_of <= MOST_TOLD:
                        click.echo(json.dumps(each.wire()))
        if faults:
            raise SystemExit(1)

    return verify


def _export(open_audit: OpenAudit) -> click.Command:
    @click.command("export")
    @_TENANT
    @click.option("--account", type=int, help="What was done to this account.")
    @click.option("--subject", help="Whom or what it was done to: application:…, site:101.")
    @click.option("--actor", help="Who did it: staff:anna@example.com, shopper:…, application:….")
    @click.option("--action", help="What was done: account.updated.")
    @click.option("--from-address", help="Where from; how an address begins, if it ends in a dot.")
    @click.option("--since", type=click.DateTime(), help="UTC.")
    @click.option("--until", type=click.DateTime(), help="UTC; no longer part of it.")
    @click.option("--format", "form", type=click.Choice(list(FORMATS)), default="jsonl")
    def export(
        *,
        tenant_ids: tuple[int, ...],
        account: int | None,
        subject: str | None,
        actor: str | None,
        action: str | None,
        from_address: str | None,
        since: datetime | None,
        until: datetime | None,
        form: str,
    ) -> None:
        """Print entries, the oldest first: JSON, one a line, or CSV."""
        wanted = TrailQuery(
            actor,
            subject if account is None else f"account:{account}",
            action,
            from_address,
            None,
            since and since.replace(tzinfo=UTC),
            until and until.replace(tzinfo=UTC),
        )
        write = FORMATS[form]
        with open_audit() as tools:
            if form == "csv":
                click.echo(csv_head())
            for tenant_id in tenant_ids or tools.tenants:
                for entry in entries(tools.audit.search, tenant_id, wanted):
                    click.echo(write(told(entry)))

    return export


def _kept(heads: TextIO) -> Mapping[int, Mapping[int, set[bytes]]]:
    """Read lines that `head` printed, or that the worker logged: by tenant and place, all digests that were kept.

    Raises `click.BadParameter`.
    """
    kept: dict[int, dict[int, set[bytes]]] = {}
    for number, line in enumerate(heads, 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            places = kept.setdefault(int(said["tenant"]), {})
            places.setdefault(int(said["place"]), set()).add(bytes.fromhex(said["digest"]))
        except (ValueError, KeyError, TypeError) as failure:
            raise click.BadParameter(f"line {number} is no end of a chain") from failure
    return kept
