"""npm versions: node-semver's `compare` in its loose mode, the one npm applies to what is published.

SemVer precedence without build metadata. As node-semver does, blanks around and any leading `v`, `=` or
blank are dropped, leading zeros are ignored, and a pre-release may follow the patch number without a hyphen
(`1.2.3beta`). Taken beyond node-semver: a missing minor or patch is zero, as in npm's ranges, because
advisories write `4.3`; more than 256 characters, numbers above 2^53-1.
Refused: a fourth number, empty identifiers, any other character.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, refused
from weakspot.vocabulary.versions.semver import parts_key

_IDENTIFIERS = r"[0-9A-Za-z-]*(?:\.[0-9A-Za-z-]+)*"
_grammar = re.compile(
    r"[v=\s]*([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?"
    rf"(?:-([0-9A-Za-z-]{_IDENTIFIERS})|([A-Za-z]{_IDENTIFIERS}))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
).fullmatch


def key(version: str) -> bytes:
    """Bytes that order as node-semver orders versions; see the module for what is refused."""
    if len(version) > MAX_VERSION_BYTES or not version.isascii():
        return refused(version)
    match = _grammar(version.strip())
    if match is None:
        return refused(version)
    major, minor, patch, prerelease, attached = match.groups()
    return parts_key(major, minor, patch, prerelease or attached)
