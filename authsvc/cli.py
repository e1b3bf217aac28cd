"""The command `authsvc`: serving, the demo, migrating, and managing tenants without the demo."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from cryptography.fernet import Fernet

from authsvc.applications.commands import MachineCallers, application_commands
from authsvc.audit.commands import AuditTools, audit_commands
from authsvc.callers import Caller
from authsvc.errors import AuthsvcError
from authsvc.infra.database import DatabaseUnavailable, reason
from authsvc.infra.logging import configure_logging
from authsvc.infra.reencryption import Reencryption
from authsvc.infra.reencryption_command import reencrypt_command
from authsvc.password_verifiers.commands import verifier_commands
from authsvc.password_verifiers.service import PasswordVerifiers
from authsvc.purging import purge as purge_all
from authsvc.regrouping.rules import AssignSites
from authsvc.services import Services, connect_services
from authsvc.sessions.key_commands import key_commands
from authsvc.sessions.key_rotation import KeyRotation
from authsvc.settings import SettingsRefused, load_settings
from authsvc.staff.commands import staff_commands
from authsvc.staff.use_cases import Staff


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Self-hosted customer identity for merchants who run many storefronts."""


def main() -> None:
    """Run the command; a refusal is one sentence on standard error and exit code 1."""
    try:
        commands()
    except DatabaseUnavailable as refusal:
        click.echo(f"authsvc: {refusal}\nDATABASE_URL: {reason(refusal)}", err=True)
        sys.exit(1)
    except (AuthsvcError, SettingsRefused) as refusal:
        click.echo(f"authsvc: {refusal}", err=True)
        sys.exit(1)


@contextmanager
def _services(*, migrated: bool = True) -> Iterator[Services]:
    """Connect for one command; raises `SchemaOutdated` for a database that is not `migrated` to this release."""
    settings = load_settings()
    configure_logging(as_json=settings.log_format == "json", level="WARNING")
    services = connect_services(settings)
    try:
        if migrated:
            services.database.ensure_schema()
        yield services
    finally:
        services.close()


@commands.command()
def serve() -> None:
    """Serve in production: DATABASE_URL, VALKEY_URL and AUTHSVC_ENCRYPTION_KEYS name what it works with."""
    from authsvc.server import serve  # noqa: PLC0415  the server is not needed to manage tenants

    settings = load_settings()
    configure_logging(as_json=settings.log_format == "json")
    serve(settings)


@commands.command()
def worker() -> None:
    """Send mails, seal the audit trail, renew keys; run one or more beside `serve`, with the same settings."""
    from authsvc.worker import work  # noqa: PLC0415  the worker is not needed to manage tenants

    settings = load_settings()
    configure_logging(as_json=settings.log_format == "json")
    work(settings)


@commands.command()
@click.option(
    "--port", default=8080, show_default=True, help="Port to serve on; 0 takes a free one."
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Folder that the demo's servers keep their data in.",
)
@click.option("--tls", is_flag=True, help="Serve HTTPS, by a local authority that demo.json names.")
def demo(port: int, data_dir: Path, tls: bool) -> None:
    """Run everything on this machine with the documents' example merchant, until Ctrl-C."""
    from authsvc.demo.command import run  # noqa: PLC0415  needs the embedded servers, which production lacks

    run(port, data_dir, tls=tls)


@commands.command()
def migrate() -> None:
    """Bring the database up to date; safe to run at every deployment, and by several at once."""
    from authsvc.migrations import upgrade  # noqa: PLC0415  serving does not migrate

    with _services(migrated=False) as services:
        upgrade(services.database.engine)
        services.key_rotation.ensure_one()
    click.echo("The database is up to date.")


@commands.command()
@click.option(
    "--days",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    help="How long ended sessions are kept.",
)
def purge(days: int) -> None:
    """Delete what ended long ago, and put the customer search in order after large moves; for a daily timer."""
    with _services() as services:
        sessions, tokens = purge_all(services, days)
    click.echo(f"Deleted {sessions} sessions and {tokens} application tokens.")


@commands.group()
def keys() -> None:
    """Keys that encrypt secrets at rest (new, re-encrypt), and keys that sign tickets (rotate, list, retire)."""


@keys.command("new")
def new_key() -> None:
    """Print a fresh key for AUTHSVC_ENCRYPTION_KEYS."""
    click.echo(Fernet.generate_key().decode())


