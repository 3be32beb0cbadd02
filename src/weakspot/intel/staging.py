"""One run of one source: read what changed, write it under the next version, merge what it touches.

Memory is bounded: rows leave in small write units, and only keys and digests of the source's records are held.
"""

from __future__ import annotations

import secrets
import threading
from collections import defaultdict

from sqlalchemy.engine import Connection

from weakspot.intel import merging
from weakspot.intel import tables as t
from weakspot.intel.contracts import (
    AdvisoryRecord,
    EpssDay,
    EpssRow,
    EvidenceRecord,
    LifecycleRecord,
    Progress,
    Quarantined,
    RunStatus,
    Staged,
    Supersedence,
)
from weakspot.intel.listings import Key, Listing, key_of, keys_of, pack_listing, unpack_listing
from weakspot.intel.sources import PRECEDENCE
from weakspot.intel.sources.base import Part, Partial, Reader, Record
from weakspot.intel.sources.base import digest_of as digest_of_part
from weakspot.intel.sources.online import OnlineReader
from weakspot.intel.store import known
from weakspot.intel.store import merging as merge_store
from weakspot.intel.store import staging as store
from weakspot.intel.store.bulk import digest_of
from weakspot.runtime.clock import Clock, Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import SourceUnavailable

BATCH_ROWS = 8_000
_REPORT_EVERY = 500

_HALF_READ = "?"
"""Digest of a part that could not be read to its end: it is read again next time."""

_COUNTS = ("records", "added", "changed", "ended", "unchanged", "quarantined")

_running = threading.Lock()


def stage(database: Database, source: str, reader: Reader, clock: Clock, progress: Progress) -> Staged:
    """Write what changed under the next version. Raises SourceUnavailable when nothing of the source can be read."""
    with _running:
        if (same := _nothing_new(database, source, reader)) is not None:
            return same
        run = _Run(database, source, reader, clock(), progress)
        run.read_parts()
        run.end_what_is_missing()
        run.flush()
        run.merge()
        return run.finish()


def _nothing_new(database: Database, source: str, reader: Reader) -> Staged | None:
    """The outcome where every file is as it was last read; None where one is not."""
    if isinstance(reader, OnlineReader) and reader.warnings:
        return None
    with database.read() as conn:
        before = store.parts(conn, source)
    parts = reader.parts()
    if {part.name for part in parts} != {name for name in before if _covers(reader, name)}:
        return None
    if any(digest_of_part(part, reader.version) != before[part.name].digest for part in parts):
        return None
    return Staged(
        source=source,
        version=0,
        token="",
        is_empty=True,
        counts={**dict.fromkeys(_COUNTS, 0), "unchanged": sum(part.amount for part in before.values())},
        status="succeeded",
        reason="",
        data_at=max((part.data_at for part in parts if part.data_at is not None), default=None),
    )


def _covers(reader: Reader, part: str) -> bool:
    return reader.covers(part) if isinstance(reader, Partial) else True


