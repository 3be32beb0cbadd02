"""Deny by default: a route answers only when it declares who may call it and the caller may."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from weakspot.access import Caller
from weakspot.api.authentication import SIGN_IN
from weakspot.api.operation import OPERATION, Operation
from weakspot.runtime.errors import AccessError, Forbidden


async def require_permission(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The application's one guard."""
    operation = handler.opt.get(OPERATION)
    if isinstance(operation, Operation) and operation.is_public:
        return
    caller = connection.scope["state"].get("caller")
    if not isinstance(caller, Caller):
        raise AccessError(SIGN_IN)
    if not isinstance(operation, Operation) or operation.permission is None:
        raise Forbidden("This route is not open to anybody.")
    if not caller.may(operation.permission):
        raise Forbidden(f"This needs the permission {operation.permission}; ask an administrator.")
