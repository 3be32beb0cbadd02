"""``weakspot plan``: what to do first, and what it is worth."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from weakspot.cli.context import CliContext


@click.command()
@click.option("--score", type=click.IntRange(0, 100), help="Exposure score to reach.")
@click.option("--actions", type=click.IntRange(1, 100), help="At most so many actions.")
@click.option("--hours", type=click.IntRange(1), help="At most so many hours of work.")
@click.option("--secure-score", type=click.IntRange(0, 100), help="Secure score to reach, in percent.")
@click.option("--settings", "settings_", type=click.IntRange(1, 100), help="At most so many settings.")
@click.option("--settings-hours", type=click.IntRange(1), help="At most so many hours for settings.")
@click.option("--effort", multiple=True, metavar="NAME=HOURS", help="What an action (id), or each of a type, costs.")
@click.option("--groups", help="Only these device groups (ids, comma-separated).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def plan(
    context: CliContext,
    score: int | None,
    actions: int | None,
    hours: int | None,
    secure_score: int | None,
    settings_: int | None,
    settings_hours: int | None,
    effort: tuple[str, ...],
    groups: str | None,
    form: str,
) -> None:
    """Say what to do first, with the exact gain of every step."""
    from weakspot.cli.backend import connect

    asked = {
        "score": score, "actions": actions, "hours": hours, "groups": groups, "effort": ",".join(effort) or None,
        "secure_score": secure_score, "settings": settings_, "settings_hours": settings_hours,
    }  # fmt: skip
    with connect(context.settings()) as backend:
        answer = backend.get("/api/v1/plan", **{name: str(one) for name, one in asked.items() if one is not None})
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    else:
        click.echo(render(answer))
        if answer["settings"]["steps"]:
            click.echo("\n" + render_settings(answer["settings"]))


def render(answer: dict[str, Any]) -> str:
    """The plan for a terminal."""
    if answer["score_before"] is None:
        return "No device counts, so there is no score to improve."
    if not answer["steps"]:
        return f"Exposure score {answer['score_before']:.1f}: {_why_empty(answer)}"
    rows = [
        [str(one["number"]), escape(one["title"]), str(one["weaknesses"]), str(one["devices"]), f"{one['hours']:.1f}",
         f"{one['gain']:.2f}", f"{one['score_after']:.1f}"]
        for one in answer["steps"]
    ]  # fmt: skip
    table = _table(("#", "Action", "Weaknesses", "Devices", "Hours", "Gain", "Score after"), rows)
    return "\n".join([table, "", *_summary(answer)])


def render_settings(answer: dict[str, Any]) -> str:
    """The part about settings for a terminal."""
    rows = [
        [str(one["number"]), escape(one["title"]), str(one["devices"]), f"{one['hours']:.1f}", f"{one['gain']:.2f}",
         f"{one['percent_after']:.1f} %"]
        for one in answer["steps"]
    ]  # fmt: skip
    table = _table(("#", "Setting", "Devices", "Hours", "Points", "Secure score after"), rows)
    said = f"Secure score {answer['percent_before']:.1f} % to {answer['percent_after']:.1f} %"
    cost = f"{answer['devices']} devices, {answer['hours']:.1f} hours"
    lines = [table, "", f"{said}, {cost}. No choice for this goal ends above {answer['best_possible']:.1f} %."]
    if not answer["is_reached"]:
        lines.append("The secure score asked for is not reached by this plan.")
    return "\n".join(lines)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for number, heading in enumerate(headings):
        grid.add_column(heading, overflow="fold", justify="left" if number == 1 else "right")
    for row in rows:
        grid.add_row(*row)
    target = io.StringIO()
    Console(file=target, width=max(100, Console().width), highlight=False).print(grid)
    return target.getvalue().rstrip("\n")


def _why_empty(answer: dict[str, Any]) -> str:
    return "nothing needs to be done." if answer["is_reached"] else "nothing that can be done lowers it."


def _summary(answer: dict[str, Any]) -> list[str]:
    said = f"Exposure score {answer['score_before']:.1f} to {answer['score_after']:.1f}"
    cost = f"{answer['devices']} devices, {answer['hours']:.1f} hours"
    lines = [f"{said}, {cost}. No plan for this goal ends below {answer['best_possible']:.1f}."]
    if answer["least_actions"] is not None:
        lines.append(f"No plan reaches the score asked for with fewer than {answer['least_actions']} actions.")
    if not answer["is_reached"]:
        lines.append("The score asked for is not reached by this plan.")
    return lines
