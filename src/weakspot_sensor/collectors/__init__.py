"""The collectors, one look-alike module each: `COLLECTOR` says what it needs and how it reads.

To add one: write the module, name it in `SOFTWARE` or `DEVICE`, add its fake root to the tests.
The order of `SOFTWARE` decides who is kept when a device has more items than a report may carry.
"""

from __future__ import annotations

from weakspot_sensor.collectors import apk, dpkg, hardware, network, npm, operating_system, pypi, rpm
from weakspot_sensor.collectors.base import Collector, CollectorError, Findings, Result, run

SOFTWARE = (dpkg.COLLECTOR, rpm.COLLECTOR, apk.COLLECTOR, pypi.COLLECTOR, npm.COLLECTOR)
DEVICE = (operating_system.COLLECTOR, hardware.COLLECTOR, network.COLLECTOR)
ALL = SOFTWARE + DEVICE

__all__ = ["ALL", "DEVICE", "SOFTWARE", "Collector", "CollectorError", "Findings", "Result", "run"]
