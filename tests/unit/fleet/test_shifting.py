"""Moves of many devices between groups leave the counts of a rebuild."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.fleet.model import Model
from weakspot.fleet import DEVICE_VALUES, Batch, Fleet
from weakspot.fleet.population import places_of

SOFTWARE_OF = {version: 1 + (version - 1) // 2 for version in range(1, 7)}
DEVICES = range(1, 9)
place = st.tuples(st.integers(1, 3), st.sampled_from(DEVICE_VALUES), st.booleans())


def moved(model: Model, fleet: Fleet, to: dict[int, tuple[int, str, bool]]) -> None:
    model.facts.update(to)  # type: ignore[arg-type]
    fleet.apply(Batch(seq=2, places=places_of([model.fact(device) for device in to])))
    assert fleet.differences(model.built(2)) == []


def begun(places: dict[int, tuple[int, str, bool]]) -> tuple[Model, Fleet]:
    installed = {device: {1 + device % 6, 1 + (device * 5) % 6} for device in DEVICES}
    matches = {1: {10, 11}, 2: {11}, 4: {12}, 5: {10, 13}}
    model = Model(SOFTWARE_OF, installed, places, matches, dict.fromkeys(range(10, 14), 7))  # type: ignore[arg-type]
    return model, model.built(1)


@settings(max_examples=60, deadline=None)
@given(
    before=st.fixed_dictionaries(dict.fromkeys(DEVICES, place)),
    to=st.dictionaries(st.sampled_from(DEVICES), place, min_size=1),
)
def test_any_moves(before: dict[int, tuple[int, str, bool]], to: dict[int, tuple[int, str, bool]]) -> None:
    moved(*begun(before), to)


def test_whole_columns_change_places_and_meet() -> None:
    before = {device: (1 + device % 2, "Normal", True) for device in DEVICES}
    moved(*begun(before), {device: (2 - device % 2, "Normal", True) for device in DEVICES})
    moved(*begun(before), dict.fromkeys(DEVICES, (2, "Normal", True)))
    moved(*begun(before), dict.fromkeys(DEVICES, (1, "Low", False)))


def test_devices_that_were_not_known_before() -> None:
    before = {device: (1, "Normal", True) for device in DEVICES if device < 5}
    moved(*begun(before), dict.fromkeys(DEVICES, (2, "Normal", True)))
