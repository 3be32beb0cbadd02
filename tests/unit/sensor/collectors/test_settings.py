"""Every setting that a check of the catalogue reads has a reader on its platforms, and what is told fits the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from weakspot import posture
from weakspot.inventory.detail_contracts import DeviceDetails
from weakspot.posture import catalogue
from weakspot_sensor.collectors import settings, settings_linux, settings_macos, settings_windows

READERS: dict[str, Mapping[str, Any]] = {
    "linux": settings_linux.READERS,
    "windows": settings_windows.READERS,
    "macos": settings_macos.READERS,
}


@pytest.mark.parametrize("platform", READERS)
def test_every_setting_of_the_catalogue_has_a_reader(platform: str) -> None:
    wanted = {
        check.setting
        for check in catalogue.checks().values()
        if not check.is_own and platform in check.platforms and platform in check.provided
    }
    assert wanted
    assert wanted <= READERS[platform].keys(), wanted - READERS[platform].keys()


def test_every_part_of_the_system_that_vulnerabilities_need_has_a_reader() -> None:
    assert {one.setting for one in posture.features().values()} <= settings_windows.READERS.keys()


def test_one_reader_that_fails_stops_no_other_and_unknown_is_left_out() -> None:
    def fails(_: str) -> str:
        raise OSError("no such thing")

    found = settings.read_all({"c.failing": fails, "b.unknown": lambda _: None, "a.long": lambda _: "x" * 500}, "")
    assert found.problems == ["c.failing: no such thing"]
    told = msgspec.convert(found.facts["details"], DeviceDetails).settings
    assert told is not None
    assert [(one.name, len(one.value)) for one in told] == [("a.long", 256)]
