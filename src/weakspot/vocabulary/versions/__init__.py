"""The order of versions, one module a scheme.

Comes in: the name of a scheme and a version as text. Goes out: a byte key whose order is the order of
versions, or the verdict on two versions. Keys go into the database and its indexes, so an encoder that
changes the keys of versions it already took needs a migration.

Invariants: `key` answers for every string, in time linear in at most 512 bytes; equal versions have equal
keys (where `exact`); the key of a string that the scheme refuses starts with byte 0x00, no other key does.
`docs/version-schemes.md` tells the rules side by side.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from weakspot.vocabulary.versions import (
    apk,
    cargo,
    composer,
    cran,
    dpkg,
    gem,
    generic,
    go,
    hackage,
    hex,  # noqa: A004 - named after the ecosystem
    homebrew,
    java,
    maven,
    npm,
    nuget,
    pep440,
    pub,
    rpm,
    semver,
    windows,
)
from weakspot.vocabulary.versions.encoding import MAX_VERSION_BYTES

__all__ = [
    "MAX_VERSION_BYTES",
    "SCHEMES",
    "Order",
    "Scheme",
    "UnknownScheme",
    "compare",
    "exact",
    "is_comparable",
    "key",
]


class Order(enum.StrEnum):
    """How the first of two versions stands to the second."""

    LESS = "<"
    EQUAL = "="
    GREATER = ">"
    UNKNOWN = "?"


class UnknownScheme(ValueError):
    """A scheme name that is not in `SCHEMES`; the text lists the known names."""

    def __init__(self, scheme: str) -> None:
        super().__init__(f"unknown version scheme {scheme[:40]!r}; known are: {', '.join(SCHEMES)}")


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to order versions.

    key: total, never raises; order of keys is order of versions where `tie_break` and `same_branch` are None.
    tie_break: negative, zero or positive for two comparable versions whose keys are equal.
    same_branch: whether two comparable versions may be compared at all.
    """

    name: str
    key: Callable[[str], bytes]
    tie_break: Callable[[str, str], int] | None = None
    same_branch: Callable[[str, str], bool] | None = None

    @property
    def exact(self) -> bool:
        """True where the order of keys alone is the order of versions."""
        return self.tie_break is None and self.same_branch is None

    def compare(self, a: str, b: str) -> Order:
        """The exact verdict; unknown where the scheme refuses either version or the pair."""
        a_key, b_key = self.key(a), self.key(b)
        if not (is_comparable(a_key) and is_comparable(b_key)):
            return Order.UNKNOWN
        if self.same_branch is not None and not self.same_branch(a, b):
            return Order.UNKNOWN
        if a_key != b_key:
            return Order.LESS if a_key < b_key else Order.GREATER
        sign = self.tie_break(a, b) if self.tie_break is not None else 0
        return Order.EQUAL if sign == 0 else Order.LESS if sign < 0 else Order.GREATER


SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {
        scheme.name: scheme
        for scheme in (
            Scheme("dpkg", dpkg.key),
            Scheme("rpm", rpm.key),
            Scheme("apk", apk.key),
            Scheme("pep440", pep440.key),
            Scheme("semver", semver.key),
            Scheme("npm", npm.key),
            Scheme("go", go.key),
            Scheme("cargo", cargo.key),
            Scheme("maven", maven.key, tie_break=maven.compare),
            Scheme("nuget", nuget.key),
            Scheme("gem", gem.key),
            Scheme("composer", composer.key),
            Scheme("hex", hex.key),
            Scheme("pub", pub.key),
            Scheme("cran", cran.key),
            Scheme("hackage", hackage.key),
            Scheme("homebrew", homebrew.key),
            Scheme("generic", generic.key),
            Scheme("windows", windows.key, same_branch=windows.same_branch),
            Scheme("java", java.key),
        )
    }
)
"""All schemes by name, in the order in which help texts list them."""


def _scheme(name: str) -> Scheme:
    try:
        return SCHEMES[name]
    except KeyError:
        raise UnknownScheme(name) from None


def key(scheme: str, version: str) -> bytes:
    """Bytes that order like versions of this scheme; see `is_comparable`.

    Raises UnknownScheme, and nothing else whatever the version is.
    """
    return _scheme(scheme).key(version)


def is_comparable(key: bytes) -> bool:
    """False for the key of a string that its scheme refused, and for an empty key."""
    return key[:1] > b"\x00"


def compare(scheme: str, a: str, b: str) -> Order:
    """How version a stands to version b; unknown if either is refused or the scheme says so.

    Raises UnknownScheme.
    """
    return _scheme(scheme).compare(a, b)


def exact(scheme: str) -> bool:
    """True where key order alone is the order; where it is not, ask `compare` about the survivors.

    Not exact: maven (different keys decide, equal keys do not), windows (only inside one branch).
    Raises UnknownScheme.
    """
    return _scheme(scheme).exact
