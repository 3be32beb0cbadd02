"""The framework's application: the routes, the guard, and nothing else of the framework's own pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NoReturn

from litestar import Litestar, Router
from litestar.datastructures import State

from weakspot.api import routes
from weakspot.api.defender.routes import ROUTES as COMPATIBLE_ROUTES
from weakspot.api.guards import require_permission
from weakspot.api.openapi import OPENAPI_ROUTE, declared
from weakspot.api.services import ApiServices

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def make(services: ApiServices) -> Litestar:
    """The API with its routes. Exceptions go up unchanged; the edge turns them into problems."""

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        await services.hub.start()
        try:
            yield
        finally:
            await services.hub.close()

    return Litestar(
        route_handlers=[
            Router("/api/v1", route_handlers=[*routes.ALL, OPENAPI_ROUTE]),
            Router("/api", route_handlers=list(COMPATIBLE_ROUTES)),
        ],
        guards=[require_permission],
        exception_handlers={Exception: _reraise},
        lifespan=[lifespan],
        openapi_config=None,  # api/openapi.py makes it from the declarations
        logging_config=None,
        request_max_body_size=None,  # the edge bounds every body before the framework sees it
        state=State({"services": services}),
    )


def allowed_methods(path: str) -> str:
    """What a path answers, for the Allow header; empty for a path that is not there."""
    found = {method.upper() for pattern, method in _METHODS if pattern.fullmatch(path)}
    return ", ".join(sorted(found))


def _patterns() -> Iterator[tuple[re.Pattern[str], str]]:
    for handlers, prefix in (((*routes.ALL, OPENAPI_ROUTE), "/api/v1"), (COMPATIBLE_ROUTES, "/api")):
        for path, method, _ in declared(handlers, prefix):
            yield re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), method


_METHODS = tuple(_patterns())


def _reraise(_request: Any, error: Exception) -> NoReturn:
    raise error
