from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from tests.unit.sensor.support import make_root
from weakspot_sensor import commands
from weakspot_sensor.collectors import settings_macos
from weakspot_sensor.files import Root

SAID = {
    "fdesetup": "FileVault is On.\n",
    "/usr/libexec/ApplicationFirewall/socketfilterfw": "Firewall is enabled. (State = 1) \n",
    "spctl": "assessments disabled\n",
    "csrutil": "System Integrity Protection status: enabled.\n",
    "sysadminctl": "2026-01-01 12:00:00 sysadminctl[1] screenLock delay is 5 seconds\n",
}


class Mac(Root):
    """A folder that passes for the system itself."""

    def __init__(self, root: Root) -> None:
        super().__init__(root.path)

    @property
    def is_live(self) -> bool:  # type: ignore[override]
        return True

    @is_live.setter
    def is_live(self, _: bool) -> None:
        """It always is."""

    def locate(self, path: str) -> str:
        return self.path + path


def told(folder: Path, files: dict[str, str | bytes], said: dict[str, str] = SAID) -> dict[str, str]:
    def run(arguments: list[str]) -> str:
        if arguments[0] not in said:
            raise commands.CommandError(arguments[0] + " is not installed")
        return said[arguments[0]]

    found = settings_macos.read_from(Mac(make_root(folder, files)), run)
    return {one["name"].removeprefix("macos."): one["value"] for one in found.facts["details"]["settings"]}


def test_what_programs_and_files_tell(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "/Library/Preferences/com.apple.SoftwareUpdate.plist": plistlib.dumps({"CriticalUpdateInstall": False}),
        "/Library/Preferences/com.apple.loginwindow.plist": plistlib.dumps({"GuestEnabled": True}),
        "/var/db/com.apple.xpc.launchd/disabled.plist": plistlib.dumps({"com.apple.AEServer": False}),
    }
    assert told(tmp_path, files) == {
        "automatic_updates": "disabled",
        "filevault": "enabled",
        "firewall": "enabled",
        "gatekeeper": "disabled",
        "guest_account": "enabled",
        "remote_apple_events": "enabled",
        "screen_lock": "enabled",
        "system_integrity_protection": "enabled",
    }


def test_what_is_not_set_and_what_is_not_known(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"/Library/Preferences/com.apple.alf.plist": plistlib.dumps({"globalstate": 0})}
    assert told(tmp_path, files, {}) == {
        "automatic_updates": "enabled",
        "firewall": "disabled",
        "guest_account": "disabled",
        "remote_apple_events": "disabled",
    }


@pytest.mark.parametrize(
    ("said", "value"),
    [("delay is 300 seconds", "disabled"), ("is immediate", "enabled"), ("is off", "disabled"), ("what", None)],
)
def test_the_screen_lock(said: str, value: str | None, tmp_path: Path) -> None:
    assert told(tmp_path, {}, {"sysadminctl": "screenLock " + said}).get("screen_lock") == value


def test_another_root_is_not_asked(tmp_path: Path) -> None:
    def run(_: list[str]) -> str:
        raise AssertionError("a program was run")

    found = settings_macos.read_from(make_root(tmp_path, {}), run)
    assert {one["name"] for one in found.facts["details"]["settings"]} == {
        "macos.automatic_updates",
        "macos.guest_account",
        "macos.remote_apple_events",
    }
