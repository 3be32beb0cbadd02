"""Alternate mitigations: say that one is applied in device groups, with evidence, or take that back."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, post

from weakspot import workflows
from weakspot.access import Permission
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, asked_of, body_of, caller_of, json_response, services_of
from weakspot.queries import mitigations, recommendations
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import RecommendationDetail
from weakspot.queries.lens import Lens
from weakspot.remediation import Mitigated

Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class MitigationApplied(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """mitigation_id: of the recommendation's; group_ids null: every device group with an exposed device; evidence: how
    it is known (a change, a screenshot's address, a configuration that was rolled out).
    """

    mitigation_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    group_ids: Annotated[list[Number], msgspec.Meta(min_length=1, max_length=1_000)] | None = None
    evidence: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]


class MitigationWithdrawal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The statement that does not hold any more; it is kept."""

    statement_id: Number


_applied = msgspec.json.Decoder(MitigationApplied)
_withdrawal = msgspec.json.Decoder(MitigationWithdrawal)


def _declare(name: str, summary: str, body: Any) -> Operation:
    return Operation(
        id=name,
        summary=summary,
        tag="recommendations",
        permission=Permission.REMEDIATION_HANDLING,
        answer=RecommendationDetail,
        body=body,
        errors=(404, 409),
    )


STATE = _declare(
    "stateMitigation", "Say that an alternate mitigation is applied in device groups, and how it is known",
    MitigationApplied,
)  # fmt: skip
WITHDRAW = _declare(
    "withdrawMitigation", "Take back that an alternate mitigation is applied in a device group", MitigationWithdrawal
)


@post("/recommendations/{id:str}/mitigations", opt={OPERATION: STATE}, name=STATE.id, status_code=200)
async def state_mitigation(request: ApiRequest) -> Response[bytes]:
    """Nothing is changed on devices, and no score: it is a person's word."""
    services, actor = services_of(request), caller_of(request)
    ident = asked_of(request, STATE).path["id"]
    body = await body_of(request, _applied)

    def wanted(read: ReadContext) -> list[Mitigated]:
        lens = Lens(read, actor.scope)
        listed = recommendations.Reader(lens).one(ident)
        known = mitigations.of(lens, listed.id, listed.made.weaknesses, listed.devices).known
        groups = mitigations.groups_of(lens, listed.devices) if body.group_ids is None else body.group_ids
        return mitigations.resolve(lens, listed.id, known, body.mitigation_id, body.evidence.strip(), groups)

    made = await services.reads.read(wanted)
    await services.reads.run(lambda: workflows.state_mitigated(services.database, actor, made, services.clock()))
    return await _answer(request, ident)


@post("/recommendations/{id:str}/mitigations/withdrawal", opt={OPERATION: WITHDRAW}, name=WITHDRAW.id, status_code=200)
async def withdraw_mitigation(request: ApiRequest) -> Response[bytes]:
    """It stays in the audit log."""
    services, actor = services_of(request), caller_of(request)
    ident = asked_of(request, WITHDRAW).path["id"]
    body = await body_of(request, _withdrawal)
    await services.reads.run(
        lambda: workflows.withdraw_mitigated(services.database, actor, body.statement_id, services.clock())
    )
    return await _answer(request, ident)


async def _answer(request: ApiRequest, ident: str) -> Response[bytes]:
    scope = caller_of(request).scope
    return json_response(await services_of(request).reads.read(lambda read: recommendations.detail(read, scope, ident)))


ROUTES = (state_mitigation, withdraw_mitigation)
