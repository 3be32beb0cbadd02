"""What is taken over from one view to the next, against what is made of the next view alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from tests.unit.scoring.test_excepting import EVERYTHING, HAZARDS, UNIT, covers, fleet_of, fleets, small
from weakspot.fleet import Batch, DeviceVersions
from weakspot.scoring import Cover, Excepted, TakenOut

installs = st.tuples(st.integers(1, 8), small).map(
    lambda drawn: Batch(devices=[DeviceVersions(drawn[0], np.array(sorted(drawn[1]), np.uint32))])
)
matches = st.tuples(st.integers(1, 6), st.sets(st.integers(1, 5), max_size=4)).map(
    lambda drawn: Batch(matches={drawn[0]: sorted(drawn[1])})
)
hazards = st.tuples(st.integers(1, 5), st.integers(0, 3)).map(lambda drawn: Batch(hazards={drawn[0]: drawn[1] * UNIT}))
raised = st.tuples(st.integers(1, 8), st.sets(st.integers(1, 5), max_size=2)).map(
    lambda drawn: Batch(detected={drawn[0]: sorted(drawn[1])}, raised=dict.fromkeys(drawn[1], 5 * UNIT))
)


@settings(max_examples=120, deadline=None)
@given(
    fleets,
    st.lists(covers, min_size=1, max_size=2),
    st.lists(st.tuples(st.one_of(installs, installs, matches, hazards, raised), st.integers(0, 1)), max_size=6),
)
def test_what_is_taken_over_is_what_is_made_anew(
    drawn: tuple[dict[int, set[int]], dict[int, set[int]]],
    decided: list[list[Cover]],
    steps: list[tuple[Batch, int]],
) -> None:
    """Reports, knowledge, hazards, detections and decisions in any order: active == recomputed, after each of them."""
    fleet = fleet_of(*drawn, HAZARDS)
    last = Excepted(fleet.view(), decided[0]).taken_out
    for batch, which in steps:
        view = fleet.apply(batch)
        some = decided[which % len(decided)]
        kept, anew = Excepted(view, some, last), Excepted(view, some)
        assert kept.devices == anew.devices
        assert kept.removed().tolist() == anew.removed().tolist()
        assert kept.score(EVERYTHING) == anew.score(EVERYTHING)
        assert kept.counts(EVERYTHING) == anew.counts(EVERYTHING)
        last = kept.taken_out


def test_a_report_makes_those_sets_anew_that_it_touches_and_no_other() -> None:
    fleet = fleet_of({1: {1}, 2: {2}, 3: {3}}, {1: {1}, 2: {2}, 3: {3}}, HAZARDS)
    reach = BitMap([1, 2, 3])
    some = [Cover(versions=frozenset({one}), vulnerabilities=BitMap([one]), devices=reach) for one in (1, 2)]
    before = TakenOut(fleet.view(), some)
    untouched = TakenOut(fleet.apply(Batch(devices=[DeviceVersions(3, np.array([], np.uint32))])), some, before)
    assert untouched.devices is before.devices
    after = TakenOut(fleet.apply(Batch(devices=[DeviceVersions(3, np.array([2], np.uint32))])), some, untouched)
    assert after.devices == {1: BitMap([1]), 2: BitMap([2, 3])}
    assert after.devices[1] is before.devices[1]
