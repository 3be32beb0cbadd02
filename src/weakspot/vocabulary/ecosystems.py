"""Ecosystems: how their releases are spelled, how names are normalised, and which version order they use.

Names follow the OSV schema ("Defined Ecosystems"), with the release after a colon: ``Debian:12``, ``AlmaLinux:9``,
``PyPI``. Distributions that OSV spells in more than one way get one spelling here, the one that
``vocabulary.platforms`` gives to a device's packages. Three ecosystems are ours: ``cpe`` (``vendor:product``,
software known by its CPE name), ``windows`` (editions of Windows by the vendor's product name, compared by build) and
``microsoft`` (the vendor's other products by name).
"""

from __future__ import annotations

import functools
import re

CPE = "cpe"
WINDOWS = "windows"
MICROSOFT = "microsoft"

_SCHEMES: dict[str, str] = {
    "AlmaLinux": "rpm",
    "Alpaquita": "apk",
    "Alpine": "apk",
    "Amazon Linux": "rpm",
    "Azure Linux": "rpm",
    "BellSoft Hardened Containers": "apk",
    "Bioconductor": "cran",
    "Bitnami": "semver",
    "CRAN": "cran",
    "CentOS": "rpm",
    "Chainguard": "apk",
    "Debian": "dpkg",
    "Echo": "dpkg",
    "Fedora": "rpm",
    "GHC": "hackage",
    "GitHub Actions": "semver",
    "Go": "go",
    "Hackage": "hackage",
    "Hex": "hex",
    "Homebrew": "homebrew",
    "Julia": "semver",
    "Mageia": "rpm",
    "Maven": "maven",
    "MinimOS": "apk",
    "NuGet": "nuget",
    "Oracle Linux": "rpm",
    "Packagist": "composer",
    "Photon OS": "rpm",
    "Pub": "pub",
    "PyPI": "pep440",
    "Red Hat": "rpm",
    "Rocky Linux": "rpm",
    "RubyGems": "gem",
    "SUSE": "rpm",
    "SwiftURL": "semver",
    "Ubuntu": "dpkg",
    "VSCode": "semver",
    "Wolfi": "apk",
    "crates.io": "cargo",
    "npm": "npm",
    "openEuler": "rpm",
    "openSUSE": "rpm",
    CPE: "generic",
    WINDOWS: "windows",
    MICROSOFT: "generic",
}

_REGISTRIES = frozenset(
    {
        "CRAN", "GHC", "GitHub Actions", "Go", "Hackage", "Hex", "Homebrew", "Julia", "Maven", "NuGet", "Packagist",
        "Pub", "PyPI", "RubyGems", "SwiftURL", "VSCode", "crates.io", "npm",
    }
)  # fmt: skip

_CASE_INSENSITIVE = frozenset(
    {"NuGet", "Packagist", "Hex", "Pub", "SwiftURL", "GitHub Actions", "VSCode", "Homebrew", CPE, WINDOWS, MICROSOFT}
)
_PEP503_RUN = re.compile(r"[-_.]+")
_SUSE_RELEASE = re.compile(r"^(SUSE:Linux Enterprise (?:Server|Desktop)) (\d+)(?:[ -]SP(\d+))?(?:[:\- ]LTSS)?$")
_RED_HAT_RELEASE = re.compile(r"^Red Hat:(?:enterprise_linux|rhel_[a-z0-9_]+):(\d+)(?:\.\d+)?(?::.*)?$")


def base(ecosystem: str) -> str:
    """The ecosystem without its release: ``Debian:12`` -> ``Debian``."""
    return ecosystem.partition(":")[0]


@functools.lru_cache(maxsize=4096)
def canonical(ecosystem: str) -> str:
    """One spelling for each release: ``Ubuntu:22.04:LTS`` -> ``Ubuntu:22.04``; what is not known stays as it is."""
    text = ecosystem.strip()
    if text.startswith("Ubuntu:"):
        return text.removesuffix(":LTS")
    if text.startswith("openSUSE:Leap "):
        return "openSUSE:Leap:" + text.removeprefix("openSUSE:Leap ").strip()
    if match := _SUSE_RELEASE.match(text):
        product, major, pack = match.groups()
        return f"{product}:{major}.{pack}" if pack else f"{product}:{major}"
    if match := _RED_HAT_RELEASE.match(text):
        return f"Red Hat:{match[1]}"
    return text


@functools.lru_cache(maxsize=4096)
def scheme(ecosystem: str) -> str:
    """Name of the version order (``weakspot.vocabulary.versions.SCHEMES``); ``generic`` for what is not known."""
    return _SCHEMES.get(base(ecosystem), "generic")


def is_known(ecosystem: str) -> bool:
    """True where the version order of the ecosystem is known, and not guessed."""
    return base(ecosystem) in _SCHEMES


def is_registry(ecosystem: str) -> bool:
    """True for the packages of a language or tool, which come from one registry and not in releases."""
    return ecosystem in _REGISTRIES


def normalise_name(ecosystem: str, name: str) -> str:
    """The name as the ecosystem itself compares it.

    PyPI follows PEP 503. NuGet, Packagist, Hex, Pub and CPE names compare without case. npm keeps its case: names with
    capitals are forbidden today, but old ones are distinct packages. Distributions' names are exact.
    """
    text = name.strip()
    kind = base(ecosystem)
    if kind == "PyPI":
        return _PEP503_RUN.sub("-", text).lower()
    if kind in _CASE_INSENSITIVE:
        return text.lower()
    return text
