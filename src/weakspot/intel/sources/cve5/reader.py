"""CVE records (https://github.com/CVEProject/cve-schema, CVE JSON 5.x): the CNA's container and those of ADPs.

Read: ids, state and dates; from each container title, English descriptions, ``affected`` (CPE names with their
versions, package URLs), CVSS, CWEs, references, workarounds; from CISA's ADP container the SSVC decision points and
the KEV mark. Rejected records count as withdrawn. Versions follow the schema: ``affected`` entries are ranges
(``lessThan`` exclusive, ``lessThanOrEqual`` inclusive), others single versions; where the default is affected and
only unaffected ones are listed, everything before the first unaffected version is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from weakspot.intel.contracts import (
    AdvisoryRecord,
    EvidenceRecord,
    Mitigation,
    Quarantined,
    Range,
    Reference,
    SeverityClaim,
)
from weakspot.intel.rules import cpe_ranges, names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader, json_records, refuse
from weakspot.intel.sources.nvd.reader import moment
from weakspot.vocabulary import cpe, ecosystems, purl
from weakspot.vocabulary.ecosystems import CPE

MAX_RANGES = 5_000
_CVSS = ("cvssV3_1", "cvssV3_0", "cvssV4_0", "cvssV2_0")
_CWE = re.compile(r"CWE-\d{1,6}")
_FILE = re.compile(r"(?:^|/)CVE-\d{4}-\d{4,19}\.json$")
"""What a zip holds besides is no record: logs of changes, the repository's own files."""
_NO_VERSION = frozenset({"", "*", "-", "n/a", "unspecified", "unknown", "all versions", "all", "any"})


class _Text(msgspec.Struct):
    value: str = ""
    lang: str = ""


class Version(msgspec.Struct, rename="camel"):
    """One entry of ``versions``."""

    version: str = ""
    status: str = ""
    less_than: str | None = None
    less_than_or_equal: str | None = None


class Affected(msgspec.Struct, rename="camel"):
    """One product."""

    vendor: str | None = None
    product: str | None = None
    default_status: str = "unknown"
    versions: list[Version] | None = None
    cpes: list[str] | None = None
    package_url: str | None = msgspec.field(name="packageURL", default=None)


class _Problem(msgspec.Struct):
    descriptions: list[dict[str, Any]] = []


class _Reference(msgspec.Struct):
    url: str = ""
    tags: list[str] | None = None


class _Provider(msgspec.Struct, rename="camel"):
    short_name: str = ""


class Container(msgspec.Struct, rename="camel"):
    """What one organisation says."""

    title: str = ""
    descriptions: list[_Text] = []
    affected: list[Affected] = []
    metrics: list[dict[str, Any]] = []
    problem_types: list[_Problem] = []
    references: list[_Reference] = []
    workarounds: list[_Text] = []
    tags: list[str] = []
    provider_metadata: _Provider | None = None


class _Containers(msgspec.Struct):
    cna: Container
    adp: list[Container] = []


class _Metadata(msgspec.Struct, rename="camel"):
    cve_id: str
    state: str = "PUBLISHED"
    date_published: str | None = None
    date_updated: str | None = None
    date_rejected: str | None = None


class CveRecord(msgspec.Struct, rename="camel"):
    """The fields that are read."""

    cve_metadata: _Metadata
    containers: _Containers


_NET = "microsoft:.net"
_decoder: msgspec.json.Decoder[CveRecord] = msgspec.json.Decoder(CveRecord)


class Cve5Reader(FolderReader):
    """Reads ``cve5/``: the release zips of cvelistV5 or vulnrichment, single files, and JSON lines."""

    source = "cve5"
    version = 2
    pattern = re.compile(r"[\w./-]+\.(?:json|jsonl|zip)(?:\.gz)?")
    delta_marks = ("delta",)
    is_nested = True

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:
        """A record a CVE, and evidence where CISA saw exploitation."""

        def is_wanted(entry: str, fingerprint: str) -> bool:
            return _FILE.search(entry) is not None and want(entry, fingerprint)

        for item in json_records(path, is_wanted):
            if isinstance(item, Quarantined):
                yield item
            else:
                yield from read_record(*item)


def read_record(label: str, raw: bytes) -> Iterator[Record]:
    """Records of one CVE file."""
    try:
        record: CveRecord = files.decode_json(raw, _decoder)
        found = list(_normalise(record))
    except (files.Refused, ValueError) as error:
        yield refuse(label, raw, error)
        return
    yield from found


def _normalise(record: CveRecord) -> Iterator[Record]:
    head, cna = record.cve_metadata, record.containers.cna
    name = names.canonical_name(head.cve_id)
    if not names.is_cve(name):
        raise files.Refused(f"has no CVE id: {name[:40]!r}")
    containers = [cna, *record.containers.adp]
    is_rejected = head.state.upper() == "REJECTED"
    updated_at = moment(head.date_updated)
    points = _decision_points(containers)
    yield AdvisoryRecord(
        record_id=name,
        title=cna.title[:400],
        description=next((t.value for t in cna.descriptions if t.lang.lower().startswith("en")), "")[:4000],
        published_at=moment(head.date_published),
        modified_at=updated_at,
        withdrawn_at=(moment(head.date_rejected) or updated_at or 1) if is_rejected else None,
        severities=tuple(_severities(containers)),
        cwes=tuple(_cwes(containers)),
        references=tuple(_references(containers)),
        mitigations=tuple(Mitigation("workaround", t.value[:2000]) for t in cna.workarounds if t.value)[:10],
        decision_points=points,
        url=f"https://www.cve.org/CVERecord?id={name}",
        ranges=() if is_rejected else tuple(ranges_of(item for c in containers for item in c.affected)),
        is_disputed="disputed" in cna.tags,
    )
    yield from _evidence(name, points, containers)


