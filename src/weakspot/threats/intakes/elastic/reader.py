"""Alerts of Elastic Security and other ECS documents of ``event.kind`` alert or signal; dotted keys are understood."""

from __future__ import annotations

from weakspot.threats.contracts import DetectionSeverity, DeviceHints, Observed
from weakspot.threats.intakes import base
from weakspot.threats.intakes.base import Document, moment, number, text, texts


def read(document: Document) -> Observed | None:
    """One alert, or a search hit with one; documents of another kind are none."""
    inner = document.get("_source")
    if isinstance(inner, dict):
        document = {"_id": document.get("_id"), **inner}
    if text(document, "event.kind") not in ("alert", "signal", ""):
        return None
    rule = text(document, "kibana.alert.rule.name", "signal.rule.name", "rule.name")
    title = rule or text(document, "message")
    when = moment(document, "kibana.alert.original_time", "@timestamp", "event.created")
    names = texts(document, "host.hostname", "host.name", "agent.hostname")
    written = texts(document, "kibana.alert.rule.description", "rule.description", "message", limit=base.MAX_TEXT)
    tags = texts(document, "kibana.alert.rule.tags", "signal.rule.tags", "tags")
    return Observed(
        source_id=text(document, "kibana.alert.uuid", "_id", "event.id") or base.derived_id(title, when, names),
        title=base.needed(title, "rule name or message", "rule.name"),
        product=text(document, "observer.product", "event.module", "agent.type") or "Elastic Security",
        severity=_severity(document),
        status=base.status_word(text(document, "kibana.alert.workflow_status", "signal.status")),
        description=written[0] if written else "",
        category=text(document, "event.category"),
        rule=text(document, "kibana.alert.rule.uuid", "rule.id", "kibana.alert.rule.rule_id"),
        url=text(document, "kibana.alert.url", "event.url", limit=base.MAX_TEXT),
        first_at=when,
        last_at=moment(document, "kibana.alert.last_detected", "@timestamp"),
        device=DeviceHints(
            names=names, hardware=texts(document, "host.id", "host.mac"), addresses=texts(document, "host.ip")
        ),
        vulnerabilities=tuple(
            dict.fromkeys((*texts(document, "vulnerability.id"), *base.cves(title, *written, *tags)))
        ),
        techniques=base.techniques(
            *texts(
                document,
                "threat.technique.id",
                "threat.technique.subtechnique.id",
                "kibana.alert.rule.threat.technique.id",
                "kibana.alert.rule.threat.technique.subtechnique.id",
                "signal.rule.threat.technique.id",
            )
        ),
        paths=base.without_parts(
            texts(
                document,
                "process.executable",
                "file.path",
                "process.parent.executable",
                "dll.path",
                "Target.process.executable",
            )
        ),
        programs=texts(document, "process.name", "process.parent.name", "package.name"),
        user=text(document, "user.name"),
    )


def _severity(document: Document) -> DetectionSeverity:
    word = base.severity_word(text(document, "kibana.alert.severity", "signal.rule.severity", "event.severity_label"))
    if word != "Unspecified":
        return word
    risk = number(document, "kibana.alert.risk_score", "event.risk_score")
    return base.severity_number(risk, low=22, medium=48, high=74)
