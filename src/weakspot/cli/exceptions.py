"""``weakspot exceptions``: decide not to act on something for a while, and see what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import click

from weakspot.cli.context import CliContext
from weakspot.cli.output.rows import show_facts, show_json, show_rows
from weakspot.exceptions.contracts import Justification, Status

_PATH = "/api/v1/exceptions"
_FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_COLUMNS = {
    "Id": lambda row: row["id"],
    "Status": lambda row: row["status"],
    "Subject": lambda row: row["subject"],
    "Scope": lambda row: scope_of(row),
    "Justification": lambda row: row["justification"],
    "By": lambda row: row["created_by"],
    "Expires": lambda row: row["expires_at"][:10],
    "Devices": lambda row: row["devices"],
}


@click.group()
def exceptions() -> None:
    """Exceptions: asked for, approved or refused, cancelled; all kept."""


@exceptions.command("list")
@click.option("--status", type=click.Choice(get_args(Status)), help="Only those with this status.")
@click.option("--search", default="", help="Text in subjects, contexts and people.")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True)
@_FORM
@click.pass_obj
def list_exceptions(context: CliContext, status: str | None, search: str, limit: int, form: str) -> None:
    """List exceptions, past ones included."""
    from weakspot.cli.backend import connect

    asked = {
        "page_size": str(limit),
        **({"status": status} if status else {}),
        **({"search": search} if search else {}),
    }
    with connect(context.settings()) as backend:
        rows = backend.get(_PATH, **{name: text for name, text in asked.items() if text})["items"]
    show_rows(rows, _COLUMNS, form, "no exceptions")


@exceptions.command()
@click.argument("number", type=click.IntRange(1))
@_FORM
@click.pass_obj
def show(context: CliContext, number: int, form: str) -> None:
    """Show exception NUMBER."""
    from weakspot.cli.backend import connect

    with connect(context.settings()) as backend:
        row = backend.get(f"{_PATH}/{number}")
    if form == "json":
        show_json(row)
        return
    show_facts(
        {
            "exception": row["id"],
            "about": f"{row['subject_kind']} {row['subject']}",
            "status": row["status"],
            "scope": scope_of(row),
            "devices": row["devices"],
            "justification": row["justification"],
            "lowers the score": "yes" if row["is_score_reducing"] else "no",
            "context": row["context"],
            "asked by": f"{row['created_by']}, {row['created_at']}",
            "decided by": row["decided_by"] and f"{row['decided_by']}, {row['decided_at']}",
            "note": row["note"],
            "expires": row["expires_at"],
            "ended": row["ended_at"] and f"{row['ended_at']} {row['ended_by'] or ''}",
        }
    )


@exceptions.command()
@click.argument("subject")
@click.option("--justification", type=click.Choice(get_args(Justification)), required=True, help="Of which kind.")
@click.option("--reason", required=True, help="Why; whoever decides reads this.")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="How long it is to hold.")
@click.option("--global", "is_global", is_flag=True, help="Everywhere, future device groups included.")
@click.option("--group", "groups", type=click.IntRange(0), multiple=True, help="In a device group (id); repeatable.")
@click.option("--all-groups", is_flag=True, help="In every device group that there is now.")
@click.option("--tag", "tags", multiple=True, help="On devices with a tag; may be repeated.")
@click.option("--device", "devices", multiple=True, help="On a device (id); may be repeated.")
@click.option("--software", multiple=True, help="For a software (id), of a weakness; may be repeated.")
@click.pass_obj
def add(
    context: CliContext,
    subject: str,
    justification: str,
    reason: str,
    days: int,
    is_global: bool,
    groups: tuple[int, ...],
    all_groups: bool,
    tags: tuple[str, ...],
    devices: tuple[str, ...],
    software: tuple[str, ...],
) -> None:
    """Ask for an exception of SUBJECT: a recommendation's id, or the name of a weakness."""
    from weakspot.cli.backend import connect

    kinds = {
        "global": is_global, "device_group": groups or all_groups, "tag": tags, "device": devices, "software": software,
    }  # fmt: skip
    chosen = [kind for kind, given in kinds.items() if given]
    if len(chosen) != 1:
        raise click.UsageError("Say where: one of --global, --group or --all-groups, --tag, --device, --software.")
    scope = {
        "kind": chosen[0], "group_ids": list(groups), "is_all_groups": all_groups, "tags": list(tags),
        "devices": list(devices), "software": list(software),
    }  # fmt: skip
    is_recommendation = "-_-" in subject or subject.startswith("scid-")
    body = {
        "subject_kind": "recommendation" if is_recommendation else "vulnerability", "subject": subject, "scope": scope,
        "justification": justification, "context": reason, "days": days,
    }  # fmt: skip
    with connect(context.settings()) as backend:
        _say(backend.post(_PATH, body))


@exceptions.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--note", default="", help="Why.")
@click.pass_obj
def approve(context: CliContext, number: int, note: str) -> None:
    """Approve exception NUMBER, which somebody else asked for."""
    _decide(context, number, "approved", note)


@exceptions.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--note", default="", help="Why.")
@click.pass_obj
def refuse(context: CliContext, number: int, note: str) -> None:
    """Refuse exception NUMBER."""
    _decide(context, number, "refused", note)


@exceptions.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--group", type=click.IntRange(0), help="Only for this device group (id); for all unless given.")
@click.pass_obj
def cancel(context: CliContext, number: int, group: int | None) -> None:
    """End exception NUMBER early. It stays in the list."""
    from weakspot.cli.backend import connect

    with connect(context.settings()) as backend:
        _say(backend.post(f"{_PATH}/{number}/cancellation", {"group_id": group}))


def scope_of(row: Mapping[str, Any]) -> str:
    """Where an exception holds, in words."""
    named = [one["name"] for one in row["groups"]] or row["tags"] or [one["id"] for one in row["software"]]
    return f"{row['type']}: {', '.join(map(str, named))}" if named else str(row["type"])


def _decide(context: CliContext, number: int, decision: str, note: str) -> None:
    from weakspot.cli.backend import connect

    with connect(context.settings()) as backend:
        _say(backend.post(f"{_PATH}/{number}/decision", {"decision": decision, "note": note}))


def _say(row: Mapping[str, Any]) -> None:
    click.echo(f"exception {row['id']} {row['status']}")
