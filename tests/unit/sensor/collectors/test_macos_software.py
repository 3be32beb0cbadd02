from __future__ import annotations

import plistlib
from datetime import datetime
from pathlib import Path

from tests.unit.sensor.support import make_root
from weakspot_sensor.collectors import base, macos_software

SERVICES = "/System/Library/CoreServices/SystemVersion.plist"
INFO = {"CFBundleName": "Draw", "CFBundleShortVersionString": "7.2", "CFBundleIdentifier": "org.example.draw"}


def test_applications_and_receipts(tmp_path: Path) -> None:
    receipt = {
        "PackageIdentifier": "org.example.tool",
        "PackageVersion": "1.5",
        "InstallDate": datetime(2024, 1, 2, 3, 4, 5),  # noqa: DTZ001 - dates of property lists have no zone
    }
    files: dict[str, str | bytes] = {
        SERVICES: plistlib.dumps({}),
        "/Applications/Draw.app/Contents/Info.plist": plistlib.dumps(INFO, fmt=plistlib.FMT_BINARY),
        "/Users/anna/Applications/Bad.app/Contents/Info.plist": "no property list",
        "/Applications/Empty.app/Contents/Info.plist": plistlib.dumps({}),
        "/var/db/receipts/org.example.tool.plist": plistlib.dumps(receipt),
        "/var/db/receipts/com.apple.pkg.Core.plist": plistlib.dumps({**receipt, "PackageIdentifier": "x"}),
    }
    result = base.run(macos_software.COLLECTOR, make_root(tmp_path, files), "darwin")
    draw, tool = result.items
    assert (draw["type"], draw["name"], draw["version"], draw["vendor"]) == ("macos_app", "Draw", "7.2", "example")
    assert draw["paths"] == ["/Applications/Draw.app"]
    assert (tool["type"], tool["name"]) == ("macos_package", "org.example.tool")
    assert tool["installed_at"] == "2024-01-02T03:04:05.000000Z"
    assert result.status == "partly"
    assert "Bad.app" in result.reason
