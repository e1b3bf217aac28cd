"""A certificate authority for one machine, so that the vendor's clients, which insist on https, reach the demo.

Its certificate is what a client is told to trust (`NODE_EXTRA_CA_CERTS`, `curl --cacert`). Trust it in no browser that
you use for anything else: its key lies in the data folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from authsvc.demo.private_file import write_private

AUTHORITY_LIFE = timedelta(days=5 * 365)
SERVER_LIFE = timedelta(days=90)
"""A server certificate is made at every start; Apple's clients take none that lives longer than 825 days."""
CLOCKS_APART = timedelta(minutes=5)
"""Certificates are valid a little before they are made, for clients whose clock is behind."""
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """PEM files: the `authority` that clients shall trust, the server's `certificate` and its `private_key`."""

    authority: Path
    certificate: Path
    private_key: Path


@dataclass(frozen=True, slots=True)
class _Authority:
    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey


def server_certificate(folder: Path, hosts: Sequence[str], now: datetime) -> ServerCertificate:
    """Make a certificate for this machine and `hosts`, signed by the authority in `folder`.

    The authority is made at the first call and kept while it outlives the server's certificate. `hosts`: host names,
    wildcards (`*.shop.example`; clients want two labels behind the star) or addresses. `now` has a time zone.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = ServerCertificate(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    authority = _kept_authority(folder, now) or _new_authority(folder, now)
    private_key = ec.generate_private_key(ec.SECP256R1())
    names = list(dict.fromkeys([*THIS_MACHINE, *hosts]))
    certificate = (
        _unsigned("authsvc demo", private_key.public_key(), now, SERVER_LIFE)
        .issuer_name(authority.certificate.subject)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.private_key.public_key()),
            critical=False,
        )
        .sign(authority.private_key, hashes.SHA256())
    )
    write_private(files.private_key, _pem(private_key))
    write_private(files.certificate, certificate.public_bytes(serialization.Encoding.PEM))
    return files


def _kept_authority(folder: Path, now: datetime) -> _Authority | None:
    """Return the authority of an earlier start, or None when there is none that is whole and lives long enough."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        private_key = serialization.load_pem_private_key(
            (folder / "ca.key").read_bytes(), password=None
        )
    except (FileNotFoundError, ValueError):
        return None
    if (
        not isinstance(private_key, ec.EllipticCurvePrivateKey)
        or certificate.public_key() != private_key.public_key()
    ):
        return None
    if certificate.not_valid_after_utc < now + SERVER_LIFE:
        return None
    return _Authority(certificate, private_key)


def _new_authority(folder: Path, now: datetime) -> _Authority:
    private_key = ec.generate_private_key(ec.SECP256R1())
    unsigned = _unsigned("authsvc demo authority", private_key.public_key(), now, AUTHORITY_LIFE)
    certificate = (
        unsigned.issuer_name(_name("authsvc demo authority"))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(private_key, hashes.SHA256())
    )
    write_private(folder / "ca.key", _pem(private_key))
    write_private(folder / "ca.pem", certificate.public_bytes(serialization.Encoding.PEM))
    return _Authority(certificate, private_key)


def _unsigned(
    name: str, public_key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_APART)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(private_key: ec.EllipticCurvePrivateKey) -> bytes:
    return private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
