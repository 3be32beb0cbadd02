"""Composition root of the process that takes what devices send (docs/decisions/0014). ``python -m weakspot.worker``

The server starts it with one line on standard input (``api.intake_process.Work``) and ends it by closing that. It
writes reports with a writer of its own, tells each commit on standard output, and passes on every request that is not
a device's.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from typing import Literal

import msgspec
import uvloop

from weakspot import matching, posture, workflows
from weakspot.api.agents import AgentApp, AgentPorts
from weakspot.api.agents.use_cases import GlpiUseCases
from weakspot.api.forwarding import Forward
from weakspot.api.guard import Guard
from weakspot.api.intake import Intake
from weakspot.api.intake_process import Told, Work, decoded
from weakspot.api.metrics import Counters
from weakspot.api.ports import SensorUseCases
from weakspot.api.reads import Threads
from weakspot.api.sensor import SensorApp
from weakspot.api.server import MAXIMUM_CONNECTIONS, make_server
from weakspot.api.wire import Receive, Scope, Send
from weakspot.runtime import logging as runtime_logging
from weakspot.runtime import processes
from weakspot.runtime.clock import system_clock
from weakspot.runtime.database import Database
from weakspot.runtime.schedule import Job, Schedule
from weakspot.workflows import Heartbeats, Services

_THREADS = 4
_FLUSH_SECONDS = 30.0
_MEMORY_SECONDS = 60.0


class Gate:
    """What devices send is answered behind a guard of this process; anything else has one where it is passed on to."""

    def __init__(self, intake: Intake, work: Work) -> None:
        self._intake = intake
        self._guarded = Guard(intake, work.settings)
        self.forward = Forward(work.inside, MAXIMUM_CONNECTIONS)
        self._passed = Guard(self.forward, work.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_ours = scope["type"] != "http" or self._intake.handles(scope["path"])
        await (self._guarded if is_ours else self._passed)(scope, receive, send)


class Worker:
    """The parts of the process; ``run`` until standard input ends."""

    def __init__(self, work: Work) -> None:
        settings = work.settings
        matching.use_catalogue(settings.data / matching.CATALOGUE_FOLDER)
        posture.use_folder(settings.data / posture.FOLDER)
        self._work = work
        self._counters = Counters()
        self._database = Database(settings.url, readers=_THREADS)
        self._database.share()
        services = Services(self._database, settings.data, system_clock)
        with self._database.read() as conn:
            services.interner.warm(conn)
        self._heartbeats = Heartbeats(services)
        self._contacts = workflows.AgentContacts(services)
        self._threads = Threads(threads=_THREADS, queue=settings.read_queue)
        sensor = SensorApp(
            SensorUseCases(services, self._heartbeats, self._counters), self._threads, settings, system_clock
        )
        ports = AgentPorts(GlpiUseCases(services), workflows.OsqueryNodes(services, self._contacts))
        self._gate = Gate(Intake(sensor, AgentApp(ports, self._threads, settings, system_clock)), work)
        self._schedule = Schedule(
            [
                Job("heartbeats", _FLUSH_SECONDS, self._heartbeats.flush, _FLUSH_SECONDS),
                Job("contacts", _FLUSH_SECONDS, self._contacts.flush, _FLUSH_SECONDS),
                Job("memory", _MEMORY_SECONDS, processes.give_back, _MEMORY_SECONDS),
            ]
        )
        self._telling = threading.Lock()

    def run(self) -> None:
        """Answer until the server that started this process says so, or is gone."""
        server = make_server(
            self._gate, self._work.settings, self._work.tls, ready=self._on_ready, ending=_nothing, has_lifespan=False
        )

        def wait() -> None:
            while os.read(sys.stdin.fileno(), 4_096):  # not through its buffer, whose lock an exit would wait for
                pass
            server.should_exit = True

        threading.Thread(target=wait, name="parent", daemon=True).start()
        try:
            with (
                socket.socket(fileno=self._work.listening) as listening,
                asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
            ):
                runner.run(server.serve(sockets=[listening]))
                runner.run(self._gate.forward.close())
        finally:
            self._schedule.stop()
            self._threads.close()
            self._heartbeats.flush()
            self._contacts.flush()
            self._database.close()

    def _on_ready(self) -> None:
        self._schedule.start()
        self._database.on_commit(lambda: self._tell("committed"))
        processes.tune()
        self._tell("ready")

    def _tell(self, what: Literal["ready", "committed"]) -> None:
        told = Told(what=what, pid=os.getpid(), reports=self._counters.reports)
        with self._telling:
            try:
                os.write(sys.stdout.fileno(), msgspec.json.encode(told) + b"\n")
            except BlockingIOError:
                pass  # as much waits to be heard as fits, so the server is woken all the same
            except BrokenPipeError:
                pass  # the server is gone, and standard input has ended too


async def _nothing() -> None:
    """The streams that pass through here are ended by the server."""


def main() -> None:
    """Run until told to end."""
    processes.begin()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    work = decoded(sys.stdin.buffer.readline())
    runtime_logging.configure(work.settings.log_level, work.settings.log_format)
    os.set_blocking(sys.stdout.fileno(), False)
    Worker(work).run()


if __name__ == "__main__":
    main()
