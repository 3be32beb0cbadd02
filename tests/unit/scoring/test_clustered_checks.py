"""The secure score of an index made of shards, spec/features.md 5.5: that of one index, to the last bit."""

from __future__ import annotations

from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from tests.unit.fleet.cluster.split import Small, devices, smalls
from tests.unit.scoring.test_secure import CHECKS, VALUES
from weakspot import scoring
from weakspot.access import Scope
from weakspot.posture import CheckDecision, Evaluation
from weakspot.posture.evaluating import judged
from weakspot.scoring import clustered_checks as clustered
from weakspot.scoring.secure import points_by_column

SCOPES = (Scope(None), Scope(frozenset([1])), Scope(frozenset([2, 3])), Scope(frozenset()))
STATES: tuple[clustered.StateOf, ...] = ("applicable", "compliant", "non_compliant", "unknown")

exceptions = st.dictionaries(st.sampled_from(sorted(CHECKS)), st.sets(devices).map(BitMap))


def evaluation(off: set[str]) -> Evaluation:
    decisions = {
        one: CheckDecision(check_id=one, is_enabled=False, reason="not here", decided_by="user:1:a", decided_at=1)
        for one in off
    }
    return Evaluation((1, len(off)), MappingProxyType(CHECKS), judged(CHECKS, VALUES), decisions)


@settings(max_examples=20, deadline=None)
@given(smalls(), exceptions, st.sets(st.sampled_from(sorted(CHECKS)), max_size=2), st.integers(1, 4))
def test_checks_and_points_are_equal(small: Small, excepted: dict[str, BitMap], off: set[str], count: int) -> None:
    whole, cluster, judgement = small.view(), small.cluster(count), evaluation(off)
    # A stamp says which evaluation it is within a process; here many are made, with others of the same number.
    states = scoring.check_states(whole, clustered.travelling(judgement))
    for scope in SCOPES:
        counted = whole.scope_bitmap(scope)
        expected = dict(scoring.check_counts(whole, states, scope))
        assert clustered.counts_of_checks(cluster, judgement, scope) == expected
        points = scoring.secure_score(states, counted, excepted)
        assert clustered.secure_score_of(cluster, judgement, scope, excepted) == points
        for one, state in states.items():
            gain = scoring.check_impact(state, counted, excepted.get(one, BitMap()))
            assert clustered.impact_of_check(
                cluster, judgement, one, scope, excepted.get(one, BitMap())
            ) == gain  # fmt: skip
            for name in STATES:
                found = clustered.devices_of_check(cluster, judgement, one, name, scope)
                assert found == getattr(state, name) & counted


@settings(max_examples=20, deadline=None)
@given(smalls(), exceptions, st.integers(1, 4))
def test_recorded_points_are_equal(small: Small, excepted: dict[str, BitMap], count: int) -> None:
    whole, judgement = small.view(), evaluation(set())
    points, maximum = points_by_column(whole, scoring.check_states(whole, clustered.travelling(judgement)), excepted)
    columns = {None: 0} | {group: column for column, group in enumerate(whole.population.group_ids, 1)}
    expected = {group: (points[column], maximum[column]) for group, column in columns.items()}
    assert clustered.points_by_group(small.cluster(count), judgement, excepted) == expected
