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
    "OwningApp": "Update what ships",
    "AttentionRequired": "Attention required:",
}


def product_name(version: SoftwareVersion, software: Software) -> str:
    """What is updated as one: the source package for distribution packages, else the product itself."""
    return (version.source_name or software.name) if version.type in DISTRIBUTION_TYPES else software.name


def product_id(software: Software, name: str) -> str:
    """``va-_-vendor-_-product``, in lower case and without blanks."""
    vendor = software.public_id.partition(SEPARATOR)[0]
    return SEPARATOR.join((PREFIX, vendor, "_".join(name.lower().split())))


def owner(version: SoftwareVersion) -> tuple[str, str]:
    """(type, name) of the package whose program ships this as a component; empty texts where it stands for itself.

    Of the form ``dpkg:name=version``. Components of the distribution's own packages are judged by its advisories.
    """
    if version.type in DISTRIBUTION_TYPES:
        return "", ""
    kind, _, named = version.owned_by.partition(":")
    return kind, named.partition("=")[0]


def title(
    remediation_type: RemediationType, name: str, targets: frozenset[str], owners: frozenset[str] = frozenset()
) -> str:
    """``Update openssl to 3.0.15-1``; without the version where there are several.

    A component: ``Update agent, which ships jinja2``; without the program's name where there are several.
    """
    if remediation_type == "OwningApp" and len(owners) == 1:
        return f"Update {next(iter(owners))}, which ships {name}"
    said = f"{_VERBS[remediation_type]} {name}"
    if remediation_type == "OwningApp" or len(targets) != 1:
        return said
    return f"{said} to {next(iter(targets))}"
