"""Every setting, with its default and its reason.

What is not secret may stand in a TOML file named by `AUTHSVC_CONFIG`; an environment variable overrides it
(`AUTHSVC_` and the setting's name in capitals). Secrets come from the environment only.
"""

from __future__ import annotations

import os
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from cryptography.fernet import Fernet, MultiFernet
from pydantic import (
    AliasChoices,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from authsvc.limit_texts import FailuresOf, LimitText
from authsvc.mail_server import MailServerUrl, SenderAddress, SiteAddress
from authsvc.store_addresses import postgresql_address, valkey_address

PREFIX = "AUTHSVC_"
# Values that stand in examples; a service started with one of them would be open to every reader of the manual.
SAMPLE_SECRETS = ("change-me", "changeme", "example", "sample", "secret", "password")
SECRET_SETTINGS = frozenset(
    {"database_url", "valkey_url", "encryption_keys", "smtp_url", "metrics_token"}
)


class SettingsRefused(Exception):
    """The settings do not make a service; the message says which and what to do."""


class Propagation(StrEnum):
    """How soon a change of sites and sets is in force everywhere."""

    DOCUMENTED = "documented"
    PUSH = "push"


class Settings(BaseSettings):
    """What one installation is told; the same for all its processes."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, populate_by_name=True, validate_default=True
    )

    database_url: SecretStr = Field(validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    """PostgreSQL 15 or newer: `postgresql://user:password@host/database`; several hosts as libpq has them."""
    valkey_url: SecretStr = Field(validation_alias=AliasChoices("VALKEY_URL", "valkey_url"))
    """Valkey 7.2+ or Redis 6.2+: `redis://…`, `rediss://…`, `unix://…`; a cluster: `redis+cluster://host:port,…`."""
    encryption_keys: SecretStr
    """Fernet keys, separated by commas, that secrets at rest are encrypted with; the first encrypts, all decrypt."""

    propagation: Propagation = Propagation.DOCUMENTED
    """`documented`: a change of sites or sets may take `directory_ttl_seconds`; `push`: it is in force at once."""
    directory_ttl_seconds: Annotated[float, Field(gt=0, le=900)] = 900
    """How long a process remembers a site's set; 15 minutes is the documented delay and the most allowed."""

    access_token_seconds: Annotated[int, Field(ge=60, le=86_400)] = 900
    """Life of a shopper's access token; 15 minutes, as the vendor's captured tickets."""
    refresh_token_seconds: Annotated[int, Field(ge=300)] = 86_400
    """Life of a shopper's refresh token; 24 hours, likewise."""
    refresh_grace_seconds: Annotated[int, Field(ge=0, le=300)] = 30
    """How long a replaced refresh token still gets its successor."""
    session_seconds: Annotated[int, Field(ge=300)] = 2_592_000
    """Longest life of a session however often it is refreshed; 30 days."""

    signing_key_days: Annotated[int, Field(ge=0, le=365)] = 30
    """How long a key signs JWTs before the worker makes its successor; 0: by command only."""

    cookie_idle_seconds: Annotated[int, Field(ge=300)] = 7_200
    """How long a browser that was not asked to remember may be left alone; two hours."""
    cookie_seconds: Annotated[int, Field(ge=300)] = 86_400
    """The longest it stays signed in; a day, or until it closes."""
    remembered_idle_seconds: Annotated[int, Field(ge=300)] = 1_209_600
    """How long a browser that was asked to remember may be left alone; two weeks."""
    remembered_seconds: Annotated[int, Field(ge=300)] = 2_592_000
    """The longest it stays signed in; 30 days, the most of NIST SP 800-63B-4 §2.1.3 (AAL1)."""

    fresh_sign_in: Literal["required", "vendor"] = "required"
    """Whether shoppers' cards and e-mail address want a fresh sign-in; `vendor`: not in the vendor's own calls."""
    fresh_sign_in_seconds: Annotated[int, Field(ge=60, le=86_400)] = 900
    """How long a sign-in is fresh: 15 minutes, NIST SP 800-63B-4 §2.3.3's longest inactivity at its highest level."""

    argon2_time_cost: Annotated[int, Field(ge=1)] = 1
    """Argon2id passes."""
    argon2_memory_kib: Annotated[int, Field(ge=8)] = 47_104
    """Argon2id memory of one hash in KiB; with one pass the first of OWASP's recommended sets."""
    hashing_lanes: Annotated[int, Field(ge=1)] = 1
    """Passwords hashed at once by one worker process; memory at the worst is lanes × workers × the above."""
    hashing_queue: Annotated[int, Field(ge=0)] = 64
    """Sign-ins of one worker that may wait for a lane; more are told to come back."""
    hashing_wait_seconds: Annotated[float, Field(gt=0)] = 15
    """The longest such a wait may last."""

    failed_login_limit: Annotated[int, Field(ge=1, le=80)] = 80
    """Consecutive wrong passwords for one username by strangers before only a reset, an unlock or time helps.

    Devices that have signed in before have 20 more: together the 100 of NIST SP 800-63B-4 §3.2.2.
    """
    failed_login_memory_days: Annotated[int, Field(ge=1, le=365)] = 30
    """How long after the last of them they are forgotten."""
    failed_login_longest_wait_seconds: Annotated[int, Field(ge=1, le=86_400)] = 900
    """What the wait after a wrong password grows to; NIST's section asks for up to an hour."""
    address_failures: LimitText = "50/10minutes"
    """Failures from one address block (a /24 of IPv4, a /64 of IPv6), which an office or a carrier may share."""
    site_failures: LimitText = "300/10minutes"
    """Failures on one site by strangers: no known device, no address block that good sign-ins come from."""
    tenant_failures: LimitText = "1000/10minutes"
    """The same on all sites of one tenant."""
    all_failures: LimitText = "3000/10minutes"
    """The same on the whole installation."""
    failures_of: dict[FailuresOf, LimitText] = {}
    """Limits of their own for single sites and tenants: `{"site:101": "2000/10minutes", "tenant:1001": "…"}`."""
    stuffing_noticed_at: LimitText = "200/5minutes"
    """So many failures for many names on one set, and no fewer than good sign-ins, harden all sets."""
    hardened_seconds: Annotated[int, Field(ge=60, le=86_400)] = 1_800
    """How long after it was noticed last guessing stays hardened."""
    hardened_divisor: Annotated[int, Field(ge=1, le=1_000)] = 10
    """By what the failures of strangers are divided while it is."""

    password_reset_answer: Literal["same", "vendor"] = "same"  # noqa: S105  no password
    """`same`: whoever asks for a reset hears the same for every name; `vendor`: an unknown one is `ITEM_NOT_FOUND`."""

    staff_second_factor: Literal["offered", "required"] = "offered"
    """`offered`: staff are asked once whether they want one; `required`: they do nothing before they have one."""
    staff_session_idle_seconds: Annotated[int, Field(ge=60, le=3_600)] = 1_800
    """How long a staff session may be left alone; an hour is the most of NIST SP 800-63B-4 §2.2.3 (AAL2)."""
    staff_session_seconds: Annotated[int, Field(ge=300, le=86_400)] = 43_200
    """Longest life of a staff session; 12 hours are a working day, 24 the most of the same section."""

    rollback_days: Annotated[int, Field(ge=1, le=365)] = 7
    """How long a committed regrouping can be rolled back; which customers it moved is kept for it."""

    smtp_url: MailServerUrl | None = None
    """Where mail is handed over: `smtp://user:password@host:587` or `smtps://…`; without it there is none."""
    mail_from: SenderAddress | None = None
    """The address all mails come from, each under its site's name."""
    site_address: SiteAddress = "https://{host}"
    """How shoppers reach a site, for the links in mails; `{host}` stands for one of the site's own hosts."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, Field(ge=1, le=65_535)] = 8080
    """Port to listen on."""
    workers: Annotated[int, Field(ge=1)] = Field(default_factory=lambda: os.cpu_count() or 1)
    """Worker processes; one for each core."""
    threads: Annotated[int, Field(ge=2)] = 96
    """Requests one worker works on at once; more than `hashing_queue`, so that sign-ins never take them all.

    Threads are started when needed: a check costs the same with 32 and with 96 allowed (docs/performance.md). Workers
    that serve checks and hardly a sign-in answer more evenly with 8 (docs/scaling.md).
    """
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    """Reverse proxies in front whose X-Forwarded-For, -Proto and -Host are believed."""
    tls_certificate: FilePath | None = None
    """PEM file with the certificate chain to serve HTTPS with; without it HTTP, for a proxy that ends TLS."""
    tls_private_key: FilePath | None = None
    """PEM file with its key."""

    remembered_sessions: Annotated[int, Field(ge=0)] = 100_000
    """Sessions whose checks one worker answers from its own memory, about 3 kB each; 0: Valkey is asked each time."""

    database_pool_size: Annotated[int, Field(ge=1)] = 10
    """PostgreSQL connections one worker keeps open; it may open twice as many more while those are held for long."""
    metrics_listen: (
        Annotated[str, Field(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^:\s]+):[0-9]{1,5}$")] | None
    ) = None
    """Address of its own, host and port, to tell metrics on; without it and a token they are told to nobody."""
    metrics_token: Annotated[SecretStr, Field(min_length=16)] | None = None
    """Who shows it is told the metrics at /metrics, there and on the public port; never the other way."""
    log_format: Literal["json", "text"] = "json"
    """One JSON object a line, or lines for a terminal."""

    @field_validator("database_url")
    @classmethod
    def _is_a_postgresql(cls, value: SecretStr) -> SecretStr:
        url = postgresql_address(value.get_secret_value())
        _refuse_sample(url.password)
        return SecretStr(url.render_as_string(hide_password=False))

    @field_validator("valkey_url")
    @classmethod
    def _is_a_valkey(cls, value: SecretStr) -> SecretStr:
        url = valkey_address(value.get_secret_value())
        _refuse_sample(url.password)
        return value

    @field_validator("tls_private_key")
    @classmethod
    def _goes_with_the_certificate(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if (value is None) != (info.data.get("tls_certificate") is None):
            raise ValueError("goes with AUTHSVC_TLS_CERTIFICATE: give both or none")
        return value

    @field_validator("encryption_keys")
    @classmethod
    def _are_real_keys(cls, value: SecretStr) -> SecretStr:
        keys = value.get_secret_value()
        if not keys or any(sample in keys.lower() for sample in SAMPLE_SECRETS):
            raise ValueError("is missing or a sample")
        try:
            MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
        except ValueError:
            raise ValueError(
                "must be Fernet keys: 32 random bytes each in URL-safe Base64"
            ) from None
        return value

    @property
    def tells_metrics(self) -> bool:
        """Whether anybody may be told the metrics."""
        return self.metrics_listen is not None or self.metrics_token is not None

    @property
    def encryption(self) -> MultiFernet:
        """What secrets at rest are encrypted with."""
        return MultiFernet(self.fernet_keys)

    @property
    def fernet_keys(self) -> list[Fernet]:
        """The keys that secrets at rest may be encrypted with; the first encrypts."""
        keys = self.encryption_keys.get_secret_value()
        return [Fernet(key.strip()) for key in keys.split(",")]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  no .env files
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  nor secret folders
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Prefer what code gives, then the environment, then the file."""
        path = os.environ.get(f"{PREFIX}CONFIG")
        from_file = (TomlConfigSettingsSource(settings_cls, Path(path)),) if path else ()
        return (init_settings, env_settings, *from_file)


_WORDS = {"missing": "is missing"}


def load_settings(**given: Any) -> Settings:  # noqa: ANN401  as many types as settings
    """Read the settings; raises `SettingsRefused` with every one that is missing or wrong, and what to do."""
    _refuse_unfit_file()
    try:
        return Settings(**given)
    except ValidationError as failure:
        lines = [
            f"  {_variable(error['loc'])}: {_WORDS.get(error['type']) or error['msg'].removeprefix('Value error, ')}"
            for error in failure.errors()
        ]
        raise SettingsRefused(
            "These settings are missing or wrong:\n"
            + "\n".join(lines)
            + "\nNew encryption keys are made by: authsvc keys new"
        ) from None


def _refuse_unfit_file() -> None:
    path = os.environ.get(f"{PREFIX}CONFIG")
    if not path:
        return
    try:
        names = tomllib.loads(Path(path).read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as failure:
        raise SettingsRefused(
            f"AUTHSVC_CONFIG names {path}, which cannot be read: {failure}"
        ) from failure
    secrets = sorted(SECRET_SETTINGS.intersection(name.lower() for name in names))
    if secrets:
        raise SettingsRefused(
            f"{path} holds {', '.join(secrets)}: secrets come from the environment only. Take them out."
        )


def _refuse_sample(password: str | None) -> None:
    if password is not None and password.lower() in SAMPLE_SECRETS:
        raise ValueError("has a password that stands in manuals: give it one of its own")


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0])
    return name if name.isupper() else f"{PREFIX}{name.upper()}"
