"""What the server has confirmed, what waits to be sent, and how the next report follows from both.

The spool is a chain: every delta is based on the inventory that all reports before it lead to (the head). So
reports are sent in order, and a report that cannot be applied breaks the chain: then one full report replaces
it. Whatever moment the process ends at, the files on disk give either the state before or the state after:

- a sequence number is durable before a report carries it, so none is ever used twice;
- a report is durable before it is sent, and sent again with the same id until it is answered;
- what the server confirmed is written before the report leaves the spool; one found in both was confirmed;
- a full report is written before the chain that it replaces is removed.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from weakspot_sensor import items, limits, reports
from weakspot_sensor.collect import Body
from weakspot_sensor.storage import Storage

_CONFIRMED = "confirmed.json.gz"
_SEQUENCE = "sequence"
_SPOOL = "spool"
_REFUSED = "spool/refused"
_ENDING = ".json.gz"
_LARGEST_SEQUENCE = 1 << 53


class Snapshot(NamedTuple):
    """An inventory at the end of a chain of reports. `full_at`: POSIX seconds of its last full report.

    `details`: every section that was ever told, as last told.
    """

    sequence: int
    digest: str
    device: Dict[str, Any]
    collectors: List[Dict[str, Any]]
    inventory: items.Inventory
    full_at: float
    details: Dict[str, Any]


class Pending(NamedTuple):
    """A report in the spool."""

    sequence: int
    kind: str
    digest: str
    data: bytes


class _Label(NamedTuple):
    kind: str
    digest: str


class Journal:
    """The sensor's memory. `clock` gives POSIX seconds, `make_id` a new report id."""

    def __init__(self, storage: Storage, clock: Callable[[], float], make_id: Callable[[], str]) -> None:
        self._storage = storage
        self._clock = clock
        self._make_id = make_id
        self._jump = 1
        self.needs_full = False
        self.confirmed = self._load_confirmed()
        self._waiting: Dict[int, _Label] = {}
        self.head = self._replay()

    # Reading the folder

    def _load_confirmed(self) -> Optional[Snapshot]:
        document = reports.decode(self._storage.read(_CONFIRMED))
        try:
            return None if document is None else _snapshot(document, float(document["full_at"]))
        except (KeyError, TypeError, ValueError):
            return None

    def _spooled(self) -> List[int]:
        """Sequences of the reports in the spool that are not confirmed yet, in order."""
        found = []
        for name in self._storage.names(_SPOOL):
            stem = name[: -len(_ENDING)]
            if name.endswith(_ENDING) and stem.isdigit():
                found.append(int(stem))
        confirmed = self.confirmed.sequence if self.confirmed else 0
        for sequence in [number for number in found if number <= confirmed]:
            self._storage.remove(_file(sequence))
        return sorted(number for number in found if number > confirmed)

    def _replay(self) -> Optional[Snapshot]:
        """The head. What cannot be replayed leaves the spool, with all that follows up to a full report."""
        head = self.confirmed
        for sequence in self._spooled():
            document = reports.decode(self._storage.read(_file(sequence))) or {}
            is_full = document.get("kind") == "full"
            after = _apply(head, document) if is_full or not self.needs_full else None
            if after is None:
                self.needs_full = True
                self._storage.remove(_file(sequence))
                continue
            if is_full:
                self._forget(list(self._waiting))
                self.needs_full = False
            self._waiting[sequence] = _Label(document["kind"], after.digest)
            head = after
        return head

    # Writing reports

    def record(self, body: Body, full: bool = False) -> Optional[int]:
        """Put a report about `body` into the spool; its sequence, or None when there is nothing new.

        A full report is written when asked for, when the chain is broken, when nothing is known of what the
        server has, and when the spool would outgrow its bounds. Raises OSError when it cannot be written.
        """
        inventory = items.merge(body["software"])
        head = self.head
        if head is not None:
            body = {**body, "device": reports.settle_boot_time(head.device, body["device"])}
        if head is None or full or self.needs_full:
            return self._write_full(body, inventory)
        upserts, removed = items.difference(head.inventory, inventory)
        told = _changed(head.details, body.get("details", {}))
        facts_changed = bool(told) or body["device"] != head.device or body["collectors"] != head.collectors
        if not upserts and not removed and not facts_changed:
            self._share(head, body, inventory)
            return None
        if len(upserts) + len(removed) > len(inventory) or self._is_full():
            return self._write_full(body, inventory)
        sequence = self._next_sequence()
        now = self._clock()
        whole = {**body, "details": {**head.details, **told}}
        changed = {**body, "details": told}
        document = reports.delta(changed, head.digest, upserts, removed, sequence, self._make_id(), now)
        self._write(sequence, document)
        self.head = _after(sequence, whole, inventory, head.full_at)
        return sequence

    def _share(self, head: Snapshot, body: Body, inventory: items.Inventory) -> None:
        """Keep the caller's equal objects instead of own ones: an inventory is in memory once."""
        same = _after(head.sequence, {**body, "details": head.details}, inventory, head.full_at)
        if self.confirmed is head:
            self.confirmed = same
        self.head = same

    def _write_full(self, body: Body, inventory: items.Inventory) -> int:
        sequence = self._next_sequence()
        now = self._clock()
        before = list(self._waiting)
        self._write(sequence, reports.full(body, sequence, self._make_id(), now))
        self._forget(before)
        self.head = _after(sequence, body, inventory, now)
        self.needs_full = False
        return sequence

    def _write(self, sequence: int, document: reports.Report) -> None:
        self._storage.write(_file(sequence), reports.encode(document))
        self._waiting[sequence] = _Label(document["kind"], document["digest"])

    def _is_full(self) -> bool:
        size = sum(self._storage.size(_file(sequence)) for sequence in self._waiting)
        return len(self._waiting) >= limits.SPOOL_REPORTS or size >= limits.SPOOL_BYTES

    def _next_sequence(self) -> int:
        known = [self.last_sequence(), *self._waiting, self.confirmed.sequence if self.confirmed else 0]
        sequence = max(known) + 1
        self._storage.write(_SEQUENCE, str(sequence).encode("ascii"))
        return sequence

    def last_sequence(self) -> int:
        """The highest sequence ever given out; 0 before the first."""
        data = self._storage.read(_SEQUENCE) or b""
        return int(data) if data.isdigit() and len(data) < 17 else 0

    # Delivering them

    @property
    def waiting(self) -> int:
        """How many reports wait to be sent."""
        return len(self._waiting)

    def first(self) -> Optional[Pending]:
        """The report to send next; None when all are delivered."""
        for sequence, label in self._waiting.items():
            data = self._storage.read(_file(sequence))
            if data is not None:
                return Pending(sequence, label.kind, label.digest, data)
            self._break_chain()
            break
        return None

    def confirm(self, report: Pending) -> None:
        """The server has the report for good."""
        if self.head is not None and report.sequence == self.head.sequence:
            after: Optional[Snapshot] = self.head
        else:
            after = _apply(self.confirmed, reports.decode(report.data))
        if after is None:
            self._break_chain()
            return
        self._storage.write(_CONFIRMED, reports.encode(_document(after)))
        self.confirmed = after
        self._forget([report.sequence])
        self._jump = 1

    def resync(self) -> None:
        """The server has something else than was believed: all that waits is void, a full report follows."""
        self._break_chain()

    def supersede(self, server_sequence: int = 0) -> None:
        """The server has newer reports under this key, as after a restore of this folder from a backup.

        Sequences continue after the server's where it names it, else further ahead at every such answer.
        """
        self._break_chain()
        ahead = server_sequence if 0 < server_sequence < _LARGEST_SEQUENCE else self.last_sequence() + self._jump
        self._jump = min(self._jump * 4, 1 << 32)
        self._storage.write(_SEQUENCE, str(max(ahead, self.last_sequence())).encode("ascii"))

    def refuse(self, report: Pending, answer: Dict[str, Any]) -> None:
        """The server will never take this report: keep it aside with the answer, for a person to look at."""
        stem = "{}/{:020d}".format(_REFUSED, report.sequence)
        self._storage.write(stem + ".answer.json", json.dumps(answer, indent=1).encode("utf-8"))
        self._storage.write(stem + _ENDING, report.data)
        kept = [name for name in self._storage.names(_REFUSED) if name.endswith(_ENDING)]
        for name in kept[: -limits.REFUSED_REPORTS]:
            old = _REFUSED + "/" + name[: -len(_ENDING)]
            self._storage.remove(old + _ENDING)
            self._storage.remove(old + ".answer.json")
        self._break_chain()

    def reset(self) -> None:
        """Forget what any server confirmed; sequences go on, for the server may know this device."""
        self._forget(list(self._waiting))
        self._storage.remove(_CONFIRMED)
        self.confirmed = self.head = None
        self.needs_full = False

    def _break_chain(self) -> None:
        self.needs_full = True
        self._forget(list(self._waiting))
        self.head = self.confirmed

    def _forget(self, sequences: List[int]) -> None:
        # The newest first: a chain cut short is still a chain, one without its start is not.
        for sequence in sorted(sequences, reverse=True):
            self._storage.remove(_file(sequence))
            del self._waiting[sequence]


