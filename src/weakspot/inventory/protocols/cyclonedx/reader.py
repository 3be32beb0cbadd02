"""CycloneDX documents to inventories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.protocols import packages
from weakspot.inventory.protocols.base import PROGRAM, Gathering, ReadInventory, as_text, device_named, stem
from weakspot.inventory.protocols.documents import MAX_DEPTH, Document
from weakspot.inventory.protocols.releases import distribution_id

_SOFTWARE = frozenset({"", "application", "framework", "library", "container", "platform", "device-driver", "firmware"})
_SYSTEM = "operating-system"
_TRIVY = "aquasecurity:trivy:"

Component = dict[str, Any]


def recognises(document: Document) -> bool:
    """``bomFormat`` in JSON, a ``bom`` root in XML."""
    if isinstance(document.json, dict):
        return document.json.get("bomFormat") == "CycloneDX"
    return document.xml is not None and document.xml.tag == "bom"


def read(document: Document) -> list[ReadInventory]:
    """One device."""
    bom = document.json if isinstance(document.json, dict) else _of_xml(document.xml)
    metadata = _dict(bom.get("metadata"))
    gathering = Gathering()
    systems: list[Component] = []
    distributions = []
    for component in _walk(_list(bom.get("components"))):
        if component.get("type") == _SYSTEM:
            systems.append(component)
        else:
            distributions.append(_add(gathering, component))
    subject = _dict(metadata.get("component"))
    system = _system([*systems, subject], packages.most_common_distribution(distributions))
    name = as_text(subject.get("name")) or stem(document.name)
    return [gathering.inventory(device_named(name, system))]


def _walk(top: list[Any]) -> Iterator[Component]:
    """Components with those inside them; what is nested too deep is left to the limit of the parser."""
    left = [(item, 0) for item in reversed(top)]
    while left:
        item, depth = left.pop()
        if not isinstance(item, dict):
            yield {"type": "unreadable"}
            continue
        yield item
        if depth < MAX_DEPTH:
            left.extend((inner, depth + 1) for inner in reversed(_list(item.get("components"))))


def _add(gathering: Gathering, component: Component) -> packages.PackageDistribution | None:
    kind, version = as_text(component.get("type")), component.get("version")
    group, name = as_text(component.get("group")), as_text(component.get("name"))
    shown = f"{group}/{name}" if group else name
    if kind not in _SOFTWARE:
        gathering.refuse(shown, version, f"is a component of type {kind!r}, which is no software")
        return None
    fields = _properties(component)
    if url := as_text(component.get("purl")):
        return packages.add_package(gathering, url, name=shown, version=version, **fields)
    vendor = as_text(component.get("publisher")) or group or as_text(_dict(component.get("supplier")).get("name"))
    gathering.add(PROGRAM, name, version, vendor=vendor)
    return None


def _properties(component: Component) -> dict[str, str]:
    """Source package and module as scanners add them to a component."""
    values = {
        as_text(item.get("name")): as_text(item.get("value"))
        for item in _list(component.get("properties"))
        if isinstance(item, dict)
    }
    name, version = values.get(f"{_TRIVY}SrcName", ""), values.get(f"{_TRIVY}SrcVersion", "")
    release, epoch = values.get(f"{_TRIVY}SrcRelease", ""), values.get(f"{_TRIVY}SrcEpoch", "")
    if version and release:
        version = f"{version}-{release}"
    if version and epoch:
        version = f"{epoch}:{version}"
    found = {"source_name": name, "source_version": version, "module": values.get(f"{_TRIVY}Modularitylabel", "")}
    if name == "" and (syft := values.get("syft:metadata:source", "")):
        found["source_name"], found["source_version"] = syft, values.get("syft:metadata:sourceVersion", "")
    if label := values.get("syft:metadata:modularityLabel", ""):
        found["module"] = label
    return {field: value for field, value in found.items() if value}


def _system(systems: list[Component], by_packages: packages.PackageDistribution | None) -> OperatingSystem:
    for component in systems:
        if component.get("type") == _SYSTEM and as_text(component.get("name")):
            version = as_text(component.get("version"))
            return OperatingSystem(
                platform="Linux", distribution=distribution_id(as_text(component["name"])), version=version[:256]
            )
    if by_packages is not None:
        return OperatingSystem(platform="Linux", distribution=by_packages.name[:256], version=by_packages.version[:256])
    return OperatingSystem(platform="unknown")


def _of_xml(root: Element | None) -> dict[str, Any]:
    """The part of the JSON form that is read, from the XML form."""
    assert root is not None
    subject = root.find("metadata/component")
    return {
        "metadata": {"component": _component(subject) if subject is not None else {}},
        "components": [_component(item) for item in root.findall("components/component")],
    }


def _component(element: Element) -> Component:
    """Iterative: the nesting is bounded by the parser, not by the stack."""
    top: Component = {}
    left = [(element, top)]
    while left:
        source, target = left.pop()
        target["type"] = source.get("type", "")
        for field in ("group", "name", "version", "purl", "publisher"):
            target[field] = source.findtext(field, "")
        target["supplier"] = {"name": source.findtext("supplier/name", "")}
        target["properties"] = [
            {"name": item.get("name", ""), "value": item.text or ""} for item in source.findall("properties/property")
        ]
        inner = source.findall("components/component")
        target["components"] = [{} for _ in inner]
        left.extend(zip(inner, target["components"], strict=True))
    return top


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
