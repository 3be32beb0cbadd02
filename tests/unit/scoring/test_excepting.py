"""What exceptions take out of counts and scores: against a plain model, over all findings."""

from __future__ import annotations

import gc
import weakref

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from weakspot.access.contracts import Scope
from weakspot.fleet import Batch, DeviceFacts, DeviceVersions, Fleet, FleetView
from weakspot.scoring import Cover, Excepted, Replacing, organisation_score

EVERYTHING = Scope(None)
UNIT = 2**32


def fleet_of(devices: dict[int, set[int]], matches: dict[int, set[int]], hazards: dict[int, int]) -> Fleet:
    fleet = Fleet()
    fleet.apply(
        Batch(
            seq=1,
            software={version: version for version in range(1, 17)},
            devices=[DeviceVersions(one, np.array(sorted(some), np.uint32)) for one, some in devices.items()],
            facts=[DeviceFacts(one, 1 + one % 2, "Normal", True) for one in devices],
            matches={version: sorted(some) for version, some in matches.items()},
            hazards=hazards,
        )
    )
    return fleet


small = st.sets(st.integers(1, 6), max_size=4)
fleets = st.tuples(
    st.dictionaries(st.integers(1, 8), small, min_size=1, max_size=8),
    st.dictionaries(st.integers(1, 6), st.sets(st.integers(1, 5), min_size=1, max_size=4), max_size=6),
)
covers = st.lists(
    st.builds(
        Cover,
        versions=st.frozensets(st.integers(1, 6), max_size=4),
        vulnerabilities=st.sets(st.integers(1, 5), max_size=4).map(BitMap),
        devices=st.sets(st.integers(1, 8), max_size=8).map(BitMap),
        uncovered=st.dictionaries(st.integers(1, 5), st.frozensets(st.integers(1, 6), max_size=2), max_size=2),
    ),
    max_size=3,
)
HAZARDS = {one: one * UNIT // 10 for one in range(1, 6)}


def covered(some: list[Cover], device: int, version: int, vulnerability: int) -> bool:
    return any(
        device in one.devices
        and version in one.versions
        and vulnerability in one.vulnerabilities
        and version not in one.uncovered.get(vulnerability, ())
        for one in some
    )


@settings(max_examples=120, deadline=None)
@given(fleets, covers)
def test_a_finding_is_excepted_where_every_carrier_is_covered(
    drawn: tuple[dict[int, set[int]], dict[int, set[int]]], some: list[Cover]
) -> None:
    devices, matches = drawn
    view = fleet_of(devices, matches, HAZARDS).view()
    out = Excepted(view, some)
    removed = out.removed()
    for device, versions in devices.items():
        gone = 0
        for vulnerability in range(1, 6):
            carriers = [one for one in versions if vulnerability in matches.get(one, ())]
            is_out = bool(carriers) and all(covered(some, device, one, vulnerability) for one in carriers)
            assert (device in out.devices_of(vulnerability)) is is_out
            gone += HAZARDS[vulnerability] if is_out else 0
        assert (int(removed[device]) if device < len(removed) else 0) == gone
        assert out.number_on(device) == sum(device in out.devices_of(one) for one in range(1, 6))
        assert out.numbers(np.array([device, 99], np.int64)).tolist() == [out.number_on(device), 0]
    assert all(count > 0 for count in out.counts(EVERYTHING).values())


@settings(max_examples=40, deadline=None)
@given(fleets, covers)
def test_nothing_rises_and_replacing_agrees(
    drawn: tuple[dict[int, set[int]], dict[int, set[int]]], some: list[Cover]
) -> None:
    view = fleet_of(*drawn, HAZARDS).view()
    out = Excepted(view, some)
    before, after = organisation_score(view, EVERYTHING), out.score(EVERYTHING)
    assert before is not None
    assert after is not None
    assert after <= before + 1e-9
    replacing = Replacing(view, EVERYTHING, excepted=out)
    assert replacing.score_before == after or not out
    replacing.apply({version: BitMap() for version in range(1, 7)})
    ids, _, _ = view.device_hazards(None, EVERYTHING)
    assert (replacing.sums[ids[ids < len(replacing.sums)]] == 0).all()  # all fixed: nothing is left, and never less


@settings(max_examples=100, deadline=None)
@given(fleets, covers, st.sets(st.integers(1, 6), min_size=1, max_size=3), small, st.sets(st.integers(1, 8)))
def test_what_stays_on_some_devices_is_predicted_exactly(
    drawn: tuple[dict[int, set[int]], dict[int, set[int]]],
    some: list[Cover],
    leaving: set[int],
    coming: set[int],
    kept: set[int],
) -> None:
    """5.1, 6.3: the active score before, less what is predicted, is the active score after. Targets are unknown to the
    covers; where a version is kept nothing changes.
    """
    devices, matches = drawn
    view = fleet_of(devices, matches, HAZARDS).view()
    targets = {one: one + 10 for one in leaving}
    arriving = {one: sorted(BitMap(coming) & BitMap(range(1, 6))) for one in leaving}
    replacing = Replacing(view, EVERYTHING, excepted=Excepted(view, some), kept=dict.fromkeys(leaving, BitMap(kept)))
    for one in sorted(leaving):
        replacing.apply({one: BitMap(arriving[one])})
    after = {
        device: {targets[one] if one in leaving and device not in kept else one for one in versions}
        for device, versions in devices.items()
    }
    follows = fleet_of(after, {**matches, **{targets[one]: set(arriving[one]) for one in leaving}}, HAZARDS).view()
    # What an exception takes out stays out on its devices, whoever carries it afterwards.
    gone = [
        Cover(versions=frozenset(range(1, 20)), vulnerabilities=BitMap([one]), devices=reached)
        for one, reached in Excepted(view, some).devices.items()
    ]
    out = Excepted(follows, gone)
    assert replacing.score_before == Excepted(view, some).score(EVERYTHING)
    expected = out.score(EVERYTHING)
    if replacing.score_before is not None and expected is not None:
        assert abs(replacing.score_before - replacing.total_gain - expected) < 1e-9
    assert Excepted(view, some).differences(BitMap(devices)) == []


def kept_by(view: FleetView, cover: Cover) -> Excepted:
    return view.memo("kept", lambda: Excepted(view, [cover]))


def test_a_view_that_keeps_it_goes_with_its_last_reader_and_needs_no_collector() -> None:
    cover = Cover(versions=frozenset({1}), vulnerabilities=BitMap([1]), devices=BitMap([1]))
    view = fleet_of({1: {1}, 2: {1}}, {1: {1}}, HAZARDS).view().successor()
    seen = weakref.ref(view)
    out = kept_by(view, cover)
    score = out.score(EVERYTHING)
    gc.disable()
    try:
        del view
        assert seen() is None
    finally:
        gc.enable()
    assert out.covering(cover).score(EVERYTHING) == score
    assert out.counts(EVERYTHING) == {1: 1}


@settings(max_examples=60, deadline=None)
@given(fleets, covers)
def test_what_one_cover_more_does_to_the_score_is_worked_out_where_it_reaches(
    found: tuple[dict[int, set[int]], dict[int, set[int]]], some: list[Cover]
) -> None:
    devices, matches = found
    view = fleet_of(devices, matches, HAZARDS).view()
    for scope in (EVERYTHING, Scope(frozenset({1}))):
        for number, more in enumerate(some):
            before = Excepted(view, [*some[:number], *some[number + 1 :]])
            assert before.score_covering(more, scope) == before.covering(more).score(scope)
