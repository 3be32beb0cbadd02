"""The CVE List followed by its log of changes: the whole repository once as a zip, then the records that changed.

``cves/deltaLog.json`` of cvelistV5 lists runs of some 30 days, newest first, each with the records that it added or
updated. What is above the cursor is fetched singly. The zip is fetched anew when there are too many changes, too many
files of them, or a log that no longer reaches back to the cursor.
"""

from __future__ import annotations

import re

import msgspec

from weakspot.intel.contracts import Progress
from weakspot.intel.sources import cursor, singles
from weakspot.intel.sources.base import FetchOptions
from weakspot.intel.sources.fetching import Fetched, Fetcher, Remote
from weakspot.runtime.clock import SECOND, Micros, from_iso
from weakspot.runtime.errors import SourceUnavailable

MAX_SINGLES = 1_000
MAX_FILES = 60
MAX_LOG_BYTES = 256 * 1024 * 1024
OVERLAP: Micros = 3600 * SECOND
"""The zip may be a little older than the log that was read before it."""
_CVE = re.compile(r"CVE-(\d{4})-(\d{4,19})")


class Cursor(msgspec.Struct, omit_defaults=True):
    """``at``: newest run of the log that is held; ``etag``: of the log as it was then."""

    at: Micros = 0
    etag: str = ""


class _Change(msgspec.Struct, rename="camel"):
    cve_id: str


class _LogRun(msgspec.Struct, rename="camel"):
    fetch_time: str
    new: list[_Change] = []
    updated: list[_Change] = []


class _Metadata(msgspec.Struct, rename="camel"):
    cve_id: str


class _Record(msgspec.Struct, rename="camel"):
    cve_metadata: _Metadata


class Changes(msgspec.Struct):
    """``ids``: changed since the cursor; ``newest``: latest run; ``is_whole``: the log reaches back to the cursor."""

    ids: list[str]
    newest: Micros
    is_whole: bool


_log = msgspec.json.Decoder(list[_LogRun])
_record = msgspec.json.Decoder(_Record)


def follow(archive: Remote, raw: str, fetcher: Fetcher, options: FetchOptions, progress: Progress) -> list[Fetched]:
    """Bring ``cve5/`` of the mirror folder up to date. ``raw``: where single files of the repository are served."""
    raw = options.base_urls.get("cve5_raw", raw).rstrip("/")
    before = cursor.load(fetcher.folder, "cve5", Cursor)
    is_there = (fetcher.folder / archive.path).is_file()
    try:
        etag = before.etag if is_there else ""
        answer = fetcher.asking.get(f"{raw}/cves/deltaLog.json", max_bytes=MAX_LOG_BYTES, etag=etag)
        if answer.is_same:
            return [Fetched(archive, "unchanged")]
        changes = read_log(answer.body, before.at, raw)
    except SourceUnavailable as error:
        return [Fetched(archive, "failed", error.detail)]
    folder = (fetcher.folder / archive.path).parent
    is_short = changes.is_whole and len(changes.ids) <= MAX_SINGLES and len(singles.kept(folder)) < MAX_FILES
    if not is_there or not before.at or not is_short:
        return [_whole(archive, changes.newest, fetcher, progress)]
    batch = singles.Batch(changes.ids, changes.newest, lambda name: f"{raw}/{place(name)}", _is_it, "fetching cve5")
    found = singles.fetch(fetcher.asking, batch, folder, progress)
    if found.is_complete:
        cursor.save(fetcher.folder, "cve5", Cursor(changes.newest, answer.etag))
    if found.reasons:
        return [Fetched(archive, "failed", singles.told(found.reasons, raw, len(changes.ids)))]
    return [Fetched(archive, "changed" if changes.ids else "unchanged")]


def _whole(archive: Remote, newest: Micros, fetcher: Fetcher, progress: Progress) -> Fetched:
    (outcome,) = fetcher.fetch([archive], progress)
    if outcome.status != "failed" and newest:
        since = newest - OVERLAP
        for path in singles.kept((fetcher.folder / archive.path).parent):
            if singles.moment_of(path) <= since:
                path.unlink()
        cursor.save(fetcher.folder, "cve5", Cursor(since))
    return outcome


def read_log(body: bytes, since: Micros, raw: str) -> Changes:
    """What the log names after the cursor. Raises SourceUnavailable for what is no such log."""
    try:
        runs = [(from_iso(run.fetch_time), run) for run in _log.decode(body)]
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError) as error:
        raise SourceUnavailable(f"{raw}/cves/deltaLog.json is not the log of changes: {error}.") from error
    names: dict[str, None] = {}
    for at, run in runs:
        if at > since:
            names.update((change.cve_id, None) for change in (*run.new, *run.updated))
    if odd := next((name for name in names if not _CVE.fullmatch(name)), None):
        raise SourceUnavailable(f"{raw}/cves/deltaLog.json names something that is no CVE: {odd[:60]!r}.")
    moments = [at for at, _ in runs]
    return Changes(list(names), max(moments, default=0), is_whole=bool(moments) and min(moments) <= since)


def place(name: str) -> str:
    """Where the repository keeps a record: ``cves/2024/3xxx/CVE-2024-3094.json``. Raises ValueError for no CVE id."""
    match = _CVE.fullmatch(name)
    if match is None:
        raise ValueError(f"not a CVE id: {name[:60]!r}")
    return f"cves/{match[1]}/{int(match[2]) // 1000}xxx/{name}.json"


def _is_it(name: str, body: bytes) -> bool:
    return _record.decode(body).cve_metadata.cve_id == name
