"""SPDX documents to inventories: each form is brought to the same few fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.protocols import packages
from weakspot.inventory.protocols.base import PROGRAM, Gathering, ReadInventory, as_text, device_named, stem
from weakspot.inventory.protocols.documents import Document
from weakspot.inventory.protocols.releases import distribution_id

_TAG_VALUE = re.compile(r"^SPDXVersion:\s*SPDX-\d", re.MULTILINE)
_NOT_SOFTWARE = frozenset({"FILE", "SOURCE", "ARCHIVE", "DOCUMENTATION", "DATA"})
_SYSTEM = "OPERATING_SYSTEM"
_SUPPLIER = re.compile(r"^(?:Person|Organization|Tool):\s*(.*?)\s*(?:\([^)]*\))?$")
_NO_VALUE = frozenset({"", "NOASSERTION", "NONE"})


class _Package(msgspec.Struct):
    name: str = ""
    version: str = ""
    purl: str = ""
    vendor: str = ""
    purpose: str = ""
    source: str = ""


def recognises(document: Document) -> bool:
    """``spdxVersion``, an SPDX 3 context, or the tag ``SPDXVersion``."""
    data = document.json
    if isinstance(data, dict):
        return "spdxVersion" in data or ("@graph" in data and "spdx" in str(data.get("@context", "")).lower())
    return _TAG_VALUE.search(document.text[:20_000]) is not None


def read(document: Document) -> list[ReadInventory]:
    """One device, named as the document."""
    data = document.json
    if not isinstance(data, dict):
        name, found = _tag_value(document.lines)
    elif "@graph" in data:
        name, found = _graph(data["@graph"])
    else:
        name, found = as_text(data.get("name")), [_of_json(item) for item in _dicts(data.get("packages"))]
    gathering = Gathering()
    system = OperatingSystem(platform="unknown")
    distributions = []
    for package in found:
        if package.purpose.upper().replace("-", "_").replace("OPERATINGSYSTEM", _SYSTEM) == _SYSTEM:
            system = _system(package.name, package.version)
        else:
            distributions.append(_add(gathering, package))
    common = packages.most_common_distribution(distributions)
    if system.platform == "unknown" and common is not None:
        system = _system(common.name, common.version)
    return [gathering.inventory(device_named(name or stem(document.name), system))]


def _system(name: str, version: str) -> OperatingSystem:
    return OperatingSystem(platform="Linux", distribution=distribution_id(name)[:256], version=version[:256])


def _add(gathering: Gathering, package: _Package) -> packages.PackageDistribution | None:
    if package.purpose.upper() in _NOT_SOFTWARE and not package.purl:
        gathering.refuse(
            package.name, package.version, f"is a package of purpose {package.purpose}, which is no software"
        )
        return None
    if package.purl:
        return packages.add_package(gathering, package.purl, name=package.name, version=package.version)
    gathering.add(PROGRAM, package.name, package.version, vendor=package.vendor)
    return None


def _of_json(item: dict[str, Any]) -> _Package:
    return _Package(
        name=as_text(item.get("name")),
        version=_value(item.get("versionInfo")),
        purl=_purl((r.get("referenceType"), r.get("referenceLocator")) for r in _dicts(item.get("externalRefs"))),
        vendor=_supplier(item.get("supplier")),
        purpose=as_text(item.get("primaryPackagePurpose")),
    )


def _graph(elements: Any) -> tuple[str, list[_Package]]:
    name, found = "", []
    for element in _dicts(elements):
        kind = as_text(element.get("type") or element.get("@type"))
        if kind == "SpdxDocument":
            name = as_text(element.get("name"))
        elif kind.endswith("software_Package") or kind in ("Package", "software:Package"):
            found.append(_of_element(element))
    return name, found


def _of_element(element: dict[str, Any]) -> _Package:
    ids = _dicts(element.get("externalIdentifier"))
    url = as_text(element.get("software_packageUrl")) or _purl(
        (i.get("externalIdentifierType"), i.get("identifier")) for i in ids
    )
    return _Package(
        name=as_text(element.get("name")),
        version=_value(element.get("software_packageVersion")),
        purl=url,
        purpose=as_text(element.get("software_primaryPurpose")),
    )


def _tag_value(lines: Iterable[str]) -> tuple[str, list[_Package]]:
    name, found = "", []
    current: _Package | None = None
    for tag, value in _tags(lines):
        if tag == "DocumentName":
            name = value
        elif tag == "PackageName":
            current = _Package(name=value)
            found.append(current)
        elif tag in ("FileName", "SnippetSPDXID"):
            current = None
        elif current is not None:
            _set(current, tag, value)
    return name, found


def _set(package: _Package, tag: str, value: str) -> None:
    if tag == "PackageVersion":
        package.version = _value(value)
    elif tag == "PackageSupplier":
        package.vendor = _supplier(value)
    elif tag == "PrimaryPackagePurpose":
        package.purpose = value
    elif tag == "ExternalRef":
        parts = value.split()
        if len(parts) == 3 and not package.purl:
            package.purl = _purl([(parts[1], parts[2])])


def _tags(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Tags with their values; ``<text>`` values over several lines are skipped, as none of them is read."""
    in_text = False
    for line in lines:
        if in_text:
            in_text = "</text>" not in line
            continue
        tag, colon, value = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        value = value.strip()
        in_text = value.startswith("<text>") and "</text>" not in value
        yield tag.strip(), value.removeprefix("<text>").removesuffix("</text>").strip()


def _purl(pairs: Iterable[tuple[Any, Any]]) -> str:
    for kind, value in pairs:
        if as_text(kind).rpartition("/")[2].lower() in ("purl", "packageurl"):
            return as_text(value)
    return ""


def _supplier(value: Any) -> str:
    text = _value(value)
    match = _SUPPLIER.match(text)
    return match[1] if match else text


def _value(value: Any) -> str:
    text = as_text(value)
    return "" if text in _NO_VALUE else text


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
