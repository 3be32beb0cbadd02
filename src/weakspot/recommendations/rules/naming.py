"""How recommendations are called."""

from __future__ import annotations

from weakspot.inventory.contracts import Software, SoftwareVersion
from weakspot.recommendations.contracts import RemediationType
from weakspot.vocabulary.platforms import DISTRIBUTION_TYPES

PREFIX = "va"
SEPARATOR = "-_-"
_VERBS: dict[RemediationType, str] = {
    "Update": "Update",
    "Upgrade": "Upgrade",
    "Uninstall": "Uninstall",
    "AttentionRequired": "Attention required:",
}


def product_name(version: SoftwareVersion, software: Software) -> str:
    """What is updated as one: the source package for distribution packages, else the product itself."""
    return (version.source_name or software.name) if version.type in DISTRIBUTION_TYPES else software.name


def product_id(software: Software, name: str) -> str:
    """``va-_-vendor-_-product``, in lower case and without blanks."""
    vendor = software.public_id.partition(SEPARATOR)[0]
    return SEPARATOR.join((PREFIX, vendor, "_".join(name.lower().split())))


def title(remediation_type: RemediationType, name: str, targets: frozenset[str]) -> str:
    """``Update openssl to 3.0.15-1``; without the version where there are several."""
    said = f"{_VERBS[remediation_type]} {name}"
    return f"{said} to {next(iter(targets))}" if len(targets) == 1 else said
