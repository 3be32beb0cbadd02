"""``weakspot remediation``: ask for fixes, and see how far they have come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import quote

import click

from weakspot.cli.context import CliContext
from weakspot.cli.output.rows import show_facts, show_json, show_rows
from weakspot.remediation.contracts import ActivityState, MitigationAction, Priority, RemediationOption

_PATH = "/api/v1/remediation/activities"
_FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_COLUMNS = {
    "Id": lambda row: row["id"],
    "Title": lambda row: row["title"],
    "Status": lambda row: row["status"],
    "Progress": lambda row: progress_of(row),
    "Due": lambda row: row["due_on"] and f"{row['due_on'][:10]} ({row['due']})",
    "Priority": lambda row: row["priority"],
    "Ticket": lambda row: row["ticket_state"],
    "By": lambda row: row["created_by"],
}


@click.group()
def remediation() -> None:
    """Remediation activities; what is done about them the next reports of the devices tell."""


@remediation.command("list")
@click.option("--status", type=click.Choice(get_args(ActivityState)), help="Only those with this status.")
@click.option("--search", default="", help="Text in titles, components, people and notes.")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True)
@_FORM
@click.pass_obj
def list_activities(context: CliContext, status: str | None, search: str, limit: int, form: str) -> None:
    """List activities, newest first, with progress and due dates."""
    from weakspot.cli.backend import connect

    asked = {
        "page_size": str(limit),
        **({"status": status} if status else {}),
        **({"search": search} if search else {}),
    }
    with connect(context.settings()) as backend:
        rows = backend.get(_PATH, **{name: text for name, text in asked.items() if text})["items"]
    show_rows(rows, _COLUMNS, form, "no remediation activities")


@remediation.command()
@click.argument("activity")
@click.option("--devices", is_flag=True, help="Also its devices, open ones first.")
@_FORM
@click.pass_obj
def show(context: CliContext, activity: str, devices: bool, form: str) -> None:
    """Show ACTIVITY (id) with its tickets."""
    from weakspot.cli.backend import connect

    path = f"{_PATH}/{quote(activity, safe='')}"
    with connect(context.settings()) as backend:
        detail = backend.get(path)
        rows = backend.get(f"{path}/devices", page_size="500")["items"] if devices else []
    if form == "json":
        show_json(detail | ({"devices": rows} if devices else {}))
        return
    row = detail["activity"]
    show_facts(
        {
            "activity": row["id"],
            "title": row["title"],
            "recommendation": row["recommendation_id"],
            "status": row["status"],
            "completed by": row["completed_by"],
            "progress": progress_of(row),
            "device groups": ", ".join(row["groups"]),
            "due": row["due_on"] and f"{row['due_on']} ({row['due']}) {row['due_reason']}",
            "priority": row["priority"],
            "asked by": f"{row['created_by']}, {row['created_on']}",
            "predicted gain": f"{row['predicted_impact']:.2f} points",
            "notes": row["notes"],
            "description": detail["description"],
        }
    )
    for ticket in detail["tickets"]:
        click.echo(f"ticket {ticket['remote_id'] or 'not open yet'} in {ticket['tracker']}: {ticket['state']}")
    for device in rows:
        click.echo(f"device {device['name']} {device['progress']}")


@remediation.command()
@click.argument("recommendations", nargs=-1, required=True)
@click.option("--option", type=click.Choice(get_args(RemediationOption)), help="What is to be done; as recommended.")
@click.option("--group", "groups", type=click.IntRange(0), multiple=True, help="A device group (id); all unless given.")
@click.option("--due", help="Until when, such as 2026-12-31T00:00:00Z; by the rules unless given.")
@click.option("--priority", type=click.Choice(get_args(Priority)), help="By urgency unless given.")
@click.option("--notes", default="", help="For whoever does it.")
@click.option("--mitigation", type=click.Choice(get_args(MitigationAction)), default="None", help="Until it is done.")
@click.option("--tracker", type=click.IntRange(1), help="Open tickets in this tracker (id).")
@click.pass_obj
def request(
    context: CliContext,
    recommendations: tuple[str, ...],
    option: str | None,
    groups: tuple[int, ...],
    due: str | None,
    priority: str | None,
    notes: str,
    mitigation: str,
    tracker: int | None,
) -> None:
    """Ask for the remediation of RECOMMENDATIONS (ids) on the devices that are exposed now."""
    from weakspot.cli.backend import connect

    body = {
        "recommendation_ids": list(recommendations), "option": option, "group_ids": list(groups) or None, "due_on": due,
        "priority": priority, "notes": notes, "mitigation": mitigation, "tracker_id": tracker,
    }  # fmt: skip
    with connect(context.settings()) as backend:
        for row in backend.post(_PATH, body):
            click.echo(f"activity {row['id']} {row['title']}: {row['target_devices'] or 0} devices")


@remediation.command()
@click.argument("activity")
@click.pass_obj
def complete(context: CliContext, activity: str) -> None:
    """Mark ACTIVITY (id) as completed. It is opened again when a device shows that it is not."""
    from weakspot.cli.backend import connect

    with connect(context.settings()) as backend:
        row = backend.post(f"{_PATH}/{quote(activity, safe='')}/completion", {})
    click.echo(f"activity {row['id']} {row['status']}")


def progress_of(row: Mapping[str, Any]) -> str:
    """How many of the devices show the fix."""
    return "" if row["target_devices"] is None else f"{row['fixed_devices']} of {row['target_devices']}"
