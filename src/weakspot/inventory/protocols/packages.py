"""From package URLs and CPE names, as software bills of materials carry them, to items."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from weakspot.inventory.protocols.base import Gathering, as_text
from weakspot.inventory.protocols.releases import distribution_id
from weakspot.vocabulary import purl
from weakspot.vocabulary.purl import Purl

_TYPES = {
    "deb": "dpkg", "rpm": "rpm", "apk": "apk", "golang": "go", "brew": "homebrew", "pypi": "pypi", "npm": "npm",
    "gem": "gem", "maven": "maven", "cargo": "cargo", "nuget": "nuget", "composer": "composer", "hex": "hex",
    "pub": "pub", "cran": "cran", "hackage": "hackage",
}  # fmt: skip
_DISTRIBUTION = frozenset({"deb", "rpm", "apk"})
_SOURCE_RPM = re.compile(r"^(?P<name>.+)-(?P<version>[^-]+-[^-]+?)(?:\.(?:src|nosrc)(?:\.rpm)?)?$")


class PackageDistribution(msgspec.Struct, frozen=True):
    """Distribution and release that a package URL names; each may be empty."""

    name: str
    version: str


def add_package(
    gathering: Gathering, url: str, *, name: Any = "", version: Any = "", **fields: Any
) -> PackageDistribution | None:
    """Add what a package URL names. Returns the distribution it is of, None where it is of none.

    name, version: what the record says beside the URL; the URL wins. fields: ``source_name``, ``source_version``,
    ``module``, ``paths``, ``vendor`` where the record knows them.
    """
    try:
        parsed = purl.parse(url)
    except ValueError as error:
        gathering.refuse(name or url, version, f"has a package URL that cannot be read ({error})")
        return None
    kind = _TYPES.get(parsed.type)
    shown = parsed.version or as_text(version)
    if kind is None:
        fields.setdefault("vendor", parsed.namespace)
        gathering.add(_kind_of(parsed.type), parsed.name, shown, **fields)
        return None
    if parsed.type in _DISTRIBUTION:
        _add_distribution_package(gathering, kind, parsed, shown, fields)
        return _distribution(parsed)
    own = purl.identity(parsed)
    gathering.add(kind, own[1] if own else parsed.name, shown, **fields)
    return None


def _kind_of(purl_type: str) -> str:
    return "purl_" + re.sub(r"[^a-z0-9]", "_", purl_type)[:24] if purl_type != "generic" else "program"


def _add_distribution_package(gathering: Gathering, kind: str, parsed: Purl, version: str, fields: Any) -> None:
    qualifiers = parsed.qualifiers
    epoch = qualifiers.get("epoch", "")
    if epoch and epoch != "0" and ":" not in version:
        version = f"{epoch}:{version}"
    if not fields.get("source_name") and qualifiers.get("upstream"):
        fields["source_name"], fields["source_version"] = _upstream(parsed.type, qualifiers["upstream"], version)
    elif not fields.get("source_name") and kind == "apk" and qualifiers.get("origin"):
        fields["source_name"] = qualifiers["origin"]
    if module := qualifiers.get("rpmmod") or qualifiers.get("modularitylabel"):
        fields.setdefault("module", module)
    fields.setdefault("architecture", qualifiers.get("arch", ""))
    gathering.add(kind, parsed.name, version, **fields)


def _upstream(purl_type: str, text: str, version: str) -> tuple[str, str]:
    """Source package and version of an ``upstream`` qualifier: ``openssl@3.0.1-1``, ``openssl``, ``a-1-2.src.rpm``."""
    if purl_type == "rpm":
        match = _SOURCE_RPM.match(text)
        return (match["name"], match["version"]) if match else (text, "")
    name, _, own = text.partition("@")
    return name, own or version


def _distribution(parsed: Purl) -> PackageDistribution:
    """``distro=debian-12``, ``distro=alpine-3.18.4``, ``distro=bookworm``; the namespace tells the rest."""
    name, _, version = parsed.qualifiers.get("distro", "").rpartition("-")
    if not version[:1].isdigit():
        return PackageDistribution(distribution_id(parsed.namespace), "")
    return PackageDistribution(distribution_id(name or parsed.namespace), version)


def most_common_distribution(found: list[PackageDistribution | None]) -> PackageDistribution | None:
    """What most package URLs name, a release before none."""
    from collections import Counter

    counted = Counter(item for item in found if item is not None and item.name)
    return max(counted, key=lambda item: (bool(item.version), counted[item]), default=None)
