"""Every answer that is not a success, in one shape (RFC 9457), whatever raised it.

Our own errors carry their status and text. Those of the framework are mapped by status. Anything else is a
fault of ours: it is logged with the request's id, and the caller learns the id and nothing more.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import msgspec
from litestar.exceptions import HTTPException

from weakspot.runtime.errors import (
    PROBLEM_TYPE_BASE,
    AccessError,
    Forbidden,
    InputError,
    MethodNotAllowed,
    NotFound,
    ProblemDetails,
    RateLimited,
    TooLarge,
    Unavailable,
    UnsupportedEncoding,
    WeakspotError,
)

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_FALLBACK_RETRY_SECONDS = 5


class Answer(msgspec.Struct, frozen=True):
    """A finished answer, ready for the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


def to_error(error: BaseException, request_id: str) -> WeakspotError:
    """Any exception as one of our own; unknown ones are logged and become a bare 500."""
    if isinstance(error, WeakspotError):
        return error
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _from_framework(error)
    if isinstance(error, RecursionError):
        return TooLarge("The request is nested too deeply; flatten it.")
    logger.error("request failed", exc_info=error, extra={"fields": {"request": request_id}})
    return WeakspotError(
        f"Something went wrong on the server; its log has the cause under the request id {request_id}. "
        "Tell an administrator."
    )


def answer(error: WeakspotError, request_id: str) -> Answer:
    """The problem document of an error with the headers that belong to its status."""
    document = error.problem(instance=f"urn:uuid:{request_id}")
    return Answer(error.status, {"content-type": MEDIA_TYPE, **headers_of(error)}, msgspec.json.encode(document))


def headers_of(error: WeakspotError) -> dict[str, str]:
    """``WWW-Authenticate`` for 401 and ``Retry-After`` for 429 and 503."""
    if error.status == 401:
        return {"www-authenticate": 'Bearer realm="weakspot"'}
    if error.status in (429, 503):
        return {"retry-after": str(error.retry_after_seconds or _FALLBACK_RETRY_SECONDS)}
    if isinstance(error, MethodNotAllowed) and error.allow:
        return {"allow": error.allow}
    return {}


def catalogue() -> Mapping[str, ProblemDetails]:
    """Every problem by its slug, for the documentation."""
    found: dict[str, ProblemDetails] = {}
    pending: list[type[WeakspotError]] = [WeakspotError]
    while pending:
        kind = pending.pop()
        pending.extend(kind.__subclasses__())
        found[kind.slug] = ProblemDetails(
            type=PROBLEM_TYPE_BASE + kind.slug,
            title=kind.title,
            status=kind.status,
            detail=(kind.__doc__ or "").strip(),
        )
    return dict(sorted(found.items()))


def _from_framework(error: HTTPException) -> WeakspotError:
    status = error.status_code
    known: dict[int, tuple[type[WeakspotError], str]] = {
        401: (AccessError, "Sign in, or send a bearer token."),
        403: (Forbidden, "You are not allowed to do this."),
        404: (NotFound, "There is nothing at this path; /api/v1/openapi.json lists what there is."),
        413: (TooLarge, "The request is too large."),
        415: (UnsupportedEncoding, "Send application/json."),
        429: (RateLimited, "Too many requests; try again later."),
        503: (Unavailable, "Try again in a few seconds."),
    }
    kind, text = known.get(
        status, (InputError, "The request cannot be understood; compare it with the API's description.")
    )
    return kind(text)
