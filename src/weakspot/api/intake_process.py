"""The process that takes what devices send, as the server sees it: what it is told, and what it tells.

It has the public socket and the writer of reports to itself and passes every other request on to the server, whose
interpreter is then free for the fleet index and the pages (docs/decisions/0014). ``weakspot.worker`` is its program.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec

from weakspot.api.metrics import Counters
from weakspot.api.server import listen, listen_inside
from weakspot.runtime.child import Child
from weakspot.runtime.errors import Unavailable
from weakspot.runtime.settings import Settings, decode_path
from weakspot.runtime.tls import TlsFiles

_START_SECONDS = 60.0
_STOP_SECONDS = 5.0
_PROGRAM = "weakspot.worker"


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is given at its start. ``listening``: descriptor of the public socket; ``inside``: path of the
    server's own one.
    """

    settings: Settings
    tls: TlsFiles | None
    listening: int
    inside: Path


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the process tells: that it answers, or that it committed; with the reports that it counted so far."""

    what: Literal["ready", "committed"]
    pid: int
    reports: dict[str, int]


def encoded(work: Work) -> bytes:
    """One line."""
    return msgspec.json.encode(work, enc_hook=_plain)


def decoded(line: bytes) -> Work:
    """What ``encoded`` made."""
    return msgspec.json.decode(line, type=Work, dec_hook=decode_path)


class IntakeProcess:
    """Starts and ends it. ``committed`` is called, on a thread of its own, when it has written something.

    ``listening`` is the public socket, ``inside`` the one on which it asks this server.
    """

    def __init__(
        self, settings: Settings, tls: TlsFiles | None, counters: Counters, committed: Callable[[], None]
    ) -> None:
        self._counters = counters
        self._committed = committed
        self._ready = threading.Event()
        self._decoder = msgspec.json.Decoder(Told)
        self.listening = listen(settings)
        try:
            path = settings.data / "run" / "inside"
            self.inside = listen_inside(path)
        except BaseException:
            self.listening.close()
            raise
        descriptor = self.listening.fileno()
        work = Work(settings=settings, tls=tls, listening=descriptor, inside=path)
        self._child = Child("intake", (sys.executable, "-m", _PROGRAM), encoded(work), (descriptor,), self._heard)
        self._child.start()

    def wait(self) -> None:
        """Until it answers for the first time. Raises Unavailable when it does not."""
        if not self._ready.wait(_START_SECONDS):
            raise Unavailable(
                "The process that takes reports does not start; its messages are above. WEAKSPOT_INTAKE=inside does "
                "without it."
            )

    def end(self) -> None:
        """Tell it to end; does not wait."""
        self._child.end()

    def stop(self) -> None:
        """End it. What it has answered is committed. Idempotent."""
        self._child.stop(_STOP_SECONDS)
        self.listening.close()
        self.inside.close()

    def _heard(self, lines: list[bytes]) -> None:
        told = self._decoder.decode(lines[-1])
        self._counters.note_elsewhere(told.pid, told.reports)
        self._ready.set()
        self._committed()


def _plain(value: Any) -> str:
    return str(value)
