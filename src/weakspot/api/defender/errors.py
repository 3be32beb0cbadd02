"""Errors in the shape that clients of the compatible API read."""

from __future__ import annotations

import msgspec

from weakspot.api.problems import Answer, headers_of
from weakspot.runtime.errors import BadQuery, InvalidField, NotFound, WeakspotError

_CODES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "BadRequest",
    409: "BadRequest",
    413: "BadRequest",
    415: "BadRequest",
    421: "BadRequest",
    422: "InvalidRequestBody",
    429: "TooManyRequests",
    503: "InternalServerError",
}


class ODataError(BadQuery):
    """A query option that cannot be used."""

    slug, title = "odata-error", "Bad query option"


class BatchTooLarge(InvalidField):
    """More ids than one call may name; the detail gives both numbers."""

    slug, title = "batch-too-large", "Batch too large"


class MissingParameter(InvalidField):
    """A parameter that the call cannot do without."""

    slug, title = "missing-parameter", "Missing parameter"


class ResourceNotFound(NotFound):
    """A named thing that is not there, or not for this caller."""

    slug, title = "resource-not-found", "Resource not found"


def answer(error: WeakspotError, request_id: str) -> Answer:
    """``{"error": {"code", "message", "target"}}``; target is the request's id. A 422 is told as 400."""
    document = {"error": {"code": _code(error), "message": error.detail, "target": request_id}}
    status = 400 if isinstance(error, InvalidField) else error.status
    return Answer(status, {"content-type": "application/json", **headers_of(error)}, msgspec.json.encode(document))


def _code(error: WeakspotError) -> str:
    if isinstance(error, BadQuery):
        return "ODataError"
    if isinstance(error, ResourceNotFound):
        return "ResourceNotFound"
    if isinstance(error, BatchTooLarge):
        return "MaximumBatchSizeExceeded"
    if isinstance(error, MissingParameter):
        return "MissingRequiredParameter"
    return _CODES.get(error.status, "InternalServerError")