def _file(sequence: int) -> str:
    return "{}/{:020d}{}".format(_SPOOL, sequence, _ENDING)


def _after(sequence: int, body: Body, inventory: items.Inventory, full_at: float) -> Snapshot:
    details = body.get("details") or {}
    return Snapshot(sequence, body["digest"], body["device"], body["collectors"], inventory, full_at, details)


def _changed(before: Dict[str, Any], after: Dict[str, Any]) -> Dict[str, Any]:
    """Sections that differ; one that is no longer told is none of them."""
    return {name: section for name, section in after.items() if before.get(name) != section}


def _snapshot(document: Dict[str, Any], full_at: float) -> Snapshot:
    """Raises KeyError, TypeError or ValueError for what is not an inventory with its own digest."""
    inventory = items.merge(document["software"])
    if items.digest(inventory) != document["digest"]:
        raise ValueError("the digest is of another inventory")
    return _after(int(document["sequence"]), document, inventory, full_at)


def _document(snapshot: Snapshot) -> Dict[str, Any]:
    return {
        "sequence": snapshot.sequence,
        "digest": snapshot.digest,
        "device": snapshot.device,
        "collectors": snapshot.collectors,
        "software": list(snapshot.inventory.values()),
        "full_at": snapshot.full_at,
        "details": snapshot.details,
    }


def _apply(before: Optional[Snapshot], report: Optional[reports.Report]) -> Optional[Snapshot]:
    """The inventory after a report; None when the report cannot be read or does not fit."""
    try:
        if report is None:
            return None
        if report["kind"] == "full":
            return _snapshot(report, _seconds(report["observed_at"]))
        if before is None or report["base_digest"] != before.digest:
            return None
        removed = [tuple(entry[field] for field in items.IDENTITY_FIELDS) for entry in report["removed"]]
        software = items.apply(before.inventory, report["added"], removed)
        details = {**before.details, **(report.get("details") or {})}
        return _snapshot({**report, "software": list(software.values()), "details": details}, before.full_at)
    except (KeyError, TypeError, ValueError):
        return None


def _seconds(moment: str) -> float:
    return reports.parse_instant(moment).timestamp()
