"""weakspot.matching.rules.supersedence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from weakspot.matching.rules.supersedence import NO_SUPERSEDENCE, Supersedence, newest

NUMBERS = st.sampled_from([str(number) for number in range(9)])
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=25)


def test_what_a_replaced_update_replaced_is_contained_too() -> None:
    graph = Supersedence([("3", "2"), ("2", "1")])
    assert graph.contained("3") == {"1", "2", "3"}
    assert graph.contains("3", "1")
    assert not graph.contains("1", "3")
    assert graph.contained("unknown") == {"unknown"}


def test_updates_that_name_each_other_or_themselves_do_no_harm() -> None:
    graph = Supersedence([("1", "1"), ("1", "2"), ("2", "1")])
    assert graph.contained("1") == graph.contained("2") == {"1", "2"}
    assert newest(["1", "2"], graph) == ["2"]


def test_links_can_be_added_beside_a_graph_that_stays_as_it_is() -> None:
    graph = Supersedence([("2", "1")])
    assert graph.extended([("3", "2")]).contained("3") == {"1", "2", "3"}
    assert graph.contained("3") == {"3"}
    assert graph.extended([]) is graph
    assert NO_SUPERSEDENCE.contained("1") == {"1"}


def test_the_newest_are_those_that_none_of_the_others_replaces() -> None:
    graph = Supersedence([("30", "20"), ("20", "10"), ("31", "21")])
    assert newest(["10", "20", "21", "30"], graph) == ["21", "30"]


@given(PAIRS)
def test_containing_is_reflexive_and_transitive(pairs: list[tuple[str, str]]) -> None:
    graph = Supersedence(pairs)
    for update in map(str, range(9)):
        contained = graph.contained(update)
        assert update in contained
        assert all(graph.contained(other) <= contained for other in contained)
    assert all(graph.contains(update, replaced) for update, replaced in pairs)


@given(PAIRS, st.sets(NUMBERS))
def test_the_newest_contain_all_the_others(pairs: list[tuple[str, str]], updates: set[str]) -> None:
    graph = Supersedence(pairs)
    kept = newest(updates, graph)
    assert set(kept) <= updates
    assert all(any(graph.contains(update, other) for update in kept) for other in updates)


@given(PAIRS, st.sets(NUMBERS))
def test_the_union_is_that_of_the_single_answers(pairs: list[tuple[str, str]], updates: set[str]) -> None:
    graph = Supersedence(pairs)
    assert graph.all_contained(updates) == frozenset().union(*(graph.contained(update) for update in updates))
