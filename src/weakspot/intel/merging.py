"""The merge of a run: which names are one flaw in the next version, and what each merged row will say.

Works outward from the names that the run touched, so that its cost follows the change and not the stock. ``plan``
finds the groups and gives them ids, ``blocks`` computes their rows a bounded number at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from weakspot.intel.contracts import AdvisoryRecord, Relation
from weakspot.intel.rules import aliases
from weakspot.intel.rules.merge import Merged, Said, merge
from weakspot.intel.rules.names import NameRelation, preferred
from weakspot.intel.store import merging as store
from weakspot.intel.store.bulk import chunks

BLOCK = 1_000
MAX_ABOUT = 20
"""Notices read for a flaw that no record of its own describes."""


class Group(msgspec.Struct):
    """Names that are one flaw, its id, and the advisories that speak of it."""

    id: int
    names: frozenset[str]
    links: dict[int, Relation]


class Plan(msgspec.Struct):
    """What will be: ``groups`` with their ids, ``retired``: rows that lose their names (id, own name, merged into),
    ``lost``: names that nobody has any more.
    """

    groups: list[Group]
    retired: list[tuple[int, str, int | None]]
    lost: list[str]
    heads: dict[int, store.Head]


class Block(msgspec.Struct):
    """Rows of one write unit, as ``store.merging.write_staged`` takes them."""

    rows: list[tuple[Any, ...]]
    names: list[tuple[str, int | None]]
    links: list[tuple[int, int, str]]


class _Neighbourhood:
    """Everything that hangs together with the touched names, in the next version and in the present one."""

    def __init__(self, conn: Connection, touched: Iterable[str]) -> None:
        self.names: set[str] = set()
        self.references: dict[str, list[tuple[int, NameRelation]]] = {}
        self.heads: dict[int, store.Head] = {}
        self.own_name: dict[int, str] = {}
        self.edges: list[aliases.Edge] = []
        self.owners: dict[str, store.Owner] = {}
        frontier = set(touched)
        while frontier:
            self.names |= frontier
            frontier = self._expand(conn, frontier) - self.names

    def _expand(self, conn: Connection, frontier: set[str]) -> set[str]:
        references, heads = store.references(conn, frontier)
        self.references.update(references)
        joining = {
            advisory_id
            for given in references.values()
            for advisory_id, relation in given
            if relation in ("self", "alias") and advisory_id not in self.own_name
        }
        self.heads.update(heads)
        reached: set[str] = set()
        for advisory_id, given in store.names_given(conn, joining).items():
            own = self.own_name[advisory_id] = next(name for name, relation in given if relation == "self")
            reached.add(own)
            if not heads[advisory_id].is_withdrawn:
                joined = [name for name, relation in given if relation == "alias"]
                self.edges.extend((own, name) for name in joined)
                reached.update(joined)
        owners, their_names = store.owners(conn, frontier)
        self.owners.update(owners)
        for names in their_names.values():
            reached.update(names)
        return reached


def plan(conn: Connection, touched: Iterable[str]) -> Plan:
    """Groups of the next version around the touched names, with stable ids."""
    near = _Neighbourhood(conn, touched)
    joined = {name for edge in near.edges for name in edge}
    nodes = joined | {
        name for name, given in near.references.items() if any(relation in ("self", "about") for _, relation in given)
    }
    grouping = aliases.group(sorted(nodes), near.edges)
    groups = [Group(0, names, {}) for names in grouping.groups]
    _link(groups, grouping.spread, near)
    groups = [group for group in groups if group.links]
    _give_ids(conn, groups, near.owners)
    return Plan(groups, *_leftovers(groups, near), near.heads)


def _link(groups: list[Group], spread: Mapping[str, tuple[str, ...]], near: _Neighbourhood) -> None:
    """Own records belong to the group of their own name; notices to every group they are about."""
    group_of = {name: group for group in groups for name in group.names}
    for name, given in near.references.items():
        meant = spread.get(name, (name,))
        targets = [group_of[target] for target in meant if target in group_of]
        for advisory_id, relation in given:
            if relation not in ("self", "about"):
                continue
            for group in targets:
                if relation == "about" or name in spread:
                    group.links.setdefault(advisory_id, "about")
                else:
                    group.links[advisory_id] = "self" if name == preferred(group.names) else "alias"


def _give_ids(conn: Connection, groups: list[Group], owners: Mapping[str, store.Owner]) -> None:
    """A row keeps its id with its name; a group with a new name takes over the oldest row whose names it has; else a
    new id.
    """
    own_rows = store.rows_named(conn, (preferred(group.names) for group in groups))
    taken = {own_rows[name].id for group in groups if (name := preferred(group.names)) in own_rows}
    fresh = store.next_vulnerability_id(conn)
    for group in sorted(groups, key=lambda g: preferred(g.names)):
        name = preferred(group.names)
        if name in own_rows:
            group.id = own_rows[name].id
            continue
        heirs = sorted({owners[n].id for n in group.names if n in owners} - taken)
        if heirs:
            group.id = heirs[0]
            taken.add(heirs[0])
        else:
            group.id, fresh = fresh, fresh + 1


def _leftovers(groups: list[Group], near: _Neighbourhood) -> tuple[list[tuple[int, str, int | None]], list[str]]:
    ids = {group.id for group in groups}
    new_owner = {name: group.id for group in groups for name in group.names}
    rows = {owner.id: owner for owner in near.owners.values()}
    retired = [(row.id, row.name, new_owner.get(row.name)) for row in rows.values() if row.id not in ids]
    lost = [name for name in near.owners if name not in new_owner]
    return sorted(retired), sorted(lost)


def blocks(conn: Connection, plan_: Plan, precedence: Mapping[str, int]) -> Iterator[Block]:
    """Merged rows of the plan, a bounded number at a time."""
    first = Block([], [(name, None) for name in plan_.lost], [])
    for row_id, name, into in plan_.retired:
        first.rows.append(_retired_row(row_id, name, into))
    yield first
    for some in chunks(plan_.groups, BLOCK):
        yield _block(conn, some, plan_.heads, precedence)


def _block(
    conn: Connection, groups: list[Group], heads: Mapping[int, store.Head], precedence: Mapping[str, int]
) -> Block:
    merged = merge_groups(conn, groups, heads, precedence)
    rows = [row_of(group.id, merged[group.id]) for group in groups]
    names: list[tuple[str, int | None]] = [(name, group.id) for group in groups for name in sorted(group.names)]
    links: list[tuple[int, int, str]] = [
        (advisory_id, group.id, relation) for group in groups for advisory_id, relation in group.links.items()
    ]
    return Block(rows, names, links)


def merge_groups(
    conn: Connection, groups: list[Group], heads: Mapping[int, store.Head], precedence: Mapping[str, int]
) -> dict[int, Merged]:
    """The merged row of each group, by id."""
    said = said_of(conn, groups, heads, precedence)
    evidence = store.evidence(conn, (name for group in groups for name in group.names))
    return {
        group.id: merge(
            group.names, said[group.id], [item for name in sorted(group.names) for item in evidence.get(name, ())]
        )
        for group in groups
    }


def said_of(
    conn: Connection, groups: list[Group], heads: Mapping[int, store.Head], precedence: Mapping[str, int]
) -> dict[int, list[Said]]:
    """What is said of each group: its own records, and where these give no severity the first notices about it."""
    own_ids = {a for group in groups for a, relation in group.links.items() if relation != "about"}
    records = store.documents(conn, own_ids)
    notices = {group.id: () if _is_described(group, records) else _first_notices(group) for group in groups}
    about_ids = {advisory_id for ids in notices.values() for advisory_id in ids}
    records |= store.documents(conn, about_ids - records.keys())
    covered = _covered(store.names_given(conn, about_ids))
    said: defaultdict[int, list[Said]] = defaultdict(list)
    for group in groups:
        for advisory_id, relation in group.links.items():
            record = records.get(advisory_id)
            if record is not None and (relation != "about" or advisory_id in notices[group.id]):
                source = heads[advisory_id].source
                amount = covered.get(advisory_id, 1) if relation == "about" else 1
                said[group.id].append(Said(source, precedence.get(source, 0), relation, record, amount))
    return said


def _is_described(group: Group, records: Mapping[int, AdvisoryRecord]) -> bool:
    return any(
        records[a].severities and records[a].withdrawn_at is None
        for a, relation in group.links.items()
        if relation != "about" and a in records
    )


def _first_notices(group: Group) -> tuple[int, ...]:
    return tuple(sorted(a for a, relation in group.links.items() if relation == "about")[:MAX_ABOUT])


def _covered(given: Mapping[int, list[tuple[str, NameRelation]]]) -> dict[int, int]:
    return {a: sum(relation == "about" for _, relation in names) for a, names in given.items()}


def row_of(row_id: int, merged: Merged) -> tuple[Any, ...]:
    """A current vulnerability in the order of ``store.merging.VULNERABILITY``."""
    return (
        row_id, merged.name, "current", None, merged.title, merged.severity, merged.cvss_score, merged.cvss_vector,
        merged.exploit_level, merged.is_known_exploited, merged.is_used_by_ransomware, merged.published_at,
        merged.modified_at, merged.withdrawn_at,
    )  # fmt: skip


def _retired_row(row_id: int, name: str, into: int | None) -> tuple[Any, ...]:
    state = "gone" if into is None else "merged"
    return (row_id, name, state, into, name, "Unknown", None, None, "none", False, False, None, None, None)
