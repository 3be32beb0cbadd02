"""Records that are fetched singly because a list says that they changed, kept as files of JSON lines.

Each run leaves one file ``changes-<microseconds>.jsonl``, named after the newest change that it holds. What could be
fetched counts, whatever failed beside it; where something failed that may come later, the caller keeps its cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from weakspot.intel.contracts import Progress
from weakspot.intel.sources import cursor
from weakspot.intel.sources.asking import Asking, Missing
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import SourceUnavailable

CONCURRENT = 8
AT_ONCE = 2 * CONCURRENT
"""Records held in memory."""
MAX_BYTES = 32 * 1024 * 1024


class Batch(msgspec.Struct, frozen=True):
    """What to fetch: ``ids``, the ``address`` of each, and whether a body is the record asked for (``is_it`` raises
    msgspec.DecodeError for what is no record at all). ``newest``: the newest change among them. ``what``: for people.
    """

    ids: Sequence[str]
    newest: Micros
    address: Callable[[str], str]
    is_it: Callable[[str, bytes], bool]
    what: str


class Outcome(msgspec.Struct):
    """``reasons``: why records are missing; ``is_complete`` False: some of them may come later."""

    amount: int = 0
    reasons: list[str] = []
    is_complete: bool = True


def fetch(asking: Asking, batch: Batch, folder: Path, progress: Progress) -> Outcome:
    """Fetch the records, a bounded number at a time, and leave those that came as a file of ``folder``."""
    outcome = Outcome()
    path = folder / f"changes-{batch.newest}.jsonl"
    cursor.write_lines(path, _lines(asking, batch, outcome, progress))
    if not outcome.amount:
        path.unlink()
    return outcome


def _lines(asking: Asking, batch: Batch, outcome: Outcome, progress: Progress) -> Iterator[bytes]:
    def one(record_id: str) -> bytes | SourceUnavailable:
        try:
            return _record(asking, record_id, batch.address(record_id), batch.is_it)
        except SourceUnavailable as error:
            return error

    with ThreadPoolExecutor(CONCURRENT, thread_name_prefix="singles") as pool:
        for start in range(0, len(batch.ids), AT_ONCE):
            for found in pool.map(one, batch.ids[start : start + AT_ONCE]):
                if isinstance(found, bytes):
                    outcome.amount += 1
                    yield found
                else:
                    outcome.reasons.append(found.detail)
                    outcome.is_complete &= isinstance(found, Missing)
            progress(f"{batch.what}: changed records", min(start + AT_ONCE, len(batch.ids)), len(batch.ids))


def _record(asking: Asking, record_id: str, url: str, is_it: Callable[[str, bytes], bool]) -> bytes:
    """The record on one line. Raises SourceUnavailable where what comes is no record of that id."""
    body = asking.get(url, max_bytes=MAX_BYTES).body
    try:
        if not is_it(record_id, body):
            raise SourceUnavailable(f"{url} holds another record than the one asked for.")
        return msgspec.json.format(body, indent=-1)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise SourceUnavailable(f"{url} is not a record of its kind: {error}.") from error


def kept(folder: Path) -> list[Path]:
    """Files of changes, oldest first."""
    return sorted(folder.glob("changes-*.jsonl"), key=moment_of)


def moment_of(path: Path) -> Micros:
    """The newest change in a file of changes; 0 where its name does not say."""
    text = path.name.removeprefix("changes-").removesuffix(".jsonl")
    return int(text) if text.isdecimal() else 0


def told(reasons: Sequence[str], base: str, asked: int) -> str:
    """One sentence about what is missing."""
    return f"{base}: {len(reasons)} of {asked} changed records could not be fetched: {reasons[0]}"
