"""weakspot.inventory.rules.updates."""

from __future__ import annotations

from weakspot.inventory.contracts import InstalledSoftware
from weakspot.inventory.rules.updates import with_updates


def item(kind: str, name: str, module: str = "") -> InstalledSoftware:
    return InstalledSoftware(type=kind, name=name, version="1", module=module)


def test_a_system_carries_the_updates_of_its_device() -> None:
    items = [
        item("windows_update", "KB5000002", "applied"),
        item("windows_os", "Windows 10", "told by the device"),
        item("windows_update", "KB5000001", "applied"),
        item("windows_update", "KB5000003", "unapplied"),
    ]
    system = with_updates(items)[1]
    assert system.module == "a:5000001,5000002;o:5000003"
    assert with_updates(list(reversed(items)))[2] == system


def test_other_devices_stay_as_they_are() -> None:
    items = [item("dpkg", "bash"), item("windows_update", "KB5000001", "applied")]
    assert with_updates(items) == items
    assert with_updates([item("windows_os", "Windows 10", "x")])[0].module == ""
