"""Plain JSON by field names, ours or those that a mapping tells."""

from __future__ import annotations

import msgspec

from weakspot.threats.contracts import DeviceHints, Mapping, Observed
from weakspot.threats.intakes import base
from weakspot.threats.intakes.base import Document, moment, text, texts

PLAIN = Mapping(
    name="generic",
    product="",
    source_id=("id",),
    title=("title",),
    severity=("severity",),
    status=("status",),
    description=("description",),
    category=("category",),
    rule=("rule",),
    url=("url",),
    first_at=("first_at", "at"),
    last_at=("last_at", "at"),
    device_ids=("device.id",),
    device_names=("device.name", "device"),
    device_hardware=("device.hardware_ids",),
    device_addresses=("device.addresses", "device.address"),
    vulnerabilities=("vulnerabilities", "vulnerability"),
    techniques=("techniques",),
    paths=("paths",),
    programs=("programs",),
    user=("user",),
)


def read(document: Document) -> Observed | None:
    """One event in our own words."""
    found = mapped(document, PLAIN)
    product = text(document, "product")
    return found if found is None else _renamed(found, product or "Generic")


def mapped(document: Document, mapping: Mapping) -> Observed | None:
    """One event by a mapping."""
    severity = text(document, *mapping.severity)
    status = text(document, *mapping.status)
    title = text(document, *mapping.title)
    described = text(document, *mapping.description, limit=base.MAX_TEXT)
    named = texts(document, *mapping.vulnerabilities)
    return Observed(
        source_id=base.needed(text(document, *mapping.source_id), "id", "source_id"),
        title=base.needed(title, "title", "title"),
        product=mapping.product,
        severity=mapping.severities.get(severity.lower()) or base.severity_word(severity),
        status=mapping.statuses.get(status.lower()) or base.status_word(status),
        description=described,
        category=text(document, *mapping.category),
        rule=text(document, *mapping.rule),
        url=text(document, *mapping.url, limit=base.MAX_TEXT),
        first_at=moment(document, *mapping.first_at),
        last_at=moment(document, *mapping.last_at),
        device=DeviceHints(
            ids=texts(document, *mapping.device_ids),
            names=texts(document, *mapping.device_names),
            hardware=texts(document, *mapping.device_hardware),
            addresses=texts(document, *mapping.device_addresses),
        ),
        vulnerabilities=tuple(dict.fromkeys((*named, *base.cves(title, described)))),
        techniques=base.techniques(*texts(document, *mapping.techniques)),
        paths=base.without_parts(texts(document, *mapping.paths)),
        programs=texts(document, *mapping.programs),
        user=text(document, *mapping.user),
    )


def _renamed(found: Observed, product: str) -> Observed:
    return msgspec.structs.replace(found, product=product)
