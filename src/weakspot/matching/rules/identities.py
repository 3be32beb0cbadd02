"""Under which identities a software version is looked up, or why it is not.

Distribution packages are judged by their distribution alone (backports make upstream ranges wrong for them), by
*source*
package where the advisories of that distribution name source packages.
"""

from __future__ import annotations

import msgspec

from weakspot.inventory.contracts import SoftwareVersion
from weakspot.matching.contracts import Candidate
from weakspot.matching.rules import linux, programs, third_party, windows
from weakspot.vocabulary import ecosystems, kernels, program_names
from weakspot.vocabulary.platforms import DISTRIBUTION_TYPES
from weakspot.vocabulary.windows import product_of

_REGISTRIES = {
    "pypi": "PyPI", "npm": "npm", "gem": "RubyGems", "maven": "Maven", "go": "Go", "cargo": "crates.io",
    "nuget": "NuGet", "composer": "Packagist", "hex": "Hex", "pub": "Pub", "cran": "CRAN", "hackage": "Hackage",
    "homebrew": "Homebrew",
}  # fmt: skip
_BY_SOURCE = ("Debian:", "Ubuntu:", "Alpine:", "Alpaquita", "Wolfi", "Chainguard", "Rocky Linux:")
"""Distributions whose advisories name source packages; those of others name binary packages."""

BY_OWN_NAME = "binary_package_name"
"""Method: no source package is known at all, and the package is looked up by its own name."""

LEARNED = "learned_source_package"
INDEXED = "indexed_source_package"
WITHOUT_SOURCE = (BY_OWN_NAME, LEARNED, INDEXED)
"""Methods of packages whose own inventory names no source package."""

# Confidence by method; docs/matching.md says why.
_SOURCE_PACKAGE = 100
_BINARY_PACKAGE = 95
_PURL = 95
_INDEXED_SOURCE = 90
_LEARNED_SOURCE = 75
_BINARY_NAME = 60
_NOT_RUNNING = 40


def candidates(version: SoftwareVersion, learned_source: str = "", indexed_source: str = "") -> list[Candidate]:
    """Identities of a software version, best first; empty when there is none (``reason_without`` tells why).

    learned_source: the source package that other devices report for a package of this name and release; used where the
    software version itself names none. indexed_source: the one that the release's package index names, which is
    better.
    """
    if reason_without(version) or version.type == windows.UPDATE_TYPE:
        return []
    if version.type == windows.SYSTEM_TYPE:
        return windows.candidates(version.id, version.name, version.version, version.architecture, version.module)
    if version.type in program_names.TYPES:
        return programs.candidates(version)
    if version.type in DISTRIBUTION_TYPES:
        source = "" if version.source_name else indexed_source or learned_source
        if source and linux.is_kernel_companion(msgspec.structs.replace(version, source_name=source)):
            return []
        return [_distribution_candidate(version, learned_source, indexed_source)]
    ecosystem = _REGISTRIES[version.type]
    name = ecosystems.normalise_name(ecosystem, version.name)
    return [Candidate(version.id, ecosystem, name, version.version, "purl", _PURL)]


def reason_without(version: SoftwareVersion) -> str:
    """Why a software version is not looked up at all; empty when it is (or when it is part of another)."""
    if version.type == windows.UPDATE_TYPE:
        return ""  # judged with the system that it belongs to
    if version.type == windows.SYSTEM_TYPE:
        is_told = product_of(version.name, version.version, version.architecture)
        return "" if is_told else "which edition of Windows it is cannot be told from its name and build"
    if version.type in program_names.TYPES:
        return programs.reason_without(version)
    if not version.version:
        return "its version is not known"
    if owner := _distribution_owner(version):
        return f"it belongs to {owner}, which is assessed by the distribution's advisories"
    if version.type in DISTRIBUTION_TYPES:
        return _reason_without_distribution(version)
    if version.type not in _REGISTRIES:
        return f"no source describes software of type {version.type}"
    return ""


def names_without(version: SoftwareVersion) -> list[tuple[str, str]]:
    """(ecosystem, name) under which sources name software of which this version cannot be assessed; empty where another
    package stands for it, or nothing can name it.
    """
    if found := candidates(version):
        return [(one.ecosystem, one.name) for one in found]
    if version.type in DISTRIBUTION_TYPES:
        is_told = bool(version.platform) and not linux.is_kernel_companion(version)
        return [(version.platform, version.source_name or version.name)] if is_told else []
    if version.type in _REGISTRIES and not _distribution_owner(version):
        ecosystem = _REGISTRIES[version.type]
        return [(ecosystem, ecosystems.normalise_name(ecosystem, version.name))]
    return []


def is_looked_up_by_source(version: SoftwareVersion) -> bool:
    """Whether the advisories about a package name its source package."""
    return version.type in DISTRIBUTION_TYPES and version.platform.startswith(_BY_SOURCE)


def needs_source(version: SoftwareVersion) -> bool:
    """Whether a package is looked up by a source package that its inventory did not name."""
    return not version.source_name and is_looked_up_by_source(version)


def _reason_without_distribution(version: SoftwareVersion) -> str:
    if not version.platform:
        return "the distribution or its release is not known"
    if third_party.is_third_party(version.platform, version.version, version.vendor):
        return "it comes from a third-party repository, which the distribution's advisories do not describe"
    if linux.is_kernel_companion(version):
        return "it belongs to a kernel's source but holds no kernel; the kernel that runs is assessed"
    return ""


def _distribution_owner(version: SoftwareVersion) -> str:
    """The distribution's package that installed a language package; empty where none or somebody else's did.

    ``owned_by`` is ``dpkg:name`` or ``dpkg:name=version``: the version tells a third party's package, whose contents no
    advisory of the distribution describes.
    """
    name, _, owner_version = version.owned_by.partition(":")[2].partition("=")
    if third_party.is_third_party(version.platform or "?", owner_version, ""):
        return ""
    return name


def _distribution_candidate(version: SoftwareVersion, learned: str, indexed: str) -> Candidate:
    name, compared, method, confidence = _distribution_identity(version, learned, indexed)
    if version.module == kernels.NOT_RUNNING:
        method, confidence = "kernel_not_running", _NOT_RUNNING
    elif version.module.startswith(kernels.RUNNING_AS):
        compared, method = version.module.removeprefix(kernels.RUNNING_AS), "running_kernel"
    return Candidate(version.id, version.platform, name, compared, method, confidence, linux.module_of(version))


def _distribution_identity(version: SoftwareVersion, learned: str, indexed: str) -> tuple[str, str, str, int]:
    if not version.platform.startswith(_BY_SOURCE):
        return version.name, version.version, "binary_package", _BINARY_PACKAGE
    name, compared = version.source_name, linux.source_version(version)
    if not name and indexed:
        name, method, confidence = indexed, INDEXED, _INDEXED_SOURCE
    elif not name and learned:
        name, method, confidence = learned, LEARNED, _LEARNED_SOURCE
    elif not name:
        return version.name, compared, BY_OWN_NAME, _BINARY_NAME
    else:
        method, confidence = "source_package", _SOURCE_PACKAGE
    if version.type == "dpkg" and (signed := linux.signed_source(name, compared)):
        return *signed, "signed_kernel", confidence
    return name, compared, method, confidence
