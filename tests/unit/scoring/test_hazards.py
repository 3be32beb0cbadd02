"""From facts to hazards."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.scoring.facts import facts
from weakspot.scoring.rules import model
from weakspot.scoring.rules.hazards import hazard, hazard_terms, rate

LEVELS = list(model.EXPLOIT_FLOORS)
any_facts = st.builds(
    facts,
    severity=st.sampled_from([*model.SEVERITY_SCORES, "Unknown"]),
    cvss_score=st.none() | st.floats(0, 10),
    epss=st.none() | st.floats(0, 1),
    exploit_level=st.sampled_from(LEVELS),
    is_known_exploited=st.booleans(),
    is_used_by_ransomware=st.booleans(),
)


def units(**given_facts: object) -> float:
    return hazard(facts(**given_facts)) / model.HAZARD_UNIT


def test_the_formula_by_hand() -> None:
    expected = -math.log(1 - 0.25) * math.sqrt(0.25) * 0.8
    assert units(epss=0.25, cvss_score=8.0) == pytest.approx(expected, abs=1e-9)


@given(any_facts)
def test_the_terms_add_up_to_the_hazard_and_none_is_negative(one: object) -> None:
    terms = hazard_terms(one)
    assert sum(part for _, part in terms) == hazard(one)
    assert all(part >= 0 and label for label, part in terms)


@given(any_facts)
def test_a_hazard_fits_with_a_hundred_thousand_like_it_into_64_bits(one: object) -> None:
    assert 0 <= hazard(one) <= 4.6 * model.HAZARD_UNIT
    assert hazard(one) * 100_000 < 1 << 62


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_probable_is_never_less_hazardous(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert units(epss=low, cvss_score=7.0) <= units(epss=high, cvss_score=7.0)


@pytest.mark.parametrize(("lower", "higher"), list(itertools.pairwise(LEVELS)))
def test_better_exploits_weigh_more(lower: str, higher: str) -> None:
    assert units(epss=0.001, cvss_score=7.0, exploit_level=lower) < units(
        epss=0.001, cvss_score=7.0, exploit_level=higher
    )


def test_a_floor_does_not_lower_a_higher_probability() -> None:
    assert units(epss=0.95, cvss_score=9.8, exploit_level="public") == units(epss=0.95, cvss_score=9.8)


def test_known_exploited_and_ransomware_count_from_their_flags() -> None:
    exploited = units(epss=0.01, cvss_score=9.8, is_known_exploited=True)
    assert exploited == units(epss=0.01, cvss_score=9.8, exploit_level="known_exploited")
    assert units(epss=0.01, cvss_score=9.8, is_known_exploited=True, is_used_by_ransomware=True) > exploited


def test_not_known_is_a_state_of_its_own() -> None:
    assert units(epss=None, cvss_score=5.0) > units(epss=0.0, cvss_score=5.0) == 0.0
    assert units(epss=0.5, severity="Critical") == units(epss=0.5, cvss_score=9.5)
    assert units(epss=0.5, severity="Unknown") == units(epss=0.5, cvss_score=model.UNKNOWN_CVSS)
    label = hazard_terms(facts())[0][0]
    assert "EPSS not known" in label
    assert "CVSS not known" in label


def test_withdrawn_and_harmless_have_no_hazard() -> None:
    assert units(epss=0.9, cvss_score=9.8, withdrawn_at=5, is_known_exploited=True) == 0
    assert units(epss=0.9, cvss_score=0.0) == 0
    assert hazard_terms(facts(withdrawn_at=5)) == [("withdrawn by its publisher", 0)]


def test_the_floor_is_told_in_words() -> None:
    terms = hazard_terms(facts(epss=0.02, cvss_score=9.8, is_known_exploited=True))
    assert [label for label, _ in terms] == [
        "EPSS 0.02000, CVSS 9.8",
        "known to be exploited: counted as a probability of at least 0.90",
    ]


def test_rates_are_bounded() -> None:
    assert rate(-1.0) == 0.0
    assert rate(1.0) == rate(0.99) == pytest.approx(4.58, abs=0.01)
