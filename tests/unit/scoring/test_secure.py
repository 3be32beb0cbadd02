"""The secure score, spec/features.md 5.5: points = sum of impact x compliant / applicable; maximum = sum of impacts of
checks with at least one applicable device; excepted devices count as compliant."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from tests.unit.posture.support import check
from weakspot.access.contracts import Scope
from weakspot.fleet import Batch, DeviceFacts, Fleet, FleetView
from weakspot.fleet.contracts import DevicePlatforms, DeviceSettings, DeviceVersions
from weakspot.inventory.settings import SettingValue
from weakspot.posture import Check, Evaluation, Expected
from weakspot.posture.evaluating import judged
from weakspot.scoring import check_counts, check_impact, check_states, secure_score, secure_total
from weakspot.scoring.secure import points_by_column

ALL = Scope(None)
CHECKS = {
    one.id: one
    for one in (
        check(id="check-a", setting="linux.a", impact=8, category="accounts", not_applicable=("absent",)),
        check(id="check-b", setting="linux.b", impact=2, category="os", platforms=("linux", "windows")),
        check(id="check-c", setting="linux.c", impact=5, category="os", compliant=Expected(at_least=2)),
    )
}
VALUES = [
    SettingValue(id=1, name="linux.a", value="no"),
    SettingValue(id=2, name="linux.a", value="yes"),
    SettingValue(id=3, name="linux.a", value="absent"),
    SettingValue(id=4, name="linux.b", value="no"),
    SettingValue(id=5, name="linux.b", value="yes"),
    SettingValue(id=6, name="linux.c", value="2"),
    SettingValue(id=7, name="linux.c", value="odd"),
]
RESULTS = {1: "compliant", 2: "non_compliant", 4: "compliant", 5: "non_compliant", 6: "compliant"}


def evaluation(checks: Mapping[str, Check] = CHECKS) -> Evaluation:
    return Evaluation((1,), checks, judged(checks, VALUES), {})


def fleet(has: Mapping[int, set[int]], platforms: Mapping[int, str], groups: Mapping[int, int]) -> FleetView:
    made = Fleet()
    members: dict[str, BitMap] = {}
    for device, kind in platforms.items():
        members.setdefault(kind, BitMap()).add(device)
    made.apply(
        Batch(
            seq=1,
            facts=[DeviceFacts(one, groups.get(one, 1), "Normal", True) for one in platforms],
            settings=[DeviceSettings(one, frozenset(ids), frozenset(ids)) for one, ids in has.items()],
            platforms=DevicePlatforms(BitMap(list(platforms)), members),
        )
    )
    return made.view()


def test_points_by_hand() -> None:
    """Three Linux devices tell a; one of them has nothing to set, one complies. The Windows device is not asked."""
    view = fleet({1: {1}, 2: {2}, 3: {3}, 4: {4}}, {1: "linux", 2: "linux", 3: "linux", 4: "windows"}, {})
    states = check_states(view, evaluation())
    a = states["check-a"]
    assert (list(a.applicable), list(a.compliant), list(a.non_compliant), list(a.unknown)) == ([1, 2], [1], [2], [])
    b = states["check-b"]
    assert (list(b.compliant), list(b.unknown)) == ([4], [1, 2, 3]), "not told is unknown"
    found = secure_score(states, view.scope_bitmap(ALL), {})
    assert found["accounts"].points == 8 * 1 / 2
    assert found["os"].points == found["os"].maximum == 2, "a check that nobody is assessed by is not in the maximum"
    assert secure_total(found).maximum == 10


def test_excepted_devices_count_as_compliant_and_the_detected_points_stay() -> None:
    view = fleet({1: {1}, 2: {2}}, {1: "linux", 2: "linux"}, {})
    points = secure_total(
        secure_score(check_states(view, evaluation()), view.scope_bitmap(ALL), {"check-a": BitMap([2])})
    )
    assert (points.points, points.detected, points.maximum) == (8, 4, 8)


def test_a_scope_sees_its_own_devices_alone() -> None:
    view = fleet({1: {1}, 2: {2}}, {1: "linux", 2: "linux"}, {1: 1, 2: 2})
    states = check_states(view, evaluation())
    in_two = secure_total(secure_score(states, view.scope_bitmap(Scope(frozenset([2]))), {}))
    assert (in_two.points, in_two.maximum) == (0, 8)
    points, maximum = points_by_column(view, states, {"check-a": BitMap([2])})
    assert (points.tolist(), maximum.tolist()) == ([8, 8, 8], [8, 8, 8]), "organisation, group 1, group 2"
    points, _ = points_by_column(view, states, {})
    assert points.tolist() == [4, 8, 0]


def test_a_value_that_cannot_be_compared_is_unknown() -> None:
    view = fleet({1: {7}}, {1: "linux"}, {})
    state = check_states(view, evaluation())["check-c"]
    assert (list(state.unknown), list(state.assessed)) == ([1], [])


@given(
    st.dictionaries(st.integers(1, 12), st.frozensets(st.sampled_from([1, 2, 3]), max_size=1), max_size=12),
    st.frozensets(st.integers(1, 12), max_size=6),
)
def test_the_predicted_rise_is_the_actual_one(has: dict[int, frozenset[int]], excepted: frozenset[int]) -> None:
    """spec/features.md 6.3: configuration impact = predicted rise of the secure score."""
    platforms = dict.fromkeys(has, "linux")
    out = {"check-a": BitMap(list(excepted))}
    before = fleet({one: set(ids) for one, ids in has.items()}, platforms, {})
    state = check_states(before, evaluation())["check-a"]
    everything = before.scope_bitmap(ALL)
    predicted = check_impact(state, everything, out["check-a"])
    fixed = {
        one: {1} if one in state.non_compliant and one not in excepted else set(ids) for one, ids in has.items()
    }  # fmt: skip
    after = fleet(fixed, platforms, {})
    rise = (
        secure_total(secure_score(check_states(after, evaluation()), everything, out)).points
        - secure_total(secure_score(check_states(before, evaluation()), everything, out)).points
    )
    assert abs(rise - predicted) < 1e-9


def test_counts_are_made_anew_exactly_where_something_changed() -> None:
    made = Fleet()
    facts = [DeviceFacts(one, 1, "Normal", True) for one in (1, 2)]
    platforms = DevicePlatforms(BitMap([1, 2]), {"linux": BitMap([1, 2])})
    told = [DeviceSettings(1, frozenset({1}), frozenset({1})), DeviceSettings(2, frozenset({2}), frozenset({2}))]
    made.apply(Batch(seq=1, facts=facts, settings=told, platforms=platforms))
    known = evaluation()

    def exposed() -> tuple[object, int]:
        view = made.view()
        counts = check_counts(view, check_states(view, known), ALL)
        return counts, counts["check-a"].exposed

    first, number = exposed()
    assert number == 1
    made.apply(Batch(devices=[DeviceVersions(1, np.array([7], np.uint32), frozenset([7]))], software={7: 1}))
    assert exposed()[0] is first, "a report of software leaves them as they are"
    made.apply(Batch(settings=[DeviceSettings(2, frozenset({1}), frozenset({1, 2}))]))
    assert exposed()[1] == 0
    made.apply(Batch(settings=[DeviceSettings(2, frozenset({2}), frozenset({1, 2}))]))
    assert exposed()[1] == 1
    made.apply(Batch(facts=[DeviceFacts(2, 1, "Normal", False)]))
    assert exposed()[1] == 0, "a device that does not count any more"
