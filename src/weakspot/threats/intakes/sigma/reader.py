"""A Sigma rule that matched and the event that it matched on: Windows event log or Sysmon fields, nested as Winlogbeat
has them (``winlog.event_data``), as ``Event.EventData``, or flat.
"""

from __future__ import annotations

from weakspot.threats.contracts import DeviceHints, Observed
from weakspot.threats.intakes import base
from weakspot.threats.intakes.base import Document, moment, text, texts

_PLACES = ("winlog.event_data.", "Event.EventData.", "EventData.", "event_data.", "event.", "data.", "")
"""Where tools put the fields of the event."""


def read(document: Document) -> Observed | None:
    """One match; a bare event without a rule is none."""
    title = text(document, "rule.title", "title", "rule.name", "RuleTitle", "rule_title", "name")
    if not title:
        return None
    rule = text(document, "rule.id", "sigma_id", "id", "RuleID", "rule_id", "rule.uuid")
    tags = texts(document, "rule.tags", "tags", "MitreTags", "rule_tags", "OtherTags")
    when = moment(document, *_fields("UtcTime"), "@timestamp", "timestamp", "Timestamp", "time", "system_time",
                  "Event.System.TimeCreated.SystemTime")  # fmt: skip
    computer = texts(document, "winlog.computer_name", "Event.System.Computer", "computer", "Computer", "host.name",
                     "hostname", "host")  # fmt: skip
    record = text(document, "winlog.record_id", "Event.System.EventRecordID", "RecordID", *_fields("EventRecordID"))
    return Observed(
        source_id=text(document, "match_id", "alert_id", "uuid")
        or base.derived_id(rule or title, when, computer, record, text(document, *_fields("ProcessGuid", "ProcessId"))),
        title=title,
        product=text(document, "product", "tool") or "Sigma",
        severity=base.severity_word(text(document, "rule.level", "level", "rule_level", "Level")),
        description=text(document, "rule.description", "description", "Details", limit=base.MAX_TEXT),
        category=text(document, "rule.logsource.category", "logsource.category", "Channel"),
        rule=rule,
        first_at=when,
        last_at=when,
        device=DeviceHints(names=computer, addresses=texts(document, "host.ip")),
        vulnerabilities=base.cves(title, *(_cve_tag(tag) for tag in tags)),
        techniques=base.techniques(*tags),
        paths=base.without_parts(
            texts(document, *_fields("Image", "NewProcessName", "TargetFilename", "ImageLoaded", "ParentImage"))
        ),
        programs=texts(document, *_fields("OriginalFileName", "Product"), "process.name"),
        user=text(document, *_fields("User", "TargetUserName", "SubjectUserName")),
    )


def _cve_tag(tag: str) -> str:
    """``cve.2021-44228`` and ``cve.2021.44228``, as rules are tagged."""
    return "CVE-" + tag[4:].replace(".", "-") if tag.lower().startswith("cve.") else tag


def _fields(*names: str) -> tuple[str, ...]:
    return tuple(place + name for name in names for place in _PLACES)
