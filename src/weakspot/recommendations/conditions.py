"""Findings that do not apply because a part of the system is off (spec/features.md 11.5), as covers.

Nobody decided anything here: a vulnerability that needs the part, as far as operating systems carry it, is taken out on
devices that tell that the part is off. Cost: one look-up of the values that say so, and nothing more where no device
tells any of them.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping, Sequence, Set

import msgspec
from pyroaring import BitMap
from sqlalchemy.engine import Connection, Engine

from weakspot import intel, inventory, posture
from weakspot.posture import FeatureCondition
from weakspot.recommendations.facts import Facts, Telling
from weakspot.scoring import Cover


class Unmet(msgspec.Struct, frozen=True):
    """A condition, and the findings for which it is known not to be met."""

    feature: FeatureCondition
    cover: Cover

    def is_about(self, device_id: int, vulnerability_id: int, software_version_id: int | None) -> bool:
        """Whether it is not met for a vulnerability on a device; as far as one version carries it, where named."""
        is_carried = software_version_id is None or software_version_id in self.cover.versions
        return is_carried and vulnerability_id in self.cover.vulnerabilities and device_id in self.cover.devices


class Told(msgspec.Struct, frozen=True):
    """What decides, as of a snapshot. ``off``: (setting value id, condition); none where no device tells such a value.
    ``knowledge``: the version in force; 0 where it does not matter.
    """

    off: tuple[tuple[int, str], ...] = ()
    knowledge: int = 0


_NOTHING = Told()


def told(conn: Connection, view: Telling) -> Told:
    """What decides now; equal where nothing changed."""
    off = tuple(sorted((i, one) for i, one in posture.values_off(conn).items() if view.devices_with_settings([i])))
    return Told(off, intel.current_version(conn)) if off else _NOTHING


def unmet(conn: Connection, facts: Facts, found: Told) -> Sequence[Unmet]:
    """Conditions that are known not to be met on some device that has such a vulnerability."""
    if not found.off:
        return ()
    values: dict[str, list[int]] = {}
    for value, feature in found.off:
        values.setdefault(feature, []).append(value)
    known = needing(conn, found.knowledge)
    carriers = facts.carriers_of(BitMap.union(BitMap(), *(known[one] for one in values if one in known)))
    present = {one: BitMap(v for v in known.get(one, ()) if v in carriers) for one in values}
    systems = systems_among(conn, {version for versions in carriers.values() for version in versions})
    return [
        Unmet(
            posture.features()[one],
            Cover(versions=systems, vulnerabilities=present[one], devices=facts.devices_with_settings(values[one])),
        )
        for one in sorted(values)
        if present[one] and systems
    ]


def systems_among(conn: Connection, carriers: Set[int]) -> frozenset[int]:
    """Operating systems that may have parts switched off, among some software versions."""
    versions = inventory.software_versions(conn, sorted(carriers)) if carriers else {}
    return frozenset(i for i, one in versions.items() if one.type == posture.SYSTEM_TYPE)


_lock = threading.Lock()
_needed: weakref.WeakKeyDictionary[Engine, tuple[int, Mapping[str, BitMap]]] = weakref.WeakKeyDictionary()


def needing(conn: Connection, knowledge: int | None = None) -> Mapping[str, BitMap]:
    """Condition -> vulnerabilities that have it, each of them one; read once a knowledge version (None: that in force).
    Do not change it.
    """
    knowledge = intel.current_version(conn) if knowledge is None else knowledge
    with _lock:
        known = _needed.get(conn.engine)
        if known is None or known[0] != knowledge:
            known = _needed[conn.engine] = knowledge, _read(conn)
        return known[1]


def _read(conn: Connection) -> Mapping[str, BitMap]:
    features = posture.features().values()
    beginnings = [title for one in features for title in one.titles]
    found: dict[str, BitMap] = {}
    for vulnerability, title, name in intel.titled(
        conn, beginnings, [n for one in features for n in one.vulnerabilities]
    ):
        feature = posture.feature_needed(title, name)
        if feature is not None:
            found.setdefault(feature.id, BitMap()).add(vulnerability)
    return found
