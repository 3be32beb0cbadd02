"""Alternate mitigations: say that one is applied in device groups, with evidence, or take that back; the list of it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, post

from weakspot import workflows
from weakspot.access import Permission, Scope
from weakspot.api.listing import Asked, list_parameters
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, asked_of, body_of, caller_of, json_response, read_route, services_of
from weakspot.queries import mitigated, mitigations, recommendations
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import Page, RecommendationDetail
from weakspot.queries.lens import Lens
from weakspot.queries.mitigated import MitigationRow
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


_FILTERS = {
    "state": "Only where a device is exposed still, where none is, or what was taken back.",
    "kind": "Kinds of mitigation to show.",
    "recommendation": "Only of these recommendations (ids).",
}
LIST = Operation(
    id="listMitigations",
    summary="Alternate mitigations that people say are applied, with evidence and the devices that they hold for",
    tag="remediation",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[MitigationRow],
    parameters=list_parameters(mitigated.SHAPE, "recommendations, weaknesses, device groups and evidence", _FILTERS),
)


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


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[MitigationRow]:
    return mitigated.page(read, scope, asked.query)


ROUTES = (read_route("/remediation/mitigations", LIST, _list), state_mitigation, withdraw_mitigation)
