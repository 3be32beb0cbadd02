"""Cargo versions: SemVer 2.0.0 as crates.io enforces it.

SemVer precedence (section 11). Build metadata is ignored, as the Cargo book says of version requirements
and as RustSec matches; the `semver` crate's own `Ord` breaks such ties by the metadata, which crates.io
does not let occur (two releases of a crate may not differ in it alone).
A leading `v` and missing minor or patch numbers are taken as in `semver`. Refused: leading zeros in a number
or in a numeric identifier, a fourth number, empty identifiers, any other character.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, refused
from weakspot.vocabulary.versions.semver import parts_key

NUMBER = r"(?:0|[1-9][0-9]*)"
"""A number without a leading zero."""

IDENTIFIER = rf"(?:{NUMBER}(?![0-9A-Za-z-])|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
"""A pre-release identifier: a number without a leading zero, or one with a letter or hyphen in it."""

PRERELEASE = rf"(?:-({IDENTIFIER}(?:\.{IDENTIFIER})*))?"
BUILD = r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"

_grammar = re.compile(rf"v?({NUMBER})(?:\.({NUMBER}))?(?:\.({NUMBER}))?{PRERELEASE}{BUILD}").fullmatch


def key(version: str) -> bytes:
    """Bytes that order as Cargo orders releases; see the module for what is refused."""
    match = _grammar(version) if len(version) <= MAX_VERSION_BYTES else None
    if match is None:
        return refused(version)
    return parts_key(*match.groups())
