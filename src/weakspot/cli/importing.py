"""``weakspot import``: inventories of devices without an agent, and bills of materials of those that have one."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import click

from weakspot.cli.backend import AnsweredError, Backend, connect
from weakspot.cli.context import CliContext

SHOWN = 20
"""Refused records that are printed for each device; ``--all`` prints every one."""


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--device", metavar="ID", help="Add the files to this device, each as a component of its own.")
@click.option("--component", metavar="NAME", help="With --device: the component's name; default: the document's own.")
@click.option("--name", help="What the device is called, where the file describes one.")
@click.option("--columns", metavar="FIELD=COLUMN,...", help="Of a CSV table: where name, version, host, ... stand.")
@click.option("--all", "show_all", is_flag=True, help="Print every refused record.")
@click.pass_obj
def import_files(
    context: CliContext,
    files: tuple[Path, ...],
    device: str | None,
    component: str | None,
    name: str | None,
    columns: str | None,
    show_all: bool,
) -> None:
    """Record inventories from files: CycloneDX, SPDX, Wazuh, Intune and Defender exports, GLPI, CSV and others.

    Every record that is not taken is told with its reason; a file that cannot be read makes the exit status 1.
    """
    if device is not None and (name or columns):
        raise click.UsageError("--name and --columns are for devices of their own, not for --device.")
    if component is not None and device is None:
        raise click.UsageError("--component names a part of a --device.")
    failures = 0
    with connect(context.settings()) as backend:
        for path in files:
            try:
                answer = _send(backend, path, device, {"component": component, "name": name, "columns": columns})
            except AnsweredError as error:
                failures += 1
                click.echo(f"weakspot: {path.name}: {error.detail}", err=True)
                continue
            for one in answer["devices"]:
                _tell(one, show_all=show_all)
            for one in answer["failures"]:
                failures += 1
                click.echo(f"weakspot: {one['file']}: {one['reason']}", err=True)
    if failures:
        raise SystemExit(1)


def _send(backend: Backend, path: Path, device: str | None, options: dict[str, str | None]) -> Any:
    data = path.read_bytes()
    parameters = {"file": path.name} | {name: value for name, value in options.items() if value}
    compressed = gzip.compress(data, 6, mtime=0)
    if device is None:
        return backend.upload("/api/v1/inventories", compressed, **parameters)
    return {"devices": [backend.upload(f"/api/v1/devices/{device}/sbom", compressed, **parameters)], "failures": []}


def _tell(one: dict[str, Any], *, show_all: bool) -> None:
    click.echo(
        f"{one['device_name']}\t{one['device_id']}\t{one['source']}\t{one['software']} of {one['records']} records"
    )
    refused = one["refused"] if show_all else one["refused"][:SHOWN]
    for record in refused:
        click.echo(f"  refused: {record['name']} {record['version']}: it {record['reason']}".rstrip(), err=True)
    if len(refused) < len(one["refused"]):
        click.echo(f"  and {len(one['refused']) - len(refused)} more; see them with --all", err=True)
    for note in one["notes"]:
        click.echo(f"  note: {note}", err=True)
