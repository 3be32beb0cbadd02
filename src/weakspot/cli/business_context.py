"""``weakspot business-context``: what other systems know of devices and people, from CSV files."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from weakspot.cli.backend import connect
from weakspot.cli.context import CliContext
from weakspot.runtime.errors import InputError

MAX_ROWS = 10_000
"""As many as the API takes at once."""
MAX_BYTES = 16 * 1024 * 1024
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PREFIX = "/api/v1/business-context/"


@click.group("business-context")
def business_context() -> None:
    """Import sensitivity labels, high-value users and sign-ins from CSV files with a line of column names."""


@business_context.command("sensitive-data")
@click.argument("file", type=_FILE)
@click.option("--source", required=True, metavar="NAME", help="The tool that found it; its earlier rows are replaced.")
@click.pass_obj
def sensitive_data(context: CliContext, file: Path, source: str) -> None:
    """Take where a tool found sensitive data: columns device (id or name), label, and items (1 unless given)."""
    rows = read_rows(file, ("device", "label"), ("items",))
    body = {"source": source, "rows": [{**row, "items": number(row, "items", default=1)} for row in rows]}
    with connect(context.settings()) as backend:
        _tell(backend.put(_PREFIX + "sensitive-data", body))


@business_context.command("sign-ins")
@click.argument("file", type=_FILE)
@click.pass_obj
def sign_ins(context: CliContext, file: Path) -> None:
    """Add who signs in where: columns device (id or name) and user."""
    rows = read_rows(file, ("device", "user"))
    with connect(context.settings()) as backend:
        for first in range(0, len(rows), MAX_ROWS):
            _tell(backend.post(_PREFIX + "sign-ins", {"rows": rows[first : first + MAX_ROWS]}))


@business_context.command("high-value-users")
@click.argument("file", type=_FILE)
@click.pass_obj
def high_value_users(context: CliContext, file: Path) -> None:
    """Replace the list of high-value users: columns name and, where there is one, reason."""
    rows = read_rows(file, ("name",), ("reason",))
    with connect(context.settings()) as backend:
        backend.put(_PREFIX + "high-value-users", {"users": rows})
    click.echo(f"{len(rows)} high-value users")


def read_rows(file: Path, needed: Sequence[str], others: Sequence[str] = ()) -> list[dict[str, str]]:
    """Rows of a CSV file by column, empty lines left out; a semicolon or a tab may stand for the comma.

    needed: columns that each row fills. Raises InputError with the line of a fault.
    """
    if file.stat().st_size > MAX_BYTES:
        raise InputError(f"{file.name} is over {MAX_BYTES >> 20} MiB; split it.")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{file.name} is no UTF-8 text; save it as such.") from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count), strict=True)
    found: list[dict[str, str]] = []
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
        if missing := [name for name in needed if name not in names]:
            raise InputError(f"{file.name} has no column {missing[0]!r}; its first line names the columns.")
        at = {name: names.index(name) for name in (*needed, *others) if name in names}
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            row = {name: cells[place].strip() for name, place in at.items() if place < len(cells)}
            if not all(row.get(name) for name in needed):
                raise InputError(f"{file.name}, line {reader.line_num}: {', '.join(needed)} may not be empty.")
            found.append(row)
    except csv.Error as error:
        raise InputError(f"{file.name}, line {reader.line_num}: {error}.") from error
    return found


def number(row: Mapping[str, str], name: str, *, default: int) -> int:
    """A whole number of a row. Raises InputError."""
    text = row.get(name) or str(default)
    if not (text.isascii() and text.isdigit()):
        raise InputError(f"{name} is a whole number, not {text[:40]!r}.")
    return int(text)


def _tell(answer: dict[str, Any]) -> None:
    click.echo(f"{answer['taken']} rows taken")
    if answer["unknown"]:
        named = ", ".join(answer["unknown_devices"])
        click.echo(f"weakspot: {answer['unknown']} devices are not known: {named}", err=True)
