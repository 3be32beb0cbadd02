"""Scores of an index made of shards are those of one index, to the last bit, with and without exceptions."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from tests.unit.fleet.cluster.split import Small, devices, smalls, versions, vulnerabilities
from weakspot import scoring
from weakspot.access import Scope
from weakspot.scoring import Cover, Excepted, Replacing, clustered

SCOPES = [Scope(None), Scope(frozenset([1])), Scope(frozenset([2, 3])), Scope(frozenset())]
SOFTWARE = [1, 2, 3]

sets_of_versions = versions.map(frozenset)
covers = st.lists(
    st.builds(
        Cover,
        versions=sets_of_versions,
        vulnerabilities=st.sets(vulnerabilities, max_size=5).map(BitMap),
        devices=st.sets(devices).map(BitMap),
        uncovered=st.dictionaries(vulnerabilities, sets_of_versions, max_size=2),
    ),
    max_size=3,
)


@settings(max_examples=20, deadline=None)
@given(smalls(), covers, versions, st.integers(1, 4))
def test_scores_and_impacts_are_equal(small: Small, some: list[Cover], gone: set[int], count: int) -> None:
    whole, cluster = small.view(), small.cluster(count)
    out, travelling = Excepted(whole, some), clustered.covers_of(some)
    assert clustered.scores(cluster, SCOPES) == [scoring.organisation_score(whole, one) for one in SCOPES]
    active = [scoring.organisation_score(whole, one, excepted=out) for one in SCOPES]
    assert clustered.scores(cluster, SCOPES, excepted=travelling) == active
    for scope in SCOPES:
        assert clustered.versions_impact(cluster, gone, scope) == scoring.versions_impact(whole, gone, scope)
        for covered, told in ((None, None), (out, travelling)):
            impacts = scoring.software_impacts(whole, SOFTWARE, scope, excepted=covered)
            assert clustered.software_impacts(cluster, SOFTWARE, scope, excepted=told) == impacts


@settings(max_examples=20, deadline=None)
@given(smalls(), covers, vulnerabilities, st.integers(1, 4), st.integers(0, 5))
def test_what_is_excepted_and_what_is_left_are_equal(
    small: Small, some: list[Cover], vulnerability: int, count: int, limit: int
) -> None:
    whole, cluster = small.view(), small.cluster(count)
    out, travelling = Excepted(whole, some), clustered.covers_of(some)
    assert clustered.excepted_devices(cluster, vulnerability, travelling) == out.devices_of(vulnerability)
    for scope in SCOPES:
        assert clustered.excepted_counts(cluster, scope, travelling) == out.counts(scope)
        ids, detected, findings = whole.device_hazards(None, scope)
        columns = clustered.device_hazards(cluster, None, scope, excepted=travelling)
        expected = (ids, out.hazards(ids), detected, findings)
        assert [one.tolist() for one in columns] == [one.tolist() for one in expected]
        rows = sorted(zip(*(one.tolist() for one in expected), strict=True), key=lambda row: (-row[1], row[0]))
        top = clustered.top_devices(cluster, limit, scope, excepted=travelling)
        assert list(zip(*(one.tolist() for one in top), strict=True)) == rows[:limit]


@settings(max_examples=20, deadline=None)
@given(
    smalls(),
    covers,
    st.lists(st.dictionaries(st.integers(1, 5), st.sets(vulnerabilities).map(BitMap), min_size=1), max_size=3),
    st.dictionaries(st.integers(1, 5), st.sets(devices).map(BitMap), max_size=2),
    st.none() | st.sets(devices).map(BitMap),
    st.integers(1, 4),
)
def test_steps_of_a_plan_gain_the_same(
    small: Small,
    some: list[Cover],
    steps: list[dict[int, BitMap]],
    kept: dict[int, BitMap],
    excluded: BitMap | None,
    count: int,
) -> None:
    whole, cluster, scope = small.view(), small.cluster(count), Scope(frozenset([1, 2]))
    out, unknown = Excepted(whole, some), {6: 1 << 30}
    within = None if excluded is None else whole.scope_bitmap(scope) - excluded
    replacing = Replacing(whole, scope, within=within, hazards=unknown, excepted=out, kept=kept)
    expected = []
    for step in steps:
        replacing.apply(step)
        expected.append(replacing.total_gain)
    found = clustered.step_gains(
        cluster, scope, steps, hazards=unknown, excluded=excluded, excepted=clustered.covers_of(some), kept=kept
    )
    assert found == expected
    for step in steps:
        one = scoring.replacement_impact(whole, scope, step, hazards=unknown, excluded=excluded, excepted=out)
        told = clustered.covers_of(some)
        assert clustered.replacement_impact(
            cluster, scope, step, hazards=unknown, excluded=excluded, excepted=told
        ) == one  # fmt: skip


def test_covers_are_told_apart_by_what_they_cover() -> None:
    def cover(device: int) -> Cover:
        return Cover(versions=frozenset([1]), vulnerabilities=BitMap([1]), devices=BitMap([device]))

    assert clustered.covers_of([cover(1)]) == clustered.covers_of([cover(1)])
    assert clustered.covers_of([cover(1)]).key != clustered.covers_of([cover(2)]).key
