"""What a tracker is given: an activity for one device group, with its devices by name."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from weakspot import inventory
from weakspot.remediation.contracts import Activity, Ticket
from weakspot.remediation.trackers.base import MAX_DEVICES, Draft
from weakspot.runtime.clock import to_iso


def draft_of(conn: Connection, activity: Activity, ticket: Ticket) -> Draft:
    """The draft of a ticket; devices are those of its group, at most 10,000 of them by name."""
    devices = inventory.listed_devices(conn, list(activity.targets))
    names = sorted(one.name for one in devices if one.group_id == ticket.group_id)
    groups = {group.id: group.name for group in inventory.groups(conn)}
    return Draft(
        key=ticket.key,
        title=activity.title,
        description=activity.description,
        remediation_type=activity.remediation_type,
        component=activity.component,
        vendor=activity.vendor,
        recommended_version=activity.recommended_version,
        priority=activity.priority,
        due_on=None if activity.due_at is None else to_iso(activity.due_at)[:10],
        group_name=groups.get(ticket.group_id, ""),
        requester=activity.created_by.split(":", 2)[-1],
        notes=activity.notes,
        devices=len(names),
        device_names=names[:MAX_DEVICES],
        activity_id=activity.public_id,
    )
