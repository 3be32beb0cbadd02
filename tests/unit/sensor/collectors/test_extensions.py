from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.sensor.support import make_root
from weakspot_sensor.collectors import base, extensions
from weakspot_sensor.files import Root

ID = "abcdefghijklmnopabcdefghijklmnop"
OTHER = "p" * 32
CHROME = "/home/anna/.config/google-chrome/Default"


def _chrome(folder: Path, base_folder: str = CHROME) -> Root:
    manifest = {
        "name": "__MSG_appName__",
        "default_locale": "en",
        "version": "2.10.0",
        "permissions": ["tabs", "https://example.org/*"],
        "host_permissions": ["<all_urls>"],
        "content_scripts": [{"matches": ["https://example.com/*"]}],
    }
    settings = {ID: {"from_webstore": True, "disable_reasons": []}, OTHER: {"state": 0, "from_webstore": False}}
    return make_root(
        folder,
        {
            f"{base_folder}/Extensions/{ID}/2.9.0_0/manifest.json": "{}",
            f"{base_folder}/Extensions/{ID}/2.10.0_0/manifest.json": json.dumps(manifest),
            f"{base_folder}/Extensions/{ID}/2.10.0_0/_locales/en/messages.json": '{"APPNAME": {"message": "Reader"}}',
            f"{base_folder}/Extensions/{OTHER}/1_0/manifest.json": '{"name": "Side", "version": "1"}',
            f"{base_folder}/Extensions/Temp/1_0/manifest.json": '{"name": "no", "version": "1"}',
            f"{base_folder}/Secure Preferences": json.dumps({"extensions": {"settings": settings}}),
        },
    )


def test_chromium_extensions_with_permissions(tmp_path: Path) -> None:
    result = base.run(extensions.COLLECTOR, _chrome(tmp_path), "linux")
    first, second = result.facts["details"]["extensions"]
    assert (first["browser"], first["name"], first["version"]) == ("chrome", "Reader", "2.10.0")
    assert first["permissions"] == ["tabs"]
    assert first["sites"] == ["<all_urls>", "https://example.org/*", "https://example.com/*"]
    assert (first["is_enabled"], first["source"]) == (True, "store")
    assert (second["name"], second["is_enabled"], second["source"]) == ("Side", False, "other")
    item = result.items[0]
    assert (item["type"], item["name"], item["source_name"]) == ("browser_extension", "Reader", ID)


@pytest.mark.parametrize(
    ("system", "folder"),
    [
        ("win32", "/Users/anna/AppData/Local/Microsoft/Edge/User Data/Profile 1"),
        ("darwin", "/Users/anna/Library/Application Support/Google/Chrome/Default"),
    ],
)
def test_profiles_of_other_systems(tmp_path: Path, system: str, folder: str) -> None:
    found = base.run(extensions.COLLECTOR, _chrome(tmp_path, folder), system)
    assert [row["name"] for row in found.facts["details"]["extensions"]] == ["Reader", "Side"]


def test_firefox(tmp_path: Path) -> None:
    addon = {
        "id": "reader@example.org",
        "version": "3.1",
        "type": "extension",
        "active": False,
        "location": "app-profile",
        "defaultLocale": {"name": "Reader"},
        "userPermissions": {"permissions": ["tabs"], "origins": ["*://*/*"]},
        "sourceURI": "https://addons.mozilla.org/x.xpi",
    }
    own = {**addon, "location": "app-builtin"}
    theme = {**addon, "type": "theme"}
    path = "/root/.mozilla/firefox/abc.default/extensions.json"
    root = make_root(tmp_path, {path: json.dumps({"addons": [addon, own, theme, 3]})})
    result = base.run(extensions.COLLECTOR, root, "linux")
    (row,) = result.facts["details"]["extensions"]
    assert (row["browser"], row["permissions"], row["sites"]) == ("firefox", ["tabs"], ["*://*/*"])
    assert (row["is_enabled"], row["source"]) == (False, "store")
    assert result.items[0]["paths"] == [path]


@pytest.mark.parametrize("content", ["[", "[]", '{"addons": 3}', "[" * 100_000])
def test_odd_files_are_said(tmp_path: Path, content: str) -> None:
    root = make_root(tmp_path, {"/root/.mozilla/firefox/a/extensions.json": content})
    assert base.run(extensions.COLLECTOR, root, "linux").status == "partly"
