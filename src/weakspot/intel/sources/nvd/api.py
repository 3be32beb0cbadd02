"""NVD's CVE API 2.0 (https://nvd.nist.gov/developers/vulnerabilities): what changed since the feeds were fetched.

The feeds are fetched whole first. From then on the API is asked for records by the moment of their last change, in
windows of at most 120 days, page by page; each window becomes a file ``nvdcve-2.0-modified-api-<end>.jsonl`` that ends
nothing. A window counts when all of its pages came and hold as many records as the server announced; the cursor moves
after that, so that a run that breaks off goes on with the window that it could not finish. Where the API fails, the
feed of recent changes (eight days) is asked instead. After too many windows the feeds are fetched anew.

Allowed are 5 requests in 30 seconds without a key and 50 with one; NVD says "too fast" by 403, 429 or 503.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

import msgspec

from weakspot.intel.contracts import Progress
from weakspot.intel.sources import cursor
from weakspot.intel.sources.base import FetchOptions
from weakspot.intel.sources.fetching import Fetched, Fetcher, Remote
from weakspot.runtime.clock import DAY, SECOND, Micros, to_datetime
from weakspot.runtime.errors import SourceUnavailable

URL = "https://services.nvd.nist.gov/rest/json/cves/2.0"
KEY = "nvd"
WINDOW: Micros = 119 * DAY
"""A day below what the API allows."""
OVERLAP: Micros = 2 * 3600 * SECOND
"""Asked for twice: a record may appear later than the moment that it carries."""
FEED_LAG: Micros = DAY
MAX_FILES = 60
PAGE = 2_000
MAX_PAGES = 500
MAX_PAGE_BYTES = 256 * 1024 * 1024
PAUSE_WITHOUT_KEY = 6.0
PAUSE_WITH_KEY = 0.6
RESTARTS = 2
"""How often a window is begun anew because records changed while it was read."""
THROTTLES = frozenset({403})


class Cursor(msgspec.Struct, omit_defaults=True):
    """``until``: everything changed before it is held."""

    until: Micros = 0


class _Page(msgspec.Struct, rename="camel"):
    start_index: int
    total_results: int
    vulnerabilities: list[msgspec.Raw] = []


class _Identified(msgspec.Struct):
    id: str


class _Item(msgspec.Struct):
    cve: _Identified


class _Moved(Exception):
    """The number of results changed between two pages."""


_page = msgspec.json.Decoder(_Page)
_item = msgspec.json.Decoder(_Item)


def follow(fetcher: Fetcher, feeds: Sequence[Remote], options: FetchOptions, progress: Progress) -> list[Fetched]:
    """The feeds once, then the API. ``feeds``: the last one is that of recent changes."""
    before = cursor.load(fetcher.folder, "nvd-api", Cursor)
    is_complete = all((fetcher.folder / feed.path).is_file() for feed in feeds)
    files = sorted((fetcher.folder / feeds[0].path).parent.glob("nvdcve-2.0-modified-api-*.jsonl"))
    if not before.until or not is_complete or len(files) >= MAX_FILES:
        return _feeds(fetcher, feeds, files, options.at, progress)
    base = options.base_urls.get(f"{KEY}_api", URL)
    run = _Run(fetcher, base, options.keys.get(KEY, ""), progress)
    place = Remote(base, feeds[-1].path)
    try:
        written = run.windows(before.until, options.at, (fetcher.folder / feeds[-1].path).parent)
    except SourceUnavailable as error:
        return [Fetched(place, "failed", error.detail), *fetcher.fetch(feeds[-1:], progress)]
    return [Fetched(place, "changed" if written else "unchanged")]


def _feeds(
    fetcher: Fetcher, feeds: Sequence[Remote], files: Sequence[Path], at: Micros, progress: Progress
) -> list[Fetched]:
    outcomes = fetcher.fetch(feeds, progress)
    if all(outcome.status != "failed" for outcome in outcomes) and at:
        for path in files:
            path.unlink()
        cursor.save(fetcher.folder, "nvd-api", Cursor(at - FEED_LAG))
    return outcomes


class _Run:
    def __init__(self, fetcher: Fetcher, base: str, key: str, progress: Progress) -> None:
        self._fetcher, self._base, self._progress = fetcher, base, progress
        self._headers: Mapping[str, str] = {"apiKey": key} if key else {}
        self._pause = PAUSE_WITH_KEY if key else PAUSE_WITHOUT_KEY
        self._has_asked = False

    def windows(self, until: Micros, now: Micros, folder: Path) -> int:
        """Records written. Raises SourceUnavailable; the windows before it are kept then."""
        written = 0
        while until < now:
            end = min(until + WINDOW, now)
            written += self._window(until - OVERLAP, end, folder)
            until = end
            cursor.save(self._fetcher.folder, "nvd-api", Cursor(until))
        return written

    def _window(self, start: Micros, end: Micros, folder: Path) -> int:
        path = folder / f"nvdcve-2.0-modified-api-{end}.jsonl"
        for _ in range(RESTARTS + 1):
            seen: set[str] = set()
            try:
                cursor.write_lines(path, self._records(start, end, seen))
            except _Moved:
                continue
            if not seen:
                path.unlink()
            return len(seen)
        raise SourceUnavailable(f"{self._base} gives another number of results with every page; try again later.")

    def _records(self, start: Micros, end: Micros, seen: set[str]) -> Iterator[bytes]:
        total: int | None = None
        at = 0
        for _ in range(MAX_PAGES):
            page = self._ask(start, end, at)
            if page.start_index != at:
                raise SourceUnavailable(f"{self._base} answered with another page than the one asked for.")
            if total is not None and page.total_results != total:
                raise _Moved
            total = page.total_results
            if not page.vulnerabilities and at < total:
                raise SourceUnavailable(f"{self._base} announced {total} records and gave {at}.")
            for raw in page.vulnerabilities:
                seen.add(_id_of(raw, self._base))
                yield msgspec.json.format(bytes(raw), indent=-1)
            at += len(page.vulnerabilities)
            self._progress("fetching nvd: changed records", at, total)
            if at >= total:
                break
        if at != total or len(seen) != total:
            raise SourceUnavailable(f"{self._base} announced {total} records and gave {len(seen)} different ones.")

    def _ask(self, start: Micros, end: Micros, at: int) -> _Page:
        if self._has_asked:
            self._fetcher.asking.pause(self._pause)
        self._has_asked = True
        query = {
            "lastModStartDate": _moment(start),
            "lastModEndDate": _moment(end),
            "resultsPerPage": PAGE,
            "startIndex": at,
        }
        body = self._fetcher.asking.get(
            f"{self._base}?{urlencode(query)}",
            self._headers,
            max_bytes=MAX_PAGE_BYTES,
            throttles=THROTTLES,
            is_secret=bool(self._headers),
        ).body
        try:
            return _page.decode(body)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise SourceUnavailable(f"{self._base} did not answer as the API does: {error}.") from error


def _id_of(raw: msgspec.Raw, base: str) -> str:
    try:
        return _item.decode(raw).cve.id
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise SourceUnavailable(f"{base} gave a record without an id: {error}.") from error


def _moment(at: Micros) -> str:
    """As the API writes it: ISO 8601 with milliseconds and an offset."""
    return to_datetime(at).isoformat(timespec="milliseconds")
