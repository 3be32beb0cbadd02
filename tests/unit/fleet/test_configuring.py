"""Sets of settings: what a batch makes of them is what building makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from tests.unit.fleet import tables
from tests.unit.fleet.tables import State, WorldTables, alter
from weakspot.fleet import FleetFollower
from weakspot.fleet.configuring import Values, with_many, with_platforms, with_settings
from weakspot.fleet.contracts import DevicePlatforms, DeviceSettings
from weakspot.fleet.paging import PagedList
from weakspot.fleet.view import EMPTY
from weakspot.runtime.database import Database

VALUES = st.frozensets(st.integers(1, 12), max_size=6)
STEPS = st.lists(st.lists(st.tuples(st.integers(1, 5), VALUES), max_size=4), max_size=6)


def shown(values: Values) -> dict[int, list[int]]:
    return {value: list(devices) for value, devices in values.items()}


@given(STEPS)
def test_steps_give_what_building_gives(steps: list[list[tuple[int, frozenset[int]]]]) -> None:
    known: Values = PagedList(EMPTY)
    has: dict[int, frozenset[int]] = {}
    for step in steps:
        batch = []
        for device, values in dict(step).items():
            touched = has.get(device, frozenset()) ^ values
            batch.append(DeviceSettings(device, values, touched | {1}))
            has[device] = values
        before, was = known, shown(known)
        known = with_settings(known, batch)
        assert shown(before) == was, "a view never changes"
        assert shown(with_settings(known, batch)) == shown(known), "twice is once"
    pairs = sorted((device, value) for device, values in has.items() for value in values)
    chunks = [(np.array(pairs, np.int64)[:, 0], np.array(pairs, np.int64)[:, 1])] if pairs else []
    assert shown(with_many(PagedList(EMPTY), chunks)) == shown(known)


def test_a_device_has_one_platform() -> None:
    known = with_platforms({}, DevicePlatforms(BitMap([1, 2]), {"linux": BitMap([1, 2])}))
    known = with_platforms(known, DevicePlatforms(BitMap([2, 3]), {"windows": BitMap([2])}))
    assert {kind: list(devices) for kind, devices in known.items()} == {"linux": [1], "windows": [2]}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'world.db'}")
    tables.create(database, State({}))
    yield database
    database.close()


def told(device: int, values: set[int], platform: str) -> Callable[[State], list[tuple[str, dict[str, Any]]]]:
    def change(state: State) -> list[tuple[str, dict[str, Any]]]:
        before = state.settings.get(device, set())
        state.settings[device], state.platforms[device] = values, platform
        state.facts[device] = (1, "Normal", True)
        payload = {"device_id": device, "added": sorted(values - before), "removed": sorted(before - values)}
        return [("inventory.device_facts", {"device_id": device}), ("inventory.settings", payload)]

    return change


def test_the_index_follows_settings_and_keeps_them_over_a_restart(database: Database, tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "hazard": tables.hazard, "clock": lambda: 0, "tables": WorldTables(), "snapshot_path": tmp_path / "fleet",
    }  # fmt: skip
    follower = FleetFollower(database, **options)
    alter(database, told(1, {10, 11}, "linux"))
    alter(database, told(2, {10}, "windows"))
    seq = alter(database, told(1, {12}, "linux"))
    assert follower.fleet.wait_for(seq, 20)
    view = follower.fleet.view()
    assert shown(view.settings) == {10: [2], 12: [1]}
    assert list(view.devices_with_settings([10, 11, 12])) == [1, 2]
    assert {kind: list(devices) for kind, devices in view.platforms.items()} == {"linux": [1], "windows": [2]}
    assert follower.compare() == []
    follower.stop()
    again = FleetFollower(database, **options)
    assert shown(again.fleet.view().settings) == {10: [2], 12: [1]}
    assert again.compare() == []
    again.stop()
