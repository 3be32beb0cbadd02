"""The collectors, one look-alike module each: `COLLECTOR` says what it needs and how it reads.

To add one: write the module, name it in `SOFTWARE` or `DEVICE`, add its fake root to the tests.
The order of `SOFTWARE` decides who is kept when a device has more items than a report may carry. `DEVICE` is read
again every few minutes, `DETAIL` when its files change.
"""

from __future__ import annotations

from weakspot_sensor.collectors import (
    accounts,
    apk,
    certificates,
    dpkg,
    extensions,
    hardware,
    java,
    network,
    npm,
    operating_system,
    pypi,
    rpm,
    services,
    shares,
)
from weakspot_sensor.collectors.base import Collector, CollectorError, Findings, Result, run

SOFTWARE = (
    dpkg.COLLECTOR,
    rpm.COLLECTOR,
    apk.COLLECTOR,
    extensions.COLLECTOR,
    pypi.COLLECTOR,
    npm.COLLECTOR,
    java.COLLECTOR,
)
DEVICE = (operating_system.COLLECTOR, hardware.COLLECTOR, network.COLLECTOR, services.COLLECTOR)
DETAIL = (accounts.COLLECTOR, shares.COLLECTOR, certificates.COLLECTOR)
ALL = SOFTWARE + DEVICE + DETAIL

__all__ = ["ALL", "DETAIL", "DEVICE", "SOFTWARE", "Collector", "CollectorError", "Findings", "Result", "run"]
