"""Browser extensions with what they may do: profiles of Chrome, Chromium, Edge, Brave and Firefox of all users.

Chromium's browsers keep each version in its own folder with a manifest, and the state in the profile's preferences;
Firefox keeps all in `extensions.json`. What a browser brings itself (built-in themes and system add-ons) is left out.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Iterator, List, Optional, Tuple

from weakspot_sensor import items, limits
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

_HOMES = {"linux": ("/home/*", "/root"), "darwin": ("/Users/*",), "win32": ("/Users/*",)}
_CHROMIUM = {
    "linux": (
        ("chrome", ".config/google-chrome"),
        ("chromium", ".config/chromium"),
        ("chromium", "snap/chromium/common/chromium"),
        ("edge", ".config/microsoft-edge"),
        ("brave", ".config/BraveSoftware/Brave-Browser"),
    ),
    "darwin": (
        ("chrome", "Library/Application Support/Google/Chrome"),
        ("chromium", "Library/Application Support/Chromium"),
        ("edge", "Library/Application Support/Microsoft Edge"),
        ("brave", "Library/Application Support/BraveSoftware/Brave-Browser"),
    ),
    "win32": (
        ("chrome", "AppData/Local/Google/Chrome/User Data"),
        ("chromium", "AppData/Local/Chromium/User Data"),
        ("edge", "AppData/Local/Microsoft/Edge/User Data"),
        ("brave", "AppData/Local/BraveSoftware/Brave-Browser/User Data"),
    ),
}
_FIREFOX = {
    "linux": (".mozilla/firefox", "snap/firefox/common/.mozilla/firefox"),
    "darwin": ("Library/Application Support/Firefox/Profiles",),
    "win32": ("AppData/Roaming/Mozilla/Firefox/Profiles",),
}
_PROFILES = ("Default", "Profile *", "Guest Profile")
_ID = re.compile("[a-p]{32}")
_MESSAGE = re.compile(r"__MSG_(\w+)__")
_PREFERENCES_BYTES = 16 * 1024 * 1024
_OWN_LOCATIONS = frozenset(("app-builtin", "app-builtin-addons", "app-system-defaults", "app-system-addons"))
_STORES = ("https://addons.mozilla.org/",)

Row = Dict[str, Any]


def applies(root: Root) -> bool:
    return bool(_profiles(root))


def watched(root: Root) -> Tuple[str, ...]:
    """The folder of each Chromium profile's extensions and of each extension, and Firefox's file."""
    found: List[str] = []
    for browser, profile in _profiles(root):
        if browser == "firefox":
            found.append(profile + "/extensions.json")
            continue
        folder = profile + "/Extensions"
        names = [name for name in root.names(folder) if _ID.fullmatch(name)]
        found.extend((folder, *(folder + "/" + name for name in names)))
    return tuple(found[: limits.EXTENSIONS])


def read(root: Root) -> Findings:
    found = Findings()
    rows: List[Row] = []
    for browser, profile in _profiles(root):
        reader = _firefox if browser == "firefox" else _chromium
        for row, path in reader(root, browser, profile, found):
            if len(rows) >= limits.EXTENSIONS:
                found.problems.append("more than {} extensions; the rest is left out".format(limits.EXTENSIONS))
                break
            rows.append(row)
            if row["version"]:
                found.items.append(_item(row, path))
    found.tell("extensions", rows)
    return found


def _profiles(root: Root) -> List[Tuple[str, str]]:
    """(browser, folder) of all profiles; the layouts of the three systems do not meet."""
    found: List[Tuple[str, str]] = []
    for system, home in ((system, home) for system, homes in _HOMES.items() for home in homes):
        for browser, base in _CHROMIUM[system]:
            patterns = tuple("{}/{}/{}".format(home, base, profile) for profile in _PROFILES)
            found.extend((browser, path) for path in root.folders(patterns))
        patterns = tuple("{}/{}/*".format(home, base) for base in _FIREFOX[system])
        found.extend(("firefox", path) for path in root.folders(patterns) if root.is_file(path + "/extensions.json"))
    return found


def _item(row: Row, path: str) -> items.Item:
    name = row["name"] or row["id"]
    return items.make(
        "browser_extension", name, row["version"], source_name=row["id"], vendor=row["browser"], path=path
    )


def _chromium(root: Root, browser: str, profile: str, found: Findings) -> Iterator[Tuple[Row, str]]:
    folder = profile + "/Extensions"
    settings = _settings(root, profile)
    for identifier in root.names(folder):
        if not _ID.fullmatch(identifier):
            continue
        # Of several versions the browser uses the newest and removes the others at its next start.
        for version in sorted(root.names(folder + "/" + identifier), key=_order)[-1:]:
            place = "{}/{}/{}".format(folder, identifier, version)
            manifest = _json(root, place + "/manifest.json", limits.MANIFEST_BYTES)
            if manifest is None:
                found.problems.append(place + "/manifest.json cannot be read")
                continue
            state = settings.get(identifier)
            yield _chromium_row(root, browser, profile, identifier, place, manifest, state), place + "/manifest.json"


def _chromium_row(
    root: Root, browser: str, profile: str, identifier: str, place: str, manifest: Row, state: Any
) -> Row:
    asked = _names(manifest.get("permissions"))
    hosts = _names(manifest.get("host_permissions")) + [one for one in asked if _is_host(one)]
    scripts = manifest.get("content_scripts")
    for script in scripts if isinstance(scripts, list) else []:
        hosts.extend(_names(script.get("matches")) if isinstance(script, dict) else [])
    return {
        "browser": browser,
        "id": identifier,
        "name": _name(root, place, manifest),
        "version": items.short(manifest.get("version")),
        "profile": items.text(profile),
        "permissions": [one for one in asked if not _is_host(one)],
        "sites": list(dict.fromkeys(hosts))[: limits.NAMES],
        "is_enabled": _is_enabled(state),
        "source": _source(state),
    }


def _is_enabled(state: Any) -> Optional[bool]:
    """`state` was written up to 2024, `disable_reasons` since: a list (once a number), empty when enabled."""
    if not isinstance(state, dict):
        return None
    if state.get("disable_reasons"):
        return False
    return state["state"] == 1 if isinstance(state.get("state"), int) else True


def _source(state: Any) -> str:
    if not isinstance(state, dict) or not isinstance(state.get("from_webstore"), bool):
        return ""
    return "store" if state["from_webstore"] else "other"


def _settings(root: Root, profile: str) -> Row:
    found: Row = {}
    for name in ("Preferences", "Secure Preferences"):
        document = _json(root, profile + "/" + name, _PREFERENCES_BYTES) or {}
        extensions = document.get("extensions")
        settings = extensions.get("settings") if isinstance(extensions, dict) else None
        found.update(settings if isinstance(settings, dict) else {})
    return found


def _name(root: Root, place: str, manifest: Row) -> str:
    """The name, in the extension's own language where it is translated."""
    name = items.text(manifest.get("name"))
    match = _MESSAGE.fullmatch(name)
    locale = items.short(manifest.get("default_locale"))
    if match is None or not re.fullmatch(r"[A-Za-z_0-9]{2,16}", locale):
        return name
    path = "{}/_locales/{}/messages.json".format(place, locale)
    messages = _json(root, path, limits.MANIFEST_BYTES) or {}
    wanted = match.group(1).lower()
    entry = next((value for key, value in messages.items() if key.lower() == wanted), None)
    return (items.text(entry.get("message")) if isinstance(entry, dict) else "") or name


