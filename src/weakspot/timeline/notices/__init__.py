"""Notifications: whom to tell which events of the timeline, through which channel, and reports by schedule.

In: channels and rules of people, events of the timeline. Out: messages in an outbox, delivered until they arrive or are
given up. Invariants: a rule tells what comes after it was made; many events come in one message; a message has one key
for all tries; secrets are sealed and never shown.
"""

from weakspot.timeline.notices.contracts import (
    Attachment,
    Channel,
    ChannelKind,
    Message,
    NewRule,
    NoticeEvent,
    Pace,
    Queued,
    ReportKind,
    Rule,
    Schedule,
    SeverityFloor,
)
from weakspot.timeline.notices.sending import FIELDS
from weakspot.timeline.notices.service import (
    add_channel,
    add_rule,
    change_rule,
    deliver,
    gather,
    queue_report,
    queue_test,
    remove_channel,
    remove_rule,
    reports_due,
    rule,
    rules_in,
    tidy,
)
from weakspot.timeline.notices.store import channels, sent

__all__ = [
    "FIELDS", "Attachment", "Channel", "ChannelKind", "Message", "NewRule", "NoticeEvent", "Pace", "Queued",
    "ReportKind", "Rule", "Schedule", "SeverityFloor", "add_channel", "add_rule", "change_rule", "channels", "deliver",
    "gather", "queue_report", "queue_test", "remove_channel", "remove_rule", "reports_due", "rule", "rules_in", "sent",
    "tidy",
]  # fmt: skip
