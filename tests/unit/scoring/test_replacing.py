"""What replacing software versions would change is exactly what it changes."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from tests.unit.fleet.model import EVERYTHING, Model
from tests.unit.scoring.test_impact import SOFTWARE_OF, UNIT, built, models, shared
from weakspot.access.contracts import Scope
from weakspot.scoring import Replacing, organisation_score, replacement_impact

VERSIONS = sorted(SOFTWARE_OF)
UNSEEN = {9: UNIT, 10: UNIT // 3}
"""Vulnerabilities that only what comes has."""
coming = st.dictionaries(st.sampled_from(VERSIONS), st.sets(st.integers(1, 10), max_size=4), max_size=6)


def carried_out(model: Model, *actions: dict[int, set[int]]) -> Model:
    """The fleet after the versions were really replaced, each by a version of its own."""
    after = copy.deepcopy(model)
    after.software_of = dict(SOFTWARE_OF)
    after.hazards |= UNSEEN
    for replaced in actions:
        for version, vulnerabilities in replaced.items():
            fresh = 100 + version
            after.software_of[fresh] = SOFTWARE_OF[version]
            after.matches[fresh] = set(vulnerabilities)
            for has in after.installed.values():
                if version in has:
                    has.remove(version)
                    has.add(fresh)
    return after


def bitmaps(action: dict[int, set[int]]) -> dict[int, BitMap]:
    return {version: BitMap(some) for version, some in action.items()}


@settings(max_examples=200, deadline=None)
@given(models, coming, st.sampled_from([None, frozenset([1]), frozenset([2, 3])]))
def test_predicted_is_actual(model: Model, action: dict[int, set[int]], groups: frozenset[int] | None) -> None:
    scope = Scope(groups)
    fleet = built(model)
    before = organisation_score(fleet, scope)
    after = organisation_score(built(carried_out(model, action)), scope)
    predicted = replacement_impact(fleet.view(), scope, bitmaps(action), hazards=UNSEEN)
    if before is None or after is None:
        assert before is None
        assert after is None
        assert predicted == 0.0
    else:
        assert predicted == pytest.approx(before - after, abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(models, coming, coming, coming)
def test_steps_add_up_to_all_at_once(
    model: Model, first: dict[int, set[int]], second: dict[int, set[int]], third: dict[int, set[int]]
) -> None:
    second = {version: some for version, some in second.items() if version not in first}
    third = {version: some for version, some in third.items() if version not in first | second}
    fleet = built(model)
    replacing = Replacing(fleet.view(), EVERYTHING, hazards=UNSEEN)
    told = 0.0
    for action in (first, second, third):
        told += replacing.gain(*replacing.change(bitmaps(action)))
        replacing.apply(bitmaps(action))
    after = built(carried_out(model, first, second, third))
    before = organisation_score(fleet, EVERYTHING)
    if before is not None:
        assert before - (organisation_score(after, EVERYTHING) or 0.0) == pytest.approx(told, abs=1e-9)
    assert replacing.total_gain == pytest.approx(told, abs=1e-9)
    ids, hazards, _ = after.device_hazards(None, EVERYTHING)
    inside = ids < len(replacing.sums)
    assert replacing.sums[ids[inside]].tolist() == hazards[inside].tolist()


def test_the_second_carrier_takes_the_hazard_with_it() -> None:
    view = shared().view()
    replacing = Replacing(view, EVERYTHING)
    assert replacing.gain(*replacing.change({4: BitMap()})) == 0.0
    replacing.apply({4: BitMap()})
    replacing.apply({1: BitMap()})
    assert replacing.total_gain == pytest.approx(replacing.score_before)


def test_what_comes_with_the_same_weakness_changes_nothing() -> None:
    assert replacement_impact(shared().view(), EVERYTHING, {1: BitMap([1]), 4: BitMap([1])}) == 0.0


def test_what_comes_may_be_worse() -> None:
    view = shared().view()
    assert replacement_impact(view, EVERYTHING, {1: BitMap([1, 9])}, hazards=UNSEEN) < 0


def test_devices_under_an_exception_keep_what_they_have() -> None:
    view = shared().view()
    whole = replacement_impact(view, EVERYTHING, {1: BitMap()})
    assert whole > 0
    assert replacement_impact(view, EVERYTHING, {1: BitMap()}, excluded=BitMap([2])) == 0.0
    assert replacement_impact(view, EVERYTHING, {1: BitMap()}, excluded=BitMap([1])) == whole
