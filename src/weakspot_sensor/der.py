"""What an X.509 certificate says of itself (RFC 5280): a small reader of DER, bounded, without recursion."""

from __future__ import annotations

import calendar
import hashlib
from typing import Any, Dict, Iterator, List, Tuple

from weakspot_sensor import items

_SEQUENCE, _SET, _INTEGER, _BITS, _OBJECT, _UTC, _GENERALIZED, _VERSION = 0x30, 0x31, 2, 3, 6, 0x17, 0x18, 0xA0
_NAMES = {
    "2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU",
    "2.5.4.5": "serialNumber", "1.2.840.113549.1.9.1": "emailAddress", "0.9.2342.19200300.100.1.25": "DC",
}  # fmt: skip
_KEYS = {
    "1.2.840.113549.1.1.1": "rsa", "1.2.840.113549.1.1.10": "rsa", "1.2.840.10045.2.1": "ec",
    "1.2.840.10040.4.1": "dsa", "1.3.101.112": "ed25519", "1.3.101.113": "ed448",
}  # fmt: skip
_CURVES = {"1.2.840.10045.3.1.7": 256, "1.3.132.0.34": 384, "1.3.132.0.35": 521, "1.3.132.0.10": 256}
_FIXED = {"ed25519": 256, "ed448": 456}
_SIGNATURES = {
    "1.2.840.113549.1.1.4": "md5-rsa", "1.2.840.113549.1.1.5": "sha1-rsa", "1.2.840.113549.1.1.11": "sha256-rsa",
    "1.2.840.113549.1.1.12": "sha384-rsa", "1.2.840.113549.1.1.13": "sha512-rsa", "1.2.840.113549.1.1.10": "rsa-pss",
    "1.2.840.10045.4.1": "sha1-ecdsa", "1.2.840.10045.4.3.2": "sha256-ecdsa", "1.2.840.10045.4.3.3": "sha384-ecdsa",
    "1.2.840.10045.4.3.4": "sha512-ecdsa", "1.3.101.112": "ed25519", "1.3.101.113": "ed448",
}  # fmt: skip
_MOST_PARTS = 4096

Part = Tuple[int, bytes]


class DerError(ValueError):
    """The bytes are no certificate."""


def certificate(data: bytes) -> Dict[str, Any]:
    """One certificate as the report carries it, without its store. Raises DerError."""
    try:
        return _certificate(data)
    except (IndexError, ValueError, OverflowError) as error:
        raise DerError("no certificate: {}".format(error)) from error


def _certificate(data: bytes) -> Dict[str, Any]:
    (tag, body), *_ = _parts(data)
    fields = _children((tag, body), _SEQUENCE)
    signed = _children(fields[0], _SEQUENCE)
    if signed[0][0] == _VERSION:
        signed = signed[1:]
    serial, _, issuer, validity, subject, key = signed[:6]
    begins, ends = _children(validity, _SEQUENCE)[:2]
    kind, bits = _key(key)
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "subject": _name(subject),
        "issuer": _name(issuer),
        "serial": items.short(serial[1].hex()),
        "not_before": _time(begins),
        "not_after": _time(ends),
        "key_type": kind,
        "key_bits": bits,
        "signature": _algorithm(fields[1], _SIGNATURES),
    }


def _parts(data: bytes) -> Iterator[Part]:
    offset = count = 0
    while offset < len(data):
        count += 1
        tag, length = data[offset], data[offset + 1]
        offset += 2
        if length & 0x80:
            size = length & 0x7F
            if not 1 <= size <= 4:
                raise ValueError("length")
            length = int.from_bytes(data[offset : offset + size], "big")
            offset += size
        if offset + length > len(data) or count > _MOST_PARTS:
            raise ValueError("longer than its bytes")
        yield tag, data[offset : offset + length]
        offset += length


def _children(part: Part, tag: int) -> List[Part]:
    if part[0] != tag:
        raise ValueError("tag {} instead of {}".format(part[0], tag))
    return list(_parts(part[1]))


def _object(part: Part) -> str:
    if part[0] != _OBJECT:
        raise ValueError("no object identifier")
    numbers: List[int] = []
    value = 0
    for byte in part[1][:64]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(str(number) for number in (first, numbers[0] - 40 * first, *numbers[1:]))


def _algorithm(part: Part, known: Dict[str, str]) -> str:
    name = _object(_children(part, _SEQUENCE)[0])
    return known.get(name, name)


def _name(part: Part) -> str:
    """ "CN=..., O=..." with the most particular part first."""
    found: List[str] = []
    for group in _children(part, _SEQUENCE):
        for pair in _children(group, _SET):
            kind, value = _children(pair, _SEQUENCE)[:2]
            name = _object(kind)
            found.append("{}={}".format(_NAMES.get(name, name), _text(value)))
    return items.text(", ".join(reversed(found)))


def _text(part: Part) -> str:
    wide = {0x1E: "utf-16-be", 0x1C: "utf-32-be", 0x14: "latin-1"}
    return part[1].decode(wide.get(part[0], "utf-8"), "replace")


def _time(part: Part) -> str:
    """RFC 5280, 4.1.2.5: UTCTime has years 1950-2049."""
    text = part[1].decode("ascii", "replace").rstrip("Z")
    if part[0] == _UTC:
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    numbers = [int(text[:4]), *(int(text[at : at + 2]) for at in range(4, 14, 2))]
    return items.instant(calendar.timegm((*numbers, 0, 0, 0)))


def _key(part: Part) -> Tuple[str, int]:
    algorithm, key = _children(part, _SEQUENCE)[:2]
    kind = _algorithm(algorithm, _KEYS)
    if kind in _FIXED:
        return kind, _FIXED[kind]
    if kind == "ec":
        curve = _children(algorithm, _SEQUENCE)[1:]
        return kind, _CURVES.get(_object(curve[0]), 0) if curve and curve[0][0] == _OBJECT else 0
    if kind == "rsa" and key[0] == _BITS:
        (outer, *_) = _parts(key[1][1:])
        modulus = _children(outer, _SEQUENCE)[0]
        return kind, int.from_bytes(modulus[1], "big").bit_length() if modulus[0] == _INTEGER else 0
    return items.short(kind), 0
