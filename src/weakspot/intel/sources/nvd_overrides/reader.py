"""Files of anchore/nvd-data-overrides: ``{"_annotation": {...}, "cve": {"configurations": [...]}}``, one a CVE.

Read: the annotation's id, dates and description, and the configurations in NVD's own form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from weakspot.intel.contracts import AdvisoryRecord, Quarantined, Reference
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader, json_records, refuse
from weakspot.intel.sources.nvd.reader import Configuration, moment, ranges_of


class _Annotation(msgspec.Struct):
    cve_id: str
    description: str | None = None
    published: str | None = None
    modified: str | None = None
    references: list[str] | None = None


class _Cve(msgspec.Struct):
    configurations: list[Configuration] = []


class _Override(msgspec.Struct):
    annotation: _Annotation = msgspec.field(name="_annotation")
    cve: _Cve = msgspec.field(default_factory=_Cve)


_decoder: msgspec.json.Decoder[_Override] = msgspec.json.Decoder(_Override)


class OverridesReader(FolderReader):
    """Reads ``nvd_overrides/``."""

    source = "nvd_overrides"
    pattern = re.compile(r"[\w./-]+\.(?:json|jsonl|zip)(?:\.gz)?")
    is_nested = True

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:
        """One record a CVE."""
        for item in json_records(path, want):
            yield item if isinstance(item, Quarantined) else _read(*item)


def _read(label: str, raw: bytes) -> Record:
    try:
        item: _Override = files.decode_json(raw, _decoder)
        name = names.canonical_name(item.annotation.cve_id)
        if not names.is_cve(name):
            raise files.Refused(f"has no CVE id: {name[:40]!r}")
        links = [url for url in item.annotation.references or () if url.startswith(("https://", "http://"))]
        return AdvisoryRecord(
            record_id=name,
            description=(item.annotation.description or "")[:4000],
            published_at=moment(item.annotation.published),
            modified_at=moment(item.annotation.modified),
            references=tuple(Reference(url[:1000]) for url in links[:40]),
            url=f"https://www.cve.org/CVERecord?id={name}",
            ranges=tuple(ranges_of(item.cve.configurations)),
        )
    except (files.Refused, ValueError) as error:
        return refuse(label, raw, error)
