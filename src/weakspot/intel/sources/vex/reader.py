"""VEX documents to claims: each form is brought to (vulnerability, state, products) first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from weakspot.intel.contracts import AdvisoryRecord, AffectedStatus, Quarantined, Range
from weakspot.intel.rules import names, vers
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, WantEntry, excerpt
from weakspot.intel.sources.folder import FolderReader
from weakspot.intel.sources.vex.products import product_of, range_of
from weakspot.runtime.clock import Micros, from_iso
from weakspot.runtime.errors import SourceUnavailable

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_PRODUCTS = 10_000
_STATES: dict[str, AffectedStatus] = {
    "not_affected": "not_affected", "known_not_affected": "not_affected", "false_positive": "not_affected",
    "fixed": "fixed", "first_fixed": "fixed", "resolved": "fixed", "resolved_with_pedigree": "fixed",
    "affected": "affected", "known_affected": "affected", "first_affected": "affected", "last_affected": "affected",
    "exploitable": "affected", "under_investigation": "under_investigation", "in_triage": "under_investigation",
}  # fmt: skip

Fields = dict[str, Any]


class Statement(msgspec.Struct):
    """One statement; ``products``: (product, VERS range or empty, state or empty for the statement's own)."""

    vulnerability: str
    state: str
    products: list[tuple[str, str, str]]
    aliases: tuple[str, ...] = ()
    text: str = ""
    at: Micros | None = None
    problem: str = ""


class VexReader(FolderReader):
    """Reads ``vex/``."""

    source = "vex"
    pattern = re.compile(r"(?:.*/)?[\w. +-]+\.json(?:\.gz)?")
    is_nested = True

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:  # noqa: ARG002 - the interface
        """A record for each statement of the document."""
        try:
            data = parse(files.read_whole(path, MAX_FILE_BYTES))
        except files.Refused as error:
            raise SourceUnavailable(f"{path.name} {error}.") from error
        yield from read(data, path.name)


def parse(raw: bytes) -> Fields:
    """The object that a document is. Raises files.Refused."""
    try:
        data = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise files.Refused(f"is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise files.Refused("is no JSON object")
    return data


def read(data: Fields, label: str) -> Iterator[Record]:
    """Records of one document. What cannot be used is given as Quarantined."""
    document = str(_dict(_dict(data.get("document")).get("tracking")).get("id") or data.get("@id") or label)[:150]
    statements = _statements(data)
    if statements is None:
        yield Quarantined(label, "The document is neither OpenVEX, CSAF nor CycloneDX.", excerpt(str(data)[:500]))
        return
    for number, statement in enumerate(statements, 1):
        yield from _records(f"{document}#{number}", statement)


def _statements(data: Fields) -> Iterator[Statement] | None:
    if isinstance(data.get("statements"), list):
        return _openvex(data)
    if isinstance(data.get("product_tree"), dict) or "csaf_version" in _dict(data.get("document")):
        return _csaf(data)
    return _cyclonedx(data) if data.get("bomFormat") == "CycloneDX" else None


def _records(record_id: str, statement: Statement) -> Iterator[Record]:
    name = names.canonical_name(statement.vulnerability)
    if not names.is_usable(name):
        yield Quarantined(record_id, f"The statement names no usable vulnerability: {statement.vulnerability[:60]!r}.")
        return
    problems = [statement.problem] if statement.problem else []
    found: list[Range] = []
    for product, version_range, own_state in statement.products[:MAX_PRODUCTS]:
        status = _STATES.get(own_state or statement.state)
        try:
            if status is None:
                raise ValueError(f"has a state that is not known: {(own_state or statement.state)[:40]!r}")
            found += _ranges(product, version_range, status)
        except ValueError as error:
            problems.append(str(error))
    for problem in dict.fromkeys(problems):
        yield Quarantined(record_id, f"The statement {problem}.")
    if found:
        yield AdvisoryRecord(
            record_id=record_id,
            name=name,
            description=statement.text[:4000],
            modified_at=statement.at,
            aliases=statement.aliases,
            ranges=tuple(dict.fromkeys(found)),
        )


def _ranges(product: str, version_range: str, status: AffectedStatus) -> list[Range]:
    placed = product_of(product)
    if not version_range:
        return [range_of(placed, status)]
    if version_range.startswith("vers:"):
        return vers.ranges(version_range, placed.ecosystem, placed.name, status)
    return [range_of(msgspec.structs.replace(placed, version=version_range), status)]


def _openvex(data: Fields) -> Iterator[Statement]:
    for item in _dicts(data["statements"]):
        flaw = item.get("vulnerability")
        named = flaw if isinstance(flaw, dict) else {"name": flaw}
        products: list[tuple[str, str, str]] = []
        problem = ""
        for product in item.get("products") or ():
            fields = product if isinstance(product, dict) else {"@id": product}
            if fields.get("subcomponents"):
                problem = "is about a part inside a product, which cannot be told from the same part elsewhere"
                continue
            identifiers = _dict(fields.get("identifiers"))
            best = identifiers.get("purl") or identifiers.get("cpe23") or identifiers.get("cpe22") or fields.get("@id")
            products.append((str(best or ""), "", ""))
        yield Statement(
            vulnerability=str(named.get("name") or named.get("@id") or ""),
            state=str(item.get("status") or ""),
            products=products,
            aliases=tuple(str(alias) for alias in named.get("aliases") or ())[:50],
            text=str(item.get("impact_statement") or item.get("action_statement") or item.get("justification") or ""),
            at=_moment(item.get("timestamp") or data.get("timestamp")),
            problem=problem,
        )


def _csaf(data: Fields) -> Iterator[Statement]:
    products = _csaf_products(_dict(data.get("product_tree")))
    at = _moment(_dict(_dict(data.get("document")).get("tracking")).get("current_release_date"))
    for item in _dicts(data.get("vulnerabilities")):
        for state, ids in _dict(item.get("product_status")).items():
            if state == "recommended" or not isinstance(ids, list):
                continue
            named = [(products.get(str(product_id), str(product_id)), "", "") for product_id in ids]
            yield Statement(str(item.get("cve") or ""), state, named, at=at)


def _csaf_products(tree: Fields) -> dict[str, str]:
    """Product id -> package URL or CPE name, of all branches."""
    found: dict[str, str] = {}
    left = [
        *_dicts(tree.get("branches")),
        *({"product": product} for product in _dicts(tree.get("full_product_names"))),
    ]
    while left:
        branch = left.pop()
        left.extend(_dicts(branch.get("branches")))
        product = _dict(branch.get("product"))
        helper = _dict(product.get("product_identification_helper"))
        if name := helper.get("purl") or helper.get("cpe"):
            found[str(product.get("product_id"))] = str(name)
    return found


def _cyclonedx(data: Fields) -> Iterator[Statement]:
    components = [_dict(_dict(data.get("metadata")).get("component")), *_dicts(data.get("components"))]
    known = {str(c.get("bom-ref")): str(c.get("purl") or c.get("cpe") or c.get("bom-ref")) for c in components}
    at = _moment(_dict(data.get("metadata")).get("timestamp"))
    for item in _dicts(data.get("vulnerabilities")):
        analysis = _dict(item.get("analysis"))
        state = str(analysis.get("state") or "")
        if not state:
            continue  # a finding without an analysis states nothing
        products: list[tuple[str, str, str]] = []
        for affects in _dicts(item.get("affects")):
            ref = str(affects.get("ref") or "")
            product = known.get(ref, ref.rpartition("#")[2])
            versions = _dicts(affects.get("versions"))
            products += [_version_of(product, version, state) for version in versions] or [(product, "", "")]
        yield Statement(str(item.get("id") or ""), state, products, text=str(analysis.get("detail") or ""), at=at)


def _version_of(product: str, version: Fields, state: str) -> tuple[str, str, str]:
    """A version or range; its own status narrows the statement: what is unknown of it stays unknown."""
    own = str(version.get("status") or "affected")
    told = {"unaffected": "not_affected", "unknown": "under_investigation"}.get(own, state)
    return product, str(version.get("range") or version.get("version") or ""), told


def _moment(value: Any) -> Micros | None:
    try:
        return from_iso(str(value)) if value else None
    except ValueError:
        return None


def _dict(value: Any) -> Fields:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[Fields]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
