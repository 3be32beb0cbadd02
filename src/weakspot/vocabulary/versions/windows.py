"""Windows builds: `major.minor.build.revision`, as Microsoft's release information prints them.

A cumulative update raises the revision inside one branch (`10.0.22631`); a higher build number is another
branch with updates of its own, not a later patch. So two versions are comparable only when major, minor and
build are the same: `compare` answers "unknown" otherwise. Keys start with the branch, so a range inside
one branch is an interval of keys; a range test must check the branch first (`branch_of`).

`22631.3155`, the short form of Microsoft's articles, is taken as `10.0.22631.3155`.
Refused: a build without a revision (the patch state is then unknown), everything else.
"""

import re

from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, NUMBERS, refused

_grammar = re.compile(r"(?:([0-9]+)\.([0-9]+)\.)?([0-9]+)\.([0-9]+)").fullmatch
_FIRST_WINDOWS_10_BUILD = NUMBERS["10240"]
_WINDOWS_10 = NUMBERS["10"] + NUMBERS["0"]


def _split(version: str) -> tuple[bytes, bytes] | None:
    match = _grammar(version) if len(version) <= MAX_VERSION_BYTES else None
    if match is None:
        return None
    major, minor, build, revision = match.groups()
    if major is not None:
        family = NUMBERS[major] + NUMBERS[minor]
    elif NUMBERS[build] >= _FIRST_WINDOWS_10_BUILD:
        family = _WINDOWS_10
    else:
        return None
    return family + NUMBERS[build], NUMBERS[revision]


def key(version: str) -> bytes:
    """Branch, then revision. Key order is the version order only where `branch_of` is the same."""
    split = _split(version)
    return refused(version) if split is None else split[0] + split[1]


def branch_of(version: str) -> bytes | None:
    """The part of the key that names the branch; None for what is refused."""
    split = _split(version)
    return None if split is None else split[0]


def same_branch(a: str, b: str) -> bool:
    """Whether both are builds of one branch; False where one is refused."""
    branch = branch_of(a)
    return branch is not None and branch == branch_of(b)
