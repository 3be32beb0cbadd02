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
from urllib.parse import quote

import msgspec

from weakspot.intel.contracts import Progress
from weakspot.intel.sources import cursor, singles
from weakspot.intel.sources.fetching import Fetched, Fetcher, Remote
from weakspot.runtime.clock import SECOND, Micros, from_iso
from weakspot.runtime.errors import SourceUnavailable

MAX_SINGLES = 1_000
"""From more changes on, one archive costs both sides less."""
MAX_FILES = 60
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
        if not changes.is_whole or len(singles.kept(self._folder)) >= MAX_FILES:
            return self._whole(progress)
        if not changes.ids:
            return Fetched(self._archive, "unchanged")
        return self._singles(changes, progress)

    def _index(self) -> tuple[list[str], bool]:
        return self._fetcher.asking.lines(f"{self._base}/modified_id.csv", MAX_SINGLES + 1)

    def _whole(self, progress: Progress) -> Fetched:
        (outcome,) = self._fetcher.fetch([self._archive], progress)
        if outcome.status == "failed":
            return outcome
        made_at = cursor.http_date(self._fetcher.last_modified(self._archive))
        if made_at is not None:
            since = made_at - ARCHIVE_LAG
            for path in singles.kept(self._folder):
                if singles.moment_of(path) <= since:
                    path.unlink()
            cursor.save(self._fetcher.folder, self._name, Cursor(since))
        return outcome

    def _singles(self, changes: Changes, progress: Progress) -> Fetched:
        what = f"fetching {self._archive.path}"
        batch = singles.Batch(changes.ids, changes.newest.at, self._address, _is_it, what)
        found = singles.fetch(self._fetcher.asking, batch, self._folder, progress)
        if found.is_complete:
            cursor.save(self._fetcher.folder, self._name, changes.newest)
        if found.reasons:
            return Fetched(self._archive, "failed", singles.told(found.reasons, self._base, len(changes.ids)))
        return Fetched(self._archive, "changed")

    def _address(self, record_id: str) -> str:
        return f"{self._base}/{quote(record_id, safe='')}.json"


def _is_it(record_id: str, body: bytes) -> bool:
    return msgspec.json.decode(body, type=_Head).id == record_id


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
