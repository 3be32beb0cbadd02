"""OSV followed by its index of changes: a whole archive an ecosystem once, then only the records that changed.

``<Ecosystem>/modified_id.csv`` lists ``moment,id``, newest first (https://google.github.io/osv.dev/data/). It is read
up to the cursor, and each record named above it is fetched singly, a bounded number at a time. What came is kept in
``changes-<moment>.jsonl`` beside the archive, in force together with it. The archive is fetched anew, and the files
that it is newer than go, when there are too many changes for single requests, too many such files, or a list that
cannot be trusted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import msgspec

from weakspot.intel.contracts import Progress
from weakspot.intel.sources import cursor
from weakspot.intel.sources.asking import Missing
from weakspot.intel.sources.fetching import Fetched, Fetcher, Remote
from weakspot.runtime.clock import SECOND, Micros, from_iso
from weakspot.runtime.errors import SourceUnavailable

MAX_SINGLES = 1_000
"""From more changes on, one archive costs both sides less."""
MAX_FILES = 60
CONCURRENT = 8
MAX_RECORD_BYTES = 32 * 1024 * 1024
ARCHIVE_LAG: Micros = 6 * 3600 * SECOND
"""How much older than its own date an archive may be: what changed since is asked for singly."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,119}")


class Cursor(msgspec.Struct, omit_defaults=True):
    """``at``: newest change that is held; ``ids``: the records that changed at that very moment."""

    at: Micros = 0
    ids: tuple[str, ...] = ()


class Changes(msgspec.Struct):
    """``ids``: changed since the cursor, newest first; ``is_whole``: the list reached the cursor."""

    ids: list[str]
    newest: Cursor
    is_whole: bool


class _Head(msgspec.Struct):
    id: str


def follow(fetcher: Fetcher, archives: Sequence[Remote], progress: Progress) -> list[Fetched]:
    """Bring each ecosystem up to date; one that fails does not stop the others."""
    return [_Ecosystem(fetcher, archive).update(progress) for archive in archives]


class _Ecosystem:
    def __init__(self, fetcher: Fetcher, archive: Remote) -> None:
        self._fetcher, self._archive = fetcher, archive
        self._base = archive.url.removesuffix("/all.zip")
        self._folder = (fetcher.folder / archive.path).parent
        self._name = f"osv-{self._folder.name}"

    def update(self, progress: Progress) -> Fetched:
        before = cursor.load(self._fetcher.folder, self._name, Cursor)
        if not before.at or not (self._fetcher.folder / self._archive.path).is_file():
            return self._whole(progress)
        try:
            changes = read_changes(self._index(), before)
        except SourceUnavailable as error:
            return Fetched(self._archive, "failed", error.detail)
        if not changes.is_whole or len(self._files()) >= MAX_FILES:
            return self._whole(progress)
        if not changes.ids:
            return Fetched(self._archive, "unchanged")
        return self._singles(changes, progress)

    def _index(self) -> tuple[list[str], bool]:
        return self._fetcher.asking.lines(f"{self._base}/modified_id.csv", MAX_SINGLES + 1)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("changes-*.jsonl"))

    def _whole(self, progress: Progress) -> Fetched:
        (outcome,) = self._fetcher.fetch([self._archive], progress)
        if outcome.status == "failed":
            return outcome
        made_at = cursor.http_date(self._fetcher.last_modified(self._archive))
        if made_at is not None:
            since = made_at - ARCHIVE_LAG
            for path in self._files():
                if _moment_of(path) <= since:
                    path.unlink()
            cursor.save(self._fetcher.folder, self._name, Cursor(since))
        return outcome

    def _singles(self, changes: Changes, progress: Progress) -> Fetched:
        lines: dict[str, bytes] = {}
        missing: list[str] = []
        failed: list[str] = []

        def fetch(record_id: str) -> tuple[str, bytes | SourceUnavailable]:
            try:
                return record_id, self._record(record_id)
            except SourceUnavailable as error:
                return record_id, error

        with ThreadPoolExecutor(CONCURRENT, thread_name_prefix="osv") as pool:
            for done, (record_id, found) in enumerate(pool.map(fetch, changes.ids), 1):
                progress(f"fetching {self._archive.path}: changed records", done, len(changes.ids))
                if isinstance(found, bytes):
                    lines[record_id] = found
                else:
                    (missing if isinstance(found, Missing) else failed).append(found.detail)
        if lines:
            name = f"changes-{changes.newest.at}.jsonl"
            cursor.write_lines(self._folder / name, (lines[record_id] for record_id in sorted(lines)))
        if not failed:
            cursor.save(self._fetcher.folder, self._name, changes.newest)
        if reasons := failed + missing:
            told = f"{self._base}: {len(reasons)} of {len(changes.ids)} changed records could not be fetched"
            return Fetched(self._archive, "failed", f"{told}: {reasons[0]}")
        return Fetched(self._archive, "changed")

    def _record(self, record_id: str) -> bytes:
        """The record on one line. Raises SourceUnavailable where what comes is no record of that id."""
        url = f"{self._base}/{quote(record_id, safe='')}.json"
        body = self._fetcher.asking.get(url, max_bytes=MAX_RECORD_BYTES).body
        try:
            if msgspec.json.decode(body, type=_Head).id != record_id:
                raise SourceUnavailable(f"{url} holds another record than the one asked for.")
            return msgspec.json.format(body, indent=-1)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise SourceUnavailable(f"{url} is not an OSV record: {error}.") from error


def _moment_of(path: Path) -> Micros:
    """The newest change in a file of changes; 0 where its name does not say."""
    text = path.name.removeprefix("changes-").removesuffix(".jsonl")
    return int(text) if text.isdecimal() else 0


def read_changes(listed: tuple[list[str], bool], since: Cursor) -> Changes:
    """What the index names above the cursor. Lines that are no change, or in another order than newest first, make the
    whole list one that cannot be trusted (``is_whole`` False).
    """
    lines, is_all = listed
    ids: dict[str, None] = {}
    newest, last = since, None
    for line in lines:
        moment, _, record_id = line.partition(",")
        try:
            at = from_iso(moment)
        except ValueError:
            return Changes(list(ids), newest, is_whole=False)
        if not _ID.fullmatch(record_id) or (last is not None and at > last):
            return Changes(list(ids), newest, is_whole=False)
        last = at
        if at < since.at:
            return Changes(list(ids), newest, is_whole=True)
        if at > newest.at:
            newest = Cursor(at, (record_id,))
        elif at == newest.at:
            newest = Cursor(at, tuple(dict.fromkeys((*newest.ids, record_id))))
        if at > since.at or record_id not in since.ids:
            ids[record_id] = None
    return Changes(list(ids), newest, is_whole=is_all and bool(lines))
