"""From hazards to scores, and what the bands mean (the worked examples of docs/scoring.md)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.scoring.facts import facts
from weakspot.scoring.rules import model
from weakspot.scoring.rules.hazards import hazard
from weakspot.scoring.rules.scores import (
    ScoreSums,
    device_score,
    device_scores,
    exposure_level,
    hazard_at,
    mean_score,
    score_gain,
    survivals,
    value_weights,
)

hazards = st.integers(0, 1 << 45)


def level(*found: object) -> str:
    return exposure_level(device_score(sum(hazard(one) for one in found)))


def sums(values: list[tuple[int, int]]) -> ScoreSums:
    """(value 0-2, hazard) of devices."""
    total = ScoreSums()
    for value, size in values:
        counts, kept = [0, 0, 0], [0, 0, 0]
        counts[value], kept[value] = 1, int(survivals(np.array([size]))[0])
        total = total + ScoreSums(tuple(counts), tuple(kept))
    return total


def test_ends_of_the_scale() -> None:
    assert device_score(0) == 0.0
    assert device_score(1 << 50) == 100.0


@given(hazards, hazards)
def test_more_hazard_is_never_a_lower_score(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert 0 <= device_score(low) <= device_score(high) <= 100


@given(st.lists(hazards, min_size=1, max_size=50))
def test_one_device_and_many_are_scored_alike(many: list[int]) -> None:
    assert device_scores(np.array(many)).tolist() == [device_score(one) for one in many]


@given(st.floats(0, 99.9))
def test_hazard_at_is_the_border(score: float) -> None:
    border = hazard_at(score)
    assert device_score(border) >= score
    assert border == 0 or device_score(border - 1) <= score


def test_hazard_at_refuses_what_no_hazard_reaches() -> None:
    with pytest.raises(ValueError, match="below 100"):
        hazard_at(100)


@pytest.mark.parametrize(
    ("score", "expected"),
    [(None, "None"), (0, "Low"), (29.99, "Low"), (30, "Medium"), (69.99, "Medium"), (70, "High"), (100, "High")],
)
def test_bands(score: float | None, expected: str) -> None:
    assert exposure_level(score) == expected


@pytest.mark.parametrize("score", [-0.1, 100.1, float("nan")])
def test_no_band_outside_the_scale(score: float) -> None:
    with pytest.raises(ValueError, match="0 to 100"):
        exposure_level(score)


def test_value_weights_keep_high_above_normal_in_small_fleets() -> None:
    assert value_weights(5) == (15, 20, 20)
    assert value_weights(100) == (15, 20, 200)


def test_mean_of_an_empty_scope_is_none() -> None:
    assert mean_score(ScoreSums()) is None
    assert score_gain(ScoreSums(), (0, 0, 0)) == 0.0


def test_the_mean_is_weighted_by_value() -> None:
    lost = 1 << 50  # scores 100
    assert mean_score(sums([(1, lost), (1, 0)])) == pytest.approx(50)
    assert mean_score(sums([(0, lost), (1, 0)])) == pytest.approx(100 * 0.75 / 1.75)
    many = sums([(2, lost), *[(1, 0)] * 99])
    assert mean_score(many) == pytest.approx(100 * 10 / (10 + 99))


@given(st.lists(st.tuples(st.integers(0, 2), hazards), min_size=1, max_size=30), st.randoms())
def test_parts_of_the_fleet_add_up_in_any_order(devices: list[tuple[int, int]], random: object) -> None:
    whole = mean_score(sums(devices))
    shuffled = devices.copy()
    random.shuffle(shuffled)
    half = len(devices) // 2
    assert mean_score(sums(shuffled[:half]) + sums(shuffled[half:])) == whole


def test_a_current_server_with_many_improbable_weaknesses_is_low() -> None:
    assert level(*[facts(epss=0.006, cvss_score=6.5)] * 70) == "Low"
    assert level(*[facts(epss=0.0025, cvss_score=7.5)] * 400) == "Low"


def test_seven_hundred_packages_with_four_hundred_weaknesses_do_not_saturate() -> None:
    found = [facts(epss=0.006, cvss_score=7.0)] * 380 + [facts(epss=0.05, cvss_score=7.0)] * 20
    assert device_score(sum(hazard(one) for one in found)) < 50


def test_one_critical_weakness_known_to_be_exploited_is_high() -> None:
    assert level(facts(epss=0.02, cvss_score=9.8, is_known_exploited=True)) == "High"
    assert level(facts(epss=0.02, cvss_score=5.5, is_known_exploited=True)) == "Medium"


def test_a_desktop_a_month_behind_is_medium_and_three_months_behind_high() -> None:
    month = [facts(epss=0.004, cvss_score=7.5)] * 105 + [
        facts(epss=one, cvss_score=7.8) for one in (0.54, 0.25, 0.2, 0.15)
    ]
    assert level(*month) == "Medium"
    assert level(*month * 3, facts(epss=0.75, cvss_score=8.8)) == "High"


def test_the_constants_are_those_of_this_version() -> None:
    """Who changes the model gives it a new version and new examples in docs/scoring.md."""
    assert (model.MODEL_VERSION, model.K, model.SPREAD_EXPONENT, model.UNKNOWN_EPSS, model.UNKNOWN_CVSS) == (
        "2026.2", 0.6, 0.5, 0.03, 7.5,
    )  # fmt: skip
