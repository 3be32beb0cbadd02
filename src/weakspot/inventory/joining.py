"""Where several sources speak of one device: their parts joined into what is installed.

Most devices have one source and no parts; then nothing here costs anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.engine import Connection

from weakspot.inventory import part_store, state_store
from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.packing import Ids, KeptEvidence
from weakspot.inventory.part_store import StoredPart
from weakspot.inventory.rules import parts as rules
from weakspot.inventory.software_store import software_versions
from weakspot.runtime.clock import Micros

Parts = Mapping[str, StoredPart]
Kept = Mapping[int, KeptEvidence]


def own_ids(parts: Parts, source: str) -> list[int]:
    """What one source said is installed, ascending."""
    known = parts.get(source)
    return [] if known is None else sorted(known.ids)


def joined(conn: Connection, parts: Parts, source: str, ids: Iterable[int]) -> set[int]:
    """What is installed once ``source`` says ``ids``, whatever it said before."""
    others = [(one.source, one.ids) for one in parts.values() if one.source != source and one.ended_at is None]
    own = set(ids)
    if not others:
        return own
    every = own.union(*(said for _, said in others))
    return rules.union([(source, own), *others], software_versions(conn, every))


def with_others(conn: Connection, device_id: int, installed: Ids, own: Kept) -> dict[int, KeptEvidence]:
    """One source's evidence with that of the others for what is installed."""
    present = set(installed.tolist())
    return {i: e for i, e in {**state_store.kept_evidence(conn, device_id), **own}.items() if i in present}


def write_sensor(conn: Connection, device_id: int, ids: Iterable[int], described: DescribedDevice, now: Micros) -> None:
    """Keep the sensor's own part of a device that has others."""
    kept = StoredPart(
        source=rules.SENSOR, ids=frozenset(ids), described=described, state=b"", reported_at=now, seen_at=now
    )
    part_store.write_part(conn, device_id, kept)
