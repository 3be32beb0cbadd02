"""weakspot.queries.vulnerable_devices: filters of the report, its trend, and the devices behind a bar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.windows_servers import NEEDS_DNS, NEEDS_QUEUES, Servers
from tests.support.world import EVERYTHING, World, advisory, debian, dpkg, known_exploited, pypi, python_package
from weakspot.access.contracts import Scope
from weakspot.inventory.contracts import OperatingSystem
from weakspot.queries import (
    ListQuery,
    dashboard,
    devices,
    recommendation_order,
    reports,
    vulnerable_devices,
    weaknesses,
)
from weakspot.queries.reports import AskedReport
from weakspot.runtime.clock import DAY, to_iso
from weakspot.runtime.errors import BadQuery

CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"
LOW = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Three devices: an old critical weakness on a, a new low one on a and b, one without a day on c."""
    made = World(tmp_path)
    now = made.clock.at
    made.know(
        "osv",
        advisory("CVE-2099-1", debian("curl", fixed="8.0-1"), cvss=CRITICAL, published_at=now - 400 * DAY),
        advisory("CVE-2099-2", debian("wget", fixed="2.0-1"), cvss=LOW, published_at=now - 5 * DAY),
        advisory("CVE-2099-3", pypi("flask", fixed="3.0"), cvss=LOW),
    )
    made.know("kev", known_exploited("CVE-2099-1"))
    made.report(made.enrol("a"), dpkg("curl", "7.0-1"), dpkg("wget", "1.0-1"))
    made.report(made.enrol("b", group=made.group("one")), dpkg("wget", "1.0-1"))
    newer = OperatingSystem(platform="Linux", distribution="ubuntu", version="24.04")
    made.report(made.enrol("c", os=newer), python_package("Flask", "2.0"))
    yield made
    made.close()


def charts(world: World, scope: Scope = EVERYTHING, **asked: Any) -> dict[str, dict[str, str]]:
    with world.read() as read:
        made = reports.make(read, scope, "vulnerable_devices", asked=AskedReport(**asked))
    return {one.title: dict(one.rows) for one in made.sections if one.is_chart}


def behind(world: World, **filters: tuple[str, ...]) -> list[str]:
    with world.read() as read:
        query = ListQuery(sort="name", filters=filters)
        return [one.name for one in vulnerable_devices.devices(read, EVERYTHING, query).items]


SEVERITY, EXPLOIT, AGE = "By most severe weakness", "By highest exploit level", "By age of the oldest weakness"


def test_the_report_filters_by_severity_exploit_age_and_system(world: World) -> None:
    """spec/features.md 18: "Filters: severity, exploit availability, vulnerability age, OS platform, Windows 10/11
    version, device group"; "each device once".
    """
    whole = charts(world)
    assert whole[SEVERITY]["Critical"] == "1"
    assert sum(map(int, whole[SEVERITY].values())) == len(behind(world))
    assert whole[AGE] == {"over a year": "1", "up to 30 days": "1"}
    low = charts(world, filters={"severity": ("Low",)})
    assert set(low[SEVERITY]) == {"Low"}
    assert low[EXPLOIT] == {"none": low[SEVERITY]["Low"]}
    assert charts(world, filters={"exploit": ("known_exploited",)})[SEVERITY] == {"Critical": "1"}
    assert charts(world, filters={"age": ("30d",)})[SEVERITY] == {"Low": "2"}
    assert charts(world, filters={"os": ("debian",)})["By operating system"] == {"debian": "2"}
    assert charts(world, filters={"os_version": ("debian 12",)})["By operating system"] == {"debian": "2"}
    assert charts(world, filters={"os": ("windows",)})[SEVERITY] == {}
    with world.read() as read:
        said = reports.make(read, EVERYTHING, "vulnerable_devices", asked=AskedReport(filters={"age": ("30d",)}))
    assert said.sections[0].paragraphs[1] == "Only age: 30d."


def test_a_bar_opens_its_devices(world: World) -> None:
    """spec/features.md 18: "Clicking a bar opens the filtered device list (exportable)"; "Severity: by its most severe
    vulnerability", "Exploit availability: by its highest known exploit level", "Vulnerability age: by its oldest
    vulnerability publication date".
    """
    assert behind(world, severity=("Critical",)) == ["a"]
    assert "a" not in behind(world, severity=("Low",))
    assert "b" in behind(world, severity=("Low",))
    assert behind(world, exploit=("known_exploited",)) == ["a"]
    assert behind(world, age=("30d",)) == ["b"]
    assert behind(world, age=("older", "30d")) == ["a", "b"]
    assert behind(world, os=("debian",), severity=("Critical", "Low")) == ["a", "b"]
    assert behind(world, severity=("Critical",), age=("30d",)) == []
    with world.read() as read:
        made = reports.make(read, EVERYTHING, "vulnerable_devices")
    charted = [one for one in made.sections if one.filter]
    assert [one.filter for one in charted] == ["severity", "exploit", "age", "os", "os_version"]
    for one in charted:
        counts = [int(row[-1]) for row in one.rows]
        assert [len(behind(world, **{one.filter: (value,)})) for value in one.values] == counts
    with world.read() as read, pytest.raises(BadQuery):
        vulnerable_devices.devices(read, EVERYTHING, ListQuery(filters={"severity": ("odd",)}))


