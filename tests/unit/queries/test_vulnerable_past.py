"""weakspot.queries.vulnerable_past: what is told later of a day is what the report said on it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.windows_servers import DONE, NEEDS_DNS, NEEDS_NOTHING, NEEDS_QUEUES, PRODUCT, Servers
from tests.support.world import EVERYTHING, EnrolledDevice, World, advisory, debian, dpkg, known_exploited
from weakspot.access.contracts import Scope
from weakspot.intel.contracts import Range
from weakspot.inventory.contracts import OperatingSystem
from weakspot.queries import off_times
from weakspot.queries.lens import Lens
from weakspot.queries.vulnerable_devices import VulnerableDevices
from weakspot.queries.vulnerable_past import past
from weakspot.runtime.clock import DAY, SECOND

NAMES = ("openssl", "zlib", "curl")
VERSIONS = ("1.0-1", "2.0-1", "3.0-1", "4.0-1")
CVSS = (
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
    "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L",
)
PUBLISHED_DAYS_AGO = (400, 20, 85, None)
WINDOWS = OperatingSystem(platform="Windows", distribution="windows 11", version="23H2")
FILTERS: tuple[dict[str, tuple[str, ...]], ...] = (
    {},
    {"severity": ("Critical", "Low")},
    {"exploit": ("none",)},
    {"age": ("30d", "180d")},
    {"os": ("debian",), "severity": ("Critical",)},
)


def know(world: World, dice: random.Random, start: int) -> None:
    """The same flaws as ever, in other versions of other packages."""
    world.know(
        "osv",
        *(
            advisory(
                f"CVE-2099-000{n}",
                debian(dice.choice(NAMES), fixed=dice.choice(VERSIONS[1:])),
                cvss=CVSS[n % len(CVSS)],
                published_at=None if days is None else start - days * DAY,
            )
            for n, days in enumerate(PUBLISHED_DAYS_AGO)
        ),
    )


def step(world: World, devices: list[EnrolledDevice], dice: random.Random, start: int) -> None:
    """Somebody updates, removes or installs; or an advisory changes."""
    if dice.random() < 0.7:
        chosen = dice.sample(NAMES, dice.randint(1, len(NAMES)))
        world.report(dice.choice(devices), *(dpkg(name, dice.choice(VERSIONS[:3])) for name in chosen))
    else:
        know(world, dice, start)


def now(world: World, scope: Scope, filters: dict[str, tuple[str, ...]]) -> dict[str, dict[str, int]]:
    """The charts of the present."""
    with world.read() as read:
        found = VulnerableDevices(Lens(read, scope), filters)
        return {
            "severity": {word: len(some) for word, some in found.by_severity()},
            "exploit": {word: len(some) for word, some in found.by_exploit()},
            "age": {word: len(some) for word, some in found.by_age()},
            "os": dict(found.by_system(windows=False)),
            "os_version": dict(found.by_system(windows=True)),
        }


def plain(charts: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    return {name: dict(counts) for name, counts in charts.items()}


@pytest.mark.parametrize("seed", range(2))
def test_each_chart_of_a_past_day_is_what_it_was_under_any_filter(tmp_path: Path, seed: int) -> None:
    """spec/features.md 18: "Two columns: trend (30 days, 3 months, 6 months, custom) and present status"; "Filters:
    severity, exploit availability, vulnerability age, OS platform, Windows 10/11 version, device group".
    """
    world = World(tmp_path)
    dice, start = random.Random(seed), world.clock.at
    know(world, dice, start)
    world.know("kev", known_exploited("CVE-2099-0000"))
    group = world.group("one")
    devices = [
        world.enrol("a"),
        world.enrol("b", group=group),
        world.enrol("c", os=WINDOWS, group=group),
        world.enrol("d"),
    ]
    scopes = (EVERYTHING, Scope(frozenset([group])))
    told = []
    for _ in range(14):
        world.clock.forward(seconds=dice.choice((2 * 86_400, 9 * 86_400)))
        step(world, devices, dice, start)
        told.append((world.clock.at, [now(world, scope, filters) for scope in scopes for filters in FILTERS]))
    moments = [at for at, _ in told]
    with world.read() as read:
        found = [past(Lens(read, scope), filters, moments) for scope in scopes for filters in FILTERS]
    for number, (at, charts) in enumerate(told):
        assert [(one[number].at, plain(one[number].charts)) for one in found] == [(at, one) for one in charts]
    assert len({str(charts) for _, charts in told}) > 5
    world.close()


def test_a_version_judged_an_hour_later_leaves_no_gap(tmp_path: Path) -> None:
    """A sensor was offline: its report of an update to another weak version comes with the time of the update."""
    world = World(tmp_path)
    world.know("osv", advisory("CVE-2099-0000", debian("openssl", fixed="3.0-1"), cvss=CVSS[0]))
    device = world.enrol("laptop")
    world.report(device, dpkg("openssl", "1.0-1"))
    updated_at = world.clock.forward(days=3)
    world.clock.forward(seconds=3600)
    world.report(device, dpkg("openssl", "2.0-1"), at=updated_at)
    moments = [updated_at - 1, updated_at, updated_at + 1_800 * SECOND, world.clock.at]
    with world.read() as read:
        shown = past(Lens(read, EVERYTHING), {"severity": ("Critical",)}, moments)
        hidden = past(Lens(read, EVERYTHING), {"severity": ("Low",)}, moments)
    assert [one.charts["severity"]["Critical"] for one in shown] == [1, 1, 1, 1]
    assert [sum(one.charts["severity"].values()) for one in hidden] == [0, 0, 0, 0]
    world.close()


@pytest.mark.parametrize("seed", range(2))
def test_what_needs_a_part_counts_on_each_day_where_nobody_had_told_that_it_is_off(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """spec/features.md 11.5: "such CVEs are attached only to devices where the feature is on", in the report of 18 and
    in what it tells of past days.
    """
    world, dice = Servers(tmp_path), random.Random(seed)
    fix = Range("windows", PRODUCT, end=None, end_kind="none", module="KB5000001")
    titles = {
        NEEDS_DNS: "Windows DNS Server",
        NEEDS_QUEUES: "Microsoft Message Queuing",
        NEEDS_NOTHING: "Windows Kernel",
    }
    world.know(
        "wesng",
        *(
            advisory(name, fix, cvss=cvss, title=f"{title} Remote Code Execution Vulnerability")
            for (name, title), cvss in zip(titles.items(), CVSS, strict=True)
        ),
        DONE,
    )
    world.know("kev", known_exploited(NEEDS_QUEUES))
    devices = [world.server(name) for name in "abc"]
    filters: tuple[dict[str, tuple[str, ...]], ...] = (
        {},
        {"exploit": ("known_exploited",)},
        {"severity": ("Critical",)},
    )
    told = []
    for _ in range(12):
        world.clock.forward(days=2)
        values = {part: dice.choice(("active", "inactive", "absent", "odd")) for part in ("dns", "queues")}
        world.tell(dice.choice(devices), **{part: value for part, value in values.items() if dice.random() < 0.8})
        told.append((world.clock.at, [now(world, EVERYTHING, one) for one in filters]))
    moments = [at for at, _ in told]
    with world.read() as read:
        found = [past(Lens(read, EVERYTHING), one, moments) for one in filters]
        monkeypatch.setattr(off_times, "ASK_EACH", 0)
        assert [past(Lens(read, EVERYTHING), one, moments) for one in filters] == found  # of a large fleet
    for number, (at, charts) in enumerate(told):
        assert [(one[number].at, plain(one[number].charts)) for one in found] == [(at, one) for one in charts]
    assert len({str(charts) for _, charts in told}) > 2
    world.close()
