"""The index against a slow model: any sequence of batches gives what a rebuild gives, bit for bit."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.fleet.model import EVERYTHING, Model, ids
from weakspot.access.contracts import Scope
from weakspot.fleet import Batch, DeviceFacts, DeviceVersions, Fleet
from weakspot.fleet.contracts import DEVICE_VALUES

SOFTWARE_OF = {version: 1 + version // 3 for version in range(1, 25)}
DEVICES = [1, 2, 3, 7, 300, 8191, 8192, 70_000]
VULNERABILITIES = [1, 2, 3, 255, 256, 9000, 9001]
GROUPS = list(range(1, 12))
SCOPES = [EVERYTHING, Scope(frozenset([1])), Scope(frozenset([2, 5, 99])), Scope(frozenset())]

versions = st.sets(st.sampled_from(sorted(SOFTWARE_OF)), max_size=8)
device = st.sampled_from(DEVICES)
hazard = st.integers(0, 1 << 44)
facts = st.tuples(st.sampled_from(GROUPS), st.sampled_from(DEVICE_VALUES), st.booleans())
found = st.sets(st.sampled_from(VULNERABILITIES), max_size=4)
step = st.fixed_dictionaries(
    {
        "installed": st.dictionaries(device, versions, max_size=3),
        "facts": st.dictionaries(device, facts, max_size=3),
        "matches": st.dictionaries(st.sampled_from(sorted(SOFTWARE_OF)), found, max_size=3),
        "hazards": st.dictionaries(st.sampled_from(VULNERABILITIES), hazard, max_size=3),
        "detected": st.dictionaries(device, found, max_size=2),
        "raised": st.dictionaries(st.sampled_from(VULNERABILITIES), hazard, max_size=2),
        "fold": st.booleans(),
        "is_blind": st.booleans(),
        "has_versions": st.booleans(),
    }
)


def taken(model: Model, change: dict, seq: int) -> Batch:
    """Bring a generated step into the model and make the batch that tells the index."""
    devices = []
    for one, has in change["installed"].items():
        before = model.installed.get(one, set())
        model.installed[one] = has
        touched = None if change["is_blind"] else frozenset(before | has)
        devices.append(DeviceVersions(one, ids(has), touched))
    model.facts.update(change["facts"])
    told = [
        DeviceFacts(
            one,
            group,
            value,
            counted,
            ids(model.installed.get(one, set())) if change["has_versions"] else None,
        )
        for one, (group, value, counted) in change["facts"].items()
    ]
    model.matches.update(change["matches"])
    model.hazards.update(change["hazards"])
    model.detected.update(change["detected"])
    model.raised.update(change["raised"])
    seen = {one for some in model.detected.values() for one in some}
    present = {one for some in model.matches.values() for one in some}
    return Batch(
        seq=seq,
        devices=devices,
        facts=told,
        matches={version: sorted(some) for version, some in change["matches"].items()},
        hazards={one: model.hazards[one] for one in present},
        detected={one: sorted(some) for one, some in change["detected"].items()},
        raised={one: model.raised[one] for one in seen},
    )


def assert_equal(fleet: Fleet, model: Model) -> None:
    for scope in SCOPES:
        assert dict(zip(*map(np.ndarray.tolist, fleet.vulnerability_counts(scope)), strict=True)) == (
            model.vulnerability_counts(scope)
        )
        software, installed, exposed = map(np.ndarray.tolist, fleet.software_counts(scope))
        counted = dict(zip(software, zip(installed, exposed, strict=True), strict=True))
        assert counted == model.software_counts(scope)
        for one in SOFTWARE_OF.values():
            assert fleet.view().counts_of_software(one, scope) == counted.get(one, (0, 0))
        devices, hazards, findings = map(np.ndarray.tolist, fleet.device_hazards(None, scope))
        assert devices == sorted(model.devices(scope)) == list(fleet.scope_bitmap(scope))
        assert hazards == [model.hazard(one) for one in devices]
        assert findings == [len(model.vulnerabilities(one)) for one in devices]
        for one, count in model.vulnerability_counts(scope).items():
            members = fleet.devices_of_vulnerability(one, scope)
            assert len(members) == count == fleet.view().count_of_vulnerability(one, scope)
            assert set(members) == {d for d in model.devices(scope) if one in model.vulnerabilities(d)}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(step, max_size=8), bulk=st.sampled_from([0, 2, None]), repeat=st.booleans())
def test_any_sequence_of_batches_equals_a_rebuild(steps: list[dict], bulk: int | None, repeat: bool) -> None:
    model = Model(SOFTWARE_OF, hazards=dict.fromkeys(VULNERABILITIES, 5), raised=dict.fromkeys(VULNERABILITIES, 9))
    fleet = Fleet(bulk=bulk)
    fleet.apply(Batch(software=SOFTWARE_OF))
    for seq, change in enumerate(steps, 1):
        batch = taken(model, change, seq)
        if change["fold"]:
            fleet.begin_hazards(batch.hazards)
            fleet.fold_hazards(1)
            present = {one: batch.hazards[one] for one in batch.hazards if not fleet.view().carriers[one]}
            batch = Batch(
                seq=seq, software=batch.software, devices=batch.devices, facts=batch.facts, matches=batch.matches,
                hazards=present, detected=batch.detected, raised=batch.raised,
            )  # fmt: skip
        fleet.apply(batch)
        if repeat:
            fleet.apply(batch)
    while not fleet.fold_hazards(2):
        pass
    assert fleet.seq == len(steps)
    assert fleet.differences(model.built()) == []
    assert model.built().differences(fleet) == []
    assert_equal(fleet, model)


def small() -> tuple[Model, Fleet]:
    model = Model(
        SOFTWARE_OF,
        installed={1: {1, 2, 9}, 2: {1}, 3: {9}, 4: {2}},
        facts={1: (1, "Normal", True), 2: (1, "High", True), 3: (2, "Low", True), 4: (2, "Normal", False)},
        matches={1: {10, 11}, 2: {11}, 9: {12}},
        hazards={10: 100, 11: 20, 12: 3},
    )
    fleet = Fleet()
    fleet.apply(model.batch(seq=1))
    return model, fleet


def test_a_vulnerability_counts_once_a_device() -> None:
    _, fleet = small()
    devices, hazards, findings = fleet.device_hazards(None, EVERYTHING)
    assert devices.tolist() == [1, 2, 3]
    assert hazards.tolist() == [123, 120, 3]
    assert findings.tolist() == [3, 2, 1]


def test_uncounted_devices_are_in_no_answer_but_keep_their_weaknesses() -> None:
    _, fleet = small()
    assert 4 not in fleet.devices_of_vulnerability(11, EVERYTHING)
    assert set(fleet.vulnerabilities_of_device(4)) == {11}
    assert fleet.device_hazards([4], EVERYTHING)[0].tolist() == []
    fleet.apply(Batch(seq=2, facts=[DeviceFacts(4, 2, "Normal", True)]))
    assert fleet.device_hazards([4], EVERYTHING)[1].tolist() == [20]
    assert fleet.view().count_of_vulnerability(11, EVERYTHING) == 3


def test_a_scope_sees_its_groups_only() -> None:
    _, fleet = small()
    second = Scope(frozenset([2]))
    assert set(fleet.devices_of_vulnerability(12, second)) == {3}
    assert fleet.vulnerability_counts(second)[0].tolist() == [12]
    assert set(fleet.vulnerabilities_of_software(SOFTWARE_OF[1], second)) == set()
    assert set(fleet.vulnerabilities_of_software(SOFTWARE_OF[1], EVERYTHING)) == {10, 11}


def test_software_questions() -> None:
    _, fleet = small()
    software = SOFTWARE_OF[1]
    assert software == SOFTWARE_OF[2]
    assert set(fleet.devices_of_software(software, EVERYTHING)) == {1, 2}
    assert set(fleet.exposed_of_software(software, EVERYTHING)) == {1, 2}
    assert {1, 2} <= set(fleet.versions_of_software(software).tolist())
    assert fleet.versions_of_vulnerability(11).tolist() == [1, 2]
    assert set(fleet.devices_of_version(9, EVERYTHING)) == {1, 3}
    assert fleet.device_value(2) == "High"
    assert fleet.device_value(99) is None


def test_an_old_view_does_not_change() -> None:
    _, fleet = small()
    before = fleet.view()
    counts = before.vulnerability_counts(EVERYTHING)[1].tolist()
    fleet.apply(Batch(seq=2, devices=[DeviceVersions(1, ids(set()), frozenset({1, 2, 9}))], matches={9: [10, 11, 12]}))
    assert before.vulnerability_counts(EVERYTHING)[1].tolist() == counts
    assert set(before.devices_of_version(1, EVERYTHING)) == {1, 2}
    assert before.device_hazards([1], EVERYTHING)[1].tolist() == [123]
    assert fleet.device_hazards([1], EVERYTHING)[1].tolist() == [0]
    assert before.sums.one(3) == 3


def test_what_is_handed_out_is_the_callers_own() -> None:
    _, fleet = small()
    for bitmap in (
        fleet.devices_of_vulnerability(11, EVERYTHING), fleet.devices_of_version(1, EVERYTHING),
        fleet.scope_bitmap(EVERYTHING), fleet.vulnerabilities_of_version(1),
    ):  # fmt: skip
        bitmap.add(77)
    assert 77 not in fleet.devices_of_vulnerability(11, EVERYTHING)
    assert 77 not in fleet.scope_bitmap(EVERYTHING)
    assert 77 not in fleet.vulnerabilities_of_version(1)
    with pytest.raises(ValueError, match="read-only"):
        fleet.vulnerability_counts(EVERYTHING)[1][0] = 5


def test_a_failing_batch_changes_nothing() -> None:
    model, fleet = small()

    def fail() -> None:
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fleet.apply(
            Batch(seq=2, devices=[DeviceVersions(1, ids({1}), frozenset({2, 9}))], matches={9: []}),
            pause=fail,
        )
    assert fleet.seq == 1
    assert fleet.differences(model.built()) == []


def test_a_large_change_of_hazards_shows_whole_at_its_end() -> None:
    _, fleet = small()
    fleet.begin_hazards({10: 1000, 11: 200, 12: 30})
    assert not fleet.fold_hazards(1)
    fleet.apply(Batch(seq=5, devices=[DeviceVersions(3, ids({1, 9}), frozenset({1}))]))
    assert fleet.is_folding
    assert (fleet.seq, fleet.view().facts_seq) == (1, 5)
    assert fleet.wait_for(5, 0, scores=False)
    assert not fleet.wait_for(5, 0)
    assert fleet.device_hazards([1, 3], EVERYTHING)[1].tolist() == [123, 123]
    assert fleet.vulnerability_hazard(12) == 3
    assert fleet.fold_hazards(10)
    assert fleet.device_hazards([1, 3], EVERYTHING)[1].tolist() == [1230, 1230]
    assert fleet.vulnerability_hazard(12) == 30
    assert fleet.wait_for(5, 0)


def test_waiting_for_a_change_ends_when_it_is_in_force() -> None:
    _, fleet = small()
    outcome: list[bool] = []
    waiting = threading.Thread(target=lambda: outcome.append(fleet.wait_for(7, 10)))
    waiting.start()
    fleet.apply(Batch(seq=7))
    waiting.join()
    assert outcome == [True]
    assert not fleet.wait_for(8, 0.001)


def test_differences_name_what_differs() -> None:
    _, fleet = small()
    _, other = small()
    assert fleet.differences(other) == []
    other.apply(Batch(seq=2, hazards={12: 4}, devices=[DeviceVersions(2, ids(set()), frozenset({1}))]))
    told = fleet.differences(other)
    assert any("devices of software version 1:" in line for line in told)
    assert any("hazard of vulnerability 12: 3 here, 4 there" in line for line in told)
    assert any("hazard of device 2: 120 here, 0 there" in line for line in told)
    assert len(fleet.differences(other, limit=2)) == 2


def test_a_version_whose_software_is_learned_late_is_counted() -> None:
    fleet = Fleet()
    fleet.apply(
        Batch(
            seq=1,
            devices=[DeviceVersions(1, ids({5}), frozenset({5}))],
            facts=[DeviceFacts(1, 1, "Low", True)],
        )
    )
    assert fleet.software_counts(EVERYTHING)[0].tolist() == []
    fleet.apply(Batch(seq=2, software={5: 9}))
    assert [part.tolist() for part in fleet.software_counts(EVERYTHING)] == [[9], [1], [0]]


def test_sizes_count_what_is_there() -> None:
    _, fleet = small()
    sizes = fleet.view().sizes()
    assert (sizes.devices, sizes.software_versions, sizes.vulnerabilities, sizes.findings) == (4, 3, 3, 7)
    assert sizes.bitmap_bytes > 0


def test_a_hazard_that_comes_while_folding_replaces_the_one_that_waits() -> None:
    _, fleet = small()
    fleet.begin_hazards({10: 1000, 11: 200, 12: 30})
    fleet.fold_hazards(1)
    fleet.apply(Batch(seq=2, hazards={10: 7, 12: 8}))
    assert fleet.device_hazards([1], EVERYTHING)[1].tolist() == [7 + 20 + 8], "in force at once, with the old others"
    assert fleet.fold_hazards(10)
    assert fleet.device_hazards([1], EVERYTHING)[1].tolist() == [7 + 200 + 8]


def test_counting_everything_anew_while_folding_keeps_both_sums() -> None:
    model, _ = small()
    fleet = Fleet(bulk=0)
    fleet.apply(model.batch(seq=1))
    fleet.begin_hazards({10: 1000, 11: 200, 12: 30})
    fleet.fold_hazards(1)
    fleet.apply(Batch(seq=2, devices=[DeviceVersions(2, ids({1, 9}), frozenset({9}))]))
    assert fleet.device_hazards([1, 2], EVERYTHING)[1].tolist() == [123, 123]
    assert fleet.fold_hazards(10)
    assert fleet.device_hazards([1, 2], EVERYTHING)[1].tolist() == [1230, 1230]
