"""Go module versions: `golang.org/x/mod/semver`, the Go modules reference, "Versions".

SemVer precedence. The leading `v` may be missing (the Go vulnerability database leaves it out), minor and
patch may be missing, build metadata does not count: so `+incompatible` is no difference, and
pseudo-versions (`v0.0.0-20240102150405-abcdef123456`, `v1.2.4-0.2024…`) order by their pre-release part.
Toolchain versions as `go version` prints them are taken too: `go1.21.3`, and `go1.22rc1` as `1.22.0-rc.1`,
the form that the vulnerability database uses.
Refused: leading zeros, a pre-release or build after a shortened number, any other character.
"""

import re

from weakspot.vocabulary.versions.cargo import BUILD, NUMBER, PRERELEASE
from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES, refused
from weakspot.vocabulary.versions.semver import parts_key

_full = re.compile(rf"(?:v|go)?({NUMBER})\.({NUMBER})\.({NUMBER}){PRERELEASE}{BUILD}").fullmatch
_short = re.compile(rf"(?:v|go)?({NUMBER})(?:\.({NUMBER}))?").fullmatch
_toolchain = re.compile(rf"(?:go)?({NUMBER})\.({NUMBER})(?:\.({NUMBER}))?(alpha|beta|rc)({NUMBER})").fullmatch


def key(version: str) -> bytes:
    """Bytes that order as Go orders module versions; see the module for what is refused."""
    if len(version) > MAX_VERSION_BYTES:
        return refused(version)
    if match := _full(version):
        return parts_key(*match.groups())
    if match := _short(version):
        return parts_key(match[1], match[2], None, None)
    if match := _toolchain(version):
        return parts_key(match[1], match[2], match[3], f"{match[4]}.{match[5]}")
    return refused(version)
