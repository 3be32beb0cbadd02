"""Plain lists to inventories."""

from __future__ import annotations

import re
from typing import Any

from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.protocols.base import (
    MACOS_APP,
    PROGRAM,
    WINDOWS_PROGRAM,
    Gathering,
    ReadInventory,
    as_text,
    device_named,
    stem,
)
from weakspot.inventory.protocols.documents import Document
from weakspot.inventory.protocols.releases import distribution_id, inferred

_KINDS = {
    "deb_packages": "dpkg", "deb": "dpkg", "dpkg": "dpkg", "rpm_packages": "rpm", "rpm": "rpm", "apk": "apk",
    "apk_packages": "apk", "programs": WINDOWS_PROGRAM, "apps": MACOS_APP, "homebrew_packages": "homebrew",
    "homebrew": "homebrew", "python_packages": "pypi", "pypi": "pypi", "npm_packages": "npm", "npm": "npm",
    "chrome_extensions": "chrome_extension", "firefox_addons": "firefox_addon", "safari_extensions": "safari_extension",
    "vscode_extensions": "vscode_extension", "ie_extensions": "ie_extension", "chocolatey_packages": "chocolatey",
    "gem_packages": "gem", "go_binaries": "go", "portage_packages": "portage", "pacman_packages": "pacman",
    "atom_packages": "atom_package", "jetbrains_plugins": "jetbrains_plugin", "ios_apps": "ios_app",
    "ipados_apps": "ios_app", "android_apps": "android_app",
}  # fmt: skip
_TYPE = re.compile(r"^[a-z][a-z0-9_]{0,31}$")
# Each distribution has packages that no installation is without.
_MARKERS = (
    ("dpkg", frozenset({"dpkg", "base-files"})),
    ("rpm", frozenset({"rpm", "glibc"})),
    ("apk", frozenset({"musl"})),
)
_SYSTEMS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"ubuntu[_-]?(\d\d)\.?(04|10)"), "ubuntu", "dpkg"),
    (re.compile(r"debian[_-]?(\d\d?)()"), "debian", "dpkg"),
    (re.compile(r"windows()()"), "windows", WINDOWS_PROGRAM),
    (re.compile(r"(?:macos|darwin)()()"), "macos", MACOS_APP),
)
_PLATFORMS = {"windows": "Windows", "macos": "macOS"}


def recognises(document: Document) -> bool:
    """A list, alone or as ``software``, whose first item has a name and knows of versions."""
    items = _items(document.json)
    return bool(items) and isinstance(items[0], dict) and "name" in items[0] and "version" in items[0]


def read(document: Document) -> list[ReadInventory]:
    """One device, named as the file unless the document names it."""
    top = document.json if isinstance(document.json, dict) else {}
    items = _items(document.json)
    hinted = _by_name(stem(document.name))
    default = _default_kind(items) or (hinted[1] if hinted else "") or PROGRAM
    gathering = Gathering()
    for item in items:
        _add(gathering, item, default)
    name = as_text(top.get("hostname")) or as_text(top.get("name")) or stem(document.name)
    return [gathering.inventory(device_named(name, _system(top, hinted, gathering)))]


def _items(data: Any) -> list[Any]:
    if isinstance(data, dict):
        data = data.get("software") or data.get("packages")
    return data if isinstance(data, list) else []


def _add(gathering: Gathering, item: Any, default: str) -> None:
    if not isinstance(item, dict):
        gathering.refuse("", "", "is no object")
        return
    said = as_text(item.get("source") or item.get("type")).lower()
    kind = _KINDS.get(said) or (said if said and _TYPE.match(said) and "source" not in item else default)
    gathering.add(
        kind,
        item.get("name"),
        item.get("version"),
        vendor=item.get("vendor") or item.get("publisher"),
        architecture=item.get("arch") or item.get("architecture"),
        source_name=item.get("source_name") or item.get("source_package"),
        source_version=item.get("source_version"),
        module=item.get("bundle_identifier") if kind == MACOS_APP else item.get("module"),
    )


def _default_kind(items: list[Any]) -> str:
    names = {as_text(item.get("name")) for item in items if isinstance(item, dict)}
    return next((kind for kind, needed in _MARKERS if needed <= names), "")


def _by_name(name: str) -> tuple[OperatingSystem, str] | None:
    for pattern, distribution, kind in _SYSTEMS:
        if match := pattern.search(name.lower()):
            version = f"{match[1]}.{match[2]}" if match[2] else match[1]
            platform = _PLATFORMS.get(distribution, "Linux")
            return OperatingSystem(platform=platform, distribution=distribution, version=version), kind
    return None


def _system(top: dict[str, Any], hinted: tuple[OperatingSystem, str] | None, gathering: Gathering) -> OperatingSystem:
    said = top.get("os")
    if isinstance(said, dict) and as_text(said.get("distribution") or said.get("name")):
        distribution = distribution_id(as_text(said.get("distribution") or said.get("name")))
        return OperatingSystem(platform="Linux", distribution=distribution, version=as_text(said.get("version"))[:256])
    if told := inferred(gathering.items):
        gathering.notes.append(f"the release was concluded from {told[1]}")
        return told[0]
    if hinted:
        gathering.notes.append("the operating system was taken from the name of the file")
        return hinted[0]
    kinds = {item.type for item in gathering.items}
    platform = "macOS" if MACOS_APP in kinds else "Windows" if WINDOWS_PROGRAM in kinds else "unknown"
    return OperatingSystem(platform=platform)
