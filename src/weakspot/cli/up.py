"""``weakspot up``: from nothing to this device's weaknesses on the screen. ``weakspot serve``: the server alone."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import httpx

from weakspot import __version__, app
from weakspot.cli.backend import Backend, trust_of
from weakspot.cli.context import CliContext
from weakspot.cli.feeds import follow
from weakspot.runtime import logging as runtime_logging
from weakspot.runtime import processes
from weakspot.runtime.errors import Unavailable, WeakspotError
from weakspot.runtime.server import DataFolder
from weakspot.runtime.settings import Settings

_SENSOR_STOP_SECONDS = 5
_FIRST_REPORT_SECONDS = 120
_MIRROR = click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path)


@click.command()
@click.option("--host", help="Address to listen on; default 127.0.0.1. Others than loopback get TLS.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; default 8484.")
@click.option("--mirror", type=_MIRROR, help="Take intelligence from this folder instead of the public feeds.")
@click.option("--database", help="postgresql://... instead of the embedded database.")
@click.option("--no-sensor", is_flag=True, help="Do not make this device the first one.")
@click.pass_obj
def up(
    context: CliContext, host: str | None, port: int | None, mirror: Path | None, database: str | None, no_sensor: bool
) -> None:
    """Start here, with this device as the first; print a sign-in link and the worst weaknesses. Ctrl-C stops it."""
    settings = context.settings(listen_host=host, listen_port=port, mirror=mirror, database_url=database)
    _run(settings, lambda url: FirstSteps(settings, url, with_sensor=not no_sensor))


@click.command()
@click.option("--host", help="Address to listen on; default 127.0.0.1. Others than loopback get TLS.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; default 8484.")
@click.option("--database", help="postgresql://... instead of the embedded database.")
@click.pass_obj
def serve(context: CliContext, host: str | None, port: int | None, database: str | None) -> None:
    """Run the server alone, without this device's sensor and without loading feeds."""
    settings = context.settings(listen_host=host, listen_port=port, database_url=database)
    _run(settings, lambda _url: None)


class FirstSteps:
    """What ``up`` does once the server answers: sensor, intelligence, summary. Runs beside the server in a thread."""

    def __init__(self, settings: Settings, url: str, *, with_sensor: bool) -> None:
        self._settings = settings
        self._url = url
        self._sensor: subprocess.Popen[bytes] | None = None
        self._with_sensor = with_sensor
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="first-steps", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the sensor. What is being loaded goes on to its next safe point with the server's own end."""
        self._stopping.set()
        if self._sensor is not None:
            self._sensor.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._sensor.wait(_SENSOR_STOP_SECONDS)

    def _run(self) -> None:
        try:
            backend = self._backend()
            if self._with_sensor:
                self._enrol(backend)
            self._load(backend)
            if self._with_sensor:
                _wait(lambda: bool(_devices(backend)), self._stopping, _FIRST_REPORT_SECONDS)
            self._summarise(backend)
        except WeakspotError as error:
            self._tell(error.detail)
        except httpx.HTTPError as error:
            self._tell(f"The server did not answer: {error}")

    def _tell(self, text: str) -> None:
        if not self._stopping.is_set():
            click.echo(f"weakspot: {text}", err=True)

    def _backend(self) -> Backend:
        found = DataFolder(self._settings.data).running()
        if found is None:
            raise Unavailable("The server ended before it could be asked; see the messages above.")
        running, token = found
        return Backend(running.url, token, trust_of(running))

    def _enrol(self, backend: Backend) -> None:
        state = self._settings.data / "sensor"
        if not (state / "identity.json").exists():
            click.echo("==> enrolling this device")
            answer = backend.post("/api/v1/admin/enrolment-tokens", {"name": "this device", "uses": 1, "days": 1})
            fingerprint = answer.get("server_fingerprint")
            trust = ["--fingerprint", fingerprint] if fingerprint else []
            command = _sensor("enrol", "--server", self._url, "--token", "-", "--state", str(state), *trust)
            done = subprocess.run(command, input=answer["token"].encode(), check=False)
            if done.returncode != 0:
                raise Unavailable("This device could not be enrolled; the sensor's message above says why.")
        click.echo("==> the sensor of this device runs")
        self._sensor = subprocess.Popen(
            _sensor("run", "--state", str(state), "--log-level", "warning"), start_new_session=True
        )

    def _load(self, backend: Backend) -> None:
        mirror = self._settings.mirror
        click.echo(f"==> loading intelligence from {mirror or 'the public feeds'}")
        body: dict[str, Any] = {"sources": [], "mirror": None if mirror is None else str(mirror)}
        follow(backend.stream("/api/v1/admin/feeds/sync", body))

    def _summarise(self, backend: Backend) -> None:
        board = backend.get("/api/v1/dashboard")
        worst = backend.get("/api/v1/weaknesses", page_size="10")
        click.echo("")
        click.echo(summary(board, worst))
        link = backend.post("/api/v1/admin/sign-in-links", {"user": None})
        click.echo(f"\nSign in (once, within ten minutes): {self._url}{link['path']}")
        click.echo("Another link: weakspot link. Ctrl-C stops.")
        sys.stdout.flush()


def summary(board: dict[str, Any], worst: dict[str, Any]) -> str:
    """Score and worst weaknesses, for a terminal."""
    knowledge = board["knowledge"]
    lines = []
    if knowledge["is_starter_only"]:
        lines.append(f"Only the starter knowledge of {knowledge['starter_date']} is loaded; there is more to find.")
    score = board["exposure_score"]
    told = "not known yet" if score is None else f"{score:.0f} of 100 ({board['exposure_level'].lower()})"
    lines.append(f"Exposure score: {told}; weaknesses: {worst['total']}, devices: {board['devices']}. The worst:")
    for row in worst["items"]:
        name = row["software"][0]["name"] if row["software"] else ""
        epss = "" if row["epss"] is None else f"EPSS {row['epss']:.3f}"
        threat = "exploited" if row["is_known_exploited"] else ""
        cvss = "" if row["cvss_score"] is None else f"{row['cvss_score']:.1f}"
        lines.append(f"  {row['name']:<18} {row['severity']:<9}{cvss:>5}  {epss:<11} {threat:<10} {name}".rstrip())
    return "\n".join(lines)


def _run(settings: Settings, make_steps: Callable[[str], FirstSteps | None]) -> None:
    processes.begin()
    runtime_logging.configure(settings.log_level, settings.log_format)
    click.echo(f"==> Weakspot {__version__}, data in {settings.data}")
    application = app.build(settings, progress=lambda text: click.echo(f"==> {text}"))
    steps: list[FirstSteps | None] = []

    def ready(url: str) -> None:
        click.echo(f"==> listening on {url}")
        steps.append(make_steps(url))

    # A terminal's Ctrl-C and `kill` end the server in the same, clean way.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app.serve(application, ready)
    finally:
        for step in steps:
            if step is not None:
                step.stop()
        click.echo("==> stopped; all data is kept")


def _sensor(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "weakspot_sensor", *arguments]


def _devices(backend: Backend) -> list[Any]:
    return [row for row in backend.get("/api/v1/devices")["items"] if row["software"] > 0]


def _wait(condition: Callable[[], bool], stopping: threading.Event, seconds: float) -> None:
    """Until the condition holds; gives up quietly, for the summary says what is missing."""
    for _ in range(int(seconds / 0.5)):
        if condition() or stopping.wait(0.5):
            return
