"""TLS: a given certificate, or one of a certificate authority that is made at the first start.

Purpose: nobody runs this in plain text over a network because certificates are a chore. The authority's key
never leaves the data folder (mode 0600); its fingerprint is part of what a sensor is enrolled with, so that
the first contact is safe. The server's own certificate is short-lived and made anew at start when it nears
its end or its names have changed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from weakspot.runtime.clock import DAY, Micros, to_datetime
from weakspot.runtime.errors import InvalidField
from weakspot.runtime.secrets import write_private

AUTHORITY_LIFE_DAYS = 3650
SERVER_LIFE_DAYS = 397
RENEW_BEFORE_DAYS = 30
_CLOCK_SKEW = dt.timedelta(hours=1)


class TlsFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What the server presents. ``fingerprint`` is the SHA-256 of the certificate that clients should
    trust, in hex.
    """

    certificate: Path
    key: Path
    authority: Path | None
    fingerprint: str


def given_files(certificate: Path, key: Path) -> TlsFiles:
    """Check a certificate and its key that an administrator gave. Raises InvalidField when they cannot be
    used.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
        loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError) as error:
        reason = type(error).__name__ if isinstance(error, ssl.SSLError) else str(error)
        raise InvalidField(
            f"WEAKSPOT_TLS_CERTIFICATE and WEAKSPOT_TLS_KEY are no matching PEM files ({reason})."
        ) from None
    return TlsFiles(certificate=certificate, key=key, authority=None, fingerprint=fingerprint(loaded))


def own_files(folder: Path, names: Iterable[str], now: Micros) -> TlsFiles:
    """A server certificate of our own authority for these names; both are made where they are missing or
    too old.
    """
    moment = to_datetime(now)
    authority_path, authority_key_path = folder / "authority.pem", folder / "authority.key"
    authority, authority_key = _load_pair(authority_path, authority_key_path)
    if authority is None or authority_key is None or authority.not_valid_after_utc - moment < _days(SERVER_LIFE_DAYS):
        authority, authority_key = _make_authority(moment)
        _save_pair(authority_path, authority_key_path, authority, authority_key)
    wanted = _alternative_names(names)
    path, key_path = folder / "server.pem", folder / "server.key"
    current, key = _load_pair(path, key_path)
    if current is None or key is None or not _is_good(current, authority, wanted, moment):
        current, key = _make_server(authority, authority_key, wanted, moment)
        _save_pair(path, key_path, current, key)
    return TlsFiles(certificate=path, key=key_path, authority=authority_path, fingerprint=fingerprint(authority))


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate in DER, 64 hex digits."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def own_names(host_names: Iterable[str]) -> frozenset[str]:
    """Names to put into the server's certificate: those it answers for and what this machine is called."""
    names = set(host_names)
    with contextlib.suppress(OSError):
        names.add(socket.gethostname().lower())
    return frozenset(name for name in names if name)


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """A TLS 1.2+ context that presents the files."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.certificate, files.key)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _make_authority(moment: dt.datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Weakspot authority {moment:%Y-%m-%d}")])
    usage = _key_usage(signs_certificates=True)
    certificate = (
        _builder(name, name, key.public_key(), moment, AUTHORITY_LIFE_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _make_server(
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    names: list[x509.GeneralName],
    moment: dt.datetime,
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Weakspot server")])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = (
        _builder(subject, authority.subject, key.public_key(), moment, SERVER_LIFE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return certificate, key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, moment: dt.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - _CLOCK_SKEW)
        .not_valid_after(moment + _days(days))
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative_names(names: Iterable[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in sorted(set(names)):
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name.encode("idna").decode("ascii")))
    return found


def _is_good(
    certificate: x509.Certificate,
    authority: x509.Certificate,
    names: list[x509.GeneralName],
    moment: dt.datetime,
) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
        present = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:  # whatever is wrong with it: a new one is made
        return False
    is_young = certificate.not_valid_after_utc - moment > _days(RENEW_BEFORE_DAYS)
    return is_young and certificate.not_valid_before_utc <= moment and list(present) == names


def _load_pair(path: Path, key_path: Path) -> tuple[x509.Certificate | None, ec.EllipticCurvePrivateKey | None]:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        key = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
    except (OSError, ValueError):
        return None, None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None, None
    return certificate, key


def _save_pair(path: Path, key_path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(key_path, text.decode("ascii"))
    write_private(path, certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"))


def _days(count: int) -> dt.timedelta:
    return dt.timedelta(microseconds=count * DAY)
