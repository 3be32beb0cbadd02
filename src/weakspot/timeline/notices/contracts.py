"""What crosses the border of the notifications."""

from __future__ import annotations

from typing import Literal

import msgspec

from weakspot.runtime.clock import Micros
from weakspot.timeline.contracts import EventType

ChannelKind = Literal["email", "webhook", "slack", "teams"]
NoticeEvent = Literal["new_vulnerability", "public_exploit", "exploit_verified", "exploit_kit"]
Pace = Literal["soon", "daily"]
"""soon: within minutes, several events in one message; daily: one digest a day."""
ReportKind = Literal["vulnerable_devices", "executive"]
Schedule = Literal["weekly", "monthly"]
SeverityFloor = Literal["Low", "Medium", "High", "Critical"]
NOTICE_EVENTS: tuple[EventType, ...] = ("new_vulnerability", "public_exploit", "exploit_verified", "exploit_kit")


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A way to send. settings: what may be shown; secrets are sealed in the database and never shown again."""

    id: int
    name: str
    kind: ChannelKind
    settings: dict[str, str]
    created_at: Micros
    failure: str = ""
    failed_at: Micros | None = None


class NewRule(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to tell what (spec/features.md 19). group_ids None: all device groups, also ones made later.

    min_severity: of new vulnerabilities. report: send this report by schedule instead of events.
    """

    name: str
    channel_id: int
    description: str = ""
    is_active: bool = True
    group_ids: tuple[int, ...] | None = None
    events: tuple[NoticeEvent, ...] = ()
    min_severity: SeverityFloor = "Low"
    include_organisation: bool = True
    recipients: tuple[str, ...] = ()
    pace: Pace = "soon"
    report: ReportKind | None = None
    schedule: Schedule = "weekly"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it is kept. position: the newest event that it has dealt with; sent_at: when it last sent."""

    id: int
    made: NewRule
    author: str
    created_at: Micros
    position: int
    sent_at: Micros | None


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file that goes with a message."""

    name: str
    media_type: str
    content: bytes


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent: plain text, and the same as data for programs."""

    subject: str
    text: str
    data: dict[str, object]
    recipients: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


class Queued(msgspec.Struct, frozen=True, kw_only=True):
    """A message that waits, was sent, or was given up. key: the same for every try."""

    id: int
    rule_id: int
    channel_id: int
    key: str
    subject: str
    created_at: Micros
    next_at: Micros
    tries: int
    sent_at: Micros | None
    failure: str
    is_given_up: bool
