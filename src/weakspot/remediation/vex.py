"""Exceptions as VEX: OpenVEX 0.2.0, CSAF 2.0 (profile VEX) and CycloneDX 1.5 documents, written and read.

VEX speaks of products, not of some devices: only what holds for all devices can be written. A control in place is
``not_affected``; what is accepted, planned or without a patch stays ``affected`` with what is done about it. When
reading, unknown fields are passed over and statements of other statuses are left out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from weakspot import exceptions
from weakspot.exceptions.contracts import Justification
from weakspot.runtime.errors import InputError

VexFormat = Literal["openvex", "csaf", "cyclonedx"]
FLEET = "urn:weakspot:fleet"
SOFTWARE = "urn:weakspot:software:"
MAX_STATEMENTS = 20_000
_NAMESPACE = uuid.UUID("f0b4e1c2-7f0a-4f43-9d8d-0a4c7f0f7a55")
_CONTROL = "inline_mitigations_already_exist"
_NOTE = "weakspot:"
_RESPONSES: dict[Justification, str] = {
    "risk_accepted": "will_not_fix", "planned_remediation": "update", "no_patch": "can_not_fix",
}  # fmt: skip
_DEFENCES: dict[Justification, str] = {
    "third_party_control": "protected_at_perimeter", "alternate_mitigation": "protected_by_mitigating_control",
}  # fmt: skip
_REMEDIATIONS: dict[Justification, str] = {
    "third_party_control": "workaround", "alternate_mitigation": "mitigation", "risk_accepted": "no_fix_planned",
    "planned_remediation": "vendor_fix", "no_patch": "none_available",
}  # fmt: skip


class VexStatement(msgspec.Struct, frozen=True, kw_only=True):
    """One vulnerability in some products (``FLEET``: in all), with our own justification."""

    vulnerability: str
    products: tuple[str, ...]
    justification: Justification
    context: str

    @property
    def is_controlled(self) -> bool:
        """Whether it is not_affected in VEX's words."""
        return self.justification in _DEFENCES


def openvex(statements: Iterable[VexStatement], at: str) -> dict[str, Any]:
    """An OpenVEX 0.2.0 document."""
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": f"urn:uuid:{uuid.uuid5(_NAMESPACE, at)}",
        "author": "Weakspot",
        "timestamp": at,
        "version": 1,
        "statements": [
            {
                "vulnerability": {"name": one.vulnerability},
                "products": [{"@id": product} for product in one.products],
                "status_notes": _NOTE + one.justification,
                **(
                    {"status": "not_affected", "justification": _CONTROL, "impact_statement": one.context}
                    if one.is_controlled
                    else {"status": "affected", "action_statement": one.context}
                ),
            }
            for one in statements
        ],
    }


def cyclonedx(statements: Iterable[VexStatement], at: str) -> dict[str, Any]:
    """A CycloneDX 1.5 VEX document."""
    some = list(statements)
    products = sorted({product for one in some for product in one.products})
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, at)}",
        "version": 1,
        "metadata": {"timestamp": at},
        "components": [{"type": "application", "bom-ref": one, "name": one.removeprefix(SOFTWARE)} for one in products],
        "vulnerabilities": [
            {
                "id": one.vulnerability,
                "analysis": {
                    "detail": one.context,
                    **(
                        {"state": "not_affected", "justification": _DEFENCES[one.justification]}
                        if one.is_controlled
                        else {"state": "exploitable", "response": [_RESPONSES[one.justification]]}
                    ),
                },
                "affects": [{"ref": product} for product in one.products],
            }
            for one in some
        ],
    }


def csaf(statements: Iterable[VexStatement], at: str) -> dict[str, Any]:
    """A CSAF 2.0 document of the profile ``csaf_vex``."""
    some = list(statements)
    products = sorted({product for one in some for product in one.products})
    revision = {"date": at, "number": "1", "summary": "Exceptions in force"}
    return {
        "document": {
            "category": "csaf_vex",
            "csaf_version": "2.0",
            "title": "Exceptions in force",
            "publisher": {"category": "user", "name": "Weakspot", "namespace": "https://weakspot.example"},
            "tracking": {
                "id": f"weakspot-{at[:10]}",
                "status": "final",
                "version": "1",
                "initial_release_date": at,
                "current_release_date": at,
                "revision_history": [revision],
            },
        },
        "product_tree": {
            "full_product_names": [{"product_id": one, "name": one.removeprefix(SOFTWARE)} for one in products]
        },
        "vulnerabilities": [_csaf_vulnerability(one) for one in some],
    }


