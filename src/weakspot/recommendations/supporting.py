"""How long installed software is supported, with or without weaknesses: kept current by following ``changes``."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Mapping

from sqlalchemy.engine import Connection

from weakspot import intel, inventory, matching
from weakspot.fleet import Fleet
from weakspot.inventory.contracts import SoftwareVersion
from weakspot.recommendations.contracts import Support
from weakspot.recommendations.rules import support
from weakspot.recommendations.rules.support import Identity
from weakspot.runtime import changes
from weakspot.vocabulary.platforms import DISTRIBUTION_TYPES

_FOLLOW_AT_MOST = 5_000
_KNOWLEDGE = "intel.knowledge"

Named = tuple[str, tuple[Identity, ...]]
"""A version's text, and the identities under which its lines may be known."""


class Supports:
    """Support of the software versions of one fleet. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seq: int | None = None
        self._named: dict[int, Named] = {}
        self._found: Mapping[int, Support] = {}
        self._lines: Mapping[Identity, list[intel.LifecycleRecord]] = {}

    def current(self, conn: Connection) -> Mapping[int, Support]:
        """Software version -> its support, as of this snapshot or later; absent where no source tells."""
        with self._lock:
            last = changes.last_seq(conn)
            if self._seq is None or last > self._seq:
                self._follow(conn, last)
                self._seq = last
            return self._found

    def _follow(self, conn: Connection, last: int) -> None:
        if self._seq is None or last - self._seq > _FOLLOW_AT_MOST or changes.first_seq(conn) > self._seq + 1:
            self._named = named_versions(inventory.software_versions(conn, None).values())
            self._read_lines(conn)
            return
        new: set[int] = set()
        is_knowledge = False
        for change in changes.since(conn, self._seq):
            is_knowledge |= change.kind == _KNOWLEDGE
            if change.kind == inventory.DEVICE_CHANGED:
                new.update(one for one in change.payload.get("added", ()) if one not in self._named)
        fresh = named_versions(inventory.software_versions(conn, sorted(new)).values()) if new else {}
        self._named.update(fresh)
        if is_knowledge:
            self._read_lines(conn)
        elif found := _supported(fresh, self._lines):
            self._found = {**self._found, **found}

    def _read_lines(self, conn: Connection) -> None:
        self._lines = support.by_identity(intel.lifecycle(conn))
        self._found = _supported(self._named, self._lines)


_memories: weakref.WeakKeyDictionary[Fleet, Supports] = weakref.WeakKeyDictionary()
_memories_lock = threading.Lock()


def supports(conn: Connection, fleet: Fleet) -> Mapping[int, Support]:
    """Software version -> how long its line is supported, of all that some device has or had."""
    with _memories_lock:
        memory = _memories.setdefault(fleet, Supports())
    return memory.current(conn)


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
