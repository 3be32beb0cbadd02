"""Which names are one flaw: groups from the union of all sources' claims, each with at most one CVE.

A record claims that its own id and its aliases are one flaw. The claims' union would join two CVEs now and then (one
wrong or over-generous list is enough); such a component is cut: each CVE keeps the names that are claimed to be it
directly, a name claimed to be two CVEs at once joins neither (its records are *about* both), and what is left is
joined among itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from weakspot.intel.rules.names import is_cve

Edge = tuple[str, str]


def components(nodes: Iterable[str], edges: Iterable[Edge]) -> list[set[str]]:
    """Connected components; every node is in exactly one. Ends of edges count as nodes."""
    parent: dict[str, str] = {node: node for node in nodes}

    def find(name: str) -> str:
        root = name
        while parent[root] != root:
            root = parent[root]
        while parent[name] != root:
            parent[name], name = root, parent[name]
        return root

    for left, right in edges:
        parent.setdefault(left, left)
        parent.setdefault(right, right)
        low, high = sorted((find(left), find(right)))
        parent[high] = low
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for node in parent:
        groups[find(node)].add(node)
    return [groups[root] for root in sorted(groups)]


class Grouping:
    """The outcome: ``groups`` (disjoint sets of names) and ``spread``: names that stand for several CVEs instead."""

    def __init__(self, groups: list[frozenset[str]], spread: dict[str, tuple[str, ...]]) -> None:
        self.groups = groups
        self.spread = spread


def group(nodes: Iterable[str], edges: Iterable[Edge]) -> Grouping:
    """Groups of names with at most one CVE each. Independent of the order of its input."""
    edge_list = list(edges)
    groups: list[frozenset[str]] = []
    spread: dict[str, tuple[str, ...]] = {}
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for left, right in edge_list:
        neighbours[left].add(right)
        neighbours[right].add(left)
    for component in components(nodes, edge_list):
        cves = sorted(name for name in component if is_cve(name))
        if len(cves) <= 1:
            groups.append(frozenset(component))
            continue
        _cut(component, cves, neighbours, groups, spread)
    return Grouping(groups, spread)


def _cut(
    component: set[str],
    cves: list[str],
    neighbours: dict[str, set[str]],
    groups: list[frozenset[str]],
    spread: dict[str, tuple[str, ...]],
) -> None:
    members: dict[str, set[str]] = {cve: {cve} for cve in cves}
    loose: set[str] = set()
    for name in sorted(component.difference(cves)):
        direct = sorted(cve for cve in cves if cve in neighbours[name])
        if len(direct) == 1:
            members[direct[0]].add(name)
        elif direct:
            spread[name] = tuple(direct)
        else:
            loose.add(name)
    groups.extend(frozenset(names) for names in members.values())
    inner = [(left, right) for left in loose for right in neighbours[left] if right in loose]
    groups.extend(frozenset(names) for names in components(loose, inner))
