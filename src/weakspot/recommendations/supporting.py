"""How long installed software is supported, with or without weaknesses."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Mapping

import numpy as np
from sqlalchemy.engine import Connection

from weakspot import intel, inventory, matching
from weakspot.fleet import Fleet
from weakspot.inventory.contracts import SoftwareVersion
from weakspot.recommendations.contracts import Support
from weakspot.recommendations.rules import support
from weakspot.recommendations.rules.support import Identity
from weakspot.vocabulary.platforms import DISTRIBUTION_TYPES

_RETRIED = 1_000
"""Ids that a snapshot lacked and that are looked for again; what was never committed is not there for ever."""

Named = tuple[str, tuple[Identity, ...]]
"""A version's text, and the identities under which its lines may be known."""


class Supports:
    """Support of the software versions of one fleet. Safe from any thread. Software versions never change: each is
    looked at once, and what is known of lines of releases is put to them with each knowledge version.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._knowledge: int | None = None
        self._next = 1
        self._unseen: set[int] = set()
        """Ids below ``_next`` that no snapshot had yet."""
        self._named: dict[int, Named] = {}
        self._found: Mapping[int, Support] = {}
        self._lines: Mapping[Identity, list[intel.LifecycleRecord]] = {}

    def current(self, conn: Connection, extent: int) -> Mapping[int, Support]:
        """Software version -> its support, of all below ``extent``; absent where no source tells."""
        with self._lock:
            fresh = self._looked_at(conn, extent) if extent > self._next or self._unseen else {}
            version = intel.current_version(conn)
            if self._knowledge is None or version > self._knowledge:
                self._lines = support.by_identity(intel.lifecycle(conn))
                self._found = _supported(self._named, self._lines)
                self._knowledge = version
            elif found := _supported(fresh, self._lines):
                self._found = {**self._found, **found}
            return self._found

    def _looked_at(self, conn: Connection, extent: int) -> dict[int, Named]:
        asked = self._unseen.union(range(self._next, extent))
        versions = inventory.software_versions(conn, None if self._next == 1 else sorted(asked))
        fresh = named_versions(one for ident, one in versions.items() if ident in asked)
        self._named.update(fresh)
        self._unseen = set(sorted(asked - versions.keys())[-_RETRIED:])
        self._next = max(self._next, extent)
        return fresh


_memories: weakref.WeakKeyDictionary[Fleet, Supports] = weakref.WeakKeyDictionary()
_memories_lock = threading.Lock()


def supports(conn: Connection, fleet: Fleet) -> Mapping[int, Support]:
    """Software version -> how long its line is supported, of all that some device has or had."""
    with _memories_lock:
        memory = _memories.setdefault(fleet, Supports())
    return memory.current(conn, extent_of(fleet))


def extent_of(fleet: Fleet) -> int:
    """One above the highest software version that the index knows."""
    known = np.flatnonzero(fleet.view().software.whole())
    return int(known[-1]) + 1 if len(known) else 1


def named_versions(versions: Iterable[SoftwareVersion]) -> dict[int, Named]:
    """Those that a list of releases may name: a distribution supports its packages with the release."""
    found = {}
    for one in versions:
        if one.type not in DISTRIBUTION_TYPES:
            identities = tuple((each.ecosystem, each.name) for each in matching.candidates(one))
            if identities:
                found[one.id] = one.version, identities
    return found


def _supported(named: Mapping[int, Named], lines: Mapping[Identity, list[intel.LifecycleRecord]]) -> dict[int, Support]:
    found = {}
    for ident, (version, identities) in named.items():
        known = support.find(identities, lines)
        told = support.support_of(version, known) if known else None
        if told is not None:
            found[ident] = told
    return found
