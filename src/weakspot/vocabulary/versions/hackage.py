"""Haskell package versions: the Haskell Package Versioning Policy, Cabal's `Version`.

Dotted numbers compared one by one; the longer of two otherwise equal versions is later (`1.0` < `1.0.0`).
Refused: everything else, tags (`1.0-rc1`) included: Cabal dropped them.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, refused
from weakspot.vocabulary.versions.numeric import sequence_key

_grammar = re.compile(r"[0-9]+(?:\.[0-9]+)*").fullmatch


def key(version: str) -> bytes:
    """Bytes that order as Cabal orders versions; see the module for what is refused."""
    if len(version) > MAX_VERSION_BYTES or not _grammar(version):
        return refused(version)
    return sequence_key(version.split("."))
