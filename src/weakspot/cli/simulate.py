"""``weakspot simulate``: a made-up fleet, loaded at once or reporting as real sensors do."""

from __future__ import annotations

import asyncio
import secrets
import signal
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import click
import msgspec

from weakspot import simulate as simulation
from weakspot.cli.backend import Backend, connect, trust_of
from weakspot.cli.context import CliContext
from weakspot.runtime import migrate
from weakspot.runtime.clock import Clock, system_clock
from weakspot.runtime.database import Database
from weakspot.runtime.errors import Conflict, Unavailable
from weakspot.runtime.secrets import write_private
from weakspot.runtime.server import DataFolder
from weakspot.runtime.settings import Settings
from weakspot.workflows import Services

FILE = "simulation.json"


class Kept(msgspec.Struct):
    """What a data folder remembers of its simulated fleet, so that the same devices go on reporting.

    secret: hex, of a direct load; keys: of devices that enrolled, by number.
    """

    seed: int
    devices: int
    secret: str = ""
    day: int = 0
    keys: dict[int, str] = {}


@click.command()
@click.option("--devices", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="How many.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31), default=1, show_default=True, help="Another number, other devices."
)
@click.option(
    "--load", "direct", is_flag=True, help="Write the fleet into this data folder at once; no server may run."
)
@click.option(
    "--days", type=click.IntRange(0, 3650), default=30, show_default=True, help="How many days to report for."
)
@click.option("--rate", type=click.FloatRange(0.1, 5_000), default=50.0, show_default=True, help="Reports a second.")
@click.option("--failures", type=click.FloatRange(0, 0.5), default=0.01, show_default=True,
              help="Share of the reports whose connection is cut before the answer.")  # fmt: skip
@click.option(
    "--as", "protocol", type=click.Choice(["sensors", "osquery"]), default="sensors", show_default=True,
    help="Which agents the devices have.",
)  # fmt: skip
@click.pass_obj
def simulate(
    context: CliContext, devices: int, seed: int, direct: bool, days: int, rate: float, failures: float, protocol: str
) -> None:
    """Make up a fleet and let it report through its agents' protocol, one simulated day after the other.

    Only for trying out and measuring: simulated devices are ordinary devices to the server. Called again for the same
    data folder, the same devices go on where they were. Ctrl-C ends it.
    """
    settings = context.settings()
    if direct:
        load(settings, seed, devices)
        return
    with connect(settings) as backend:
        found = DataFolder(settings.data).running()
        if found is None:
            raise Unavailable("No server runs in this data folder; start one with `weakspot serve`, or use --load.")
        verify = trust_of(found[0])
        trust = None if isinstance(verify, bool) else verify
        kept = _kept(settings.data, seed, devices)
        catalogue = simulation.Catalogue(kept.seed, known=_known(settings))
        population = simulation.Population(kept.seed, kept.devices, catalogue)
        line = simulation.Line(backend.base_url, trust=trust, failure_share=failures, seed=seed)
        run = _report_osquery if protocol == "osquery" else _report
        asyncio.run(run(settings, backend, population, kept, line, days, rate))


def load(settings: Settings, seed: int, devices: int) -> None:
    """Load a population into a data folder that no server uses. Raises Unavailable, Conflict."""
    folder = DataFolder(settings.data)
    folder.acquire()
    try:
        if (settings.data / FILE).exists():
            raise Conflict(f"{settings.data} has a simulated fleet already; use another data folder.")
        migrate.upgrade(settings.url)
        database = Database(settings.url)
        try:
            with database.read() as conn:
                known = simulation.known_software(conn)
            population = simulation.Population(seed, devices, simulation.Catalogue(seed, known=known))
            secret = secrets.token_bytes(32)
            kept = Kept(seed, devices, secret.hex())
            _keep(settings.data, kept)
            services = Services(database, settings.data, system_clock)
            simulation.load(
                services, population, secret, now=system_clock(), tell=lambda text: click.echo(f"==> {text}")
            )
        finally:
            database.close()
    finally:
        folder.release()


