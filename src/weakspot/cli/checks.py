"""``weakspot checks``: recommended settings, and how the fleet stands to them."""

from __future__ import annotations

from typing import Any, get_args

import click

from weakspot.cli.context import CliContext
from weakspot.cli.output.rows import show_facts, show_json, show_rows
from weakspot.posture import Category, Platform

_PATH = "/api/v1/checks"
_FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_COLUMNS = {
    "Check": lambda row: row["id"],
    "Title": lambda row: row["title"],
    "Impact": lambda row: row["impact"],
    "Exposed": lambda row: row["exposed_devices"],
    "Unknown": lambda row: row["unknown_devices"],
    "Applicable": lambda row: row["applicable_devices"],
    "Points": lambda row: f"{row['secure_score_impact']:.2f}",
    "Counts": lambda row: "yes" if row["is_enabled"] else "no",
}


@click.group()
def checks() -> None:
    """Recommended settings and the devices that do not have them."""


@checks.command("list")
@click.option("--platform", type=click.Choice(get_args(Platform)), help="Only checks for this kind of system.")
@click.option("--category", type=click.Choice(get_args(Category)), help="Only checks of this category.")
@click.option("--failing", is_flag=True, help="Only checks that some device does not comply with.")
@click.option("--search", default="", help="Text in titles, ids and subcategories.")
@click.option("--groups", default="", help="Only these device groups (ids, comma-separated).")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True)
@_FORM
@click.pass_obj
def list_checks(
    context: CliContext,
    platform: str | None,
    category: str | None,
    failing: bool,
    search: str,
    groups: str,
    limit: int,
    form: str,
) -> None:
    """List checks, what raises the secure score most first."""
    from weakspot.cli.backend import connect

    asked = {
        "page_size": str(limit), "platform": platform, "category": category, "search": search, "groups": groups,
        "assessed_as": "non_compliant" if failing else None,
    }  # fmt: skip
    with connect(context.settings()) as backend:
        rows = backend.get(_PATH, **{name: text for name, text in asked.items() if text})["items"]
    show_rows(rows, _COLUMNS, form, "no checks")


@checks.command()
@click.argument("check")
@_FORM
@click.pass_obj
def show(context: CliContext, check: str, form: str) -> None:
    """Show one CHECK: what complies, why, what to do, and which values the devices have."""
    from weakspot.cli.backend import connect

    with connect(context.settings()) as backend:
        found = backend.get(f"{_PATH}/{check}")
    if form == "json":
        show_json(found)
        return
    show_facts(facts_of(found))


def facts_of(found: dict[str, Any]) -> dict[str, Any]:
    """A check for a terminal."""
    row = found["check"]
    values = [f"{one['value'] or '(empty)'}: {one['devices']} ({one['result']})" for one in found["values"]]
    counts = [f"{row[f'{name}_devices']} {name}" for name in ("compliant", "exposed", "unknown")]
    return {
        "check": row["id"],
        "title": row["title"],
        "component": row["related_component"],
        "counts": "yes" if row["is_enabled"] else f"no: {found['reason']}",
        "impact": f"{row['impact']} of 10, {row['secure_score_impact']:.2f} points to gain",
        "setting": found["setting"],
        "expected": found["expected"],
        "devices": ", ".join(counts),
        "values": "; ".join(values),
        "why": found["rationale"],
        "what to do": " ".join(f"({number}) {step}" for number, step in enumerate(found["remediation"], 1)),
        "people notice": found["user_impact"] or "nothing is expected",
        "references": "; ".join(found["references"]),
    }
