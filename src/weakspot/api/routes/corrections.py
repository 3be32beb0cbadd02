"""Corrections: anybody who sees findings reports an inaccuracy, administrators decide about it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

import msgspec
from litestar import Response, get, post

from weakspot import matching, workflows
from weakspot.access import Permission
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routing import ApiRequest, asked_of, body_of, caller_of, json_response, services_of
from weakspot.matching.contracts import (
    Correction,
    CorrectionState,
    CorrectionStatus,
    EndOfCorrection,
    ProposedCorrection,
)
from weakspot.runtime.clock import to_iso

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
Version = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
STATES = ("proposed", "approved", "refused", "withdrawn")


class Inaccuracy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is wrong: ``status`` is what is true instead, for versions from ``introduced`` (0: the first) to the end.

    ecosystem and name are those under which the software is looked up (``Debian:12``, ``openssl``).
    """

    ecosystem: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    name: Name
    vulnerability: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    status: CorrectionStatus = "not_affected"
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    introduced: Version = "0"
    end_version: Version | None = None
    end_kind: EndOfCorrection = "none"
    replaces_id: Number | None = None


class InaccuracyDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an administrator says to a report."""

    id: Number
    decision: Literal["approved", "refused", "withdrawn"]
    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class InaccuracyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A correction as it stands."""

    id: int
    state: str
    ecosystem: str
    name: str
    vulnerability: str
    status: str
    introduced: str
    end_version: str | None
    end_kind: str
    reason: str
    author: str
    created_at: str
    decided_by: str | None
    decided_at: str | None
    note: str
    replaces_id: int | None


_inaccuracy = msgspec.json.Decoder(Inaccuracy)
_decision = msgspec.json.Decoder(InaccuracyDecision)


def _declare(name: str, summary: str, permission: str, answer: Any, body: Any = None, **more: Any) -> Operation:
    return Operation(
        id=name, summary=summary, tag="corrections", permission=permission, answer=answer, body=body, **more
    )


REPORT = _declare(
    "reportInaccuracy",
    "Report a wrong finding, for an administrator to decide about",
    Permission.TVM_VIEW_DATA,
    InaccuracyRow,
    Inaccuracy,
    errors=(404,),
)
LIST = _declare(
    "listInaccuracies",
    "Reports of wrong findings, newest first, at most 1,000",
    Permission.MANAGE_SECURITY,
    list[InaccuracyRow],
    parameters=(Parameter(name="state", description="Only those in this state", values=STATES),),
)
DECIDE = _declare(
    "decideInaccuracy",
    "Approve, refuse or withdraw; an approved one is in force at once",
    Permission.MANAGE_SECURITY,
    InaccuracyRow,
    InaccuracyDecision,
    errors=(404, 409),
)


@post("/inaccuracies", opt={OPERATION: REPORT}, name=REPORT.id, status_code=200)
async def report_inaccuracy(request: ApiRequest) -> Response[bytes]:
    """Changes no finding until it is approved."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _inaccuracy)
    proposed = ProposedCorrection(**msgspec.structs.asdict(asked))
    kept = await services.reads.run(
        lambda: workflows.propose_correction(services.database, actor, proposed, services.clock())
    )
    return json_response(row_of(kept))


@get("/inaccuracies", opt={OPERATION: LIST}, name=LIST.id)
async def list_inaccuracies(request: ApiRequest) -> Response[bytes]:
    """All of them, or those in one state."""
    state = cast("CorrectionState | None", asked_of(request, LIST).values.get("state"))
    services = services_of(request)

    def read() -> list[InaccuracyRow]:
        with services.database.read() as conn:
            return [row_of(one) for one in matching.corrections_listed(conn, state)]

    return json_response(await services.reads.run(read))


@post("/inaccuracies/decisions", opt={OPERATION: DECIDE}, name=DECIDE.id, status_code=200)
async def decide_inaccuracy(request: ApiRequest) -> Response[bytes]:
    """What the correction is about is judged again before the answer."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _decision)
    decided = await services.reads.run(
        lambda: workflows.decide_correction(
            services.database, actor, asked.id, asked.decision, asked.note, services.clock()
        )
    )
    return json_response(row_of(decided))


def row_of(kept: Correction) -> InaccuracyRow:
    """A correction as the API writes it."""
    values = msgspec.structs.asdict(kept)
    values["created_at"] = to_iso(kept.created_at)
    values["decided_at"] = None if kept.decided_at is None else to_iso(kept.decided_at)
    return InaccuracyRow(**values)


ROUTES = (report_inaccuracy, list_inaccuracies, decide_inaccuracy)
