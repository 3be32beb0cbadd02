"""CVRF 1.1 as Microsoft serves it: XML (the ICASI schema) and JSON (the same tree with numbers for the types)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from weakspot.intel.sources import files
from weakspot.intel.sources.msrc.document import STATUS_AFFECTED, Document, Remediation, Threat, Vulnerability
from weakspot.runtime.errors import SourceUnavailable

MAX_BYTES = 128 * 1024 * 1024

# The numbers that the JSON form writes for the schema's words.
_NOTES = {2: "description"}
_STATUSES = {0: "first affected", 1: "known affected", 2: "known not affected", 3: STATUS_AFFECTED, 4: "fixed"}
_THREATS = {0: "impact", 1: "exploit status", 2: "target set", 3: "severity"}
_REMEDIES = {
    0: "workaround",
    1: "mitigation",
    2: "vendor fix",
    3: "none available",
    4: "will not fix",
    5: "known issue",
    6: "release notes",
}


def load(path: Path) -> Document:
    """Read a document. Raises SourceUnavailable when it is not one."""
    raw = files.read_whole(path, MAX_BYTES)
    try:
        return _from_xml(raw) if raw.lstrip()[:1] == b"<" else _from_json(raw)
    except (ParseError, DefusedXmlException) as error:
        raise SourceUnavailable(f"{path.name} is not a CVRF document that can be read safely: {error}.") from error
    except (msgspec.DecodeError, RecursionError, ValueError, TypeError, AttributeError) as error:
        raise SourceUnavailable(f"{path.name} is not a CVRF document: {error}.") from error


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: Any, name: str) -> Iterator[Any]:
    return (child for child in element if _local(child) == name)


def _child_text(element: Any, name: str) -> str:
    return next(((child.text or "").strip() for child in _children(element, name)), "")


def _grandchildren(element: Any, outer: str, inner: str) -> Iterator[Any]:
    for child in _children(element, outer):
        yield from _children(child, inner)


def _product_ids(element: Any) -> tuple[str, ...]:
    return tuple((child.text or "").strip() for child in _children(element, "ProductID"))


def _from_xml(raw: bytes) -> Document:
    root = fromstring(raw)
    products = {
        str(element.get("ProductID")): (element.text or "").strip()
        for element in root.iter()
        if _local(element) == "FullProductName" and element.get("ProductID")
    }
    tracking = next(_children(root, "DocumentTracking"), None)
    released = "" if tracking is None else _child_text(tracking, "InitialReleaseDate")
    found = tuple(_xml_vulnerability(element) for element in _children(root, "Vulnerability"))
    return Document(products, found, released)


def _xml_vulnerability(element: Any) -> Vulnerability:
    notes = [n for n in _grandchildren(element, "Notes", "Note") if (n.get("Type") or "").lower() == "description"]
    statuses = _grandchildren(element, "ProductStatuses", "Status")
    revisions = [_child_text(r, "Date") for r in _grandchildren(element, "RevisionHistory", "Revision")]
    return Vulnerability(
        cve=_child_text(element, "CVE"),
        title=_child_text(element, "Title"),
        description=" ".join((note.text or "").strip() for note in notes),
        cwes=tuple(str(child.get("ID")) for child in _children(element, "CWE") if child.get("ID")),
        affected=tuple(
            product
            for status in statuses
            if (status.get("Type") or "").lower() == STATUS_AFFECTED
            for product in _product_ids(status)
        ),
        threats=tuple(
            Threat((t.get("Type") or "").lower(), _child_text(t, "Description"), _product_ids(t))
            for t in _grandchildren(element, "Threats", "Threat")
        ),
        vectors=tuple(_child_text(s, "Vector") for s in _grandchildren(element, "CVSSScoreSets", "ScoreSet")),
        remediations=tuple(
            Remediation(
                (r.get("Type") or "").lower(),
                _child_text(r, "Description"),
                _product_ids(r),
                _child_text(r, "URL"),
                _child_text(r, "FixedBuild"),
                _child_text(r, "Supercedence"),
            )
            for r in _grandchildren(element, "Remediations", "Remediation")
        ),
        revised=max(revisions, default=""),
    )


def _from_json(raw: bytes) -> Document:
    top = msgspec.json.decode(raw, type=dict[str, Any])
    if not isinstance(top.get("Vulnerability"), list):
        raise ValueError("it has no list named Vulnerability")
    tree = top.get("ProductTree") or {}
    products = {str(p["ProductID"]): str(p["Value"]) for p in tree.get("FullProductName") or ()}
    tracking = top.get("DocumentTracking") or {}
    found = tuple(_json_vulnerability(item) for item in top["Vulnerability"])
    return Document(products, found, str(tracking.get("InitialReleaseDate") or ""))


def _value(item: Any) -> str:
    """``{"Value": "text"}`` or plain text."""
    found = item.get("Value") if isinstance(item, dict) else item
    return str(found).strip() if found else ""


def _ids(item: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(product) for product in item.get("ProductID") or ())


def _json_vulnerability(item: dict[str, Any]) -> Vulnerability:
    cwes = item.get("CWE") or []
    return Vulnerability(
        cve=str(item.get("CVE") or ""),
        title=_value(item.get("Title")),
        description=" ".join(_value(n) for n in item.get("Notes") or () if _NOTES.get(n.get("Type"))),
        cwes=tuple(str(cwe.get("ID")) for cwe in (cwes if isinstance(cwes, list) else [cwes]) if cwe.get("ID")),
        affected=tuple(
            product
            for status in item.get("ProductStatuses") or ()
            if _STATUSES.get(status.get("Type")) == STATUS_AFFECTED
            for product in _ids(status)
        ),
        threats=tuple(
            Threat(_THREATS.get(t.get("Type"), ""), _value(t.get("Description")), _ids(t))
            for t in item.get("Threats") or ()
        ),
        vectors=tuple(str(s["Vector"]) for s in item.get("CVSSScoreSets") or () if s.get("Vector")),
        remediations=tuple(
            Remediation(
                _REMEDIES.get(r.get("Type"), ""),
                _value(r.get("Description")),
                _ids(r),
                str(r.get("URL") or ""),
                str(r.get("FixedBuild") or ""),
                str(r.get("Supercedence") or ""),
            )
            for r in item.get("Remediations") or ()
        ),
        revised=max((str(r.get("Date") or "") for r in item.get("RevisionHistory") or ()), default=""),
    )
