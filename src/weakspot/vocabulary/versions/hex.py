"""Hex versions (Elixir, Erlang): Elixir's `Version.compare/2`.

SemVer precedence; build metadata does not count. As in Elixir exactly three numbers are wanted, without
leading zeros, also in numeric pre-release identifiers. Taken beyond it: a leading `v`, and a missing patch
number as zero (Erlang applications and advisories write `2.1`).
Refused: anything else.
"""

import re

from weakspot.vocabulary.versions.cargo import BUILD, NUMBER, PRERELEASE
from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, refused
from weakspot.vocabulary.versions.semver import parts_key

_grammar = re.compile(rf"v?({NUMBER})\.({NUMBER})(?:\.({NUMBER}))?{PRERELEASE}{BUILD}").fullmatch


def key(version: str) -> bytes:
    """Bytes that order as Elixir orders versions; see the module for what is refused."""
    match = _grammar(version) if len(version) <= MAX_VERSION_BYTES else None
    if match is None:
        return refused(version)
    return parts_key(*match.groups())
