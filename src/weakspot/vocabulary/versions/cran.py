"""R package versions: `package_version` and `compareVersion`, "Writing R Extensions", section 1.1.1.

Numbers separated by dots or hyphens, which mean the same; compared one by one, and the longer of two
otherwise equal versions is later (`1.0` < `1.0.0`). One number alone is taken, as `numeric_version` does.
Refused: everything else.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, refused
from weakspot.vocabulary.versions.numeric import sequence_key

_grammar = re.compile(r"[0-9]+(?:[.-][0-9]+)*").fullmatch


def key(version: str) -> bytes:
    """Bytes that order as R orders package versions; see the module for what is refused."""
    if len(version) > MAX_VERSION_BYTES or not _grammar(version):
        return refused(version)
    return sequence_key(version.replace("-", ".").split("."))
