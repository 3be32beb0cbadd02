"""Findings over time: what is derived later for a moment is what ran then."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from pyroaring import BitMap

from tests.support.world import EnrolledDevice, World, debian, dpkg
from tests.support.world import advisory as advisory_about
from weakspot.queries import installed_then, intervals
from weakspot.runtime.clock import SECOND

HOUR = 3600 * SECOND
NAMES = ("openssl", "zlib", "curl")
VERSIONS = ("1.0-1", "2.0-1", "3.0-1", "4.0-1")
FLAWS = tuple(f"CVE-2099-000{n}" for n in range(5))

State = set[tuple[int, int, int]]
"""(device, software, vulnerability)"""


@pytest.fixture
def world(world: World) -> Iterator[World]:
    """A world whose first advisory is there, so that time can begin."""
    world.know("osv", advisory_about(FLAWS[0], debian("openssl", fixed="3.0-1")))
    return world


def running(world: World) -> State:
    """What the running index says now."""
    view = world.fleet.view()
    return {
        (device, view.software_of_version(version), vulnerability)
        for version, devices in view.installed.items()
        for device in devices
        for vulnerability in view.weaknesses[version]
    }


def members(found: dict[tuple[int, int], BitMap]) -> State:
    return {(device, *pair) for pair, devices in found.items() for device in devices}


def step(world: World, devices: list[EnrolledDevice], dice: random.Random) -> None:
    """Somebody updates, removes or installs; or an advisory comes, changes or goes."""
    if dice.random() < 0.7:
        chosen = dice.sample(NAMES, dice.randint(0, len(NAMES)))
        world.report(dice.choice(devices), *(dpkg(name, dice.choice(VERSIONS)) for name in chosen))
    else:
        flaws = dice.sample(FLAWS, dice.randint(1, len(FLAWS)))
        records = [
            advisory_about(flaw, debian(NAMES[n % len(NAMES)], fixed=dice.choice(VERSIONS[1:])))
            for n, flaw in enumerate(flaws)
        ]
        world.know("osv", *records)


@pytest.mark.parametrize("seed", range(3))
def test_as_of_any_moment_is_what_ran_then(world: World, seed: int) -> None:
    dice = random.Random(seed)
    devices = [world.enrol(f"device-{n}") for n in range(4)]
    history: list[tuple[int, State]] = []
    for _ in range(25):
        world.clock.forward(seconds=dice.choice((60, 3600, 40 * 3600)))
        step(world, devices, dice)
        history.append((world.clock.at, running(world)))
    assert any(state for _, state in history)
    with world.read() as read:
        known = intervals.knowledge(read.conn)
        found = list(intervals.episodes_of(read.conn, [one.id for one in devices], known))
        for at, state in history:
            for view in (None, world.fleet.view()):
                here = intervals.as_of(read.conn, None, at, known, view=view)
                assert members(dict(here.devices)) == state
                assert here.count() == len(state)
            held = [one.at(at) for one in found]
            rows = {row for one in held for row in zip(*(c.tolist() for c in columns(one)), strict=True)}
            assert rows == state
        for (begin, before), (end, after) in zip(history, dice.sample(history, len(history)), strict=True):
            if begin < end:
                found_between = intervals.between(read.conn, None, begin, end, known, view=world.fleet.view())
                assert members(dict(found_between.new)) == after - before
                assert members(dict(found_between.fixed)) == before - after


@pytest.mark.parametrize("seed", range(3))
def test_an_index_older_or_newer_than_the_snapshot_makes_no_difference(world: World, seed: int) -> None:
    dice = random.Random(seed)
    devices = [world.enrol(f"device-{n}") for n in range(4)]
    moments, views = [], []
    with world.read() as early:
        expected = None
        for turn in range(24):
            world.clock.forward(seconds=7200)
            step(world, devices, dice)
            moments.append(world.clock.at)
            views.append(world.fleet.view())
            if turn == 12:
                stale = list(moments)
                with world.read() as read:
                    for view in views[::3]:
                        for at in stale[::2]:
                            expected = members(dict(intervals.as_of(read.conn, None, at).devices))
                            assert members(dict(intervals.as_of(read.conn, None, at, view=view).devices)) == expected
        assert expected is not None
        nothing = members(dict(intervals.as_of(early.conn, None, moments[0]).devices))
        for view in views[::4]:
            assert members(dict(intervals.as_of(early.conn, None, moments[0], view=view).devices)) == nothing


def test_an_index_that_is_too_far_away_is_not_used(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    device = world.enrol("one")
    old = world.fleet.view()
    world.report(device, dpkg("openssl", "1.0-1"))
    monkeypatch.setattr(installed_then, "FOLLOW_AT_MOST", 0)
    with world.read() as read:
        assert intervals.as_of(read.conn, None, world.clock.at, view=old).count() == 1


def columns(found: intervals.Episodes) -> tuple[intervals.Int64s, ...]:
    return found.device, found.software, found.vulnerability


def test_only_the_devices_that_are_asked_for_are_told_of(world: World) -> None:
    mine, theirs = world.enrol("mine"), world.enrol("theirs")
    before = world.clock.at
    world.clock.forward(days=1)
    for device in (mine, theirs):
        world.report(device, dpkg("openssl", "1.0-1"))
    with world.read() as read:
        found = intervals.between(read.conn, BitMap([mine.id]), before, world.clock.at)
        assert {device for device, _, _ in members(dict(found.new))} == {mine.id}
        assert not found.fixed
        everywhere = intervals.as_of(read.conn, None, world.clock.at).by_vulnerability()
        assert [set(devices) for devices in everywhere.values()] == [{mine.id, theirs.id}]


def test_a_version_judged_an_hour_later_leaves_no_gap(world: World) -> None:
    """A sensor was offline: its report of an update to another weak version comes with the time of the update."""
    device = world.enrol("laptop")
    world.report(device, dpkg("openssl", "1.0-1"))
    updated_at = world.clock.forward(days=3)
    world.clock.forward(seconds=3600)
    world.report(device, dpkg("openssl", "2.0-1"), at=updated_at)
    with world.read() as read:
        for at in (updated_at, updated_at + HOUR // 2, updated_at + HOUR):
            here = intervals.as_of(read.conn, None, at)
            assert here.count() == 1, at
            (found,) = intervals.episodes_of(read.conn, [device.id])
            assert len(found.at(at)) == 1
        assert found.last().number.tolist() == [0]
        quiet = intervals.between(read.conn, None, updated_at - HOUR, world.clock.at)
        assert not quiet.new
        assert not quiet.fixed
