"""Matching rules: spec/features.md 13.5."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from weakspot.inventory.rules.grouping import (
    Condition,
    Facts,
    MatchingRule,
    Place,
    assigned,
    matching,
    moves,
    problem_of,
)

LINUX = Place("corp.example", "Linux", "debian", "12")
WINDOWS = Place("Lab.example", "Windows", "", "11")
FACTS = Facts(
    BitMap([1, 2, 3, 4]),
    [(1, "web-01"), (2, "WEB-02"), (3, "db-01"), (4, "laptop")],
    {LINUX: BitMap([1, 3]), WINDOWS: BitMap([2, 4])},
    {1: BitMap([1, 2, 3, 4])},
)
TAGS = {"Tier, (1)": BitMap([1, 4]), "old": BitMap([3])}


def rule(*conditions: tuple[str, str, tuple[str, ...]]) -> MatchingRule:
    return MatchingRule(conditions=tuple(Condition(kind=k, operator=o, values=v) for k, o, v in conditions))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (rule(), []),
        (rule(("name", "starts_with", ("web-",))), [1, 2]),
        (rule(("name", "equals", ("web-02", "laptop"))), [2, 4]),
        (rule(("name", "ends_with", ("01",))), [1, 3]),
        (rule(("name", "contains", ("b-0",))), [1, 2, 3]),
        (rule(("domain", "equals", ("lab.EXAMPLE",))), [2, 4]),
        (rule(("os_platform", "equals", ("linux",))), [1, 3]),
        (rule(("os_platform", "equals", ("debian 12", "windows"))), [1, 2, 3, 4]),
        (rule(("tag", "equals", ("tier, (1)",))), [1, 4]),
        # AND between kinds, OR within one.
        (rule(("name", "starts_with", ("web", "db")), ("os_platform", "equals", ("Linux",))), [1, 3]),
        (rule(("tag", "equals", ("old",)), ("domain", "equals", ("lab.example",))), []),
    ],
)
def test_which_devices_a_rule_names(wanted: MatchingRule, expected: list[int]) -> None:
    assert list(matching(wanted, FACTS, TAGS)) == expected


def test_the_highest_ranked_group_wins_and_the_rest_takes_the_default() -> None:
    members = assigned([(7, BitMap([1, 2])), (5, BitMap([2, 3])), (1, BitMap([4]))], 1, FACTS)
    assert {group: list(found) for group, found in members.items()} == {7: [1, 2], 5: [3], 1: [4]}
    assert {group: list(found) for group, found in moves(members, FACTS).items()} == {7: [1, 2], 5: [3]}


def test_a_rule_says_what_is_wrong_with_it() -> None:
    assert "two conditions on name" in problem_of(rule(("name", "equals", ("a",)), ("name", "equals", ("b",))))
    assert problem_of(rule(("tag", "equals", (" ",))))
    assert problem_of(rule(("tag", "equals", ("a",)), ("name", "equals", ("b",)))) == ""


def test_ten_values_at_most() -> None:
    eleven = msgspec.json.encode({"conditions": [{"kind": "tag", "values": [str(n) for n in range(11)]}]})
    with pytest.raises(msgspec.ValidationError, match="length <= 10"):
        msgspec.json.decode(eleven, type=MatchingRule)


texts = st.sampled_from(["a", "ab", "B", "ba", "c"])


@given(st.dictionaries(st.integers(1, 30), st.tuples(texts, texts), min_size=1), texts, texts)
def test_distinct_facts_give_what_looking_at_each_device_gives(
    fleet: dict[int, tuple[str, str]], name: str, domain: str
) -> None:
    places: dict[Place, BitMap] = {}
    for one, (_, where) in fleet.items():
        places.setdefault(Place(where, "Linux", "", ""), BitMap()).add(one)
    facts = Facts(BitMap(list(fleet)), [(one, text) for one, (text, _) in fleet.items()], places, {})
    found = matching(rule(("name", "starts_with", (name,)), ("domain", "equals", (domain,))), facts, {})
    expected = {
        one
        for one, (text, where) in fleet.items()
        if text.lower().startswith(name.lower()) and where.lower() == domain.lower()
    }
    assert set(found) == expected
