"""Lists from the API on a terminal: as a table, or as JSON for other programs."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

Column = Callable[[Mapping[str, Any]], object]


def show_rows(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Column], form: str, nothing: str) -> None:
    """Print rows. columns: heading -> what of a row stands there (None and empty text: nothing); foreign text is never
    markup. nothing: what is said to people where there is no row.
    """
    if form == "json":
        show_json(rows)
        return
    if not rows:
        click.echo(nothing, err=True)
        return
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for heading in columns:
        grid.add_column(heading, overflow="fold")
    for row in rows:
        grid.add_row(*(escape(_plain(column(row))) for column in columns.values()))
    target = io.StringIO()
    Console(file=target, width=max(120, Console().width), highlight=False).print(grid)
    click.echo(target.getvalue().rstrip("\n"))


def show_facts(facts: Mapping[str, object]) -> None:
    """Print names and values, one a line; what is not known is left out."""
    known = {name: _plain(value) for name, value in facts.items() if _plain(value)}
    width = max(map(len, known), default=0)
    for name, value in known.items():
        click.echo(f"{name:<{width}}  {value}")


def show_json(document: Any) -> None:
    """Print a document."""
    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


def _plain(value: object) -> str:
    """Text without control characters: it may come from a device."""
    if value is None:
        return ""
    return "".join(one if one.isprintable() else " " for one in str(value))
