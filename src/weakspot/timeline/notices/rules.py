"""Pure decisions of the notifications: what a rule tells, when, and how a message reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from weakspot.runtime.clock import DAY, SECOND, Micros, to_iso
from weakspot.timeline.contracts import Event
from weakspot.timeline.notices.contracts import Message, NewRule, Rule
from weakspot.timeline.rules import sentence
from weakspot.vocabulary.severity import ORDER, Severity

HOLD: Micros = 300 * SECOND
"""Between two messages of a rule that tells soon: what happens meanwhile comes in one message."""
NAMED = 10
MAX_EVENTS = 50
BACK_OFF_SECONDS = (30, 120, 600, 3_600, 4 * 3_600, 12 * 3_600)
SCHEDULES: Mapping[str, Micros] = {"weekly": 7 * DAY, "monthly": 30 * DAY}


def is_due(rule: Rule, now: Micros) -> bool:
    """Whether a rule may send now."""
    since = rule.sent_at
    if rule.made.report is not None:
        return now - (rule.created_at if since is None else since) >= SCHEDULES[rule.made.schedule]
    if rule.made.pace == "daily":
        return now - (rule.created_at if since is None else since) >= DAY
    return since is None or now - since >= HOLD


def wanted(made: NewRule, event: Event, severities: Mapping[int, Severity]) -> bool:
    """Whether a rule tells an event: its type, devices in its groups, and the severity of new vulnerabilities."""
    if event.type not in made.events:
        return False
    if not devices_of(made, event):
        return False
    if event.type != "new_vulnerability":
        return True
    worst = max((ORDER[severities.get(one, "Unknown")] for one in event.vulnerabilities), default=0)
    return worst >= ORDER[made.min_severity]


def devices_of(made: NewRule, event: Event) -> int:
    """Devices in the rule's groups that the event concerned then."""
    return sum(one.impacted for one in event.impacts if made.group_ids is None or one.group_id in made.group_ids)


def message(
    made: NewRule,
    events: Sequence[Event],
    names: Mapping[int, str],
    *,
    organisation: str,
    base_url: str,
) -> Message:
    """One message about some events, newest last. names: vulnerability -> name."""
    shown = list(events)[-MAX_EVENTS:]
    lines = []
    for event in shown:
        told = sentence(event.type, event.product_name, len(event.vulnerabilities), event.subject, event.what)
        devices = devices_of(made, event)
        of = ", ".join(names[one] for one in event.vulnerabilities[:NAMED] if one in names)
        more = len(event.vulnerabilities) - NAMED
        lines.append(f"{to_iso(event.at)[:16].replace('T', ' ')} UTC  {told} on {devices:,} device{_s(devices)}.")
        lines.append(f"    {of}{f' and {more} more' if more > 0 else ''}")
    if len(events) > len(shown):
        lines.append(f"{len(events) - len(shown):,} further events are on the timeline.")
    lines += ["", f"Timeline: {base_url}/timeline", f"Recommendations: {base_url}/recommendations",
              f"Weaknesses: {base_url}/weaknesses"]  # fmt: skip
    count = len(events)
    whose = f"{organisation}: " if made.include_organisation and organisation else ""
    subject = f"{whose}{count} event{_s(count)} changed the risk" if count != 1 else f"{whose}{_first(shown[0])}"
    return Message(
        subject=subject,
        text="\n".join(lines),
        data={"rule": made.name, "events": [_data(made, one, names) for one in shown]},
        recipients=made.recipients,
    )


def retry_at(tries: int, now: Micros, retry_after: float | None) -> Micros | None:
    """When to try again after so many tries; None: never."""
    if tries > len(BACK_OFF_SECONDS):
        return None
    wait = max(BACK_OFF_SECONDS[tries - 1], min(retry_after or 0, 86_400))
    return now + int(wait * SECOND)


def severities_needed(events: Iterable[Event]) -> set[int]:
    """Vulnerabilities whose severity decides."""
    return {one for event in events if event.type == "new_vulnerability" for one in event.vulnerabilities}


def _first(event: Event) -> str:
    return sentence(event.type, event.product_name, len(event.vulnerabilities), event.subject, event.what)


def _data(made: NewRule, event: Event, names: Mapping[int, str]) -> dict[str, object]:
    return {
        "id": event.id,
        "at": to_iso(event.at),
        "type": event.type,
        "component": event.product_name,
        "devices": devices_of(made, event),
        "vulnerabilities": [names[one] for one in event.vulnerabilities if one in names][:100],
    }


def _s(count: int) -> str:
    return "" if count == 1 else "s"
