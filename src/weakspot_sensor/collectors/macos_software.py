"""Applications of macOS by their bundles, and what was installed as packages, by the system's receipts."""

from __future__ import annotations

import plistlib
from datetime import datetime, timezone
from typing import Any, Dict, Iterator, Optional, Tuple
from xml.parsers.expat import ExpatError

from weakspot_sensor import items, limits
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

_FOLDERS = (
    "/Applications",
    "/Applications/Utilities",
    "/Applications/*.app/Contents/Applications",
    "/System/Applications",
    "/System/Applications/Utilities",
    "/Users/*/Applications",
)
_RECEIPTS = "/var/db/receipts"
_SYSTEM = "com.apple.pkg."


def applies(root: Root) -> bool:
    return root.is_folder("/System/Library/CoreServices")


def watched(root: Root) -> Tuple[str, ...]:
    return (*root.folders(_FOLDERS), _RECEIPTS)


def read(root: Root) -> Findings:
    found = Findings()
    for item in _items(root, found):
        if len(found.items) >= limits.ITEMS:
            found.problems.append("more than {} applications; the rest is left out".format(limits.ITEMS))
            break
        found.items.append(item)
    return found


def _items(root: Root, found: Findings) -> Iterator[items.Item]:
    for folder in root.folders(_FOLDERS):
        for name in root.names(folder):
            path = folder + "/" + name
            if name.endswith(".app") and root.is_file(path + "/Contents/Info.plist"):
                info = plist(root, path + "/Contents/Info.plist", found)
                item = None if info is None else _application(root, path, info)
                if item is not None:
                    yield item
    for name in root.names(_RECEIPTS):
        if name.endswith(".plist") and not name.startswith(_SYSTEM):
            info = plist(root, _RECEIPTS + "/" + name, found)
            item = None if info is None else _receipt(_RECEIPTS + "/" + name, info)
            if item is not None:
                yield item


def plist(root: Root, path: str, found: Findings) -> Optional[Dict[str, Any]]:
    """A property list, XML or binary; None, and a problem, where it cannot be read."""
    try:
        document = plistlib.loads(root.read(path, limits.MANIFEST_BYTES))
    except (OSError, ValueError, OverflowError, RecursionError, ExpatError, plistlib.InvalidFileException) as error:
        found.problems.append("{}: {}".format(path, error))
        return None
    return document if isinstance(document, dict) else None


def _application(root: Root, path: str, info: Dict[str, Any]) -> Optional[items.Item]:
    name = items.text(info.get("CFBundleDisplayName")) or items.text(info.get("CFBundleName"))
    name = name or path.rsplit("/", 1)[-1][: -len(".app")]
    version = items.text(info.get("CFBundleShortVersionString")) or items.text(info.get("CFBundleVersion"))
    if not version:
        return None
    facts = root.stat(path + "/Contents/Info.plist")
    installed_at = None if facts is None else facts.st_mtime
    return items.make("macos_app", name, version, vendor=_maker(info), path=path, installed_at=installed_at)


def _maker(info: Dict[str, Any]) -> str:
    """The organisation of a bundle's identifier: "org.example.draw" -> "example"."""
    parts = items.text(info.get("CFBundleIdentifier")).split(".")
    return parts[1] if len(parts) > 2 else ""


def _receipt(path: str, info: Dict[str, Any]) -> Optional[items.Item]:
    name, version = items.text(info.get("PackageIdentifier")), items.text(info.get("PackageVersion"))
    if not name or not version:
        return None
    at = info.get("InstallDate")
    # Dates of property lists have no zone and mean UTC.
    seconds = at.replace(tzinfo=timezone.utc).timestamp() if isinstance(at, datetime) else None
    return items.make("macos_package", name, version, path=path, installed_at=seconds)


COLLECTOR = Collector("macos_software", ("darwin",), False, ("macos_app", "macos_package"), applies, read, watched)
