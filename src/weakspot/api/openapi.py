"""The OpenAPI document, made from the routes' declarations. ``python -m weakspot.api.openapi`` prints it.

docs/openapi.json is the committed copy; the console's types are generated from it, and a test fails when it
is stale.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from weakspot import __version__
from weakspot.api.authentication import COOKIE, CSRF_HEADER, SAFE_METHODS
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.inventory.contracts import (
    EnrolAnswer,
    EnrolRequest,
    Heartbeat,
    HeartbeatAnswer,
    Report,
    ReportAnswer,
)
from weakspot.queries.contracts import Page
from weakspot.runtime.errors import ProblemDetails

DESCRIBE = Operation(id="describeApi", summary="This document", tag="meta", permission=None, answer=dict[str, Any])
_REF = "#/components/schemas/{name}"
_ERRORS = {
    400: "The request cannot be understood; the detail says what to change",
    401: "No credentials, or none that are valid now",
    403: "A permission is missing, or the request was forged",
    404: "No such thing, or none that the caller may see",
    409: "The request does not fit the present state",
    413: "Over a limit of bytes, items or depth",
    415: "Another media type or encoding is needed",
    421: "The Host header names a host that this server does not answer for",
    422: "A named field has a value that is not allowed",
    429: "Too many requests; Retry-After says when to come back",
    503: "Not possible now; Retry-After says when to try again",
}

# The sensors' calls are a plain ASGI application; their declarations live here, for the document alone.
_SENSOR = {
    "/api/sensor/v1/enrol": Operation(
        id="enrolSensor",
        summary="Exchange an enrolment token for a device key; 202 while an administrator must approve",
        tag="sensor",
        permission="device",
        body=EnrolRequest,
        answer=EnrolAnswer,
        errors=(409, 413, 415, 422),
    ),
    "/api/sensor/v1/reports": Operation(
        id="recordReport",
        summary="Record a full report or a delta; answered once it is durable",
        tag="sensor",
        permission="device",
        body=Report,
        answer=ReportAnswer,
        errors=(409, 413, 415, 422),
    ),
    "/api/sensor/v1/heartbeat": Operation(
        id="recordHeartbeat",
        summary="I am here, and this is my inventory's digest",
        tag="sensor",
        permission="device",
        body=Heartbeat,
        answer=HeartbeatAnswer,
        errors=(413, 415, 422),
    ),
}


@get("/openapi.json", opt={OPERATION: DESCRIBE}, name=DESCRIBE.id)
async def describe_api() -> Response[bytes]:
    """Public: it tells nothing about this installation."""
    return Response(_encoded_document(), media_type="application/json")


OPENAPI_ROUTE = describe_api


def declared(handlers: Iterable[HTTPRouteHandler], prefix: str) -> Iterator[tuple[str, str, Operation]]:
    """(path, method, declaration) of routes."""
    for handler in handlers:
        operation = handler.opt[OPERATION]
        for path in handler.paths:
            clean = re.sub(r"\{(\w+):\w+\}", r"{\1}", f"{prefix}{path}")
            for method in sorted(handler.http_methods):
                if method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                    yield clean, method.lower(), operation


@cache
def document() -> dict[str, Any]:
    """The whole document, OpenAPI 3.1. Schemas come from the very structs that are encoded and decoded."""
    from weakspot.api import routes
    from weakspot.api.defender.routes import ROUTES

    entries = [
        *declared([*routes.ALL, OPENAPI_ROUTE], "/api/v1"),
        *declared(ROUTES, "/api"),
        *((path, "post", operation) for path, operation in _SENSOR.items()),
    ]
    types = _types(operation for _, _, operation in entries)
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    schema_of = {repr(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for path, method, operation in sorted(entries, key=lambda entry: (entry[0], entry[1])):
        paths.setdefault(path, {})[method] = _operation(path, method, operation, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Weakspot",
            "version": __version__,
            "description": "Threat and vulnerability management. Errors are problem details (RFC 9457).",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                "token": {"type": "http", "scheme": "bearer"},
                "device": {"type": "http", "scheme": "bearer", "description": "Device key of an enrolled sensor"},
            },
        },
    }


def encoded() -> str:
    """The document as it is committed: indented JSON with a final newline."""
    text = msgspec.json.encode(document(), order=None)
    return msgspec.json.format(text, indent=2).decode() + "\n"


def _encoded_document() -> bytes:
    return msgspec.json.encode(document())


def _types(operations: Iterable[Operation]) -> list[Any]:
    found: dict[str, Any] = {repr(ProblemDetails): ProblemDetails}
    for operation in operations:
        for kind in (operation.answer, operation.body):
            if kind is not None:
                found[repr(kind)] = kind
    return list(found.values())


def _operation(path: str, method: str, operation: Operation, schema_of: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "security": _security(operation),
        "parameters": [*_path_parameters(path), *(_query_parameter(one) for one in operation.parameters)],
        "responses": {str(operation.status): _success(operation, schema_of), **_failures(operation, method)},
    }
    if operation.permission not in (None, "device"):
        described["description"] = f"Needs the permission {operation.permission}."
    if method.upper() not in SAFE_METHODS and operation.permission not in (None, "device"):
        described["parameters"].append(
            {
                "name": CSRF_HEADER,
                "in": "header",
                "required": False,
                "description": "csrf_token of the session; needed with the session cookie.",
                "schema": {"type": "string"},
            }
        )
    if operation.body is not None:
        content = {"application/json": {"schema": schema_of[repr(operation.body)]}}
        described["requestBody"] = {"required": True, "content": content}
    if operation.raw_body:
        raw = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in operation.raw_body}
        described["requestBody"] = {"required": True, "content": raw}
    return described


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.permission is None:
        return []
    return [{"device": []}] if operation.permission == "device" else [{"session": []}, {"token": []}]


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _query_parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": {"text": "string"}.get(parameter.kind, parameter.kind)}
    for name, value in (
        ("enum", list(parameter.values) if parameter.values else None),
        ("default", parameter.default),
        ("minimum", parameter.minimum),
        ("maximum", parameter.maximum),
    ):
        schema |= {} if value is None else {name: value}
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.description,
        "schema": schema,
    }
    if parameter.is_repeatable:
        described |= {"schema": {"type": "array", "items": schema}, "style": "form", "explode": parameter.is_verbatim}
    return described


def _success(operation: Operation, schema_of: dict[str, Any]) -> dict[str, Any]:
    if operation.answer is None:
        if operation.status == 204:
            return {"description": "Done"}
        return {"description": "A stream", "content": {operation.media_type: {"schema": {"type": "string"}}}}
    content: dict[str, Any] = {operation.media_type: {"schema": schema_of[repr(operation.answer)]}}
    if getattr(operation.answer, "__origin__", None) is Page:
        content["text/csv"] = {"schema": {"type": "string"}}
    return {"description": "Success", "content": content}


def _failures(operation: Operation, method: str) -> dict[str, Any]:
    statuses = {400, 421, 503, *operation.errors}
    if operation.permission is not None:
        statuses |= {401, 403}
    if method.upper() not in SAFE_METHODS and operation.body is not None:
        statuses |= {413, 415, 422}
    media_type = "application/json" if operation.tag == "compatible" else "application/problem+json"
    schema = {"type": "object"} if operation.tag == "compatible" else {"$ref": _REF.format(name="ProblemDetails")}
    return {
        str(status): {"description": _ERRORS[status], "content": {media_type: {"schema": schema}}}
        for status in sorted(statuses)
    }


if __name__ == "__main__":
    sys.stdout.write(encoded())
