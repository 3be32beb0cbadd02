"""Groups of names: at most one CVE each, whatever the claims and their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from weakspot.intel.rules.aliases import group
from weakspot.intel.rules.names import is_cve

NAMES = st.sampled_from([f"CVE-2024-{n}111" for n in range(1, 5)] + [f"X-{n}" for n in range(8)])


def groups(nodes: list[str], edges: list[tuple[str, str]]) -> set[frozenset[str]]:
    return set(group(nodes, edges).groups)


def test_claims_of_several_sources_are_united() -> None:
    edges = [("GHSA-a", "CVE-2024-1111"), ("PYSEC-1", "GHSA-a")]
    assert groups(["CVE-2024-2222"], edges) == {
        frozenset({"GHSA-a", "CVE-2024-1111", "PYSEC-1"}),
        frozenset({"CVE-2024-2222"}),
    }


def test_two_cves_are_never_joined() -> None:
    edges = [("PYSEC-1", "CVE-2024-1111"), ("PYSEC-1", "GHSA-a"), ("GHSA-a", "CVE-2024-2222")]
    assert groups([], edges) == {frozenset({"PYSEC-1", "CVE-2024-1111"}), frozenset({"GHSA-a", "CVE-2024-2222"})}


def test_a_name_claimed_to_be_two_cves_stands_for_both() -> None:
    found = group([], [("GHSA-a", "CVE-2024-1111"), ("GHSA-a", "CVE-2024-2222"), ("GHSA-a", "PYSEC-1")])
    assert found.spread == {"GHSA-a": ("CVE-2024-1111", "CVE-2024-2222")}
    assert set(found.groups) == {frozenset({"CVE-2024-1111"}), frozenset({"CVE-2024-2222"}), frozenset({"PYSEC-1"})}


@given(st.lists(NAMES), st.lists(st.tuples(NAMES, NAMES)), st.randoms())
def test_groups_are_disjoint_complete_and_do_not_depend_on_order(
    nodes: list[str], edges: list[tuple[str, str]], random: object
) -> None:
    found = group(nodes, edges)
    everything = [name for names in found.groups for name in names] + list(found.spread)
    assert len(everything) == len(set(everything))
    assert set(everything) == set(nodes) | {name for edge in edges for name in edge}
    assert all(sum(map(is_cve, names)) <= 1 for names in found.groups)
    turned = [(right, left) for left, right in edges]
    random.shuffle(turned)  # type: ignore[attr-defined]
    again = group(sorted(nodes, reverse=True), turned)
    assert (set(again.groups), again.spread) == (set(found.groups), found.spread)
