"""Semantic Versioning 2.0.0, section 11, and the pieces that its relatives share.

Order: major, minor and patch as numbers; a version with a pre-release sorts before the one without; the
dot-separated identifiers of pre-releases compare one by one: numeric ones as numbers and before the others,
the others by ASCII code; when all are equal the longer list is later. Build metadata does not count.

Taken beyond the specification, because advisories write it: a leading `v`, a missing minor or patch (zero),
leading zeros (ignored). Refused: a fourth number, empty identifiers, any other character.
npm, Go, Cargo, Hex and Pub have modules of their own with the rules of their own tools.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, NUMBERS, Chunks, refused

RELEASE = b"\xfc"
"""Stands where a pre-release would: after every pre-release."""

_IDENTIFIERS_END, _TEXT, _TEXT_END = b"\x02", b"\xf8", b"\x01"
_ZERO = NUMBERS["0"]

_grammar = re.compile(
    r"[vV]?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
).fullmatch


def _encode_identifiers(text: str) -> bytes:
    parts = [NUMBERS[word] if word.isdigit() else _TEXT + word.encode("ascii") + _TEXT_END for word in text.split(".")]
    parts.append(_IDENTIFIERS_END)
    return b"".join(parts)


identifiers_key = Chunks(_encode_identifiers).__getitem__
"""Key of dot-separated ASCII identifiers by the rules of section 11.4."""


def parts_key(major: str, minor: str | None, patch: str | None, prerelease: str | None) -> bytes:
    """Key of a version already cut up; absent numbers are zero."""
    numbers = NUMBERS
    return (
        numbers[major]
        + (numbers[minor] if minor else _ZERO)
        + (numbers[patch] if patch else _ZERO)
        + (identifiers_key(prerelease) if prerelease else RELEASE)
    )


def key(version: str) -> bytes:
    """Bytes that order by SemVer precedence; see the module for what is refused."""
    match = _grammar(version) if len(version) <= MAX_VERSION_BYTES else None
    if match is None:
        return refused(version)
    return parts_key(*match.groups())
