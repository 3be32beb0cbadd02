"""Until when something is to be fixed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from weakspot.remediation.contracts import Priority, SlaRule, Urgency
from weakspot.runtime.clock import DAY, SECOND, Micros, from_datetime
from weakspot.vocabulary.severity import ORDER

DEFAULT_RULES = (
    SlaRule(exploit="known_exploited", days=14, is_catalogue_date=True),
    SlaRule(severity="Critical", exploit="public", days=7),
    SlaRule(severity="Critical", days=15),
    SlaRule(severity="High", device_value="High", days=15),
    SlaRule(severity="High", days=30),
    SlaRule(severity="Medium", days=90),
    SlaRule(days=180),
)
MAX_RULES = 100
MAX_DAYS = 3_650
DUE_SOON = 7 * DAY


def due(rules: Iterable[SlaRule], urgency: Urgency, at: Micros) -> tuple[Micros | None, str]:
    """(when it is due, which rule says so); (None, "") where no rule holds. The earliest of all that hold."""
    found = [(_date(rule, urgency, at), rule) for rule in rules if holds(rule, urgency)]
    if not found:
        return None, ""
    when, rule = min(found, key=lambda one: one[0])
    return when, describe(rule)


def holds(rule: SlaRule, urgency: Urgency) -> bool:
    """Whether a rule is about something so urgent."""
    severity = ORDER.get(urgency.severity, 0)  # type: ignore[call-overload]
    if rule.severity is not None and severity < ORDER[rule.severity]:
        return False
    if rule.exploit == "known_exploited" and urgency.exploit_level != "known_exploited":
        return False
    if rule.exploit == "public" and urgency.exploit_level in ("none", "proof_of_concept"):
        return False
    return rule.device_value is None or rule.device_value in urgency.device_values


def describe(rule: SlaRule) -> str:
    """A rule in a few words: ``Critical, known exploited: 14 days``."""
    parts = [] if rule.severity is None else [f"{rule.severity} or worse"]
    parts += {"known_exploited": ["known exploited"], "public": ["with an exploit"]}.get(rule.exploit or "", [])
    parts += [] if rule.device_value is None else [f"on a device of value {rule.device_value}"]
    when = f"{rule.days} days" + (" or the catalogue's date" if rule.is_catalogue_date else "")
    return f"{', '.join(parts) or 'everything'}: {when}"


def priority(urgency: Urgency) -> Priority:
    """What the form proposes."""
    if urgency.severity == "Critical" or urgency.exploit_level == "known_exploited":
        return "High"
    return "Medium" if urgency.severity == "High" else "Low"


def _date(rule: SlaRule, urgency: Urgency, at: Micros) -> Micros:
    """End of the day that the catalogue names where it lies ahead, else days from now."""
    if rule.is_catalogue_date and urgency.catalogue_due_on:
        day = dt.datetime.fromisoformat(urgency.catalogue_due_on[:10]).replace(tzinfo=dt.UTC)
        end = from_datetime(day) + DAY - SECOND
        if end > at:
            return end
    return at + rule.days * DAY
