"""Running the application: uvicorn with uvloop and httptools, ended cleanly within a bounded time."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvicorn

from weakspot.api.transport import Protocol
from weakspot.api.wire import App
from weakspot.runtime.errors import Unavailable
from weakspot.runtime.settings import Settings
from weakspot.runtime.tls import TlsFiles

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 30
MAXIMUM_CONNECTIONS = 4_000


class Server(uvicorn.Server):
    """Tells when it answers, and ends what never ends by itself before it waits for open requests."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], ending: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As the framework's, then ``ready()``."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Event streams end first: they would be waited for otherwise."""
        await self._ending()
        await super().shutdown(sockets)


def listen(settings: Settings) -> socket.socket:
    """The listening socket. Raises Unavailable with the reason when the address cannot be used."""
    family = socket.AF_INET6 if ":" in settings.listen_host else socket.AF_INET
    try:
        return socket.create_server((settings.listen_host, settings.listen_port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise Unavailable(
            f"Cannot listen on {settings.listen_host} port {settings.listen_port} ({error.strerror}); "
            "set WEAKSPOT_LISTEN_HOST or WEAKSPOT_LISTEN_PORT."
        ) from None


def listen_inside(path: Path) -> socket.socket:
    """A listening socket for another process of this server, in a folder that is its owner's alone."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    try:
        listening.bind(str(path))
    except OSError as error:
        listening.close()
        raise Unavailable(
            f"The socket {path} cannot be made ({error}); set WEAKSPOT_DATA to a folder with a shorter path, or "
            "WEAKSPOT_INTAKE=inside."
        ) from None
    listening.listen(BACKLOG)
    return listening


def make_server(
    app: App,
    settings: Settings,
    tls: TlsFiles | None,
    *,
    ready: Callable[[], None],
    ending: Callable[[], Awaitable[None]],
    is_inside: bool = False,
    has_lifespan: bool = True,
) -> Server:
    """A server for the application; run it with ``serve(sockets=[...])``.

    is_inside: only another process of this server asks it, and that one tells the client's address and scheme.
    """
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=Protocol,
        ws="none",
        lifespan="on" if has_lifespan else "off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=is_inside,
        forwarded_allow_ips="*" if is_inside else None,
        backlog=BACKLOG,
        limit_concurrency=MAXIMUM_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(settings.shutdown_seconds)),
        ssl_certfile=None if tls is None else tls.certificate,
        ssl_keyfile=None if tls is None else tls.key,
    )
    return Server(config, ready, ending)
