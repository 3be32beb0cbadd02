"""Live changes as server-sent events."""

from __future__ import annotations

from litestar import Response, get
from litestar.response import Stream

from weakspot.access import Permission
from weakspot.api.listing import MAXIMUM_ID
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routing import ApiRequest, asked_of, caller_of, services_of

FOLLOW = Operation(
    id="followChanges",
    summary="Stream of changes: events 'changed', 'reset' and 'closed', resumed by Last-Event-ID",
    tag="events",
    permission=Permission.VIEW_DATA,
    media_type="text/event-stream",
    parameters=(
        Parameter(
            name="since",
            description="Change to start after, from the Weakspot-Seq header of an answer; Last-Event-ID wins.",
            kind="integer",
            maximum=MAXIMUM_ID,
        ),
    ),
    errors=(429,),
)


@get("/events", opt={OPERATION: FOLLOW}, name=FOLLOW.id)
async def follow_changes(request: ApiRequest) -> Response[bytes]:
    """Ends with ``closed`` when the session, role or token does."""
    asked = asked_of(request, FOLLOW)
    services = services_of(request)
    credentials = request.scope["state"]["credentials"]
    last = request.scope["state"]["headers"].get("last-event-id", asked.values.get("since", ""))
    # A stream that is open is not a person at work: it does not prolong the session.
    subscriber = await services.hub.subscribe(
        caller_of(request),
        lambda: services.authenticator.caller(credentials, services.clock(), is_use=False),
        _seq(last),
    )
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return Stream(services.hub.stream(subscriber), media_type="text/event-stream", headers=headers)  # type: ignore[return-value]


ROUTES = (follow_changes,)


def _seq(text: str) -> int | None:
    """A position that nobody could have been given counts as too old: everything is fetched again."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else -1
