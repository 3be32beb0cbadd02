"""weakspot.matching.rules.missing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.matching.rules.test_windows import APRIL, CHAIN, JUNE, MARCH, MAY, NAMES, PRODUCT, fix
from weakspot.intel.contracts import Claim
from weakspot.matching.rules import windows
from weakspot.matching.rules.missing import Lacking, lacking
from weakspot.matching.rules.supersedence import Supersedence
from weakspot.vocabulary.windows import update_set


def missing(
    version: str,
    claims: list[Claim],
    *,
    applied: tuple[str, ...] = (),
    offered: tuple[str, ...] = (),
    known: dict[str, list[tuple[int, str]]] | None = None,
    graph: Supersedence = CHAIN,
) -> list[Lacking]:
    states = [(kb, "applied") for kb in applied] + [(kb, "unapplied") for kb in offered]
    group = windows.candidates(1, NAMES[PRODUCT], version, "", update_set(states).to_text())
    system, flaws = windows.open_flaws(group, {("windows", PRODUCT): claims}, graph)
    return lacking(system, flaws, known or {}, 50)


def test_the_newest_update_stands_for_all_that_it_contains() -> None:
    (found,) = missing("10.0.19045", [fix(1, APRIL), fix(2, MAY), fix(3, JUNE)], applied=(MARCH,))
    assert (found.update, found.vulnerability_ids, found.is_waiting) == (JUNE, {1, 2, 3}, False)
    assert found.products == (PRODUCT,)


def test_what_is_in_effect_is_not_missing() -> None:
    assert missing("10.0.19045", [fix(1, APRIL)], applied=(MAY,)) == []
    assert missing("10.0.19045.3000", [fix(1, APRIL, "10.0.19045.2500")]) == []


def test_an_update_that_waits_for_a_restart_is_listed_as_that() -> None:
    (found,) = missing("10.0.19045.2000", [fix(1, MAY, "10.0.19045.3000")], applied=(MAY,))
    assert found.is_waiting


def test_what_the_device_asks_for_is_listed_if_an_advisory_knows_it() -> None:
    claims = [fix(1, APRIL, "10.0.19045.2500")]
    asked = {"5000088": [(9, "microsoft .net framework 4.8 on something")]}
    found = missing("10.0.19045.2500", claims, applied=(APRIL,), offered=("5000088", "5999999"), known=asked)
    assert [(item.update, item.vulnerability_ids) for item in found] == [("5000088", {9})]


def test_a_stale_wish_is_not_listed() -> None:
    claims = [fix(1, APRIL, "10.0.19045.2500")]
    assert missing("10.0.19045.2500", claims, offered=(APRIL,), known={APRIL: [(1, PRODUCT)]}) == []


def test_of_two_updates_for_the_same_flaws_one_is_enough() -> None:
    claims = [fix(1, MAY), fix(1, "5000055"), fix(2, MAY)]
    assert [item.update for item in missing("10.0.19045", claims, applied=(MARCH,))] == [MAY]
    asked = {"5000055": [(1, PRODUCT)]}
    found = missing("10.0.19045", claims, applied=(MARCH,), offered=("5000055",), known=asked)
    assert [item.update for item in found] == ["5000055", MAY]


UPDATES = st.sampled_from([MARCH, APRIL, MAY, JUNE, "5000055", "5000066"])
LINKS = st.lists(st.tuples(UPDATES, UPDATES), max_size=8)


@given(LINKS, st.sets(UPDATES), st.sets(UPDATES), st.lists(UPDATES, min_size=1, max_size=8))
def test_every_known_wish_is_listed_or_replaced_by_something_listed(
    links: list[tuple[str, str]], applied: set[str], offered: set[str], fixes: list[str]
) -> None:
    graph = Supersedence(links)
    claims = [fix(flaw, kb) for flaw, kb in enumerate(fixes, 1)]
    known = {kb: [(90, PRODUCT)] for kb in offered}
    found = missing("10.0.19045", claims, applied=tuple(applied), offered=tuple(offered), known=known, graph=graph)
    assert all(any(graph.contains(item.update, wish) for item in found) for wish in offered)


@given(LINKS, st.sets(UPDATES), st.lists(UPDATES, min_size=1, max_size=8))
def test_every_open_flaw_is_in_the_list(links: list[tuple[str, str]], applied: set[str], fixes: list[str]) -> None:
    graph = Supersedence(links)
    claims = [fix(flaw, kb) for flaw, kb in enumerate(fixes, 1)]
    updates = update_set([(kb, "applied") for kb in applied]).to_text()
    group = windows.candidates(1, NAMES[PRODUCT], "10.0.19045", "", updates)
    system, flaws = windows.open_flaws(group, {("windows", PRODUCT): claims}, graph)
    listed = {flaw for item in lacking(system, flaws, {}, 50) for flaw in item.vulnerability_ids}
    assert listed == {flaw.vulnerability_id for flaw in flaws if flaw.confidence >= 50}
