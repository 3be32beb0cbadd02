"""Feedback: wishes for support and what is wrong about software or numbers, for administrators to look at."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast, get_args

import msgspec
from litestar import Response, get, post

from weakspot import matching, workflows
from weakspot.access import Permission
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routing import ApiRequest, asked_of, body_of, caller_of, json_response, services_of
from weakspot.matching.contracts import Feedback, FeedbackKind, FeedbackState, FeedbackSubject, GivenFeedback
from weakspot.queries import feedback as queries
from weakspot.runtime.clock import to_iso


class FeedbackGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is wished for or wrong. subject: name of a vulnerability, or id of a software or recommendation.

    kind ``support_wish`` asks that a vulnerability be assessed, and needs no text; nothing leaves this server.
    """

    kind: FeedbackKind
    subject_kind: FeedbackSubject
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=2100)]
    text: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class FeedbackDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an administrator says to it."""

    id: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    decision: Literal["done", "refused"]
    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class FeedbackRow(msgspec.Struct, frozen=True, kw_only=True):
    """Feedback as it stands."""

    id: int
    state: FeedbackState
    kind: FeedbackKind
    subject_kind: FeedbackSubject
    subject: str
    text: str
    author: str
    created_at: str
    decided_by: str | None
    decided_at: str | None
    note: str


_given = msgspec.json.Decoder(FeedbackGiven)
_decision = msgspec.json.Decoder(FeedbackDecision)


def _declare(name: str, summary: str, permission: str, answer: Any, body: Any = None, **more: Any) -> Operation:
    return Operation(
        id=name, summary=summary, tag="corrections", permission=permission, answer=answer, body=body, **more
    )


GIVE = _declare(
    "giveFeedback",
    "Wish that a vulnerability be supported, or say what is wrong about software or numbers",
    Permission.TVM_VIEW_DATA,
    FeedbackRow,
    FeedbackGiven,
    errors=(404, 409),
)
LIST = _declare(
    "listFeedback",
    "Feedback, newest first, at most 1,000",
    Permission.MANAGE_SECURITY,
    list[FeedbackRow],
    parameters=(
        Parameter(name="state", description="Only what is in this state.", values=get_args(FeedbackState)),
        Parameter(name="kind", description="Only feedback of this kind.", values=get_args(FeedbackKind)),
    ),
)
DECIDE = _declare(
    "decideFeedback",
    "Say that something was done about it, or that nothing will be",
    Permission.MANAGE_SECURITY,
    FeedbackRow,
    FeedbackDecision,
    errors=(404, 409),
)


@post("/feedback", opt={OPERATION: GIVE}, name=GIVE.id, status_code=200)
async def give_feedback(request: ApiRequest) -> Response[bytes]:
    """Saying the same again changes nothing."""
    services, actor = services_of(request), caller_of(request)
    body = await body_of(request, _given)
    given = GivenFeedback(
        kind=body.kind, subject_kind=body.subject_kind, subject=body.subject.strip(), text=body.text.strip()
    )
    named = await services.reads.read(lambda read: queries.named(read, actor.scope, given))
    kept = await services.reads.run(lambda: workflows.give_feedback(services.database, actor, named, services.clock()))
    return json_response(row_of(kept))


@get("/feedback", opt={OPERATION: LIST}, name=LIST.id)
async def list_feedback(request: ApiRequest) -> Response[bytes]:
    """All of it, or a part."""
    values = asked_of(request, LIST).values
    state = cast("FeedbackState | None", values.get("state"))
    kind = cast("FeedbackKind | None", values.get("kind"))
    services = services_of(request)

    def read() -> list[FeedbackRow]:
        with services.database.read() as conn:
            return [row_of(one) for one in matching.feedback_listed(conn, state, kind)]

    return json_response(await services.reads.run(read))


@post("/feedback/decisions", opt={OPERATION: DECIDE}, name=DECIDE.id, status_code=200)
async def decide_feedback(request: ApiRequest) -> Response[bytes]:
    """It stays in the list."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _decision)
    decided = await services.reads.run(
        lambda: workflows.decide_feedback(
            services.database, actor, asked.id, asked.decision, asked.note, services.clock()
        )
    )
    return json_response(row_of(decided))


def row_of(kept: Feedback) -> FeedbackRow:
    """Feedback as the API writes it."""
    values = msgspec.structs.asdict(kept)
    values["created_at"] = to_iso(kept.created_at)
    values["decided_at"] = None if kept.decided_at is None else to_iso(kept.decided_at)
    return FeedbackRow(**values)


ROUTES = (give_feedback, list_feedback, decide_feedback)
