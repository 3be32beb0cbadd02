"""``weakspot ssh``: authenticated scans of Linux devices that have no agent."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from weakspot.cli.backend import Backend, connect
from weakspot.cli.context import CliContext
from weakspot.runtime.errors import NotFound


@click.group("ssh")
def ssh_scans() -> None:
    """Ask Linux devices over SSH what is installed: read-only, with keys that are pinned."""


@ssh_scans.command("add")
@click.argument("name")
@click.argument("targets", nargs=-1, required=True)
@click.option("--username", required=True, help="Whom to log in as; no more rights than to read are needed.")
@click.option("--port", default=22, show_default=True, type=click.IntRange(1, 65535))
@click.option("--every", "hours", default=24, show_default=True, type=click.IntRange(0, 744), help="Hours; 0: never.")
@click.option(
    "--key-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Private key; else a password."
)
@click.pass_obj
def add(
    context: CliContext,
    name: str,
    targets: tuple[str, ...],
    username: str,
    port: int,
    hours: int,
    key_file: Path | None,
) -> None:
    """Add a scan of names, addresses, networks (10.0.0.0/24) and ranges (10.0.0.5-10.0.0.9).

    The password, or the passphrase of the key, is asked for.
    """
    body: dict[str, Any] = {
        "name": name, "targets": list(targets), "username": username, "port": port, "every_hours": hours,
    }  # fmt: skip
    if key_file is not None:
        body["private_key"] = key_file.read_text("ascii")
        body["passphrase"] = click.prompt("Passphrase of the key (empty for none)", default="", hide_input=True)
    else:
        body["password"] = click.prompt("Password", hide_input=True)
    with connect(context.settings()) as backend:
        made = backend.post("/api/v1/scans", body)
    click.echo(f"{made['name']} added; try it with: weakspot ssh test {made['name']}")


@ssh_scans.command("list")
@click.pass_obj
def list_all(context: CliContext) -> None:
    """List the scans."""
    with connect(context.settings()) as backend:
        for one in backend.get("/api/v1/scans"):
            when = f"every {one['every_hours']} h" if one["every_hours"] else "when asked"
            last = one["last_run_at"] or "never"
            click.echo(f"{one['name']}\t{', '.join(one['targets'])}\t{one['username']}\t{when}\tlast run: {last}")


@ssh_scans.command("test")
@click.argument("name")
@click.pass_obj
def test(context: CliContext, name: str) -> None:
    """Ask the first five addresses and record nothing."""
    with connect(context.settings()) as backend:
        (run,) = backend.post(f"/api/v1/scans/{_number(backend, name)}/runs", {"kind": "test"})
    _tell(run)


@ssh_scans.command("run")
@click.argument("name")
@click.pass_obj
def run(context: CliContext, name: str) -> None:
    """Ask all addresses now, and wait until that is done."""
    with connect(context.settings()) as backend:
        path = f"/api/v1/scans/{_number(backend, name)}/runs"
        before = {one["id"] for one in backend.get(path)}
        backend.post(path, {"kind": "asked"})
        while not (fresh := [one for one in backend.get(path) if one["id"] not in before]):
            time.sleep(0.5)
    _tell(fresh[0])


@ssh_scans.command("history")
@click.argument("name")
@click.pass_obj
def history(context: CliContext, name: str) -> None:
    """Show the last runs with what came of each address."""
    with connect(context.settings()) as backend:
        for one in backend.get(f"/api/v1/scans/{_number(backend, name)}/runs"):
            click.echo(f"{one['started_at']} {one['kind']}")
            _tell(one)


@ssh_scans.command("trust")
@click.argument("name")
@click.argument("address")
@click.argument("fingerprint")
@click.pass_obj
def trust(context: CliContext, name: str, address: str, fingerprint: str) -> None:
    """Accept the key that an address shows now, by the fingerprint that you looked at."""
    with connect(context.settings()) as backend:
        body = {"address": address, "fingerprint": fingerprint}
        backend.post(f"/api/v1/scans/{_number(backend, name)}/keys", body)
    click.echo(f"{address} is known by {fingerprint} from now on")


@ssh_scans.command("remove")
@click.argument("name")
@click.pass_obj
def remove(context: CliContext, name: str) -> None:
    """Remove a scan with its credentials; what it found stays."""
    with connect(context.settings()) as backend:
        backend.delete(f"/api/v1/scans/{_number(backend, name)}")
    click.echo(f"{name} removed")


def _number(backend: Backend, name: str) -> int:
    for one in backend.get("/api/v1/scans"):
        if one["name"] == name:
            return int(one["id"])
    raise NotFound(f"There is no scan named {name!r}; `weakspot ssh list` shows which there are.")


def _tell(run: dict[str, Any]) -> None:
    for one in run["outcomes"]:
        what = one["reason"] or f"{one['device_name']}, {one['software']} installed"
        new = " (first contact: trusted from now on)" if one["is_new_key"] else ""
        click.echo(f"{one['address']}\t{one['status']}\t{what}\t{one['key']}{new}")