def _firefox(root: Root, browser: str, profile: str, found: Findings) -> Iterator[Tuple[Row, str]]:
    path = profile + "/extensions.json"
    document = _json(root, path, _PREFERENCES_BYTES)
    addons = document.get("addons") if document is not None else None
    if not isinstance(addons, list):
        found.problems.append(path + " cannot be read")
        return
    for addon in addons:
        if not isinstance(addon, dict) or addon.get("type") != "extension" or addon.get("location") in _OWN_LOCATIONS:
            continue
        granted = addon.get("userPermissions")
        granted = granted if isinstance(granted, dict) else {}
        language = addon.get("defaultLocale")
        uri = addon.get("sourceURI")
        source = "" if not isinstance(uri, str) else "store" if uri.startswith(_STORES) else "other"
        row = {
            "browser": browser,
            "id": items.short(addon.get("id")),
            "name": items.text(language.get("name")) if isinstance(language, dict) else "",
            "version": items.short(addon.get("version")),
            "profile": items.text(profile),
            "permissions": _names(granted.get("permissions")),
            "sites": _names(granted.get("origins")),
            "is_enabled": addon["active"] if isinstance(addon.get("active"), bool) else None,
            "source": source,
        }
        if row["id"]:
            yield row, path


def _json(root: Root, path: str, limit: int) -> Optional[Row]:
    try:
        document = json.loads(root.read(path, limit).decode("utf-8-sig", "replace"))
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _names(value: Any) -> List[str]:
    names = [items.short(one) for one in value[: limits.NAMES]] if isinstance(value, list) else []
    return [name for name in names if name]


def _is_host(permission: str) -> bool:
    return "://" in permission or permission == "<all_urls>"


def _order(version: str) -> Tuple[int, ...]:
    return tuple(int(number[:9]) for number in re.findall(r"\d+", version))


COLLECTOR = Collector("extensions", ("linux", "darwin", "win32"), True, ("browser_extension",), applies, read, watched)
