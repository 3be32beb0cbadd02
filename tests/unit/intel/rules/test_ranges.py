"""Events to stretches, against the schema's own evaluation of one version at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.intel.contracts import Range
from weakspot.intel.rules.ranges import Event, build, covers, spans
from weakspot.vocabulary.versions import key

VERSIONS = [f"1.{n}.0" for n in range(8)]
KINDS = st.sampled_from(["introduced", "fixed", "last_affected"])


def test_pairs_become_stretches() -> None:
    events = [("fixed", "2.0.0"), ("introduced", "0"), ("introduced", "3.0.0")]
    assert spans("semver", events) == [("0", "2.0.0", "fixed"), ("3.0.0", None, "none")]


def test_last_affected_is_inclusive() -> None:
    found = spans("pep440", [("introduced", "0"), ("last_affected", "6.0.0")])
    assert covers("pep440", found, "6.0.0")
    assert not covers("pep440", found, "6.0.0.post1")


def test_introduced_and_fixed_in_the_same_version_is_nothing() -> None:
    assert spans("dpkg", [("introduced", "0"), ("fixed", "0")]) == []
    assert spans("semver", [("introduced", "1.0.0"), ("fixed", "1.0.0")]) == []


def test_a_limit_ends_a_stretch_and_a_star_does_not() -> None:
    assert spans("semver", [("introduced", "0"), ("limit", "2.0.0")]) == [("0", "2.0.0", "fixed")]
    assert spans("semver", [("introduced", "0"), ("limit", "*")]) == [("0", None, "none")]


def test_listed_versions_that_a_stretch_holds_are_left_out() -> None:
    found = build("PyPI", "x", [[("introduced", "1.0"), ("fixed", "2.0")]], ["0.9", "1.0", "1.5", "2.0"])
    assert found == [
        Range("PyPI", "x", "1.0", "2.0", "fixed"),
        Range("PyPI", "x", "0", None, "versions", ("0.9", "2.0")),
    ]


def test_too_many_listed_versions_are_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        build("npm", "x", [], [f"{n}.0.0" for n in range(20_001)])


def reference(events: list[Event], version: str) -> bool:
    """The schema's algorithm, straight: walk the events in order of version."""
    at = key("semver", version)
    affected = False
    for kind, text in sorted(events, key=lambda e: (key("semver", e[1]), {"fixed": 0, "introduced": 1}.get(e[0], 2))):
        if kind == "introduced" and at >= key("semver", text):
            affected = True
        elif (kind == "fixed" and at >= key("semver", text)) or (kind == "last_affected" and at > key("semver", text)):
            affected = False
    return affected


@given(st.lists(st.tuples(KINDS, st.sampled_from(VERSIONS)), max_size=6, unique_by=lambda e: e[1]))
def test_stretches_hold_what_the_schemas_evaluation_says(events: list[Event]) -> None:
    found = spans("semver", events)
    for version in [*VERSIONS, "0.1.0", "1.3.5", "9.0.0"]:
        assert covers("semver", found, version) == reference(events, version), (events, version)