class _Run:
    """State of one run. Not for use from several threads."""

    def __init__(self, database: Database, source: str, reader: Reader, at: Micros, progress: Progress) -> None:
        self._database, self._source, self._reader, self._at, self._progress = database, source, reader, at, progress
        self._token = secrets.token_hex(8)
        self._version = database.write(lambda conn: store.begin(conn, source, self._token))
        with database.read() as conn:
            self._packed = store.parts(conn, source)
            self._next = {kind: store.next_id(conn, table) for kind, table in store.KINDS.items()}
            self._next["day"] = store.next_id(conn, t.epss_day)
        self._known = known.KnownRecords(database, source)
        self._interned = known.Identities(database)
        self._batch = store.Batch(source, self._version, at)
        self._after: dict[str, tuple[str, Listing]] = {}
        self._ended: defaultdict[str, set[int]] = defaultdict(set)
        self._names: set[str] = set()
        self._dropped: set[Key] = set()
        self._counts = dict.fromkeys(_COUNTS, 0)
        self._failures: list[str] = list(reader.warnings) if isinstance(reader, OnlineReader) else []
        self._data_at: Micros | None = None
        self._day_id = 0
        self._is_changed = False
        self._has_delta = False
        self._same: set[str] = set()
        self._listings: dict[str, Listing] = {}
        self._owner_index: dict[Key, set[str]] | None = None

    # --- reading

    def read_parts(self) -> None:
        """Read each part that is not as it was."""
        parts = self._reader.parts()
        self._has_delta = any(part.is_delta for part in parts)
        readable = 0
        for part in parts:
            self._data_at = max(filter(None, (self._data_at, part.data_at)), default=None)
            digest = digest_of_part(part, self._reader.version)
            before = self._packed.get(part.name)
            if before is not None and before.digest == digest:
                self._counts["unchanged"] += before.amount
                self._same.add(part.name)
                readable += 1
                continue
            readable += self._read_part(part, digest)
        for name in self._packed.keys() - {part.name for part in parts}:
            if _covers(self._reader, name):
                self._after[name] = ("", {})
                self._note_owners(name)
        if parts and not readable:
            raise SourceUnavailable(" ".join(self._failures)[:900])

    def _read_part(self, part: Part, digest: str) -> bool:
        """True when the part could be read; if not, what was read of it before stays in force."""
        old = self._before(part.name) if self._is_same_reader(part.name) else {}
        listing: Listing = {}
        current: list[Key] = []
        at = ""
        count = 0

        def want(entry: str, fingerprint: str) -> bool:
            nonlocal current, at
            before = old.get(entry)
            if before is not None and before[0] == fingerprint and before[1]:
                listing[entry] = before
                self._counts["unchanged"] += len(before[1])
                return False
            current, at = [], entry
            listing[entry] = (fingerprint, current)
            return True

        listing[""] = ("", current)
        day_before = self._day_id
        try:
            for record in self._reader.read(part, want):
                count += 1
                if count % _REPORT_EVERY == 0:
                    self._progress(f"{self._source} {part.name}", count, 0)
                self._take(record, part, current)
                if isinstance(record, Quarantined) and (held := self._held(part.name, at, record.record_id)):
                    # What was good of it stays in force, and it is looked at again when the file changes.
                    current.extend(key for key in held if key not in current)
                    listing[at] = ("", current)
        except SourceUnavailable as error:
            self._give_up(part, listing, error, day_before)
            return False
        self._progress(f"{self._source} {part.name}", count, count)
        kept = {} if part.is_delta else {entry: found for entry, found in listing.items() if entry or found[1]}
        self._after[part.name] = (digest, kept)
        self._note_owners(part.name)
        return True

    def _give_up(self, part: Part, listing: Listing, error: SourceUnavailable, day_before: int) -> None:
        """The rest of a part cannot be read: what it gave so far counts, nothing of it ends, and half a day of EPSS
        goes.
        """
        self._failures.append(error.detail)
        if part.name in self._packed or any(keys for _, keys in listing.values()):
            self._after[part.name] = (_HALF_READ, {**self._before(part.name), **listing})
            self._note_owners(part.name)
        if self._day_id != day_before:
            day_id = self._day_id
            self.flush()
            self._database.write(lambda conn: store.forget_day(conn, day_id))

    def _held(self, part: str, entry: str, record_id: str) -> list[Key]:
        """What a part gave for what can no longer be read: of the entry, or of the record where there is none."""
        _, keys = self._before(part).get(entry, ("", []))
        return keys if entry else [key for key in keys if key == ("advisory", record_id)]

    def _is_same_reader(self, name: str) -> bool:
        packed = self._packed.get(name)
        return packed is not None and packed.digest.partition(":")[0] == str(self._reader.version)

    def _before(self, name: str) -> Listing:
        """What a part held when it was last read; unpacked when it is first asked for."""
        if name not in self._packed:
            return {}
        if name not in self._listings:
            self._listings[name] = unpack_listing(self._packed[name].records)
        return self._listings[name]

    def _now(self, name: str) -> Listing:
        return self._after[name][1] if name in self._after else self._before(name)

    def _note_owners(self, part: str) -> None:
        before, after = keys_of(self._before(part)), keys_of(self._after[part][1])
        self._dropped |= before - after
        self._owner_index = None

    def _owners(self, key: Key) -> set[str]:
        """Parts that hold a record. Needed only when records clash or go: the index is made then."""
        if self._owner_index is None:
            self._owner_index = {}
            for name in {*self._packed, *self._after}:
                for held in keys_of(self._now(name)):
                    self._owner_index.setdefault(held, set()).add(name)
        return self._owner_index.get(key, set())

    # --- one record

    def _take(self, record: Record, part: Part, listed: list[Key]) -> None:
        match record:
            case Quarantined():
                self._counts["quarantined"] += 1
                self._batch.add_refused(part.name, record)
                self._is_changed = True
            case EpssDay():
                self._day_id, self._next["day"] = self._next["day"], self._next["day"] + 1
                self._batch.add_day(self._day_id, record)
                self._is_changed = True
            case EpssRow():
                self._counts["records"] += 1
                self._counts["added"] += 1
                self._batch.add_score(self._day_id, record)
            case _:
                self._counts["records"] += 1
                listed.append(key_of(record))
                self._keep(record, listed[-1], part)
        if self._batch.size >= BATCH_ROWS:
            self.flush()

    def _keep(self, record: Record, key: Key, part: Part | None) -> None:
        """Write the record if it is news. ``part`` None: it counts even if it is older than what is known."""
        digest = digest_of(record)
        current = self._known.get(key)
        modified_at = record.modified_at if isinstance(record, AdvisoryRecord) else None
        if current is not None:
            if current.digest == digest or (part is not None and self._is_older(modified_at, current, key, part)):
                self._counts["unchanged"] += 1
                return
            self._end(key[0], current.row_id)
        self._counts["changed" if current is not None else "added"] += 1
        row_id = self._next[key[0]]
        self._next[key[0]] = row_id + 1
        self._known.put(key, known.Known(row_id, digest, modified_at))
        self._add(row_id, record, digest)

    def _is_older(self, modified_at: Micros | None, current: known.Known, key: Key, part: Part) -> bool:
        """A record that another file of the source has in a newer state."""
        if modified_at is None or current.modified_at is None or modified_at >= current.modified_at:
            return False
        return self._has_delta or bool(self._owners(key) - {part.name})

    def _add(self, row_id: int, record: Record, digest: bytes) -> None:
        self._is_changed = True
        match record:
            case AdvisoryRecord():
                self._names.update(self._batch.add_advisory(row_id, record, digest, self._interned))
            case EvidenceRecord():
                self._names.add(record.name)
                self._batch.add_evidence(row_id, record, digest)
            case LifecycleRecord():
                self._batch.add_cycle(row_id, record, digest)
            case Supersedence():
                self._batch.add_update(row_id, record, digest)

    def _end(self, kind: str, row_id: int) -> None:
        self._is_changed = True
        self._ended[kind].add(row_id)
        self._batch.ends.append((kind, row_id))

    # --- after reading

    def end_what_is_missing(self) -> None:
        """End records that no part holds any more; what another part still holds is taken from there again."""
        for key in sorted(self._dropped):
            if not self._owners(key) and (gone := self._known.pop(key)) is not None:
                self._counts["ended"] += 1
                self._end(key[0], gone.row_id)
        orphans = {key for key in self._dropped if self._owners(key)}
        for part in self._reader.parts() if orphans else ():
            mine = {key for key in orphans if part.name in self._owners(key)}
            if mine:
                self._take_back(part, mine)
        for name in {name for key in orphans for name in self._owners(key) if not _covers(self._reader, name)}:
            # Its word on these records counts again, but it is not there to be read: it will be next time.
            self._after[name] = (_HALF_READ, self._before(name))

    def _take_back(self, part: Part, keys: set[Key]) -> None:
        """Read some records of a part again: the file that had the newer word on them has it no more."""
        entries = {entry for entry, (_, given) in self._now(part.name).items() if keys.intersection(given)}
        try:
            for record in self._reader.read(part, lambda entry, _: entry in entries):
                if isinstance(record, AdvisoryRecord) and key_of(record) in keys:
                    self._keep(record, key_of(record), None)
        except SourceUnavailable as error:
            self._failures.append(error.detail)

    def flush(self) -> None:
        """Write what has collected, as one small unit."""
        batch, self._batch = self._batch, store.Batch(self._source, self._version, self._at)
        self._database.write(batch.write)

    def merge(self) -> None:
        """Compute and leave the derived rows of everything the run touched."""
        with self._database.read() as conn:
            self._names |= store.names_of(conn, self._ended["advisory"])
            self._names |= store.names_of_evidence(conn, self._ended["evidence"])
            if not self._names:
                return
            plan = merging.plan(conn, self._names)
        self._progress(f"{self._source}: merging", 0, len(plan.groups))
        done = 0
        with self._database.read() as conn:
            for block in merging.blocks(conn, plan, PRECEDENCE):
                self._write_block(block)
                done += len(block.rows)
                self._progress(f"{self._source}: merging", done, len(plan.groups))

    def _write_block(self, block: merging.Block) -> None:
        self._database.write(lambda conn: merge_store.write_staged(conn, block.rows, block.names, block.links))

    def finish(self) -> Staged:
        """Note the parts, and say how the run went."""
        rows = [
            (name, digest, pack_listing(listing), sum(len(keys) for _, keys in listing.values()))
            for name, (digest, listing) in self._after.items()
        ]
        self._database.write(lambda conn: store.write_parts(conn, rows))
        return Staged(
            source=self._source,
            version=self._version,
            token=self._token,
            is_empty=not self._is_changed,
            counts=self._counts,
            status=self._status(),
            reason=" ".join(self._failures)[:900],
            data_at=self._data_at,
        )

    def _status(self) -> RunStatus:
        return "partly" if self._failures or self._counts["quarantined"] else "succeeded"


def discard_unpublished(database: Database) -> None:
    """Delete the rows of a version that was never published; call it once at the start."""
    database.write(_discard)


def _discard(conn: Connection) -> None:
    store.discard(conn)
