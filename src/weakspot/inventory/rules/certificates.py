"""What the fields of a certificate mean (spec/features.md 17.3, 24). What is not told stays unknown: never weak."""

from __future__ import annotations

from typing import Literal, get_args

from weakspot.runtime.clock import DAY, Micros, from_iso, to_iso

Status = Literal["expired", "expiring_soon", "future_dated", "current", "not_reported"]
STATUSES: tuple[Status, ...] = get_args(Status)

EXPIRING_DAYS = 60
"""Risky when no more days are left."""
SHORTEST_KEY = 2_048
"""Bits, for keys whose strength is that of factoring or of discrete logarithms."""
SHORTEST_CURVE = 224
"""Bits of a curve of the strength that ``SHORTEST_KEY`` has (NIST SP 800-57 part 1, table 2)."""

_WHOLE = frozenset({"rsa", "dsa", "dh"})
_CURVES = frozenset({"ec", "ecdsa", "ecdh", "ed25519", "ed448", "x25519", "x448"})
_WEAK_HASHES = ("md2", "md4", "md5", "sha1")
_GOOD_HASHES = ("sha224", "sha256", "sha384", "sha512", "sha3", "ed25519", "ed448")


def moment(told: str) -> Micros | None:
    """A time of a certificate; None where it is not told, or not in a form that is a time."""
    try:
        at = from_iso(told)
        to_iso(at)
    except (ValueError, OverflowError):
        return None
    return at


def status(not_before: Micros | None, not_after: Micros | None, now: Micros) -> Status:
    """What its dates say. Without an end it is not known whether it is over, unless it has not begun."""
    if not_before is not None and not_before > now:
        return "future_dated"
    if not_after is None:
        return "not_reported"
    if not_after < now:
        return "expired"
    return "expiring_soon" if not_after <= now + EXPIRING_DAYS * DAY else "current"


def is_short_key(key_type: str, key_bits: int) -> bool | None:
    """Whether the key is too short; None where its kind or its length is not known. key_bits: 0 is not told."""
    kind = key_type.casefold()
    if key_bits <= 0 or kind not in _WHOLE | _CURVES:
        return None
    return key_bits < (SHORTEST_KEY if kind in _WHOLE else SHORTEST_CURVE)


def is_weak_signature(signature: str) -> bool | None:
    """Whether it was signed over a broken hash; None where the hash cannot be told from the algorithm's name."""
    name = "".join(character for character in signature.casefold() if character.isalnum())
    if any(weak in name for weak in _WEAK_HASHES):
        return True
    return False if any(good in name for good in _GOOD_HASHES) else None


def is_self_signed(subject: str, issuer: str) -> bool | None:
    """Whether it names itself as its issuer; None where a name is not told."""
    return subject == issuer if subject and issuer else None
