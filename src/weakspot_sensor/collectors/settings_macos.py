"""Configuration settings of macOS: property lists, and the programs of the system that tell the others."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Optional, Tuple

from weakspot_sensor import commands
from weakspot_sensor.collectors import settings
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.collectors.macos_software import plist
from weakspot_sensor.files import Root

_VERSION = "/System/Library/CoreServices/SystemVersion.plist"
_PREFERENCES = "/Library/Preferences/"
_UPDATES = _PREFERENCES + "com.apple.SoftwareUpdate.plist"
_UPDATE_KEYS = ("AutomaticCheckEnabled", "CriticalUpdateInstall", "ConfigDataInstall")
_SERVICES = "/var/db/com.apple.xpc.launchd/disabled.plist"
_FIREWALL = "/usr/libexec/ApplicationFirewall/socketfilterfw"
_GRACE_SECONDS = 5

Run = Callable[[List[str]], str]
"""What a program wrote; raises CommandError."""


class System:
    """Files below a root, and the programs of the system; those of another root are not there."""

    def __init__(self, root: Root, run: Run) -> None:
        self._root = root
        self._run = run
        self.found = Findings()

    def list(self, path: str) -> Optional[Dict[str, Any]]:
        """A property list; None where it is not there or cannot be read."""
        return plist(self._root, path, self.found) if self._root.is_file(path) else None

    def said(self, *arguments: str) -> Optional[str]:
        """What a program wrote, in lower case; None where it cannot be run."""
        if not self._root.is_live:
            return None
        try:
            return self._run(list(arguments)).lower()
        except commands.CommandError as error:
            self.found.problems.append(str(error))
            return None


def _updates(system: System) -> Optional[str]:
    kept = system.list(_UPDATES) or {}
    return settings.switch(all(bool(kept.get(key, True)) for key in _UPDATE_KEYS))


def _firewall(system: System) -> Optional[str]:
    """Asked of the program first: since macOS 15 nothing is in the file."""
    said = system.said(_FIREWALL, "--getglobalstate")
    match = re.search(r"state = (\d)", said or "")
    if match:
        return settings.switch(match.group(1) != "0")
    kept = system.list(_PREFERENCES + "com.apple.alf.plist")
    state = None if kept is None else kept.get("globalstate")
    return settings.switch(state in (1, 2)) if isinstance(state, int) else None


def _said(on: str, *arguments: str) -> Callable[[System], Optional[str]]:
    def read(system: System) -> Optional[str]:
        said = system.said(*arguments)
        return None if said is None else settings.switch(on in said)

    return read


def _guest(system: System) -> Optional[str]:
    kept = system.list(_PREFERENCES + "com.apple.loginwindow.plist") or {}
    return settings.switch(bool(kept.get("GuestEnabled", False)))


def _apple_events(system: System) -> Optional[str]:
    """launchd lists what somebody switched: false is "not disabled"."""
    kept = system.list(_SERVICES) or {}
    return settings.switch(kept.get("com.apple.AEServer") is False)


def _screen_lock(system: System) -> Optional[str]:
    said = system.said("sysadminctl", "-screenLock", "status")
    if said is None:
        return None
    if "immediate" in said:
        return "enabled"
    match = re.search(r"delay is (\d{1,6})(?:\.\d+)? seconds?", said)
    if match:
        return settings.switch(int(match.group(1)) <= _GRACE_SECONDS)
    return "disabled" if "is off" in said else None


READERS: Dict[str, Callable[[System], Optional[str]]] = {
    "macos.automatic_updates": _updates,
    "macos.filevault": _said("filevault is on", "fdesetup", "status"),
    "macos.firewall": _firewall,
    "macos.gatekeeper": _said("assessments enabled", "spctl", "--status"),
    "macos.guest_account": _guest,
    "macos.remote_apple_events": _apple_events,
    "macos.screen_lock": _screen_lock,
    "macos.system_integrity_protection": _said("status: enabled", "csrutil", "status"),
}


def applies(root: Root) -> bool:
    return root.is_file(_VERSION)


def watched(_root: Root) -> Tuple[str, ...]:
    return ()


def read(root: Root) -> Findings:
    return read_from(root, _run)


def read_from(root: Root, run: Run) -> Findings:
    """Everything that can be found out."""
    system = System(root, run)
    found = settings.read_all(READERS, system)
    found.problems.extend(system.found.problems)
    return found


def _run(arguments: List[str]) -> str:
    # Some of them write their answer to the standard error, and fail where the answer is no.
    return commands.run(arguments, accept_failure=True, with_errors=True).decode("utf-8", "replace")


COLLECTOR = Collector("settings_macos", ("darwin",), True, (), applies, read, watched)
