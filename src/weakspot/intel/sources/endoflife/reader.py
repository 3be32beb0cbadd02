"""endoflife.date's API v1, ``/products/full``: ``{"result": [{"name", "label", "category", "identifiers",
"releases"}]}``.

Of a release: ``name``, ``label``, ``releaseDate``, ``isEoas``/``eoasFrom`` (active support), ``isEol``/``eolFrom``
(security support), ``latest.name``. Of the identifiers: CPE names and package URLs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from weakspot.intel.contracts import LifecycleRecord, Quarantined
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader, json_records, refuse
from weakspot.runtime.clock import from_iso


class _Latest(msgspec.Struct):
    name: str | None = None


class _Release(msgspec.Struct, rename="camel"):
    name: str
    label: str = ""
    release_date: str | None = None
    is_eol: bool = False
    eol_from: str | None = None
    eoas_from: str | None = None
    latest: _Latest | None = None


class _Identifier(msgspec.Struct):
    id: str
    type: str


class _Product(msgspec.Struct):
    name: str
    releases: list[_Release]
    label: str = ""
    category: str = ""
    identifiers: list[_Identifier] = []


_decoder: msgspec.json.Decoder[_Product] = msgspec.json.Decoder(_Product)


class EndoflifeReader(FolderReader):
    """Reads ``endoflife/``."""

    source = "endoflife"
    pattern = re.compile(r"[\w.-]+\.json(?:\.gz)?")

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:
        """One record a release."""
        for item in json_records(path, want, "result"):
            if isinstance(item, Quarantined):
                yield item
                continue
            try:
                found = list(_records(files.decode_json(item[1], _decoder)))
            except (files.Refused, ValueError) as error:
                yield refuse(*item, error)
                continue
            yield from found


def _records(product: _Product) -> Iterator[LifecycleRecord]:
    identifiers = tuple(i.id for i in product.identifiers if i.type in ("cpe", "purl"))
    for release in product.releases:
        yield LifecycleRecord(
            product=product.name,
            cycle=release.name,
            title=product.label,
            category=product.category,
            released_on=_date(release.release_date),
            support_ends_on=_date(release.eoas_from),
            security_ends_on=_date(release.eol_from),
            is_ended=release.is_eol,
            latest=release.latest.name if release.latest else None,
            identifiers=identifiers,
        )


def _date(text: str | None) -> str | None:
    """An ISO date as it is. Raises ValueError for anything else."""
    if text is None:
        return None
    from_iso(text[:10])
    return text[:10]
