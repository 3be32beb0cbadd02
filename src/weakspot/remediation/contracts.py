"""What crosses the border of the remediation: requests, activities, due dates and tickets."""

from __future__ import annotations

from typing import Literal

import msgspec
from pyroaring import BitMap

from weakspot.runtime.clock import Micros

RemediationOption = Literal["Update", "Upgrade", "Uninstall", "ConfigurationChange", "OwningApp", "AttentionRequired"]
"""spec/features.md 6.4 and 7.1."""
Priority = Literal["High", "Medium", "Low"]
MitigationAction = Literal["None", "Block", "Warn"]
ActivityState = Literal["Active", "Completed"]
"""spec/features.md 7.3."""
CompletionMethod = Literal["Automatic", "Manual"]
TicketState = Literal["Pending", "Accepted", "Rejected", "Completed"]
"""spec/features.md 7.4."""
SYSTEM = "System confirmation"
"""Who completed an activity whose devices all show the fix (spec/features.md 7.2)."""


class NewActivity(msgspec.Struct, frozen=True, kw_only=True):
    """A request with everything that is frozen when it is made.

    targets: device ids. vulnerabilities: those that are to go; versions: software versions that show them now.
    group_ids: device groups of the targets. due_at: None without a due date. predicted_impact: points by which the
    organisation's score falls when all targets are fixed.
    """

    recommendation_id: str
    title: str
    description: str
    remediation_type: RemediationOption
    category: Literal["Software", "SecurityConfiguration"]
    component: str
    vendor: str
    product: str
    recommended_version: str
    priority: Priority
    notes: str
    due_at: Micros | None
    due_reason: str
    mitigation: MitigationAction
    is_without_user_impact: bool
    group_ids: tuple[int, ...]
    targets: BitMap
    vulnerabilities: BitMap
    versions: BitMap
    predicted_impact: float


class Activity(NewActivity, frozen=True, kw_only=True):
    """An activity as it stands. ``fixed``: targets that show the fix; persons are ``kind:id:name`` of that time."""

    id: int
    public_id: str
    state: ActivityState
    fixed: BitMap
    created_by: str
    created_at: Micros
    state_changed_at: Micros
    completion_method: CompletionMethod | None
    completed_by: str | None
    completed_at: Micros | None
    reopened_at: Micros | None
    reopened_count: int

    @property
    def has_progress(self) -> bool:
        """Whether devices can show that it is done: not where attention alone is asked for."""
        return self.remediation_type != "AttentionRequired"


class SlaRule(msgspec.Struct, frozen=True, kw_only=True):
    """How long something may take. A condition that is None holds always; the earliest date of all that hold counts.

    severity: of the worst weakness, or worse; exploit: ``known_exploited``, or ``public`` for any exploit;
    device_value: some target has it. days: from the request. is_catalogue_date: the due date of the catalogue of known
    exploited vulnerabilities instead, where that lies ahead.
    """

    severity: Literal["Critical", "High", "Medium", "Low"] | None = None
    exploit: Literal["known_exploited", "public"] | None = None
    device_value: Literal["High", "Normal", "Low"] | None = None
    days: int
    is_catalogue_date: bool = False


class Urgency(msgspec.Struct, frozen=True, kw_only=True):
    """What due dates follow from. catalogue_due_on: earliest date that the catalogue names, ISO text."""

    severity: str
    exploit_level: str
    catalogue_due_on: str | None
    device_values: frozenset[str]


class Tracker(msgspec.Struct, frozen=True, kw_only=True):
    """A connection to a ticketing system. ``settings`` never hold a secret."""

    id: int
    name: str
    kind: str
    settings: dict[str, str]
    is_enabled: bool
    created_at: Micros
    failing_since: Micros | None
    failure: str


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket: of an activity, for one device group.

    key: what the other system finds it by, ours for ever. remote_id: None until it is there.
    """

    id: int
    activity_id: int
    tracker_id: int
    group_id: int
    key: str
    remote_id: str | None
    url: str
    state: TicketState
    note: str
    created_at: Micros
    state_changed_at: Micros
    checked_at: Micros | None


class OutboxEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell a tracker, once. ``attempts``: how often it was tried already."""

    id: int
    ticket_id: int
    action: Literal["create", "close", "reopen", "comment"]
    text: str
    attempts: int
    next_at: Micros
    created_at: Micros
    failure: str


class Mitigated(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody says that an alternate mitigation of a weakness is applied in a device group."""

    id: int
    recommendation_id: str
    mitigation_id: str
    weakness: str
    kind: str
    device_group_id: int
    evidence: str
    stated_by: str
    stated_at: Micros
    withdrawn_by: str | None = None
    withdrawn_at: Micros | None = None

    def is_about_the_same(self, other: Mitigated) -> bool:
        """Whether both name the same mitigation in the same device group."""
        return (self.mitigation_id, self.device_group_id) == (other.mitigation_id, other.device_group_id)
