"""Composition root: everything is made, joined and ended here, and nowhere else.

``build`` opens the data folder (one process only), brings the schema up to date, builds the index and joins
the parts; ``serve`` runs the result until it is told to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import uvloop
from sqlalchemy.engine import Connection

from weakspot import access, intel, inventory, matching, posture, queries, remediation, scoring, timeline, workflows
from weakspot.api.agents import AgentApp, AgentPorts
from weakspot.api.agents.use_cases import GlpiUseCases, UploadUseCases
from weakspot.api.application import allowed_methods, make
from weakspot.api.authentication import Authenticator
from weakspot.api.console import Console
from weakspot.api.edge import Edge, Parts
from weakspot.api.guard import Guard
from weakspot.api.intake import Intake
from weakspot.api.intake_process import IntakeProcess
from weakspot.api.metrics import Counters
from weakspot.api.ports import AdminUseCases, SensorUseCases
from weakspot.api.rate import RateLimiter
from weakspot.api.reads import ReadPool
from weakspot.api.sensor import SensorApp
from weakspot.api.server import Server, listen, make_server
from weakspot.api.services import ApiServices
from weakspot.api.streaming import EventHub
from weakspot.fleet import FleetFollower
from weakspot.queries.base import ReadContext
from weakspot.runtime import changes, migrate, processes, tls
from weakspot.runtime.clock import DAY, Clock, Micros, system_clock
from weakspot.runtime.database import Database
from weakspot.runtime.errors import Conflict
from weakspot.runtime.following import Followers, Reaction
from weakspot.runtime.leadership import Leadership, Listener
from weakspot.runtime.schedule import Job, Schedule
from weakspot.runtime.secrets import RandomBytes, system_random
from weakspot.runtime.server import DataFolder, Running
from weakspot.runtime.settings import Settings, ipaddress_is_any
from weakspot.runtime.vault import Vault
from weakspot.workflows import Heartbeats, Services
from weakspot.workflows.apply_knowledge import KNOWLEDGE_UPDATE
from weakspot.workflows.business_context import BusinessContext
from weakspot.workflows.checks import record_secure_scores, take_up_checks
from weakspot.workflows.device_identity import keep_retention

logger = logging.getLogger(__name__)

Progress = Callable[[str], None]

CONSOLE_FOLDER = Path(__file__).parent / "console_dist"
KEPT_CHANGES = 200_000
"""Rows of ``changes`` that stay for streams that come back and for the index's next start."""
_SWEEP_BACK: Micros = 35 * DAY
_LARGE_FLEET = 5_000
"""Devices from which on reports get a process of their own, where nothing else is set."""


