"""The remediation: requests to fix something, their progress as the devices show it, and tickets in other systems.

In: requests made from recommendations (the devices are frozen then), live inventory through the fleet index, what
trackers say. Out: activities with progress and due dates; tickets; files for those who do the work.
Changes: ``remediation.changed`` {"activity_id", "what", "recommendation_id"}; what is one of created, progress,
completed, reopened, accepted, rejected, ticket.

Invariants: nothing but inventory makes progress; an activity is completed by the system when every target shows the fix
and opened again when one does not any more; what a tracker must be told is written with what caused it and told until
it is acknowledged, once; a secret is never shown again.
"""

from weakspot.remediation.connecting import add as add_tracker
from weakspot.remediation.connecting import hear as hear_signals
from weakspot.remediation.connecting import remove as remove_tracker
from weakspot.remediation.connecting import switch as switch_tracker
from weakspot.remediation.connecting import with_state
from weakspot.remediation.contracts import SYSTEM, Activity, Mitigated, NewActivity, SlaRule, Ticket, Tracker, Urgency
from weakspot.remediation.delivery import Deliverer
from weakspot.remediation.following import Progress, remaining
from weakspot.remediation.mitigations import existing as mitigation_statement
from weakspot.remediation.mitigations import in_force as mitigations_in_force
from weakspot.remediation.mitigations import listed as listed_mitigated
from weakspot.remediation.mitigations import mitigation_id
from weakspot.remediation.mitigations import state as state_mitigated
from weakspot.remediation.mitigations import withdraw as withdraw_mitigated
from weakspot.remediation.rules.sla import describe as describe_rule
from weakspot.remediation.rules.sla import due
from weakspot.remediation.rules.sla import priority as proposed_priority
from weakspot.remediation.service import CHANGED, complete, create, delete_old, get, hear, set_sla_rules
from weakspot.remediation.store import counts, listed, sla_rules
from weakspot.remediation.tickets_store import backlog, tickets_of, tracker_of
from weakspot.remediation.tickets_store import trackers as listed_trackers
from weakspot.remediation.trackers import FIELDS as TRACKER_FIELDS
from weakspot.remediation.trackers.base import TrackerBusy, TrackerError, TrackerRefused

__all__ = [
    "CHANGED",
    "SYSTEM",
    "TRACKER_FIELDS",
    "Activity",
    "Deliverer",
    "Mitigated",
    "NewActivity",
    "Progress",
    "SlaRule",
    "Ticket",
    "Tracker",
    "TrackerBusy",
    "TrackerError",
    "TrackerRefused",
    "Urgency",
    "add_tracker",
    "backlog",
    "complete",
    "counts",
    "create",
    "delete_old",
    "describe_rule",
    "due",
    "get",
    "hear",
    "hear_signals",
    "listed",
    "listed_mitigated",
    "listed_trackers",
    "mitigation_id",
    "mitigation_statement",
    "mitigations_in_force",
    "proposed_priority",
    "remaining",
    "remove_tracker",
    "set_sla_rules",
    "sla_rules",
    "state_mitigated",
    "switch_tracker",
    "tickets_of",
    "tracker_of",
    "with_state",
    "withdraw_mitigated",
]  # fmt: skip
