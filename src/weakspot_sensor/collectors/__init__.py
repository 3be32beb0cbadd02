"""The collectors, one look-alike module each: `COLLECTOR` says what it needs and how it reads.

To add one: write the module, name it in `SOFTWARE` or `DEVICE`, add its fake root to the tests.
The order of `SOFTWARE` decides who is kept when a device has more items than a report may carry. `DEVICE` is read
again every few minutes, `DETAIL` when its files change.
"""

from __future__ import annotations

import sys
from typing import Tuple

from weakspot_sensor.collectors import (
    accounts,
    apk,
    certificates,
    dpkg,
    extensions,
    hardware,
    java,
    macos_software,
    macos_system,
    network,
    npm,
    operating_system,
    pypi,
    rpm,
    services,
    settings_linux,
    settings_macos,
    settings_windows,
    shares,
    tags,
    windows_machine,
    windows_software,
    windows_system,
)
from weakspot_sensor.collectors.base import Collector, CollectorError, Findings, Result, run


def _here(*every: Collector) -> Tuple[Collector, ...]:
    """Those of this platform."""
    return tuple(entry for entry in every if sys.platform.startswith(entry.platforms))


SOFTWARE = _here(
    dpkg.COLLECTOR,
    rpm.COLLECTOR,
    apk.COLLECTOR,
    windows_software.COLLECTOR,
    macos_software.COLLECTOR,
    windows_system.COLLECTOR,
    extensions.COLLECTOR,
    pypi.COLLECTOR,
    npm.COLLECTOR,
    java.COLLECTOR,
)
DEVICE = _here(
    operating_system.COLLECTOR,
    hardware.COLLECTOR,
    network.COLLECTOR,
    services.COLLECTOR,
    windows_machine.COLLECTOR,
    macos_system.COLLECTOR,
    settings_linux.COLLECTOR,
    settings_windows.COLLECTOR,
    settings_macos.COLLECTOR,
)
DETAIL = _here(accounts.COLLECTOR, shares.COLLECTOR, certificates.COLLECTOR, tags.COLLECTOR)
ALL = SOFTWARE + DEVICE + DETAIL
PACKAGES = frozenset(("dpkg", "rpm", "apk", "windows_software", "windows_system", "macos_software"))
"""Those that read what the system's own installers write."""

__all__ = [
    "ALL",
    "DETAIL",
    "DEVICE",
    "PACKAGES",
    "SOFTWARE",
    "Collector",
    "CollectorError",
    "Findings",
    "Result",
    "run",
]