def _evidence(name: str, points: dict[str, str], containers: Iterable[Container]) -> Iterator[EvidenceRecord]:
    since = next(
        (kev["dateAdded"] for kev in _others(containers, "kev") if isinstance(kev.get("dateAdded"), str)), None
    )
    exploitation = points.get("Exploitation", "").lower()
    if since is not None or exploitation == "active":
        yield EvidenceRecord(name=name, kind="known_exploited", since=since[:10] if since else None)
    elif exploitation == "poc":
        yield EvidenceRecord(name=name, kind="proof_of_concept")


def _others(containers: Iterable[Container], kind: str) -> Iterator[dict[str, Any]]:
    for container in containers:
        for metric in container.metrics:
            other = metric.get("other")
            if isinstance(other, dict) and other.get("type") == kind and isinstance(other.get("content"), dict):
                yield other["content"]


def _decision_points(containers: Iterable[Container]) -> dict[str, str]:
    points: dict[str, str] = {}
    for content in _others(containers, "ssvc"):
        options = content.get("options")
        for option in options if isinstance(options, list) else ():
            if isinstance(option, dict):
                points.update({str(key)[:40]: str(value)[:40] for key, value in option.items()})
    return points


def _severities(containers: Iterable[Container]) -> Iterator[SeverityClaim]:
    for number, container in enumerate(containers):
        for metric in container.metrics[:20]:
            for kind in _CVSS:
                data = metric.get(kind)
                if isinstance(data, dict) and isinstance(data.get("vectorString"), str):
                    yield SeverityClaim(data["vectorString"][:400], "cna" if number == 0 else "adp")


def _cwes(containers: Iterable[Container]) -> dict[str, None]:
    texts = (d for c in containers for p in c.problem_types for d in p.descriptions)
    found = (_CWE.match(str(text.get("cweId", ""))) for text in texts)
    return dict.fromkeys(match[0] for match in found if match)


def _references(containers: Iterable[Container]) -> list[Reference]:
    found: dict[str, Reference] = {}
    for container in containers:
        for item in container.references:
            if item.url.startswith(("https://", "http://")) and len(item.url) <= 1000:
                kind = "exploit" if "exploit" in (item.tags or ()) else "fix" if "patch" in (item.tags or ()) else "web"
                found.setdefault(item.url, Reference(item.url, kind))
    return list(found.values())[:40]


def ranges_of(affected: Iterable[Affected]) -> list[Range]:
    """Ranges of all products that carry a CPE name or a package URL. Raises files.Refused over 5,000."""
    found: dict[Range, None] = {}
    for item in affected:
        found.update(dict.fromkeys(_product_ranges(item)))
        if len(found) > MAX_RANGES:
            raise files.Refused(f"has more than {MAX_RANGES} ranges")
    return list(found)


def _product_ranges(item: Affected) -> Iterator[Range]:
    seen: set[tuple[str, str]] = set()
    is_framework = ".NET Framework" in (item.product or "")
    for text in item.cpes or ():
        try:
            name = cpe.parse(text)
        except ValueError:  # CNAs write some names wrong; the others of the record still count
            continue
        module = cpe_ranges.module_of(name)
        if name.part != "h" and cpe.ANY not in (name.vendor, name.product) and (name.identity, module) not in seen:
            seen.add((name.identity, module))
            # Microsoft's records name the Framework by the CPE name of its successor, whose versions go on from it.
            own = f"{name.identity}_framework" if is_framework and name.identity == _NET else name.identity
            yield from spans(CPE, own, item, module)
    if item.package_url:
        try:
            identity = purl.identity(purl.parse(item.package_url))
        except ValueError:
            return
        if identity is not None:
            yield from spans(identity[0], ecosystems.normalise_name(*identity), item, "")


def spans(ecosystem: str, name: str, item: Affected, module: str) -> Iterator[Range]:
    """Ranges of one product's versions."""
    listed: dict[str, None] = {}
    affected = [v for v in item.versions or () if v.status == "affected"]
    if not affected and item.default_status == "affected":
        yield Range(ecosystem, name, "0", *_before_unaffected(item), module=module)
        return
    for version in affected:
        start = "0" if _is_no_version(version.version) else version.version
        if version.less_than and version.less_than not in ("*", start):
            yield Range(ecosystem, name, start, version.less_than, "fixed", module=module)
        elif version.less_than_or_equal and version.less_than_or_equal != "*":
            yield Range(ecosystem, name, start, version.less_than_or_equal, "last_affected", module=module)
        elif version.less_than == "*" or version.less_than_or_equal == "*":
            yield Range(ecosystem, name, start, None, "none", module=module)
        elif start != "0" and len(start) <= 200:
            listed[start] = None
    if listed:
        yield Range(ecosystem, name, "0", None, "versions", tuple(listed), module=module)


def _before_unaffected(item: Affected) -> tuple[str | None, Any]:
    unaffected = [v for v in item.versions or () if v.status == "unaffected" and not _is_no_version(v.version)]
    open_ended = [v.version for v in unaffected if "*" in (v.less_than, v.less_than_or_equal)]
    chosen = open_ended or [v.version for v in unaffected]
    return (chosen[0], "fixed") if chosen and chosen[0] != "0" else (None, "none")


def _is_no_version(text: str) -> bool:
    return text.strip().lower() in _NO_VERSION or text == "0"
