"""The estimate ranks; it agrees with the exact impact where nothing is shared."""

from __future__ import annotations

import pytest

from tests.unit.fleet.model import EVERYTHING, Model
from weakspot.access.contracts import Scope
from weakspot.fleet import Fleet
from weakspot.scoring import estimates
from weakspot.scoring.service import software_impacts

UNIT = 1 << 32


def alone(devices: int = 40) -> Fleet:
    """Software 1, 2 and 3 (versions 3, 6, 9) with a weakness each, no two on one device."""
    installed = {device: {3 * (1 + device % 3)} for device in range(1, devices)}
    facts = {device: (1 + device % 2, "High" if device % 7 == 0 else "Normal", True) for device in installed}
    model = Model({3: 1, 6: 2, 9: 3}, installed, facts, {3: {1}, 6: {2}, 9: {3}}, {1: UNIT, 2: UNIT // 9, 3: UNIT // 3})
    fleet = Fleet()
    fleet.apply(model.batch(seq=1))
    return fleet


@pytest.mark.parametrize("scope", [EVERYTHING, Scope(frozenset([1]))])
def test_is_in_proportion_to_the_exact_impact(scope: Scope) -> None:
    view = alone().view()
    estimated = estimates.impact_estimates(view, scope)
    exact = software_impacts(view, [1, 2, 3], scope)
    assert estimated.keys() == {1, 2, 3}
    factors = [estimated[one] / exact[one] for one in (1, 2, 3)]
    assert factors == pytest.approx([factors[0]] * 3, rel=1e-6)


def test_a_sample_ranks_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    view = alone(900).view()
    whole = estimates.impact_estimates(view, EVERYTHING)
    monkeypatch.setattr(estimates, "SAMPLE", 200)
    sampled = estimates.impact_estimates(view, EVERYTHING)
    assert sorted(sampled, key=lambda one: sampled[one]) == sorted(whole, key=lambda one: whole[one])


def test_nothing_exposed_gives_nothing() -> None:
    assert estimates.impact_estimates(Fleet().view(), EVERYTHING) == {}
    assert estimates.impact_estimates(alone().view(), Scope(frozenset([99]))) == {}
