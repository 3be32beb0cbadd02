"""Pub versions (Dart, Flutter): `pub_semver`'s `Version.compareTo`.

SemVer precedence, with one difference that matters in practice: build metadata counts. A version with it is
later than the same one without, and the metadata compare by the same rules as pre-releases, because
packages ship fixes as `1.0.0+1`. Leading zeros are ignored. A leading `v` and missing minor or patch
numbers are taken beyond it. Refused: a fourth number, empty identifiers, any other character.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, refused
from weakspot.vocabulary.versions.semver import identifiers_key, parts_key

_NO_BUILD, _BUILD = b"\x01", b"\x02"

_grammar = re.compile(
    r"v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
).fullmatch


def key(version: str) -> bytes:
    """Bytes that order as pub orders versions; see the module for what is refused."""
    match = _grammar(version) if len(version) <= MAX_VERSION_BYTES else None
    if match is None:
        return refused(version)
    major, minor, patch, prerelease, build = match.groups()
    tail = _NO_BUILD if build is None else _BUILD + identifiers_key(build)
    return parts_key(major, minor, patch, prerelease) + tail
