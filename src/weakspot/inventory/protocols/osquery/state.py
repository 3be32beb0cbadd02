"""What a node's queries said so far, and what further results make of it.

A differential query is the set of its rows, told by additions and removals; its first run after a start or a new epoch
(counter 0) tells all rows. osquery sends a message again until it is acknowledged, and splits a run over several.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from weakspot.inventory.protocols.base import as_text
from weakspot.inventory.protocols.osquery.contracts import Columns, ResultLine
from weakspot.inventory.protocols.osquery.pack import Query
from weakspot.inventory.protocols.osquery.queries import BY_NAME
from weakspot.runtime.clock import DAY, SECOND, Micros
from weakspot.runtime.compression import compress, decompress
from weakspot.runtime.errors import TooLarge

MAX_ROWS = 50_000
MAX_FACT_ROWS = 256
MAX_CELL = 1024
MAX_BYTES = 16 * 1024 * 1024
"""Of all that one node ever told, as it is kept; before it is deflated."""
COMPLETE_AFTER = 180 * SECOND
RENEW_EVERY = 7 * DAY
"""So often a node sends everything again, lest something that was lost on the way stay lost."""

_FAILED = -1
"""Epoch of a query that the node could not run."""

Row = tuple[tuple[str, str], ...]
"""(column, value) pairs by column; empty values left out."""


class QueryState(msgspec.Struct, array_like=True):
    """Rows of one query as of the run that was last heard of.

    former: rows of the run before. They stay until the first run that replaces them has been told to its end, of which
    osquery gives no sign: until a later run, or until nothing more came for a while after ``told_at``.
    """

    epoch: int
    run_at: int
    rows: set[Row]
    former: set[Row] = set()
    told_at: Micros = 0


class NodeState(msgspec.Struct, array_like=True):
    """All of one node. ``least_epoch``: a run of an earlier epoch is not waited for any more."""

    least_epoch: int = 0
    queries: dict[str, QueryState] = {}
    used: dict[str, list[int]] = {}
    """File -> days on which it was seen running, ascending, as days since 1970 (usage.py)."""
    used_since: int = 0
    """Day of the first look at what runs; 0: none yet."""


_decoder = msgspec.msgpack.Decoder(NodeState)


def encode(state: NodeState) -> bytes:
    """As it is kept. Raises TooLarge where one node tells more than any device has."""
    data = msgspec.msgpack.encode(state)
    if len(data) > MAX_BYTES:
        raise TooLarge(f"The node told more than {MAX_BYTES >> 20} MiB; enrol it anew with our queries alone.")
    return compress(data)


def decode(data: bytes) -> NodeState:
    """The inverse; empty bytes are a node of which nothing is known."""
    return _decoder.decode(decompress(data)) if data else NodeState()


def epoch_for(state: NodeState, number: int, now: Micros) -> int:
    """The epoch that a node should run in. number: of the node, so that not all of them renew at once."""
    stagger = number * 0x9E3779B1 % RENEW_EVERY
    return max(state.least_epoch, (now + stagger) // RENEW_EVERY)


def applied(state: NodeState, lines: Iterable[ResultLine], now: Micros) -> bool:
    """Take result lines of software, facts and settings into the state, in their order. Returns whether anything
    changed."""
    is_changed = _settled(state, now)
    for line in lines:
        query = BY_NAME.get(line.name)
        if query is not None and query.purpose != "use":
            is_changed |= take(state, query, line, now)
    return is_changed


def take(state: NodeState, query: Query, line: ResultLine, now: Micros) -> bool:
    """Take one line of a query into the state. Returns whether its rows changed."""
    if line.snapshot is not None or line.action == "snapshot":
        rows = _rows(line.snapshot or [], MAX_FACT_ROWS if query.is_fact else MAX_ROWS)
        return _replaced(state, line.name, line.epoch, line.unix_time, rows)
    return not query.is_fact and _edited(state, line, now)


def answered(state: NodeState, queries: Mapping[str, Any], statuses: Mapping[str, Any], run_at: int) -> bool:
    """Take answers to distributed queries: each is all rows of its query. Returns whether anything changed.

    A query that the node cannot run (its tables are of a later osquery) is noted, so that it is not asked again.
    """
    is_changed = False
    for name, rows in queries.items():
        query = BY_NAME.get(name)
        is_good = as_text(statuses.get(name, 0)) in ("0", "")
        if query is None or query.is_event:
            continue
        if not is_good and name not in state.queries:
            state.queries[name] = QueryState(_FAILED, 0, set())
            is_changed = True
        elif is_good and isinstance(rows, list):
            known = state.queries.get(name)
            limit = MAX_FACT_ROWS if query.is_fact else MAX_ROWS
            kept = _rows([row for row in rows if isinstance(row, dict)], limit)
            epoch = max(known.epoch, 0) if known is not None else 0
            is_changed |= _replaced(state, name, epoch, max(run_at, known.run_at if known else 0), kept)
    return is_changed


def is_told(state: NodeState, name: str) -> bool:
    """Whether a query has said anything, if only that there is nothing."""
    known = state.queries.get(name)
    return known is not None and known.epoch != _FAILED


def rows_of(state: NodeState, name: str) -> list[dict[str, str]]:
    """Rows of one query in a fixed order; empty where it has said nothing."""
    known = state.queries.get(name)
    return [] if known is None else [dict(row) for row in sorted(known.rows | known.former)]


def _settled(state: NodeState, now: Micros) -> bool:
    """Drop what the runs that must be complete by now did not tell again."""
    is_changed = False
    for known in state.queries.values():
        if known.former and now - known.told_at >= COMPLETE_AFTER:
            is_changed |= not known.former <= known.rows
            known.former = set()
    return is_changed


def _replaced(state: NodeState, name: str, epoch: int, run_at: int, rows: set[Row]) -> bool:
    known = state.queries.get(name)
    if known is not None and (epoch, run_at) < (known.epoch, known.run_at):
        return False
    state.queries[name] = QueryState(epoch, run_at, rows)
    return known is None or (known.rows | known.former) != rows


def _edited(state: NodeState, line: ResultLine, now: Micros) -> bool:
    known = state.queries.get(line.name)
    if known is not None and (line.epoch, line.unix_time) < (known.epoch, known.run_at):
        return False  # sent again, or overtaken
    is_new_run = known is None or (line.epoch, line.unix_time) != (known.epoch, known.run_at)
    is_changed = False
    if line.counter == 0 and is_new_run:
        former = set() if known is None else known.rows | known.former
        known = state.queries[line.name] = QueryState(line.epoch, line.unix_time, set(), former)
    elif known is None or known.epoch not in (0, line.epoch):
        # A change of something that was never told whole: everything is wanted again.
        state.least_epoch = max(state.least_epoch, line.epoch + 1)
        return False
    elif is_new_run:
        is_changed = not known.former <= known.rows
        known.former = set()
    before = known.rows | known.former
    known.rows -= _rows(line.removed, MAX_ROWS)
    added = _rows(line.added, MAX_ROWS)
    if len(known.rows) + len(added) <= MAX_ROWS:
        known.rows |= added
    known.epoch, known.run_at, known.told_at = line.epoch, line.unix_time, now
    return is_changed or (known.rows | known.former) != before


def _rows(rows: Sequence[Columns], limit: int) -> set[Row]:
    found: set[Row] = set()
    for row in rows[:limit]:
        cells = ((str(name)[:64], as_text(value)[:MAX_CELL]) for name, value in row.items())
        found.add(tuple(sorted((name, value) for name, value in cells if value)[:64]))
    return found