def test_each_chart_has_its_trend(world: World) -> None:
    """spec/features.md 18: "Two columns: trend (30 days, 3 months, 6 months, custom) and present status"."""
    before = world.clock.at
    world.clock.forward(days=20)
    world.report(world.enrol("d"), dpkg("curl", "7.0-1"))
    world.clock.forward(days=10)
    with world.read() as read:
        made = reports.make(read, EVERYTHING, "vulnerable_devices")
        filtered = reports.make(read, EVERYTHING, "vulnerable_devices", asked=AskedReport(filters={"age": ("30d",)}))
    sections = {one.title: one for one in made.sections}
    table = sections["By most severe weakness over time"]
    assert table.columns == ("Day", "Critical", "Low")
    assert [row[1] for row in table.rows] == ["1", "1", "1", "1", "2", "2", "2"]
    assert (table.rows[0][0], table.rows[-1][0]) == (to_iso(before)[:10], to_iso(world.clock.at)[:10])
    assert table.rows[-1][1] == dict(sections[SEVERITY].rows)["Critical"]
    assert sections["By highest exploit level over time"].rows[-1][1] == "2"
    assert sections["By age of the oldest weakness over time"].columns == (
        "Day",
        "over a year",
        "31 to 90 days",
        "up to 30 days",
    )
    assert sections["By operating system over time"].rows[-1] == (to_iso(world.clock.at)[:10], "3", "1")
    assert sections["By version of Windows over time"].paragraphs == ("No device.",)
    # Of the weaknesses that were young on each day: on the last one the low one is not any more.
    young = next(one for one in filtered.sections if one.title == "By most severe weakness over time")
    assert [row[1] for row in young.rows] == [*"222222", "0"]


def test_the_trend_of_a_large_fleet_is_made_once_in_half_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommendation_order, "SMALL_FLEET", 0)

    def last_day(**filters: tuple[str, ...]) -> tuple[str, ...]:
        with world.read() as read:
            made = reports.make(read, EVERYTHING, "vulnerable_devices", asked=AskedReport(filters=filters))
        return next(one.rows[-1] for one in made.sections if one.title == "By most severe weakness over time")

    assert last_day()[1:] == ("1", "2")
    world.clock.forward(seconds=10)
    world.report(world.enrol("d"), dpkg("curl", "7.0-1"))
    assert last_day()[1:] == ("1", "2")
    assert last_day(severity=("Critical",))[1:] == ("2",)  # another question: nothing is remembered of it
    world.clock.forward(seconds=31)
    assert last_day()[1:] == ("2", "2")


def test_the_trend_takes_periods_and_days(world: World) -> None:
    """spec/features.md 18: "trend (30 days, 3 months, 6 months, custom)"."""
    titles = {period: next(t for t in charts(world, period=period) if "score" in t) for period in ("30d", "3m", "6m")}
    assert titles == {
        "30d": "Exposure score of the last 30 days",
        "3m": "Exposure score of the last 3 months",
        "6m": "Exposure score of the last 6 months",
    }
    assert "Exposure score from 2026-01-05 to 2026-02-01" in charts(world, since="2026-01-05", until="2026-02-01")
    with world.read() as read, pytest.raises(BadQuery):
        reports.make(read, EVERYTHING, "executive", asked=AskedReport(since="soon"))


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    made = Servers(tmp_path)
    made.know("kev", known_exploited(NEEDS_DNS), known_exploited(NEEDS_QUEUES))
    yield made
    made.close()


def test_numbers_are_of_what_applies(servers: Servers) -> None:
    """spec/features.md 11.5: "such CVEs are attached only to devices where the feature is on"; 11.1: "0 = not at
    risk".
    """

    def numbers() -> tuple[int, int, list[str], list[str]]:
        with servers.read() as read:
            shown = dashboard.show(read, EVERYTHING)
            listed = weaknesses.page(read, EVERYTHING, ListQuery(sort="name"))
            spared = weaknesses.page(read, EVERYTHING, ListQuery(sort="name", filters={"exposed": ("no",)}))
            executive = reports.make(read, EVERYTHING, "executive")
            ranked = devices.page(read, EVERYTHING, ListQuery(sort="-weaknesses"))
            details = [devices.detail(read, EVERYTHING, one.id) for one in ranked.items]
            own = {one.device.name: sum(one.severity_counts.values()) for one in details}
        assert shown.weaknesses == listed.total
        assert f"have {listed.total} different weaknesses" in executive.sections[0].paragraphs[1]
        assert f"{shown.known_exploited_weaknesses} of which are known" in executive.sections[0].paragraphs[1]
        exploited = charts(servers)[EXPLOIT].get("known exploited", "0")
        assert int(exploited) == len(behind(servers, exploit=("known_exploited",)))
        names = [one.name for one in listed.items]
        assert not set(names).intersection(one.name for one in spared.items)
        assert [one.weaknesses for one in shown.top_software] == [listed.total]
        by_number = [one.weaknesses for one in ranked.items]
        assert by_number == sorted(by_number, reverse=True)
        assert dict(zip([one.name for one in ranked.items], by_number, strict=True)) == own
        return shown.known_exploited_weaknesses, int(exploited), names, [one.name for one in spared.items]

    off = servers.server("off", dns="absent", queues="absent")
    one, two, three = NEEDS_DNS, NEEDS_QUEUES, "CVE-2099-0003"
    assert numbers() == (0, 0, [three], [one, two, "CVE-2099-0009"])
    servers.server("dns", dns="active", queues="absent")
    assert numbers() == (1, 1, [one, three], [two, "CVE-2099-0009"])
    servers.server("silent")
    assert numbers() == (2, 2, [one, two, three], ["CVE-2099-0009"])
    servers.tell(off, dns="active", queues="absent")
    assert numbers() == (2, 3, [one, two, three], ["CVE-2099-0009"])
