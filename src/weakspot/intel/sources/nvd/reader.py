"""NVD CVE records of API and feeds 2.0 (https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema).

Read: id, dates, status, tags, English description, CVSS of every giver, CWEs, references, configurations. Rejected
records count as withdrawn. A year's feed ends what it no longer holds; the ``modified`` and ``recent`` feeds do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from weakspot.intel.contracts import AdvisoryRecord, Quarantined, Range, Reference, SeverityClaim
from weakspot.intel.rules import cpe_ranges, names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader, json_records, refuse
from weakspot.runtime.clock import Micros, from_iso
from weakspot.vocabulary import cpe

MAX_RANGES = 5_000


class CpeMatch(msgspec.Struct, rename="camel"):
    """One line of a node."""

    criteria: str
    vulnerable: bool = True
    version_start_including: str | None = None
    version_start_excluding: str | None = None
    version_end_including: str | None = None
    version_end_excluding: str | None = None


class Node(msgspec.Struct, rename="camel"):
    """Matches joined by OR."""

    cpe_match: list[CpeMatch] = []
    negate: bool | None = None
    operator: str = "OR"


class Configuration(msgspec.Struct):
    """Nodes joined by ``operator``."""

    nodes: list[Node] = []
    operator: str | None = None
    negate: bool | None = None


class _Text(msgspec.Struct):
    lang: str = ""
    value: str = ""


class _CvssData(msgspec.Struct, rename="camel"):
    vector_string: str = ""


class _Metric(msgspec.Struct, rename="camel"):
    cvss_data: _CvssData
    source: str = ""


class _Weakness(msgspec.Struct):
    description: list[_Text] = []


class _Reference(msgspec.Struct):
    url: str = ""
    tags: list[str] | None = None


class _Tag(msgspec.Struct):
    tags: list[str] = []


class _Cve(msgspec.Struct, rename="camel"):
    id: str
    published: str | None = None
    last_modified: str | None = None
    vuln_status: str = ""
    descriptions: list[_Text] = []
    metrics: dict[str, list[_Metric]] = {}
    weaknesses: list[_Weakness] = []
    configurations: list[Configuration] = []
    references: list[_Reference] = []
    cve_tags: list[_Tag] = []


class _Item(msgspec.Struct):
    cve: _Cve


_decoder: msgspec.json.Decoder[_Item] = msgspec.json.Decoder(_Item)
_KINDS = ("cvssMetricV31", "cvssMetricV30", "cvssMetricV40", "cvssMetricV2")
_CWE = re.compile(r"^CWE-\d{1,6}$")


class NvdReader(FolderReader):
    """Reads ``nvd/nvdcve-2.0-*.json[.gz]`` and what is laid out like it."""

    source = "nvd"
    version = 2
    pattern = re.compile(r"nvd[\w.-]*\.(?:json|jsonl|zip)(?:\.gz)?")
    delta_marks = ("-modified", "-recent")

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:
        """One record a CVE."""
        for item in json_records(path, want, "vulnerabilities"):
            yield item if isinstance(item, Quarantined) else _read(*item)


def _read(label: str, raw: bytes) -> Record:
    try:
        item: _Item = files.decode_json(raw, _decoder)
        return _normalise(item.cve)
    except (files.Refused, ValueError) as error:
        return refuse(label, raw, error)


def _normalise(cve: _Cve) -> AdvisoryRecord:
    name = names.canonical_name(cve.id)
    if not names.is_cve(name):
        raise files.Refused(f"has no CVE id: {cve.id[:40]!r}")
    modified_at = moment(cve.last_modified)
    is_rejected = cve.vuln_status.lower() == "rejected"
    return AdvisoryRecord(
        record_id=name,
        description=next((text.value for text in cve.descriptions if text.lang == "en"), "")[:4000],
        published_at=moment(cve.published),
        modified_at=modified_at,
        withdrawn_at=(modified_at or moment(cve.published)) if is_rejected else None,
        severities=tuple(_severities(cve.metrics)),
        cwes=tuple(dict.fromkeys(w.value for x in cve.weaknesses for w in x.description if _CWE.match(w.value))),
        references=tuple(_references(cve.references)),
        url=f"https://nvd.nist.gov/vuln/detail/{name}",
        ranges=() if is_rejected else tuple(ranges_of(cve.configurations)),
        is_disputed=any("disputed" in tag.tags for tag in cve.cve_tags),
    )


def moment(text: str | None) -> Micros | None:
    """NVD's times are UTC and do not say so."""
    if not text:
        return None
    return from_iso(text if text[10:].count("+") or text.endswith("Z") else text + "Z")


def _severities(metrics: dict[str, list[_Metric]]) -> Iterator[SeverityClaim]:
    for kind in _KINDS:
        for metric in metrics.get(kind, ())[:8]:
            by = "nvd" if metric.source == "nvd@nist.gov" else "cna"
            yield SeverityClaim(metric.cvss_data.vector_string[:400], by)


def _references(items: Iterable[_Reference]) -> Iterator[Reference]:
    web = (item for item in items if item.url.startswith(("https://", "http://")) and len(item.url) <= 1000)
    for item in list(web)[:40]:
        tags = {tag.lower() for tag in item.tags or ()}
        kind = "exploit" if "exploit" in tags else "fix" if "patch" in tags else "web"
        yield Reference(item.url, kind)


def ranges_of(configurations: Iterable[Configuration]) -> list[Range]:
    """Ranges of all configurations of a record, each once. Raises files.Refused over 5,000."""
    found: dict[Range, None] = {}
    for configuration in configurations:
        nodes = [[_match(m) for m in node.cpe_match] for node in configuration.nodes if not node.negate]
        is_and = (configuration.operator or "OR").upper() == "AND"
        found.update(dict.fromkeys(cpe_ranges.from_configuration(nodes, is_and=is_and)))
        if len(found) > MAX_RANGES:
            raise files.Refused(f"has more than {MAX_RANGES} ranges")
    return list(found)


def _match(item: CpeMatch) -> cpe_ranges.Match:
    return cpe_ranges.Match(
        cpe.parse(item.criteria),
        item.vulnerable,
        item.version_start_including,
        item.version_start_excluding,
        item.version_end_including,
        item.version_end_excluding,
    )
