"""Labels and groups derived again from what was reported and decided, to prove that what runs is what follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.labels import placing, rules_store, store
from weakspot.inventory.labels.contracts import FoundKind
from weakspot.inventory.labels.observing import labels_of
from weakspot.inventory.rules import grouping
from weakspot.inventory.tables import UNGROUPED_ID
from weakspot.runtime.clock import Micros

Sets = dict[tuple[FoundKind, str], BitMap]
KINDS: tuple[FoundKind, ...] = ("tag", "context")


def observe_many(conn: Connection, devices: Iterable[tuple[int, DescribedDevice]], now: Micros) -> None:
    """As ``observe``, for many devices that are new."""
    given = list(devices)
    for (kind, name), ids in _observed(given).items():
        known = store.found(conn, kind, "sensor").get(name, BitMap())
        store.write_found(conn, kind, "sensor", name, known | ids)
    placing.evaluate(conn, BitMap([one for one, _ in given]), now)


def differences(conn: Connection, devices: Iterable[tuple[int, DescribedDevice]]) -> list[str]:
    """What a full derivation gives otherwise, in sentences. devices: all that are there, with their descriptions."""
    return [*_sensor_differences(conn, devices), *_rule_differences(conn)]


def rebuild(conn: Connection, devices: Iterable[tuple[int, DescribedDevice]], now: Micros) -> None:
    """Make labels and groups what a full derivation gives."""
    expected = _observed(devices)
    for kind in KINDS:
        changed = store.replace_found(
            conn, kind, "sensor", {name: ids for (one, name), ids in expected.items() if one == kind}
        )
        placing.tell_labels(conn, BitMap.union(BitMap(), *changed.values()), now)
    placing.evaluate(conn, None, now)


def _sensor_differences(conn: Connection, devices: Iterable[tuple[int, DescribedDevice]]) -> Iterator[str]:
    given = list(devices)
    there = BitMap([one for one, _ in given])
    expected = _observed(given)
    for kind in KINDS:
        found = store.found(conn, kind, "sensor")
        for name in sorted(found.keys() | {name for one, name in expected if one == kind}):
            wrong = (found.get(name, BitMap()) & there) ^ expected.get((kind, name), BitMap())
            if wrong:
                yield f"{kind} {name!r} by sensors: {len(wrong)} devices differ, such as {wrong[0]}"


def _rule_differences(conn: Connection) -> Iterator[str]:
    facts = store.facts(conn, None)
    given, found = placing.given_tags(conn), store.found(conn, "tag", "rule")
    ruled = {one.tag: grouping.matching(one.rule, facts, given) for one in rules_store.tag_rules(conn)}
    for tag in sorted(ruled.keys() | found.keys()):
        wrong = (found.get(tag, BitMap()) & facts.ids) ^ ruled.get(tag, BitMap())
        if wrong:
            yield f"tag {tag!r} by its rule: {len(wrong)} devices differ, such as {wrong[0]}"
    tags = {tag: given.get(tag, BitMap()) | ruled.get(tag, BitMap()) for tag in given.keys() | ruled.keys()}
    placed = store.chosen(conn, "placed")
    wanted = [
        (one.id, grouping.matching(one.rule, facts, tags) | placed.get(str(one.id), BitMap()))
        for one in rules_store.groups(conn)
    ]
    for group, devices in grouping.moves(grouping.assigned(wanted, UNGROUPED_ID, facts), facts).items():
        yield f"device group {group}: {len(devices)} devices belong there and are elsewhere, such as {devices[0]}"


def _observed(devices: Iterable[tuple[int, DescribedDevice]]) -> Sets:
    ids: dict[tuple[FoundKind, str], list[int]] = {}
    for device_id, described in devices:
        for label in labels_of(described):
            ids.setdefault(label, []).append(device_id)
    return {label: BitMap(found) for label, found in ids.items()}
