"""weakspot.matching.rules.ranges: two binary searches must find what comparing every version finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.matching.support import claim
from weakspot.intel.contracts import Claim
from weakspot.matching.rules.ranges import VersionColumn, bounds_comparable
from weakspot.vocabulary import versions
from weakspot.vocabulary.versions import Order

part = st.integers(0, 12).map(str)
dotted = st.lists(part, min_size=1, max_size=3).map(".".join)
TEXTS = {
    "dpkg": st.one_of(dotted, st.builds("{}-{}".format, dotted, part), st.builds("1:{}~rc{}".format, dotted, part)),
    "pep440": st.one_of(dotted, st.builds("{}rc{}".format, dotted, part), st.builds("{}.post{}".format, dotted, part)),
    "semver": st.builds("{}.{}.{}{}".format, part, part, part, st.sampled_from(["", "-rc.1", "-beta", "+build"])),
    "rpm": st.builds("{}:{}-{}".format, st.integers(0, 1), dotted, part),
    "generic": st.one_of(dotted, st.builds("{}b".format, dotted)),
}


def naive(scheme: str, texts: set[str], given_claim: Claim) -> set[str]:
    """Every version compared with both ends, one at a time."""
    return {text for text in texts if _inside(scheme, text, given_claim) or _listed(scheme, text, given_claim)}


def _inside(scheme: str, text: str, item: Claim) -> bool:
    if item.end_kind == "versions":
        return False
    low = Order.EQUAL if item.introduced == "0" else versions.compare(scheme, text, item.introduced)
    if low is Order.EQUAL and item.is_introduced_excluded and item.introduced != "0":
        return False
    if low not in (Order.EQUAL, Order.GREATER):
        return False
    if item.fixed is not None:
        return versions.compare(scheme, text, item.fixed) is Order.LESS
    if item.last_affected is not None:
        return versions.compare(scheme, text, item.last_affected) in (Order.LESS, Order.EQUAL)
    return True


def _listed(scheme: str, text: str, item: Claim) -> bool:
    return any(text == one or versions.compare(scheme, text, one) is Order.EQUAL for one in item.versions or ())


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, set[str], Claim]:
    """A scheme, installed versions and a claim about them."""
    scheme = draw(st.sampled_from(sorted(TEXTS)))
    text = TEXTS[scheme]
    installed = draw(st.sets(text, min_size=1, max_size=12))
    bound = st.one_of(text, st.sampled_from(sorted(installed)))
    fields: dict[str, object] = {}
    end = draw(st.sampled_from(["fixed", "last_affected", "none", "versions", "both"]))
    if end in ("fixed", "last_affected"):
        fields[end] = draw(bound)
    if end in ("versions", "both"):
        fields["versions"] = tuple(draw(st.lists(bound, min_size=1, max_size=4)))
    if end == "both":
        fields["fixed"] = draw(bound)
    introduced = draw(st.one_of(st.just("0"), bound))
    return scheme, installed, claim(scheme, introduced, is_introduced_excluded=draw(st.booleans()), **fields)


@settings(max_examples=200)
@given(cases())
def test_binary_search_finds_what_naive_comparison_finds(case: tuple[str, set[str], Claim]) -> None:
    scheme, installed, given_claim = case
    column = VersionColumn(scheme, {text: [number] for number, text in enumerate(sorted(installed))})
    found = [tested.text for tested in column.covered(given_claim, is_comparable=bounds_comparable(given_claim))]
    assert len(found) == len(set(found))
    assert set(found) == naive(scheme, installed, given_claim)


def column(*texts: str, scheme: str = "dpkg") -> VersionColumn:
    """Installed versions, each of one software version."""
    return VersionColumn(scheme, {text: [number] for number, text in enumerate(texts, start=1)})


def covered(found: VersionColumn, given_claim: Claim) -> list[str]:
    """Texts in version order."""
    return [tested.text for tested in found.covered(given_claim, is_comparable=bounds_comparable(given_claim))]


@pytest.mark.parametrize(
    ("given_claim", "expected"),
    [
        (claim(fixed="2.0"), ["1.0", "1.5"]),
        (claim(last_affected="2.0"), ["1.0", "1.5", "2.0"]),
        (claim(introduced="1.5", fixed="2.0"), ["1.5"]),
        (claim(introduced="1.5", fixed="2.0", is_introduced_excluded=True), []),
        (claim(introduced="1.5"), ["1.5", "2.0", "3.0"]),
        (claim(introduced="2.0", fixed="1.0"), []),
        (claim(versions=("1.0", "3.0")), ["1.0", "3.0"]),
    ],
)
def test_what_a_range_covers(given_claim: Claim, expected: list[str]) -> None:
    assert sorted(covered(column("3.0", "1.5", "1.0", "2.0"), given_claim)) == expected


def test_another_spelling_of_a_listed_version_is_that_version() -> None:
    found = VersionColumn("pep440", {"1.0": [1], "1.0.0": [2], "1.1": [3]})
    given_claim = claim("pep440", versions=("1.0.0",))
    assert {t.text for t in found.covered(given_claim, is_comparable=bounds_comparable(given_claim))} == {
        "1.0",
        "1.0.0",
    }


def test_a_version_that_cannot_be_compared_is_covered_only_by_its_own_name() -> None:
    found = VersionColumn("pep440", {"not a version": [1], "1.0": [2]})
    assert [t.text for t in found.incomparable] == ["not a version"]
    assert covered(found, claim("pep440")) == ["1.0"]
    assert covered(found, claim("pep440", versions=("not a version",))) == ["not a version"]


def test_bounds_that_cannot_be_compared_cover_nothing() -> None:
    given_claim = claim("pep440", fixed="no version at all")
    assert not bounds_comparable(given_claim)
    assert covered(column("1.0", scheme="pep440"), given_claim) == []
    assert bounds_comparable(claim("pep440", fixed="2.0"))
