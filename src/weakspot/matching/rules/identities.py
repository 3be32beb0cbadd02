"""Under which identities a software version is looked up, or why it is not.

Distribution packages are judged by their distribution alone (backports make upstream ranges wrong for them), by
*source*
package where the advisories of that distribution name source packages.
"""

from __future__ import annotations

import re

from weakspot.inventory.contracts import SoftwareVersion
from weakspot.matching.contracts import Candidate
from weakspot.vocabulary import ecosystems
from weakspot.vocabulary.platforms import DISTRIBUTION_TYPES

_REGISTRIES = {
    "pypi": "PyPI", "npm": "npm", "gem": "RubyGems", "maven": "Maven", "go": "Go", "cargo": "crates.io",
    "nuget": "NuGet", "composer": "Packagist", "hex": "Hex", "pub": "Pub", "cran": "CRAN", "hackage": "Hackage",
    "homebrew": "Homebrew",
}  # fmt: skip
_BY_SOURCE = ("Debian:", "Ubuntu:", "Alpine:")
_BINARY_REBUILD = re.compile(r"\+b\d+$")
# Debian signs kernel images in a second source package, whose version writes the linux revision with a plus sign.
_SIGNED_KERNEL = re.compile(r"^linux-signed(-[a-z0-9]+)*$")
# Suffixes by which well-known third-party repositories mark their builds.
_THIRD_PARTY = re.compile(
    r"nodesource|\.pgdg|sury\.org|~ppa|\bppa\d|docker|\+cloudlinux|percona|mariadb\.org|nginx\.org|~(?:bionic|focal|jammy|noble)$",
    re.IGNORECASE,
)


def candidates(version: SoftwareVersion) -> list[Candidate]:
    """Identities of a software version, best first; empty when there is none (``reason_without`` tells why)."""
    if reason_without(version):
        return []
    if version.type in DISTRIBUTION_TYPES:
        name, compared, method, confidence = _distribution_identity(version)
        module = ":".join(version.module.split(":")[:2])
        return [Candidate(version.id, version.platform, name, compared, method, confidence, module)]
    ecosystem = _REGISTRIES[version.type]
    name = ecosystems.normalise_name(ecosystem, version.name)
    return [Candidate(version.id, ecosystem, name, version.version, "purl", 95)]


def reason_without(version: SoftwareVersion) -> str:
    """Why a software version is not looked up at all; empty when it is."""
    if not version.version:
        return "its version is not known"
    if version.owned_by:
        return f"it belongs to {version.owned_by.partition(':')[2]}, which is assessed by the distribution's advisories"
    if version.type in DISTRIBUTION_TYPES:
        if not version.platform:
            return "the distribution or its release is not known"
        if _THIRD_PARTY.search(version.version):
            return "it comes from a third-party repository, which the distribution's advisories do not describe"
        return ""
    if version.type not in _REGISTRIES:
        return f"no source describes software of type {version.type}"
    return ""


def _distribution_identity(version: SoftwareVersion) -> tuple[str, str, str, int]:
    if not version.platform.startswith(_BY_SOURCE):
        return version.name, version.version, "binary_package", 95
    name, compared = version.source_name, version.source_version or version.version
    if not name:
        return version.name, _BINARY_REBUILD.sub("", compared), "binary_package_name", 60
    if version.type == "dpkg":
        if not version.source_version:
            compared = _BINARY_REBUILD.sub("", compared)
        if _SIGNED_KERNEL.match(name):
            return "linux", compared.replace("+", "-", 1), "signed_kernel", 100
    return name, compared, "source_package", 100
