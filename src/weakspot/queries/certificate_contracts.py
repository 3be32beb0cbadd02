"""What the Certificates page and its card are told."""

from __future__ import annotations

import msgspec

from weakspot.inventory.rules.certificates import Status


class CertificateRow(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate. null, or not_reported: the devices do not tell it, or not so that it can be judged."""

    id: int
    sha256: str
    """Of its DER form, hex digits."""
    subject: str
    issuer: str
    serial: str
    not_before: str | None
    not_after: str | None
    status: Status
    """expiring_soon: within 60 days."""
    key_type: str | None
    key_bits: int | None
    is_short_key: bool | None
    """Below 2048 bits; keys on elliptic curves below 224 bits."""
    signature: str | None
    is_weak_signature: bool | None
    """Over SHA-1, or MD5 and its like."""
    is_self_signed: bool | None
    devices: int
    """Counted devices that have it: its instances."""


class CertificateSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Distinct certificates on the counted devices. ``due_in_*``: they end within so many days, nearer ones included.

    devices_reporting: of ``devices``, those that tell their certificates; nothing is known of the others.
    """

    devices: int
    devices_reporting: int
    certificates: int
    expired: int
    due_in_30_days: int
    due_in_60_days: int
    due_in_90_days: int
    expiry_not_reported: int
    risky: int
    """Expired, or ends within 60 days, or a short key, a weak signature, or self-signed; each counted once."""
    short_keys: int
    weak_signatures: int
    self_signed: int
