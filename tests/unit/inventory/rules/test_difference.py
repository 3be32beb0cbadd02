"""weakspot.inventory.rules.difference, against a model of plain dictionaries."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from weakspot.inventory import packing
from weakspot.inventory.rules.difference import Difference, edited, replaced

ids = st.integers(min_value=0, max_value=60)
installed = st.dictionaries(ids, st.integers(min_value=0, max_value=1000))
NOW = 5000


def columns(state: dict[int, int]) -> tuple[packing.Ids, packing.Times]:
    """The packed form's two columns."""
    order = sorted(state)
    return np.array(order, np.uint32), np.array([state[i] for i in order], np.int64)


def check(found: Difference, before: dict[int, int], after: dict[int, int]) -> None:
    """The difference tells exactly what lies between the two states."""
    assert packing.times_of(found.ids, found.first_seen) == after
    assert found.ids.tolist() == sorted(after)
    assert found.added == sorted(after.keys() - before.keys())
    assert found.removed == sorted(before.keys() - after.keys())
    assert found.ended_since == [before[i] for i in found.removed]


@given(installed, st.sets(ids))
def test_a_full_report_replaces_and_keeps_the_times_of_what_stays(before: dict[int, int], wanted: set[int]) -> None:
    check(replaced(columns(before), wanted, NOW), before, {i: before.get(i, NOW) for i in wanted})


@given(installed, st.sets(ids), st.sets(ids))
def test_a_delta_removes_and_adds(before: dict[int, int], told: set[int], left: set[int]) -> None:
    come, gone = sorted(told - before.keys()), sorted(before.keys() & left)
    after = {i: at for i, at in before.items() if i not in left} | dict.fromkeys(come, NOW)
    check(edited(columns(before), come, gone, NOW), before, after)