@commands.group()
def tenant() -> None:
    """Merchants."""


@tenant.command("create")
@click.argument("name")
@click.option(
    "--domain", default="", help="Host name (and port) at which this tenant's API is called."
)
def create_tenant(name: str, domain: str) -> None:
    """Create a tenant with its default customer set, and print its id."""
    with _services() as services:
        click.echo(services.customer_sets.create_tenant(name, domain).id)


@tenant.command("set-domain")
@click.argument("tenant_id", type=int)
@click.argument("domain")
def set_tenant_domain(tenant_id: int, domain: str) -> None:
    """Say at which host name (and port) a tenant's API is called, and its sites' sign-ins are joined."""
    with _services() as services:
        services.customer_sets.set_domain(tenant_id, domain)


@tenant.command("list")
def list_tenants() -> None:
    """List all tenants: id, name, domain."""
    with _services() as services:
        for item in services.customer_sets.tenants():
            click.echo(f"{item.id}\t{item.name}\t{item.domain}")


@commands.group()
def site() -> None:
    """Storefronts of a tenant."""


@site.command("create")
@click.argument("tenant_id", type=int)
@click.argument("name")
@click.option(
    "--host", "hosts", multiple=True, help="Host name the site answers on; may be repeated."
)
def create_site(tenant_id: int, name: str, hosts: tuple[str, ...]) -> None:
    """Create a site in the tenant's default customer set, and print its id."""
    with _services() as services:
        click.echo(services.customer_sets.create_site(Caller(tenant_id), name, hosts).id)


@site.command("list")
@click.argument("tenant_id", type=int)
def list_sites(tenant_id: int) -> None:
    """List a tenant's sites: id, name, customer set, hosts."""
    with _services() as services:
        for item in services.customer_sets.tenant(tenant_id)[1]:
            click.echo(f"{item.id}\t{item.name}\t{item.customer_set}\t{' '.join(item.hosts)}")


@site.command("assign")
@click.argument("tenant_id", type=int)
@click.argument("site_id", type=int)
@click.argument("customer_set")
def assign_site(tenant_id: int, site_id: int, customer_set: str) -> None:
    """Move a site to a customer set, as a plan that can be rolled back; its customers stay in the set they are in."""
    with _services() as services:
        services.customer_sets.tenant(tenant_id)
        move = AssignSites(customer_set, (site_id,))
        plan = services.regrouping.at_once(Caller(tenant_id), [move])
    click.echo(
        f"Site {site_id} is in the customer set {customer_set.strip().lower()}. Plan {plan.id};"
        f" customers who lost access to a site of theirs: {plan.findings.losing_customers}."
    )


@commands.group("customer-set")
def customer_set() -> None:
    """Groups of sites that share customer accounts."""


@customer_set.command("create")
@click.argument("tenant_id", type=int)
@click.argument("code")
@click.argument("name")
def create_customer_set(tenant_id: int, code: str, name: str) -> None:
    """Create an empty customer set; its code never changes."""
    with _services() as services:
        services.customer_sets.tenant(tenant_id)
        created = services.customer_sets.create_customer_set(Caller(tenant_id), code, name)
    click.echo(created.code)


@contextmanager
def _audit() -> Iterator[AuditTools]:
    with _services() as services:
        yield AuditTools(services.audit, [tenant.id for tenant in services.customer_sets.tenants()])


commands.add_command(audit_commands(_audit))


@contextmanager
def _machine_callers() -> Iterator[MachineCallers]:
    with _services() as services:
        yield MachineCallers(services.applications, services.customer_sets)


commands.add_command(application_commands(_machine_callers))


@contextmanager
def _key_rotation() -> Iterator[KeyRotation]:
    with _services() as services:
        yield services.key_rotation


for command in key_commands(_key_rotation):
    keys.add_command(command)


@contextmanager
def _reencryption() -> Iterator[Reencryption]:
    with _services() as services:
        yield Reencryption(services.database, services.settings.fernet_keys)


keys.add_command(reencrypt_command(_reencryption))


@contextmanager
def _staff() -> Iterator[Staff]:
    with _services() as services:
        yield services.staff


commands.add_command(staff_commands(_staff))


@contextmanager
def _verifiers() -> Iterator[PasswordVerifiers]:
    with _services() as services:
        yield services.login.passwords.verifiers


commands.add_command(verifier_commands(_verifiers))
