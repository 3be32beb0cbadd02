"""Wazuh's alerts.json: ``rule`` (level 0-15, mitre), ``agent`` and the decoded ``data`` of the event."""

from __future__ import annotations

from weakspot.threats.contracts import DetectionStatus, DeviceHints, Observed
from weakspot.threats.intakes import base
from weakspot.threats.intakes.base import Document, moment, number, text, texts

_MANAGER = "000"
"""Agent id of the manager itself; its address is not that of a device that reports."""
_SOLVED = ("solved", "fixed", "resolved")


def read(document: Document) -> Observed | None:
    """One alert, or the ``_source`` of a search hit."""
    inner = document.get("_source")
    if isinstance(inner, dict):
        document = {**inner, "id": inner.get("id") or document.get("_id")}
    rule = base.needed(text(document, "rule.id"), "rule.id", "rule.id")
    level = number(document, "rule.level")
    is_manager = text(document, "agent.id") == _MANAGER
    described = text(document, "rule.description", limit=base.MAX_TEXT)
    return Observed(
        source_id=text(document, "id")
        or base.derived_id(rule, text(document, "timestamp"), text(document, "agent.id", "agent.name")),
        title=text(document, "rule.description") or f"Rule {rule}",
        product="Wazuh",
        severity=base.severity_number(level, low=4, medium=7, high=12),
        status=_status(document),
        description=text(document, "full_log", "data.vulnerability.title", limit=base.MAX_TEXT) or described,
        category=text(document, "rule.groups"),
        rule=rule,
        first_at=moment(document, "timestamp", "@timestamp"),
        last_at=moment(document, "timestamp", "@timestamp"),
        device=DeviceHints(
            names=texts(document, "agent.name", "predecoder.hostname", "data.win.system.computer"),
            addresses=() if is_manager else texts(document, "agent.ip"),
        ),
        vulnerabilities=tuple(
            dict.fromkeys((*texts(document, "data.vulnerability.cve"), *base.cves(described, *_groups(document))))
        ),
        techniques=base.techniques(*texts(document, "rule.mitre.id")),
        paths=base.without_parts(
            texts(
                document,
                "syscheck.path",
                "data.win.eventdata.image",
                "data.win.eventdata.parentImage",
                "data.win.eventdata.targetFilename",
                "data.audit.exe",
                "data.audit.file.name",
                "data.virustotal.source.file",
            )
        ),
        programs=texts(
            document,
            "predecoder.program_name",
            "data.process.name",
            "data.vulnerability.package.name",
            "data.audit.command",
        ),
        user=text(document, "data.dstuser", "data.srcuser", "data.win.eventdata.user", "data.audit.auid"),
    )


def _groups(document: Document) -> tuple[str, ...]:
    # Rules write a CVE into a group as CVE_2021_44228 or cve-2021-44228.
    return tuple(one.replace("_", "-") for one in texts(document, "rule.groups", "rule.info"))


def _status(document: Document) -> DetectionStatus:
    return "resolved" if text(document, "data.vulnerability.status").lower() in _SOLVED else "new"
