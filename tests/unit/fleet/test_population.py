"""Groups, values and columns of devices."""

from __future__ import annotations

import pytest

from weakspot.access.contracts import Scope
from weakspot.fleet import population
from weakspot.fleet.contracts import DeviceFacts
from weakspot.fleet.population import NOT_COUNTED, Population, places_of

EVERYTHING = Scope(None)


def changed(before: Population, facts: list[DeviceFacts]) -> tuple[Population, dict[int, tuple[int, int]]]:
    after, moves = before.changed(places_of(facts))
    return after, {device: (move.before, move.now) for move in moves for device in move.devices}


def test_devices_are_in_one_column() -> None:
    first, moves = changed(Population(), [DeviceFacts(1, 50, "Low", True), DeviceFacts(2, 40, "High", True)])
    assert moves == {1: (NOT_COUNTED, 1), 2: (NOT_COUNTED, 2)}
    assert first.group_ids == (50, 40)
    assert set(first.devices(EVERYTHING)) == {1, 2}
    assert set(first.devices(Scope(frozenset([40, 99])))) == {2}
    assert list(first.columns(Scope(frozenset([40, 50])))) == [1, 2]
    second, moves = changed(first, [DeviceFacts(1, 40, "Normal", True)])
    assert moves == {1: (1, 2)}
    assert set(second.devices(Scope(frozenset([50])))) == set()
    assert set(first.devices(Scope(frozenset([50])))) == {1}, "the old population stays"


def test_uncounted_devices_are_known_but_in_no_scope() -> None:
    made, moves = changed(Population(), [DeviceFacts(3, 1, "High", False)])
    assert moves == {}
    assert set(made.all_devices()) == {3}
    assert set(made.devices(EVERYTHING)) == set()
    assert made.value_of(3) == "High"
    assert made.value_of(4) is None


def test_the_last_word_on_a_device_counts() -> None:
    made, _ = changed(Population(), [DeviceFacts(3, 1, "High", False), DeviceFacts(3, 2, "Low", True)])
    assert set(made.devices(Scope(frozenset([2])))) == {3}
    assert made.value_of(3) == "Low"


def test_a_value_alone_moves_nobody() -> None:
    made, _ = changed(Population(), [DeviceFacts(3, 1, "Low", True)])
    again, moves = changed(made, [DeviceFacts(3, 1, "High", True)])
    assert moves == {}
    assert again.column_of is made.column_of
    assert again.value_of(3) == "High"


def test_the_number_of_groups_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "MAX_GROUPS", 3)
    with pytest.raises(ValueError, match="more than 3"):
        changed(Population(), [DeviceFacts(device, device, "Low", True) for device in range(1, 6)])