async def _report(
    settings: Settings,
    backend: Backend,
    population: simulation.Population,
    kept: Kept,
    line: simulation.Line,
    days: int,
    rate: float,
) -> None:
    """As our own sensors do."""
    wire = simulation.Wire(population)
    agents = [_agent(wire, number, kept) for number in range(population.devices)]
    run = Run(settings, backend, kept, line)
    await run.all(agents, simulation.enrol_all, simulation.live, days, rate)


async def _report_osquery(
    settings: Settings,
    backend: Backend,
    population: simulation.Population,
    kept: Kept,
    line: simulation.Line,
    days: int,
    rate: float,
) -> None:
    """As osquery does."""
    wire = simulation.Wire(population)
    nodes = [simulation.Node(wire, number) for number in range(population.devices)]
    for node in nodes:
        node.key = kept.keys.get(node.device, "")
    run = Run(settings, backend, kept, line)
    await run.all(nodes, simulation.enrol_nodes, simulation.live_nodes, days, rate)


class Reporting(Protocol):
    """One simulated device, whatever agent it has. ``key``: empty until it enrolled."""

    device: int
    key: str


T = TypeVar("T", bound=Reporting)


class Run(msgspec.Struct, frozen=True):
    """What a fleet needs to report."""

    settings: Settings
    backend: Backend
    kept: Kept
    line: simulation.Line

    async def all(
        self,
        fleet: Sequence[T],
        enrol: Callable[[simulation.Line, Sequence[T], str, int], Awaitable[None]],
        live: Callable[[simulation.Line, Sequence[T], int, Clock, float, Callable[[], bool]], Awaitable[int]],
        days: int,
        rate: float,
    ) -> None:
        """Enrol those that have no key, then live some days; SIGINT ends it after what is under way."""
        stopping = threading.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stopping.set)
        try:
            await self._enrol(fleet, enrol)
            for _ in range(days + 1):
                if stopping.is_set():
                    break
                sent = await live(self.line, fleet, self.kept.day, system_clock, rate, stopping.is_set)
                click.echo(f"==> day {self.kept.day}: {sent:,} messages, {self.line.sent.retries:,} sent again so far")
                self.kept.day += 1
                _keep(self.settings.data, self.kept)
            for reason, count in self.line.sent.reasons.items():
                click.echo(f"weakspot: {count} messages were refused: {reason}", err=True)
        finally:
            await self.line.close()

    async def _enrol(
        self, fleet: Sequence[T], enrol: Callable[[simulation.Line, Sequence[T], str, int], Awaitable[None]]
    ) -> None:
        missing = [one for one in fleet if not one.key]
        if not missing:
            return
        click.echo(f"==> enrolling {len(missing):,} devices")
        body = {"name": "simulation", "uses": len(missing), "days": 1}
        token = (await asyncio.to_thread(self.backend.post, "/api/v1/admin/enrolment-tokens", body))["token"]
        await enrol(self.line, missing, token, self.kept.day)
        self.kept.keys.update({one.device: one.key for one in missing})
        _keep(self.settings.data, self.kept)


def _agent(wire: simulation.Wire, number: int, kept: Kept) -> simulation.Agent:
    agent = simulation.Agent(wire, number)
    agent.key = kept.keys.get(number, "")
    if kept.secret and not agent.key:
        agent.key = simulation.device_key(bytes.fromhex(kept.secret), number)
        if kept.day == 0:
            # As it was loaded: what follows is a delta.
            agent.loaded(wire.population.installed(number, 0))
    return agent


def _known(settings: Settings) -> simulation.Known:
    database = Database(settings.url, readers=1)
    try:
        with database.read() as conn:
            return simulation.known_software(conn)
    finally:
        database.close()


def _kept(folder: Path, seed: int, devices: int) -> Kept:
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Kept)
    except FileNotFoundError:
        return Kept(seed, devices)
    except msgspec.MsgspecError as error:
        raise Conflict(f"{folder / FILE} cannot be read ({error}); remove it to start another fleet.") from error


def _keep(folder: Path, kept: Kept) -> None:
    write_private(folder / FILE, msgspec.json.encode(kept).decode())
