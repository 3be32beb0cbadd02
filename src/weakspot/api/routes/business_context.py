"""Business context: what is imported about devices, and the rules that propose value and criticality."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, post, put

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, body_of, caller_of, json_response, read_route, services_of
from weakspot.queries import identity
from weakspot.queries.base import ReadContext
from weakspot.queries.identity import ContextRuleRow
from weakspot.workflows.business_context import Imported, SensitiveRow, SignInRow, checked_reason
from weakspot.workflows.device_decisions import Selection

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Note = Annotated[str, msgspec.Meta(max_length=500)]
MAX_ROWS = 10_000


class GivenSensitive(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Items with a label on a device (id or name)."""

    device: Text
    label: Text
    items: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)] = 1


class SensitiveImport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that one tool finds now; what it said before and no longer says goes."""

    source: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    rows: Annotated[tuple[GivenSensitive, ...], msgspec.Meta(max_length=MAX_ROWS)]


class GivenSignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody signs in on a device (id or name)."""

    device: Text
    user: Text


class SignInImport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who signs in where; added to what is known."""

    rows: Annotated[tuple[GivenSignIn, ...], msgspec.Meta(max_length=MAX_ROWS)]


class HighValueUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody whose devices matter more, and why."""

    name: Text
    reason: Note = ""


class HighValueUsers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole list."""

    users: Annotated[tuple[HighValueUser, ...], msgspec.Meta(max_length=MAX_ROWS)]


class SoftwareMark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Software (``vendor-_-product``) that the business depends on, and why."""

    software: Annotated[str, msgspec.Meta(min_length=1, max_length=2_100)]
    is_critical: bool
    reason: Note = ""


class ContextDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """accept, dismiss: for some devices, or for all that the rule found; automatic, manual: for the rule itself."""

    rule: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    decision: Literal["accept", "dismiss", "automatic", "manual"]
    devices: Selection | None = None


class ContextDecided(msgspec.Struct, frozen=True, kw_only=True):
    """For how many devices it was decided; 0 for the rule itself."""

    devices: int


_sensitive = msgspec.json.Decoder(SensitiveImport)
_sign_ins = msgspec.json.Decoder(SignInImport)
_users = msgspec.json.Decoder(HighValueUsers)
_software = msgspec.json.Decoder(SoftwareMark)
_decision = msgspec.json.Decoder(ContextDecision)


def _declare(name: str, summary: str, answer: Any, body: Any, **more: Any) -> Operation:
    return Operation(
        id=name, summary=summary, tag="business context", permission=Permission.MANAGE_SECURITY, answer=answer,
        body=body, **more,
    )  # fmt: skip


RULES = Operation(
    id="listContextRules",
    summary="Rules that propose device value and criticality, with what they found",
    tag="business context",
    permission=Permission.VIEW_DATA,
    answer=list[ContextRuleRow],
    parameters=(GROUPS,),
)
USERS = Operation(
    id="listHighValueUsers",
    summary="People whose devices matter more",
    tag="business context",
    permission=Permission.MANAGE_SECURITY,
    answer=list[HighValueUser],
    parameters=(GROUPS,),
)
SENSITIVE = _declare("importSensitiveData", "Where a tool found sensitive data", Imported, SensitiveImport)
SIGN_INS = _declare("importSignIns", "Who signs in where", Imported, SignInImport)
SET_USERS = _declare("setHighValueUsers", "Replace the list of high-value users", None, HighValueUsers, status=204)
MARK = _declare(
    "markBusinessSoftware", "Mark software as business-critical", None, SoftwareMark, status=204, errors=(404,)
)
DECIDE = _declare(
    "decideContext", "Accept or dismiss what a rule proposes", ContextDecided, ContextDecision, errors=(404,)
)


def _rules(read: ReadContext, scope: Scope, _: Asked) -> list[ContextRuleRow]:
    return identity.context_rules(read, scope)


def _listed(read: ReadContext, _scope: Scope, _: Asked) -> list[HighValueUser]:
    return [HighValueUser(name=one.name, reason=one.reason) for one in identity.high_value_users(read)]


@put("/business-context/sensitive-data", opt={OPERATION: SENSITIVE}, name=SENSITIVE.id, status_code=200)
async def import_sensitive_data(request: ApiRequest) -> Response[bytes]:
    """The rules look again before the answer."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _sensitive)
    rows = [SensitiveRow(device=one.device, label=one.label, items=one.items) for one in asked.rows]
    return json_response(
        await services.reads.run(lambda: services.business.import_sensitive(actor, asked.source, rows))
    )


@post("/business-context/sign-ins", opt={OPERATION: SIGN_INS}, name=SIGN_INS.id, status_code=200)
async def import_sign_ins(request: ApiRequest) -> Response[bytes]:
    """The rules look again before the answer."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _sign_ins)
    rows = [SignInRow(device=one.device, user=one.user) for one in asked.rows]
    return json_response(await services.reads.run(lambda: services.business.import_sign_ins(actor, rows)))


@put("/business-context/high-value-users", opt={OPERATION: SET_USERS}, name=SET_USERS.id, status_code=204)
async def set_high_value_users(request: ApiRequest) -> Response[None]:
    """All of them."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _users)
    users = {one.name: one.reason for one in asked.users}
    await services.reads.run(lambda: services.business.set_high_value_users(actor, users))
    return Response(None, status_code=204)


@post("/business-context/software", opt={OPERATION: MARK}, name=MARK.id, status_code=204)
async def mark_business_software(request: ApiRequest) -> Response[None]:
    """Every device that runs it is found by the rule."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _software)
    reason = checked_reason(asked.reason) if asked.is_critical else None
    await services.reads.run(lambda: services.business.mark_software(actor, asked.software, reason))
    return Response(None, status_code=204)


@post("/business-context/decisions", opt={OPERATION: DECIDE}, name=DECIDE.id, status_code=200)
async def decide_context(request: ApiRequest) -> Response[bytes]:
    """Value and criticality follow at once; what a person chose for a device stays."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _decision)

    def work() -> int:
        if asked.decision in ("automatic", "manual"):
            services.business.set_automatic(actor, asked.rule, asked.decision == "automatic")
            return 0
        return services.business.decide(actor, asked.rule, asked.devices, asked.decision == "accept")

    return json_response(ContextDecided(devices=await services.reads.run(work)))


ROUTES = (
    read_route("/business-context/rules", RULES, _rules),
    read_route("/business-context/high-value-users", USERS, _listed),
    import_sensitive_data,
    import_sign_ins,
    set_high_value_users,
    mark_business_software,
    decide_context,
)
