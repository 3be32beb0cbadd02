"""``weakspot baselines``: sets of checks that chosen devices are to comply with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click
import yaml

from weakspot.cli.context import CliContext
from weakspot.cli.output.rows import show_json, show_rows
from weakspot.queries.baseline_contracts import Compliance
from weakspot.runtime.errors import InputError

_PATH = "/api/v1/baselines"
_MAX_BYTES = 1_000_000
_FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_COLUMNS = {
    "Id": lambda row: row["id"],
    "Name": lambda row: row["name"],
    "Benchmark": lambda row: " ".join(filter(None, (row["benchmark"], row["version"], row["level"]))),
    "Settings": lambda row: row["settings"],
    "Devices": lambda row: row["devices"],
    "Compliant": lambda row: row["compliant_devices"],
    "Failing": lambda row: row["non_compliant_devices"],
    "Unknown": lambda row: row["unknown_devices"],
    "Enabled": lambda row: "yes" if row["is_enabled"] else "no",
}
_SETTINGS = {
    "Check": lambda row: row["check_id"],
    "Expected": lambda row: row["expected"] + (" (own)" if row["is_customised"] else ""),
    "Failing": lambda row: row["non_compliant_devices"],
    "Compliant": lambda row: row["compliant_devices"],
    "Unknown": lambda row: row["unknown_devices"],
    "Exempt": lambda row: row["exempt_devices"],
}
_DEVICES = {
    "Device": lambda row: row["name"],
    "Stands": lambda row: row["compliance"],
    "Failing": lambda row: row["failing_settings"],
    "Unknown": lambda row: row["unknown_settings"],
    "Compliant": lambda row: row["compliant_settings"],
}


@click.group()
def baselines() -> None:
    """Baseline profiles: checks that chosen devices are to comply with."""


@baselines.command("list")
@_FORM
@click.pass_obj
def list_baselines(context: CliContext, form: str) -> None:
    """List profiles with how many devices comply."""
    show_rows(_get(context, _PATH), _COLUMNS, form, "no profiles")


@baselines.command()
@click.argument("profile")
@_FORM
@click.pass_obj
def show(context: CliContext, profile: str, form: str) -> None:
    """Show the checks of one PROFILE (its id), what most devices fail first."""
    found = _get(context, f"{_PATH}/{profile}")
    if form == "json":
        show_json(found)
        return
    show_rows(found["configurations"], _SETTINGS, form, "no checks")


@baselines.command()
@click.argument("profile")
@click.option("--compliance", type=click.Choice(get_args(Compliance)), help="Only devices that stand so.")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True)
@_FORM
@click.pass_obj
def devices(context: CliContext, profile: str, compliance: str | None, limit: int, form: str) -> None:
    """List the devices of one PROFILE, those that fail most first."""
    asked = {"page_size": str(limit)} | ({"compliance": compliance} if compliance else {})
    show_rows(_get(context, f"{_PATH}/{profile}/devices", **asked)["items"], _DEVICES, form, "no devices")


@baselines.command()
@_FILE
@click.pass_obj
def add(context: CliContext, file: Path) -> None:
    """Write a profile from a YAML or JSON FILE; prints its id."""
    from weakspot.cli.backend import connect

    with connect(context.settings()) as backend:
        click.echo(backend.post(_PATH, document_of(file))["baseline"]["id"])


@baselines.command()
@click.argument("profile")
@_FILE
@click.pass_obj
def change(context: CliContext, profile: str, file: Path) -> None:
    """Replace a PROFILE with what a YAML or JSON FILE says."""
    from weakspot.cli.backend import connect

    with connect(context.settings()) as backend:
        backend.put(f"{_PATH}/{profile}", document_of(file))
    click.echo(f"profile {profile} changed")


@baselines.command()
@click.argument("profile")
@click.pass_obj
def remove(context: CliContext, profile: str) -> None:
    """Remove a PROFILE; its checks and what devices told stay."""
    from weakspot.cli.backend import connect

    with connect(context.settings()) as backend:
        backend.delete(f"{_PATH}/{profile}")
    click.echo(f"profile {profile} removed")


def document_of(file: Path) -> dict[str, Any]:
    """The profile in a file. Raises InputError where it holds none."""
    if file.stat().st_size > _MAX_BYTES:
        raise InputError(f"{file.name} is over {_MAX_BYTES:,} bytes and is not read as a profile.")
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{file.name} is not the YAML or JSON that a profile needs: {error}.") from error
    if not isinstance(found, dict):
        raise InputError(f"{file.name} must hold one profile; docs/posture.md shows one.")
    return found


def _get(context: CliContext, path: str, **asked: str) -> Any:
    from weakspot.cli.backend import connect

    with connect(context.settings()) as backend:
        return backend.get(path, **asked)
