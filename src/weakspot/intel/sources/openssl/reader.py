"""OpenSSL's records: the containers of CVE JSON 5, some without a CPE name. The product is known, so its name is
added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from weakspot.intel.contracts import AdvisoryRecord, Quarantined
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.cve5.reader import Container, spans
from weakspot.intel.sources.folder import FolderReader, json_records, refuse
from weakspot.intel.sources.nvd.reader import moment
from weakspot.vocabulary.ecosystems import CPE

IDENTITY = "openssl:openssl"
_FILE = re.compile(r"(?:.*/)?(CVE-\d{4}-\d{4,})\.json(?:\.gz)?", re.IGNORECASE)


class _Cna(Container, rename="camel"):
    date_public: str | None = None


class _Containers(msgspec.Struct):
    cna: _Cna


class _Metadata(msgspec.Struct, rename="camel"):
    cve_id: str = ""


class _Record(msgspec.Struct, rename="camel"):
    containers: _Containers
    cve_metadata: _Metadata = msgspec.field(default_factory=_Metadata)


_decoder: msgspec.json.Decoder[_Record] = msgspec.json.Decoder(_Record)


class OpensslReader(FolderReader):
    """Reads ``openssl/``; files that are not named after a CVE hold something else and are passed over."""

    source = "openssl"
    pattern = re.compile(r"[\w.-]+\.(?:json|zip)(?:\.gz)?")

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:
        """A record a CVE."""
        for item in json_records(path, want):
            if isinstance(item, Quarantined):
                yield item
            elif _FILE.fullmatch(item[0]):
                yield _read(*item)


def _read(label: str, raw: bytes) -> Record:
    try:
        record: _Record = files.decode_json(raw, _decoder)
        match = _FILE.fullmatch(label)
        name = names.canonical_name(record.cve_metadata.cve_id or (match[1] if match else ""))
        if not names.is_cve(name):
            raise files.Refused("has no CVE id")
        cna = record.containers.cna
        return AdvisoryRecord(
            record_id=name,
            title=cna.title[:400],
            description=next((text.value for text in cna.descriptions), "")[:4000],
            published_at=moment(cna.date_public),
            vendor_severity=_severity(cna),
            url="https://openssl-library.org/news/vulnerabilities/",
            ranges=tuple(dict.fromkeys(r for item in cna.affected for r in spans(CPE, IDENTITY, item, ""))),
        )
    except (files.Refused, ValueError) as error:
        return refuse(label, raw, error)


def _severity(cna: Container) -> str | None:
    for metric in cna.metrics:
        other = metric.get("other")
        content = other.get("content") if isinstance(other, dict) else None
        if isinstance(content, dict) and isinstance(content.get("text"), str):
            return str(content["text"])[:40]
    return None