class Application:
    """A built server. ``asgi`` answers requests; ``close`` ends everything, in the order of the data's
    flow.
    """

    def __init__(
        self, settings: Settings, folder: DataFolder, database: Database, clock: Clock, random: RandomBytes,
        beside: _Beside,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.folder = folder
        self.database = database
        self.clock = clock
        matching.use_catalogue(settings.data / matching.CATALOGUE_FOLDER)
        posture.use_folder(settings.data / posture.FOLDER)
        key_files = {"nvd": settings.nvd_api_key_file} if settings.nvd_api_key_file else {}
        self.services = Services(database, settings.data, clock, key_files)
        if beside.intake is None:  # else that process takes the reports
            with database.read() as conn:
                self.services.interner.warm(conn)
        self.heartbeats = Heartbeats(self.services)
        self.contacts = workflows.AgentContacts(self.services)
        # What an update left behind that broke off; not what another server's update is writing now.
        with contextlib.suppress(Conflict), database.alone(KNOWLEDGE_UPDATE):
            intel.discard_unpublished(database)
        take_up_checks(database, clock())
        self.administrator = access.create_first_administrator(database, clock())
        self.cli_token = folder.new_cli_token(random)
        self.vault = Vault(settings.data, random)
        self.scanner = workflows.Scanner(self.services, self.vault)
        self.puller = workflows.DetectionPuller(database, self.vault, clock)
        self.deliverer = remediation.Deliverer(
            database, self.vault, clock, is_leader=lambda: self.leadership.is_leader()
        )
        self.tls = beside.tls
        self.counters = beside.counters
        self.intake = beside.intake
        self.follower = FleetFollower(
            database,
            hazard=scoring.hazard,
            raised=scoring.raised_hazard,
            clock=clock,
            model=scoring.MODEL_VERSION,
            snapshot_path=settings.data / "fleet.snapshot",
        )
        self.reads = ReadPool(
            database, self.follower.fleet, clock, threads=settings.read_threads, queue=settings.read_queue
        )
        self.hub = EventHub(
            database,
            self.follower.fleet,
            self.reads,
            per_user=settings.streams_per_user,
            total=settings.streams,
        )
        self.business = BusinessContext(self.services, self.follower.fleet)
        self.asgi = Guard(self._join(random), settings)
        # The first sweep looks back over the time when no server may have run.
        self._swept_at = clock() - _SWEEP_BACK
        self.leadership = beside.leadership
        self.listener = Listener(database, database.others_committed)
        self.schedule = Schedule(self._jobs(), is_leader=self.leadership.is_leader)
        self.followers = Followers(database, self._reactions(), is_leader=self.leadership.is_leader)

    @property
    def url(self) -> str:
        """Where the server answers by default; the port is the configured one."""
        return url_of(self.settings, self.settings.listen_port)

    async def end_streams(self) -> None:
        """What would never end by itself; and nothing new is let in."""
        if self.intake is not None:
            self.intake.end()
        await self.hub.close()

    def close(self) -> None:
        """End everything. Idempotent."""
        if self.intake is not None:
            self.intake.stop()
        self.schedule.stop()
        self.followers.stop()
        self.deliverer.stop()
        self.reads.close()
        with contextlib.suppress(Exception):
            self.heartbeats.flush()
            self.contacts.flush()
        self.listener.stop()
        self.leadership.close()
        self.follower.stop()
        self.database.close()
        self.folder.release()

    def _join(self, random: RandomBytes) -> Edge:
        authenticator = Authenticator(self.database, self.cli_token)
        fingerprint = None if self.tls is None else self.tls.fingerprint
        self.admin = AdminUseCases(self.services, self.follower, fingerprint, self.settings.mirror)
        services = ApiServices(
            settings=self.settings,
            database=self.database,
            clock=self.clock,
            reads=self.reads,
            hub=self.hub,
            authenticator=authenticator,
            admin=self.admin,
            uploads=UploadUseCases(self.services),
            scanner=self.scanner,
            business=self.business,
            counters=self.counters,
            sign_in_limit=RateLimiter(30, 60),
            compatible_minute=RateLimiter(100, 60),
            compatible_hour=RateLimiter(1_500, 3600),
            random=random,
            vault=self.vault,
            deliverer=self.deliverer,
        )
        sensor = SensorApp(
            SensorUseCases(self.services, self.heartbeats, self.counters), self.reads, self.settings, self.clock
        )
        return Edge(
            Parts(
                api=make(services),  # type: ignore[arg-type]
                allowed_methods=allowed_methods,
                intake=Intake(sensor, self._agents()),
                console=Console(CONSOLE_FOLDER, random),
                authenticator=authenticator,
                reads=self.reads,
                settings=self.settings,
                clock=self.clock,
            )
        )

    def _agents(self) -> AgentApp:
        nodes = workflows.OsqueryNodes(self.services, self.contacts)
        ports = AgentPorts(GlpiUseCases(self.services), nodes)
        return AgentApp(ports, self.reads, self.settings, self.clock)

    def _jobs(self) -> list[Job]:
        hours = self.settings.feeds_every_hours
        feeds = [Job("feeds", hours * 3600, self._sync_feeds, hours * 3600)] if hours else []
        return [
            *feeds,
            Job("lists", 600.0, self._warm_lists, 0.0, is_everywhere=True),
            Job("heartbeats", 30.0, self.heartbeats.flush, 30.0),
            Job("contacts", 30.0, self.contacts.flush, 30.0, is_everywhere=True),
            Job("activity", 3600.0, self._sweep_activity, 5.0),
            Job("context", 15.0, self._look_at_context, 20.0),
            Job("retention", 6 * 3600.0, self._keep_retention, 300.0),
            Job("sources", 3600.0, self._age_sources, 60.0),
            Job("scans", 60.0, self.scanner.start_due, 30.0),
            Job("exceptions", 5.0, self._expire_exceptions, 1.0),
            Job("activities", 3600.0, self._delete_old_activities, 120.0),
            Job("unresolved detections", 300.0, self._resolve_detections, 120.0),
            Job("detection pulls", 15.0, self.puller.start_due, 15.0),
            Job("stalls", 900.0, self._tell_stalls, 60.0),
            Job("scores", 60.0, self._record_scores, 10.0),
            Job("end of support", 6 * 3600.0, self._tell_end_of_support, 600.0),
            Job("exposure", 6 * 3600.0, self._record_exposure, 60.0),
            Job("notifications", 60.0, self._send_notices, 30.0),
            Job("device scores", 86_400.0, self._record_device_scores, 900.0),
            Job("history", 86_400.0, self._prune_history, 1_800.0),
            Job("own advisories", 30.0, self.admin.own.catch_up, 15.0),
            Job("vex documents", 30.0, self.admin.vex.catch_up, 20.0),
            Job("changes", 3600.0, self._prune_changes, 600.0),
            Job("memory", 60.0, processes.give_back, 60.0, is_everywhere=True),
        ]

    def _reactions(self) -> list[Reaction]:
        """What follows ``changes``, left to right."""
        return [
            workflows.correlation_reaction(self.clock),
            remediation.Progress(self.follower.fleet, self.clock).reaction,
            timeline.Teller(self.follower.fleet, self.clock).reaction,
        ]

    def _sync_feeds(self) -> None:
        """Start loading intelligence; a sync that runs already is enough."""
        with contextlib.suppress(Conflict):
            steps = self.admin.sync_feeds(access.internal_caller("schedule"), (), None)
            threading.Thread(target=lambda: [None for _ in steps], name="feeds", daemon=True).start()

    def _warm_lists(self) -> None:
        """Read what lists are sorted by before the first one is asked for."""
        with self.database.read() as conn:
            queries.warm(ReadContext(conn, self.follower.fleet, self.clock()))

    def _age_sources(self) -> None:
        workflows.age_sources(self.services, self.clock())

    def _sweep_activity(self) -> None:
        now, since = self.clock(), self._swept_at
        workflows.sweep_activity(self.database, since, now)
        self._swept_at = now

    def _delete_old_activities(self) -> None:
        workflows.delete_old_activities(self.database, self.clock())

    def _expire_exceptions(self) -> None:
        workflows.expire_exceptions(self.database, self.clock())

    def _resolve_detections(self) -> None:
        workflows.resolve_again(self.database, self.clock())

    def _look_at_context(self) -> None:
        self.business.look_again()

    def _keep_retention(self) -> None:
        keep_retention(self.services, self.settings.device_retention_days)

    def _tell_stalls(self) -> None:
        now = self.clock()
        for source in self.database.write(lambda conn: intel.tell_stalls(conn, now)):
            logger.warning("source has stalled", extra={"fields": {"source": source}})

    def _prune_history(self) -> None:
        if days := self.settings.history_days:
            intel.prune(self.database, self.clock() - days * DAY)

    def _record_scores(self) -> None:
        workflows.record_scores(self.database, self.follower.fleet, self.clock())
        record_secure_scores(self.database, self.follower.fleet, self.clock())

    def _tell_end_of_support(self) -> None:
        now = self.clock()
        with self.database.read() as conn:
            found = timeline.end_of_support(conn, self.follower.fleet, now)
        self.database.write(lambda conn: timeline.tell_end_of_support(conn, found, now))

    def _record_exposure(self) -> None:
        now = self.clock()
        with self.database.read() as conn:
            points = timeline.exposure_points(conn, timeline.exposed_now(conn, self.follower.fleet, now), now)
        timeline.record_exposure(self.database, points, now)

    def _send_notices(self) -> None:
        settings = self.settings
        workflows.send_notices(
            self.database, self.vault, self.follower.fleet, self.clock(), base_url=public_url(settings),
            organisation=settings.organisation,
        )  # fmt: skip

    def _record_device_scores(self) -> None:
        workflows.record_scores(self.database, self.follower.fleet, self.clock(), devices=True)

    def _prune_changes(self) -> None:
        def unit(conn: Connection) -> int:
            return changes.prune(conn, min(self.follower.fleet.seq, changes.last_seq(conn)) - KEPT_CHANGES)

        self.database.write(unit)


def build(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    random: RandomBytes = system_random,
    progress: Progress = lambda _: None,
) -> Application:
    """Make a server. Raises Unavailable when the data folder is in use, Conflict when it is of a newer
    version.
    """
    folder = DataFolder(settings.data)
    folder.acquire()
    try:
        progress(f"opening the database in {settings.data}")
        migrate.upgrade(settings.url)
        database = Database(settings.url, readers=settings.read_threads + 2)
        beside = None
        try:
            beside = _begin_beside(settings, database, clock)
            progress("building the fleet index")
            return Application(settings, folder, database, clock, random, beside)
        except BaseException:
            if beside is not None:
                beside.end()
            database.close()
            raise
    except BaseException:
        folder.release()
        raise


class _Beside(msgspec.Struct, frozen=True):
    """What begins while the index is still being built: another process takes its time to start."""

    tls: tls.TlsFiles | None
    counters: Counters
    leadership: Leadership
    intake: IntakeProcess | None

    def end(self) -> None:
        """Where nothing comes of it."""
        if self.intake is not None:
            self.intake.stop()
        self.leadership.close()


def _begin_beside(settings: Settings, database: Database, clock: Clock) -> _Beside:
    files, counters, leadership = _tls_files(settings, clock()), Counters(), Leadership(database)
    if not _has_intake_process(settings, database):
        return _Beside(files, counters, leadership, None)
    database.share()
    leadership.is_leader()  # as in ``start``
    try:
        intake = IntakeProcess(settings, files, counters, database.others_committed)
    except BaseException:
        leadership.close()
        raise
    return _Beside(files, counters, leadership, intake)


def _has_intake_process(settings: Settings, database: Database) -> bool:
    """Whether what devices send is taken by a process of its own."""
    if settings.intake != "auto":
        return settings.intake == "process"
    with database.read() as conn:
        return len(os.sched_getaffinity(0)) > 1 and inventory.has_devices(conn, _LARGE_FLEET)


def serve(application: Application, ready: Callable[[str], None] = lambda _: None) -> None:
    """Answer requests until SIGINT or SIGTERM, then end everything. ``ready`` gets the URL once it answers.

    For the main thread; in another one use ``start`` and ``stop``.
    """
    _, run = start(application, ready)
    # uvicorn raises the signal again once it has ended; that must not end the process before everything is
    # closed.
    before = [(number, signal.signal(number, lambda *_: None)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        run()
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def start(application: Application, ready: Callable[[str], None]) -> tuple[Server, Callable[[], None]]:
    """The server, and what runs it to its end; ``stop(server)`` from any thread ends it."""
    settings = application.settings
    intake = application.intake
    listening = listen(settings) if intake is None else intake.listening
    url = url_of(settings, listening.getsockname()[1])

    application.leadership.is_leader()  # before anything is answered: who moves the database looks at the lead

    def on_ready() -> None:
        application.folder.announce(_running(application, url))
        application.schedule.start()
        application.followers.start()
        application.deliverer.start()
        processes.tune()
        if intake is not None:
            intake.wait()
        ready(url)

    server = make_server(
        application.asgi,
        settings,
        application.tls if intake is None else None,
        ready=on_ready,
        ending=application.end_streams,
        is_inside=intake is not None,
    )

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(server.serve(sockets=[listening if intake is None else intake.inside]))
        except KeyboardInterrupt:
            logger.info("stopped")
        finally:
            listening.close()
            application.close()

    return server, run


def stop(server: Server) -> None:
    """End a server that runs in another thread."""
    server.should_exit = True


def url_of(settings: Settings, port: int) -> str:
    """The address for people: a name that the server answers for."""
    host = "127.0.0.1" if ipaddress_is_any(settings.listen_host) else settings.listen_host
    if ":" in host:
        host = f"[{host}]"
    return f"{'https' if settings.is_tls else 'http'}://{host}:{port}"


def public_url(settings: Settings) -> str:
    """The address in links for people elsewhere: the first name that the server answers for, if one is set."""
    if not settings.allowed_hosts:
        return url_of(settings, settings.listen_port)
    return f"{'https' if settings.is_tls else 'http'}://{settings.allowed_hosts[0]}:{settings.listen_port}"


def _running(application: Application, url: str) -> Running:
    files = application.tls
    authority = None if files is None or files.authority is None else str(files.authority)
    fingerprint = None if files is None else files.fingerprint
    return Running(url=url, pid=os.getpid(), authority=authority, fingerprint=fingerprint)


def _tls_files(settings: Settings, now: Micros) -> tls.TlsFiles | None:
    if not settings.is_tls:
        return None
    if settings.tls_certificate is not None and settings.tls_key is not None:
        return tls.given_files(settings.tls_certificate, settings.tls_key)
    return tls.own_files(settings.data / "tls", tls.own_names(settings.host_names), now)
