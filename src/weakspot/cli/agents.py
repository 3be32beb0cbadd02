"""``weakspot agents``: what foreign agents need to report here, as files and lines for their own configuration."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import click

from weakspot.cli.backend import Backend, connect
from weakspot.cli.context import CliContext
from weakspot.runtime.errors import Conflict
from weakspot.runtime.secrets import write_private
from weakspot.runtime.server import DataFolder
from weakspot.runtime.settings import Settings

AUTHORITY_FILE = "weakspot-authority.pem"
SECRET_FILE = "enroll-secret"  # noqa: S105 - a file's name
_CALLS = {
    "enroll_tls_endpoint": "enroll",
    "config_tls_endpoint": "config",
    "logger_tls_endpoint": "log",
    "distributed_tls_read_endpoint": "distributed/read",
    "distributed_tls_write_endpoint": "distributed/write",
}
_uses = click.option(
    "--uses", default=1, show_default=True, type=click.IntRange(1, 1_000_000), help="How many devices may enrol."
)
_days = click.option("--days", default=7, show_default=True, type=click.IntRange(1, 366), help="Until when.")
_server = click.option("--server", "name", metavar="NAME[:PORT]", help="How agents reach the server.")


@click.group()
def agents() -> None:
    """What osquery, GLPI and FusionInventory agents need to report here."""


@agents.command("osquery-flags")
@click.option(
    "--folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where to write the files."
)
@click.option("--installed-in", metavar="PATH", help="Folder of the files on the devices; default: the same.")
@_server
@_uses
@_days
@click.pass_obj
def osquery_flags(
    context: CliContext, folder: Path, installed_in: str | None, name: str | None, uses: int, days: int
) -> None:
    """Write osquery's flag file, the enrolment secret and the certificate that osquery has to trust."""
    settings = context.settings()
    with connect(settings, must_run=True) as backend:
        address, authority = _address(settings, backend, name)
        if authority is None:
            raise Conflict(
                "osquery speaks TLS only, and this server does not: start it with --host or a certificate of its own."
            )
        write_private(folder / SECRET_FILE, _token(backend, "osquery", uses, days) + "\n")
    write_private(folder / AUTHORITY_FILE, authority)
    there = (installed_in or str(folder.absolute())).rstrip("/\\")
    separator = "\\" if "\\" in there else "/"
    lines = flags(address, there + separator)
    write_private(folder / "osquery.flags", "".join(f"{line}\n" for line in lines))
    click.echo(
        f"{folder}: osquery.flags, {SECRET_FILE}, {AUTHORITY_FILE}; start osqueryd with --flagfile=osquery.flags"
    )


@agents.command("glpi")
@_server
@_uses
@_days
@click.pass_obj
def glpi(context: CliContext, name: str | None, uses: int, days: int) -> None:
    """Print the lines for agent.cfg of GLPI and FusionInventory agents."""
    settings = context.settings()
    with connect(settings, must_run=True) as backend:
        address, authority = _address(settings, backend, name)
        scheme = urlsplit(backend.base_url).scheme
        click.echo(f"server = {scheme}://{address}/api/agents/glpi")
        click.echo("user = agent")
        click.echo(f"password = {_token(backend, 'glpi', uses, days)}")
    if authority is not None:
        click.echo(f"ca-cert-file = /etc/{AUTHORITY_FILE}")
        click.echo(f"save this as /etc/{AUTHORITY_FILE} on the devices:\n{authority}", err=True)


def flags(address: str, folder: str) -> list[str]:
    """Lines of osquery's flag file. folder: where the other files are on the devices, with its last separator."""
    fixed = {
        "tls_hostname": address,
        "tls_server_certs": f"{folder}{AUTHORITY_FILE}",
        "enroll_secret_path": f"{folder}{SECRET_FILE}",
        "host_identifier": "uuid",
        "config_plugin": "tls",
        "config_refresh": "300",
        "logger_plugin": "tls",
        "logger_tls_period": "30",
        "logger_tls_compress": "true",
        "disable_distributed": "false",
        "distributed_plugin": "tls",
        "distributed_interval": "60",
        "disable_carver": "true",
    }
    calls = {flag: f"/api/osquery/{call}" for flag, call in _CALLS.items()}
    return [f"--{flag}={value}" for flag, value in (fixed | calls).items()]


def _address(settings: Settings, backend: Backend, name: str | None) -> tuple[str, str | None]:
    """(name:port that agents use, certificate that they have to trust in PEM; None without TLS)."""
    parts = urlsplit(backend.base_url)
    if parts.scheme != "https":
        return name or parts.netloc, None
    found = DataFolder(settings.data).running()
    authority = None if found is None else found[0].authority
    trusted = authority or (None if settings.tls_certificate is None else str(settings.tls_certificate))
    address = name or parts.netloc
    if ":" not in address.rpartition("]")[2]:
        address = f"{address}:{parts.port}"
    return address, None if trusted is None else Path(trusted).read_text("ascii")


def _token(backend: Backend, name: str, uses: int, days: int) -> str:
    answer = backend.post("/api/v1/admin/enrolment-tokens", {"name": name, "uses": uses, "days": days})
    return str(answer["token"])
