"""Every route declares who may call it; scopes are made in one place only."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from tests.support.served import Served, serving
from weakspot.access.rules import KNOWN_PERMISSIONS
from weakspot.api.guards import require_permission
from weakspot.api.operation import OPERATION, Operation

SOURCE = Path(__file__).parents[2] / "src" / "weakspot"
OWN_WORK = {
    "scoring/service.py", "fleet/checking.py", "queries/memory.py", "timeline/looking.py", "timeline/exposure.py",
    "workflows/detections.py",
    "workflows/notices.py",
}  # fmt: skip
"""History of scores, self-check, warming of lists, the timeline, detections that waited for their device, reports by
schedule (of the groups that their rule names): work of the product itself, for no caller."""

PUBLIC = {
    ("POST", "/api/v1/session"),
    ("GET", "/api/v1/openapi.json"),
    ("POST", "/api/v1/remediation/trackers/{id}/callback"),
    ("GET", "/api/exportFiles/{link}"),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("routes")) as made:
        yield made


@pytest.fixture(scope="module")
def app(served: Served) -> Litestar:
    found = served.application.asgi._app._parts.api
    assert isinstance(found, Litestar)
    return found


def handlers(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """(method, path, handler) of every route that the framework knows, its own ones included."""
    for route in app.routes:
        for handler in route.route_handlers:  # type: ignore[union-attr]
            assert isinstance(handler, HTTPRouteHandler), f"{route.path} is not a plain HTTP route"
            for method in handler.http_methods:
                if method not in ("HEAD", "OPTIONS"):
                    yield str(method), route.path_format, handler


def test_every_route_declares_a_known_permission_or_is_public(app: Litestar) -> None:
    public = set()
    for method, path, handler in handlers(app):
        operation = handler.opt.get(OPERATION)
        assert isinstance(operation, Operation), f"{method} {path} declares nothing"
        if operation.is_public:
            public.add((method, path))
        else:
            assert operation.permission in KNOWN_PERMISSIONS, (method, path)
        assert require_permission in handler.resolve_guards(), (method, path)
    assert public == PUBLIC


def test_changes_are_never_made_by_safe_methods(app: Litestar) -> None:
    for method, path, handler in handlers(app):
        operation = handler.opt[OPERATION]
        assert (method != "GET") or operation.body is None, path


def test_operation_ids_are_unique(app: Litestar) -> None:
    ids = [handler.opt[OPERATION].id for _, _, handler in handlers(app)]
    assert len(ids) == len(set(ids))


def test_strangers_get_nothing_anywhere(served: Served, app: Litestar) -> None:
    for method, path, handler in handlers(app):
        if not handler.opt[OPERATION].is_public:
            filled = path.replace("{id}", "x").replace("{name}", "y")
            assert served.client.request(method, filled, json_body={}).status == 401, (method, filled)


def test_a_route_without_a_declaration_is_shut() -> None:
    from litestar import get

    from weakspot import access
    from weakspot.runtime.errors import AccessError, Forbidden

    @get("/x")
    async def forgotten() -> None: ...

    class Connection:
        scope: dict[str, object] = {"state": {}}  # noqa: RUF012

    with pytest.raises(AccessError):
        asyncio.run(require_permission(Connection(), forgotten))  # type: ignore[arg-type]
    Connection.scope["state"] = {"caller": access.internal_caller("test")}
    with pytest.raises(Forbidden):
        asyncio.run(require_permission(Connection(), forgotten))  # type: ignore[arg-type]


def test_scopes_are_made_by_access_alone() -> None:
    offenders = []
    for path in SOURCE.rglob("*.py"):
        name = path.relative_to(SOURCE).as_posix()
        if name.startswith("access/") or name in OWN_WORK:
            continue
        source = path.read_text("utf-8")
        if "access" not in source:
            continue
        tree = ast.parse(source)
        names = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("weakspot.access")
            for alias in node.names
            if alias.name == "Scope"
        }
        made = (
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
        )
        offenders += [f"{name}:{node.lineno}" for node in made]
    assert offenders == []
