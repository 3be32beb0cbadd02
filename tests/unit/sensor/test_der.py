from __future__ import annotations

import contextlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sensor.certificate_fixture import make_certificate
from weakspot_sensor import der

GOOD = make_certificate("x").public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("key", "kind", "bits", "signature"),
    [
        (ec.generate_private_key(ec.SECP384R1()), "ec", 384, "sha256-ecdsa"),
        (ed25519.Ed25519PrivateKey.generate(), "ed25519", 256, "ed25519"),
        (rsa.generate_private_key(65537, 2048), "rsa", 2048, "sha256-rsa"),
    ],
)
def test_what_a_certificate_says(key: object, kind: str, bits: int, signature: str) -> None:
    """RFC 5280, 4.1.2.5: years from 2050 on are written as GeneralizedTime."""
    row = der.certificate(make_certificate("häuser", key).public_bytes(Encoding.DER))
    assert (row["key_type"], row["key_bits"], row["signature"]) == (kind, bits, signature)
    assert (row["subject"], row["issuer"], row["serial"]) == ("CN=häuser", "CN=häuser", "1267")
    assert (row["not_before"], row["not_after"]) == ("2020-01-02T03:04:05.000000Z", "2060-01-01T00:00:00.000000Z")


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(0, len(GOOD)))
def test_damaged_bytes_are_refused_or_read(place: int, byte: int, length: int) -> None:
    damaged = (GOOD[:place] + bytes([byte]) + GOOD[place + 1 :])[:length]
    with contextlib.suppress(der.DerError):
        der.certificate(damaged)
