"""Spec 17.3: risky are "expired; expiring in <= 60 days; key < 2048 bits; weak signature (SHA-1, MD5); self-signed"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.inventory.rules import certificates as rules
from weakspot.runtime.clock import DAY, from_iso, to_iso

NOW = from_iso("2026-10-01")


@pytest.mark.parametrize(
    ("begins", "ends", "status"),
    [
        (NOW - 9, NOW - 1, "expired"),
        (None, NOW - 1, "expired"),
        (NOW - 9, NOW, "expiring_soon"),
        (NOW - 9, NOW + 60 * DAY, "expiring_soon"),
        (NOW - 9, NOW + 60 * DAY + 1, "current"),
        (NOW + 1, NOW + 90 * DAY, "future_dated"),
        (NOW + 1, None, "future_dated"),
        (NOW - 9, None, "not_reported"),
        (None, None, "not_reported"),
    ],
)
def test_the_status_is_that_of_its_dates(begins: int | None, ends: int | None, status: str) -> None:
    assert rules.status(begins, ends, NOW) == status


@pytest.mark.parametrize(
    ("kind", "bits", "is_short"),
    [
        ("rsa", 1024, True),
        ("RSA", 2047, True),
        ("rsa", 2048, False),
        ("dsa", 1024, True),
        ("ec", 256, False),
        ("ed25519", 256, False),
        ("ec", 192, True),
        ("rsa", 0, None),
        ("", 1024, None),
        ("1.2.3.4", 100, None),
    ],
)
def test_a_key_is_short_only_where_kind_and_length_are_known(kind: str, bits: int, is_short: bool | None) -> None:
    assert rules.is_short_key(kind, bits) is is_short


@pytest.mark.parametrize(
    ("signature", "is_weak"),
    [
        ("md5-rsa", True),
        ("sha1-ecdsa", True),
        ("SHA-1 with RSA", True),
        ("sha1RSA", True),
        ("sha256RSA", False),
        ("sha512-rsa", False),
        ("ed25519", False),
        ("rsa-pss", None),
        ("1.2.840.113549.1.1.2", None),
        ("", None),
    ],
)
def test_a_signature_is_weak_only_where_its_hash_is_known(signature: str, is_weak: bool | None) -> None:
    assert rules.is_weak_signature(signature) is is_weak


def test_self_signed_needs_both_names() -> None:
    assert rules.is_self_signed("CN=a", "CN=a") is True
    assert rules.is_self_signed("CN=a", "CN=b") is False
    assert rules.is_self_signed("", "") is None


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_none(told: str) -> None:
    found = rules.moment(told)
    assert found is None or to_iso(found)


def test_moments_are_read() -> None:
    assert rules.moment("2026-10-01T00:00:00Z") == NOW
    assert rules.moment("9999-12-31T23:59:59Z") is not None
    assert rules.moment("") is None
    assert rules.moment("0001-01-01T00:00:00+14:00") is None
