"""Certificates for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID


def make_certificate(name: str, key: Any = None, until: int = 2060) -> x509.Certificate:
    """A self-signed one, valid from 2020."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(
        issuer_name=subject,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=4711,
        not_valid_before=datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
        not_valid_after=datetime(until, 1, 1, tzinfo=UTC),
    )
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
