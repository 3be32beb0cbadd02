"""``weakspot corrections``: say what is wrong with a finding, and decide about what others said."""

from __future__ import annotations

import io
from typing import Any, get_args

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from weakspot.cli.context import CliContext
from weakspot.matching.contracts import CorrectionState, CorrectionStatus

_PATH = "/api/v1/inaccuracies"
_FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group()
def corrections() -> None:
    """Corrections of findings: proposed, approved or refused, withdrawn; all kept."""


@corrections.command("list")
@click.option("--state", type=click.Choice(get_args(CorrectionState)), help="Only those in this state.")
@_FORM
@click.pass_obj
def list_corrections(context: CliContext, state: str | None, form: str) -> None:
    """List corrections, newest first, with who said and who decided what."""
    from weakspot.cli.backend import connect

    with connect(context.settings()) as backend:
        rows = backend.get(_PATH, **({"state": state} if state else {}))
    _show(rows, form)


@corrections.command()
@click.argument("ecosystem")
@click.argument("name")
@click.argument("vulnerability")
@click.option(
    "--status", type=click.Choice(get_args(CorrectionStatus)), default="not_affected", show_default=True,
    help="What is true instead.",
)  # fmt: skip
@click.option("--reason", required=True, help="Why; whoever reviews it reads this.")
@click.option("--from", "introduced", default="0", show_default=True, help="First version that it is about; 0: all.")
@click.option("--before", help="It is about versions before this one.")
@click.option("--up-to", help="It is about versions up to and with this one.")
@click.option("--replaces", type=click.IntRange(1), help="Correction (id) that it takes the place of.")
@click.option("--approve", is_flag=True, help="Put it into force at once.")
@click.pass_obj
def add(
    context: CliContext,
    ecosystem: str,
    name: str,
    vulnerability: str,
    status: str,
    reason: str,
    introduced: str,
    before: str | None,
    up_to: str | None,
    replaces: int | None,
    approve: bool,
) -> None:
    """Propose a correction: software NAME of ECOSYSTEM (such as Debian:12 openssl) and VULNERABILITY."""
    from weakspot.cli.backend import connect

    if before and up_to:
        raise click.UsageError("Give --before or --up-to, not both.")
    body: dict[str, Any] = {
        "ecosystem": ecosystem, "name": name, "vulnerability": vulnerability, "status": status, "reason": reason,
        "introduced": introduced, "end_version": before or up_to,
        "end_kind": "fixed" if before else "last_affected" if up_to else "none", "replaces_id": replaces,
    }  # fmt: skip
    with connect(context.settings()) as backend:
        kept = backend.post(_PATH, body)
        if approve:
            kept = backend.post(f"{_PATH}/decisions", {"id": kept["id"], "decision": "approved"})
    click.echo(f"correction {kept['id']} {kept['state']}")


@corrections.command()
@click.argument("number", type=click.IntRange(1))
@click.argument("decision", type=click.Choice(["approve", "refuse"]))
@click.option("--note", default="", help="Why.")
@click.pass_obj
def review(context: CliContext, number: int, decision: str, note: str) -> None:
    """Approve or refuse correction NUMBER; what it is about is judged again at once."""
    _decide(context, number, {"approve": "approved", "refuse": "refused"}[decision], note)


@corrections.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--note", default="", help="Why.")
@click.pass_obj
def withdraw(context: CliContext, number: int, note: str) -> None:
    """Take correction NUMBER back: what it hid shows again. It stays in the list."""
    _decide(context, number, "withdrawn", note)


def _decide(context: CliContext, number: int, decision: str, note: str) -> None:
    from weakspot.cli.backend import connect

    with connect(context.settings()) as backend:
        kept = backend.post(f"{_PATH}/decisions", {"id": number, "decision": decision, "note": note})
    click.echo(f"correction {kept['id']} {kept['state']}")


def _show(rows: list[dict[str, Any]], form: str) -> None:
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode())
        return
    if not rows:
        click.echo("no corrections", err=True)
        return
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Id", "State", "Software", "Vulnerability", "Status", "Versions", "By", "Decided by", "Reason"):
        grid.add_column(heading, overflow="fold")
    for row in rows:
        cells = (
            str(row["id"]), row["state"], f"{row['ecosystem']} {row['name']}", row["vulnerability"], row["status"],
            versions_of(row), row["author"], row["decided_by"] or "", row["reason"],
        )  # fmt: skip
        grid.add_row(*(escape(cell) for cell in cells))
    target = io.StringIO()
    Console(file=target, width=max(120, Console().width), highlight=False).print(grid)
    click.echo(target.getvalue().rstrip("\n"))


def versions_of(row: dict[str, Any]) -> str:
    """The versions that a correction is about, in words."""
    parts = [] if row["introduced"] == "0" else [f"from {row['introduced']}"]
    if row["end_kind"] != "none":
        parts.append(f"{'before' if row['end_kind'] == 'fixed' else 'up to'} {row['end_version']}")
    return " ".join(parts) or "all"
