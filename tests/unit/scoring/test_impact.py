"""What a fix would change is exactly what it changes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from tests.unit.fleet.model import EVERYTHING, Model
from weakspot.access.contracts import Scope
from weakspot.fleet import Fleet
from weakspot.scoring import impact
from weakspot.scoring.service import organisation_score, software_impact, software_impacts, versions_impact

SOFTWARE_OF = {version: 1 + version // 3 for version in range(1, 16)}
UNIT = 1 << 32


def built(model: Model) -> Fleet:
    fleet = Fleet()
    fleet.apply(model.batch(seq=1))
    return fleet


models = st.builds(
    Model,
    st.just(SOFTWARE_OF),
    st.dictionaries(st.integers(1, 9), st.sets(st.sampled_from(sorted(SOFTWARE_OF)), max_size=7), max_size=9),
    st.dictionaries(
        st.integers(1, 9),
        st.tuples(st.integers(1, 3), st.sampled_from(["Low", "Normal", "High"]), st.booleans()),
        max_size=9,
    ),
    st.dictionaries(st.sampled_from(sorted(SOFTWARE_OF)), st.sets(st.integers(1, 8), max_size=4), max_size=9),
    st.fixed_dictionaries({one: st.integers(0, 5 * UNIT) for one in range(1, 9)}),
)


@settings(max_examples=150, deadline=None)
@given(
    models, st.sets(st.sampled_from(sorted(SOFTWARE_OF))), st.sampled_from([None, frozenset([1]), frozenset([2, 3])])
)
def test_predicted_is_actual(model: Model, leaving: set[int], groups: frozenset[int] | None) -> None:
    scope = Scope(groups)
    fleet = built(model)
    before = organisation_score(fleet, scope)
    predicted = versions_impact(fleet, leaving, scope)
    for version in leaving:
        model.matches[version] = set()
    after = organisation_score(built(model), scope)
    if before is None:
        assert after is None
        assert predicted == 0.0
    else:
        assert predicted == pytest.approx(before - after, abs=1e-9)


def shared() -> Fleet:
    """Two software carry vulnerability 1 on device 1; device 2 has only the first of them."""
    return built(
        Model(
            SOFTWARE_OF,
            installed={1: {1, 4}, 2: {1}},
            facts={1: (1, "Normal", True), 2: (2, "Normal", True)},
            matches={1: {1}, 4: {1}},
            hazards={1: UNIT},
        )
    )


def test_what_another_software_carries_too_stays() -> None:
    fleet = shared()
    first, second = SOFTWARE_OF[1], SOFTWARE_OF[4]
    assert software_impact(fleet, second, EVERYTHING) == 0.0
    assert software_impact(fleet, first, EVERYTHING) == pytest.approx(organisation_score(fleet, EVERYTHING) / 2)
    both = versions_impact(fleet, [1, 4], EVERYTHING)
    assert both == pytest.approx(organisation_score(fleet, EVERYTHING))


def test_impacts_are_of_the_scope() -> None:
    fleet = shared()
    software = SOFTWARE_OF[1]
    assert software_impacts(fleet, [software, 99], Scope(frozenset([1]))) == {software: 0.0, 99: 0.0}
    only = Scope(frozenset([2]))
    assert software_impacts(fleet, [software], only)[software] == pytest.approx(organisation_score(fleet, only))


def test_no_counted_device_no_score() -> None:
    assert organisation_score(Fleet(), EVERYTHING) is None
    assert organisation_score(shared(), Scope(frozenset([77]))) is None


@pytest.mark.parametrize("share", [0, 50, 1 << 40])  # looked up one by one; as it chooses; always in one array
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sets(st.integers(0, 300), min_size=1, max_size=20), st.integers(-9, 9)), max_size=6))
def test_totals_are_those_of_each_device(share: int, parts: list[tuple[set[int], int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(impact, "DENSE_SHARE", share)
        devices, amounts = impact.totals([(BitMap(some), amount) for some, amount in parts])
    wanted = {one: sum(amount for some, amount in parts if one in some) for some, _ in parts for one in some}
    assert dict(zip(devices.tolist(), amounts.tolist(), strict=True)) == wanted
    assert devices.tolist() == sorted(wanted)
