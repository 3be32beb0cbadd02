"""weakspot.queries.overlaid."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from weakspot.queries.overlaid import Overlaid

values = st.dictionaries(st.integers(0, 50), st.integers(), max_size=40)


@given(values, st.lists(values, max_size=5))
def test_it_is_as_a_dictionary_that_is_updated(first: dict[int, int], changes: list[dict[int, int]]) -> None:
    known = dict(first)
    overlaid = Overlaid(dict(first))
    for changed in changes:
        known |= changed
        overlaid = overlaid.with_(changed)
        assert list(overlaid.items()) == list(known.items())
        assert len(overlaid) == len(known)
        assert [overlaid.get(key) for key in range(60)] == [known.get(key) for key in range(60)]


@given(values, values, st.sets(st.integers(0, 60)))
def test_what_is_left_out_is_not_there(first: dict[int, int], changed: dict[int, int], gone: set[int]) -> None:
    overlaid = Overlaid(dict(first)).with_(changed)
    assert list(overlaid.without(gone).items()) == [
        (key, value) for key, value in (first | changed).items() if key not in gone
    ]
    assert dict(overlaid) == first | changed


def test_what_it_was_made_from_stays_as_it_is() -> None:
    before = Overlaid({1: "a", 2: "b"})
    after = before.with_({2: "c", 3: "d"})
    assert dict(before) == {1: "a", 2: "b"}
    assert dict(after) == {1: "a", 2: "c", 3: "d"}


def test_many_changes_become_the_mapping_itself() -> None:
    overlaid = Overlaid(dict.fromkeys(range(5000), 0))
    for number in range(3_000):
        overlaid = overlaid.with_({number: 1})
    assert sum(overlaid.values()) == 3_000