def _csaf_vulnerability(one: VexStatement) -> dict[str, Any]:
    products = list(one.products)
    named = {"cve": one.vulnerability} if one.vulnerability.startswith("CVE-") else {
        "ids": [{"system_name": "Weakspot", "text": one.vulnerability}]
    }  # fmt: skip
    done = {"category": _REMEDIATIONS[one.justification], "details": one.context, "product_ids": products}
    if not one.is_controlled:
        return {**named, "product_status": {"known_affected": products}, "remediations": [done]}
    return {
        **named,
        "product_status": {"known_not_affected": products},
        "flags": [{"label": _CONTROL, "product_ids": products}],
        "threats": [{"category": "impact", "details": one.context, "product_ids": products}],
        "remediations": [done],
    }


FORMATS: Mapping[str, Callable[[Iterable[VexStatement], str], dict[str, Any]]] = {
    "openvex": openvex, "csaf": csaf, "cyclonedx": cyclonedx,
}  # fmt: skip


def read(document: Mapping[str, Any]) -> list[VexStatement]:
    """Statements of a document in any of the three formats, known by their own fields.

    Raises InputError for what is none of them, or has over 20,000 statements.
    """
    if document.get("bomFormat") == "CycloneDX":
        found = _read_cyclonedx(document)
    elif isinstance(document.get("document"), dict) and "csaf_version" in document["document"]:
        found = _read_csaf(document)
    elif str(document.get("@context", "")).startswith("https://openvex.dev/ns"):
        found = _read_openvex(document)
    else:
        raise InputError("This is no OpenVEX, CSAF or CycloneDX document; send the JSON of one of them.")
    statements = []
    for one in found:
        statements.append(one)
        if len(statements) > MAX_STATEMENTS:
            raise InputError(f"The document has over {MAX_STATEMENTS:,} statements; split it.")
    return statements


def _read_openvex(document: Mapping[str, Any]) -> Iterator[VexStatement]:
    for one in _objects(document.get("statements")):
        status, flaw = one.get("status"), one.get("vulnerability")
        name = flaw.get("name") if isinstance(flaw, dict) else flaw
        if status not in ("not_affected", "affected"):
            continue
        given = str(one.get("status_notes") or "").removeprefix(_NOTE)
        justification = _justification(given, is_controlled=status == "not_affected")
        text = one.get("impact_statement") or one.get("action_statement") or one.get("justification")
        products = [product.get("@id") for product in _objects(one.get("products"))]
        yield from _made(name, products, justification, text)


def _read_cyclonedx(document: Mapping[str, Any]) -> Iterator[VexStatement]:
    for one in _objects(document.get("vulnerabilities")):
        analysis = _object(one.get("analysis"))
        state = analysis.get("state")
        if state not in ("not_affected", "exploitable"):
            continue
        responses = analysis.get("response")
        words = [analysis.get("justification"), *(responses if isinstance(responses, list) else ())]
        found = next((k for k, word in {**_DEFENCES, **_RESPONSES}.items() if word in words), "")
        justification = _justification(found, is_controlled=state == "not_affected")
        products = [each.get("ref") for each in _objects(one.get("affects"))]
        yield from _made(one.get("id"), products, justification, analysis.get("detail"))


def _read_csaf(document: Mapping[str, Any]) -> Iterator[VexStatement]:
    for one in _objects(document.get("vulnerabilities")):
        status = _object(one.get("product_status"))
        name = one.get("cve") or next((each.get("text") for each in _objects(one.get("ids"))), None)
        remediations = _objects(one.get("remediations"))
        found = next((k for k, word in _REMEDIATIONS.items() for r in remediations if r.get("category") == word), "")
        texts = [each.get("details") for each in (*_objects(one.get("threats")), *remediations)]
        text = next((each for each in texts if each), None)
        for field, is_controlled in (("known_not_affected", True), ("known_affected", False)):
            if isinstance(status.get(field), list):
                yield from _made(name, status[field], _justification(found, is_controlled=is_controlled), text)


def _justification(text: str, *, is_controlled: bool) -> Justification:
    fitting: Mapping[Justification, str] = _DEFENCES if is_controlled else _RESPONSES
    known = exceptions.imported_justification(text)
    if known is not None and known in fitting:
        return known
    return "alternate_mitigation" if is_controlled else "risk_accepted"


def _made(name: Any, products: Iterable[Any], justification: Justification, text: Any) -> Iterator[VexStatement]:
    kept = tuple(one for one in products if isinstance(one, str) and 0 < len(one) <= 2_000)
    if isinstance(name, str) and 0 < len(name) <= 120 and kept:
        context = str(text or "")[:4_000].strip() or "Imported from a VEX document."
        yield VexStatement(vulnerability=name, products=kept, justification=justification, context=context)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
