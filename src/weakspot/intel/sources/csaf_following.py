"""A CSAF provider's folder followed by its list of changes (CSAF 2.0, section 7.1.13).

``changes.csv`` names each document with the moment of its current release, newest first. What changed after the cursor
is fetched singly, oldest first and at most 2,000 documents a run, so that a long way is gone in steps and none is
skipped. The first cursor is 90 days back: providers publish what is older in archives of a kind that is not read here,
so that whoever wants all of it puts the documents into the mirror folder once. After many files of changes they are
made into one that holds each document in its last state.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec

from weakspot.intel.contracts import Progress
from weakspot.intel.sources import cursor, singles
from weakspot.intel.sources.base import FetchOptions
from weakspot.intel.sources.fetching import Fetched, Fetcher, Remote
from weakspot.runtime.clock import DAY, Micros, from_iso
from weakspot.runtime.errors import SourceUnavailable

FIRST_DAYS = 90
MAX_LISTED = 500_000
MAX_SINGLES = 2_000
MAX_FILES = 60
_PLACE = re.compile(r"(?:[0-9]{4}/)?[A-Za-z0-9][A-Za-z0-9_.+-]{0,150}\.json")


class Cursor(msgspec.Struct, omit_defaults=True):
    """``at``: newest change that is held; ``places``: the documents that changed at that very moment."""

    at: Micros = 0
    places: tuple[str, ...] = ()


class _Tracking(msgspec.Struct):
    id: str


class _Document(msgspec.Struct):
    tracking: _Tracking


class _Csaf(msgspec.Struct):
    document: _Document


_decoder = msgspec.json.Decoder(_Csaf)


def follow(source: str, base: str, fetcher: Fetcher, options: FetchOptions, progress: Progress) -> list[Fetched]:
    """Bring ``<source>/`` of the mirror folder up to date with the provider's folder at ``base``."""
    base = options.base_urls.get(source, base).rstrip("/")
    list_ = Remote(f"{base}/changes.csv", f"{source}/changes.csv")
    before = cursor.load(fetcher.folder, f"csaf-{source}", Cursor)
    if not before.at:
        before = Cursor(options.at - FIRST_DAYS * DAY)
    try:
        changes = read_changes(fetcher.asking.lines(list_.url, MAX_LISTED)[0], before, list_.url)
    except SourceUnavailable as error:
        return [Fetched(list_, "failed", error.detail)]
    chosen = _step(changes)
    if not chosen:
        return [Fetched(list_, "unchanged")]
    folder, newest = fetcher.folder / source, chosen[-1][0]
    places = [place for _, place in chosen]
    batch = singles.Batch(places, newest, lambda place: f"{base}/{quote(place)}", _is_it, f"fetching {source}")
    found = singles.fetch(fetcher.asking, batch, folder, progress)
    if found.is_complete:
        same = before.places if before.at == newest else ()
        held = tuple(place for at, place in chosen if at == newest)
        cursor.save(fetcher.folder, f"csaf-{source}", Cursor(newest, (*same, *held)))
    if len(files := singles.kept(folder)) > MAX_FILES:
        merge(files)
    if found.reasons:
        return [Fetched(list_, "failed", singles.told(found.reasons, base, len(chosen)))]
    return [Fetched(list_, "changed")]


def read_changes(lines: list[str], since: Cursor, url: str) -> list[tuple[Micros, str]]:
    """(moment, place) of what changed after the cursor, newest first. Raises SourceUnavailable for a list that is not
    one, or that is in another order: what it would leave out could not be told.
    """
    found: list[tuple[Micros, str]] = []
    last: Micros | None = None
    for row in csv.reader(line for line in lines if line):
        try:
            place, at = row[0].strip(), from_iso(row[1])
        except (ValueError, IndexError) as error:
            raise SourceUnavailable(f"{url} is no list of changes: {','.join(row)[:80]!r}.") from error
        if not _PLACE.fullmatch(place):
            raise SourceUnavailable(f"{url} names something that is no document: {place[:80]!r}.")
        if last is not None and at > last:
            raise SourceUnavailable(f"{url} is not in the order newest first, so that what changed cannot be told.")
        last = at
        if at < since.at:
            break
        if at > since.at or place not in since.places:
            found.append((at, place))
    return found


def _step(changes: list[tuple[Micros, str]]) -> list[tuple[Micros, str]]:
    """The oldest changes, as many as one run takes; those of one moment are never parted."""
    rising = changes[::-1]
    end = min(MAX_SINGLES, len(rising))
    while 0 < end < len(rising) and rising[end][0] == rising[end - 1][0]:
        end += 1
    return rising[:end]


def _is_it(place: str, body: bytes) -> bool:
    """A document's file is named after its id (CSAF 2.0, section 5.1)."""
    name = re.sub(r"[^+\-a-z0-9]+", "_", _decoder.decode(body).document.tracking.id.lower())
    return place.rpartition("/")[2].lower() == f"{name}.json"


def merge(files: list[Path]) -> None:
    """Make files of changes into one, with each document in its last state."""
    last: dict[str, tuple[int, int]] = {}
    for number, path in enumerate(files):
        with path.open("rb") as file:
            place = 0
            for line in file:
                last[_decoder.decode(line).document.tracking.id] = (number, place)
                place += len(line)

    def lines() -> Iterator[bytes]:
        for number, path in enumerate(files):
            kept = sorted(place for held, place in last.values() if held == number)
            with path.open("rb") as file:
                for place in kept:
                    file.seek(place)
                    yield file.readline().rstrip(b"\n")

    cursor.write_lines(files[-1], lines())
    for path in files[:-1]:
        path.unlink()
