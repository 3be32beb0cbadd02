"""Several sources of one device: whose word counts, what is the same software, and when a source is given up.

A device's software is the union of its sources' parts. Two parts may name one installation differently well (one with
its source package, one without); then the better named one stands for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from weakspot.inventory.contracts import SoftwareVersion
from weakspot.inventory.rules import updates
from weakspot.runtime.clock import DAY, Micros
from weakspot.vocabulary.kernels import unmarked

SENSOR = "sensor"
_RANKS = {SENSOR: 0, "ssh": 1, "osquery": 2, "glpi": 3}
_UPLOAD_RANK = 4
LIFE_DAYS = 30
"""After so many days of silence, while another source of the device reports, what an agent said no longer counts."""
_FIELDS = ("architecture", "source_name", "source_version", "module", "owned_by")


class Heard(msgspec.Struct, frozen=True):
    """When a source of a device was last heard of."""

    source: str
    seen_at: Micros


def rank(source: str) -> int:
    """Whose word about the device itself counts: 0 is best. Uploads (``sbom:…``, ``import:…``) come last."""
    return _RANKS.get(source, _UPLOAD_RANK)


def describes(source: str) -> bool:
    """Whether a source speaks of the device as a whole: a bill of materials (``sbom:…``) tells only of its software."""
    return not source.startswith("sbom:")


def is_upload(source: str) -> bool:
    """Whether people put it here; such a part stays until it is replaced or removed."""
    return source not in _RANKS


def union(parts: Sequence[tuple[str, Iterable[int]]], facts: Mapping[int, SoftwareVersion]) -> set[int]:
    """Ids of what is installed according to all parts, each installation once.

    parts: source and software version ids, in any order. facts: at least of every id that is in any part.
    """
    ordered = sorted(parts, key=lambda one: (rank(one[0]), one[0]))
    found: dict[int, int] = {}
    systems: set[int] = set()
    for number, (_, ids) in enumerate(ordered):
        own = [i for i in ids if facts[i].type == updates.SYSTEM]
        if not systems:
            systems.update(own)
        for i in ids:
            if facts[i].type != updates.SYSTEM:
                found.setdefault(i, number)
    return systems | _without_poorer(found, facts)


def _without_poorer(found: Mapping[int, int], facts: Mapping[int, SoftwareVersion]) -> set[int]:
    alike: dict[tuple[str, ...], list[int]] = {}
    for i in found:
        fact = facts[i]
        alike.setdefault((fact.type, fact.platform, fact.name, fact.version), []).append(i)
    kept: set[int] = set()
    for ids in alike.values():
        if len(ids) == 1 or len({found[i] for i in ids}) == 1:
            kept.update(ids)
            continue
        best: list[int] = []
        for i in sorted(ids, key=lambda one: (-_told(facts[one]), found[one], one)):
            if not any(found[j] != found[i] and _covers(facts[j], facts[i]) for j in best):
                best.append(i)
        kept.update(best)
    return kept


def _covers(better: SoftwareVersion, other: SoftwareVersion) -> bool:
    """Whether ``other`` says nothing that ``better`` does not say too."""
    return all(_field(other, name) in ("", _field(better, name)) for name in _FIELDS)


def _told(fact: SoftwareVersion) -> int:
    return sum(bool(_field(fact, name)) for name in _FIELDS)


def _field(fact: SoftwareVersion, name: str) -> str:
    # What the running kernel makes of a kernel package is each source's own view of the same thing.
    value = str(getattr(fact, name))
    return unmarked(value) if name == "module" else value


def outlived(heard: Sequence[Heard], now: Micros) -> list[str]:
    """Sources that are given up: agents silent for over 30 days while another source was heard since.

    The last source of a device is never given up: the device as a whole falls silent then, and keeps what is known.
    """
    horizon = now - LIFE_DAYS * DAY
    alive = any(one.seen_at >= horizon for one in heard)
    return [one.source for one in heard if alive and one.seen_at < horizon and not is_upload(one.source)]
