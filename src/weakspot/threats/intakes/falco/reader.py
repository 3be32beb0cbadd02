"""Falco's JSON output: rule, priority, time, hostname, tags and ``output_fields`` by their field names."""

from __future__ import annotations

from weakspot.threats.contracts import DeviceHints, Observed
from weakspot.threats.intakes import base
from weakspot.threats.intakes.base import Document, moment, text, texts


def read(document: Document) -> Observed | None:
    """One event."""
    rule = base.needed(text(document, "rule"), "rule", "rule")
    output = text(document, "output", limit=base.MAX_TEXT)
    tags = texts(document, "tags")
    return Observed(
        source_id=text(document, "uuid")
        or base.derived_id(rule, text(document, "time"), text(document, "hostname"), output),
        title=rule,
        product="Falco",
        severity=base.severity_word(text(document, "priority")),
        description=output,
        category=text(document, "source"),
        rule=rule,
        first_at=moment(document, "time"),
        last_at=moment(document, "time"),
        device=DeviceHints(names=texts(document, "hostname", "output_fields.hostname", "output_fields.evt.hostname")),
        vulnerabilities=base.cves(rule, output, *(tag.replace("_", "-") for tag in tags)),
        techniques=base.techniques(*tags),
        paths=base.without_parts(
            texts(
                document,
                "output_fields.proc.exepath",
                "output_fields.fd.name",
                "output_fields.proc.pexepath",
                "output_fields.proc.aexepath[2]",
                "output_fields.proc.aexepath[3]",
            )
        ),
        programs=texts(document, "output_fields.proc.name", "output_fields.proc.pname", "output_fields.proc.aname[2]"),
        user=text(document, "output_fields.user.name"),
    )
