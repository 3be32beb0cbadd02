"""Checks of settings and the secure score."""

from __future__ import annotations

from typing import Annotated, Any, cast, get_args

import msgspec
from litestar import Response, put

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked, list_parameters
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routes import words
from weakspot.api.routes.history import STRETCH
from weakspot.api.routing import ApiRequest, asked_of, body_of, caller_of, json_response, read_route, services_of
from weakspot.queries import checks, devices, secure_score
from weakspot.queries.base import ReadContext
from weakspot.queries.check_contracts import CheckDetail, CheckRow, DeviceCheckRow
from weakspot.queries.checks import Assessed
from weakspot.queries.contracts import DeviceRow, Page
from weakspot.queries.secure_score import SecureScore, SecureScoreSeries
from weakspot.workflows.checks import decide_check

ASSESSED_AS = Parameter(
    name="assessed_as", description="What the check says of the devices.", values=get_args(Assessed),
    default="non_compliant",
)  # fmt: skip
_FILTERS = words.FILTERS | {
    "category": "Categories of the secure score to show.",
    "platform": "Kinds of system to show.",
    "assessed_as": "Only checks with devices that comply, that do not, or of which it is not known.",
    "enabled": "Only checks that count, or only those that are switched off.",
}


class CheckChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a check counts. Switching one off needs a reason."""

    is_enabled: bool
    reason: Annotated[str, msgspec.Meta(max_length=2000)] = ""


_choice = msgspec.json.Decoder(CheckChoice)


def _declare(
    name: str, summary: str, answer: Any, permission: str = Permission.TVM_VIEW_DATA, **more: Any
) -> Operation:
    return Operation(id=name, summary=summary, tag="checks", permission=permission, answer=answer, **more)


LIST = _declare(
    "listChecks",
    "Recommended settings, with how many devices comply and what each would add to the secure score",
    Page[CheckRow],
    parameters=list_parameters(checks.SHAPE, "titles, ids and subcategories", _FILTERS),
)
SHOW = _declare(
    "showCheck", "One check with its values, reasons and steps", CheckDetail, parameters=(GROUPS,), errors=(404,)
)
DEVICES = _declare(
    "listCheckDevices",
    "Devices that do not comply with a check, that do, or of which it is not known",
    Page[DeviceRow],
    parameters=(*list_parameters(devices.SHAPE, "device names and domains", words.FILTERS), ASSESSED_AS),
    errors=(404,),
)
OF_DEVICE = _declare(
    "listDeviceChecks",
    "What every check says of one device, with the values that it tells",
    list[DeviceCheckRow],
    parameters=(GROUPS,),
    errors=(404,),
)
SCORE = _declare(
    "showSecureScore", "Secure score with its categories and trend", SecureScore, parameters=(GROUPS,)
)  # fmt: skip
HISTORY = _declare(
    "showSecureScoreHistory",
    "Secure score over time of the organisation or a device group",
    SecureScoreSeries,
    parameters=(
        Parameter(name="kind", description="Whose score.", values=secure_score.KINDS, default="organisation"),
        Parameter(name="subject", description="Id of the group."),
        *STRETCH,
    ),
    errors=(404,),
)  # fmt: skip
DECIDE = _declare(
    "decideCheck",
    "Switch a check off or on, for all devices and at once",
    CheckDetail,
    Permission.MANAGE_SECURITY,
    body=CheckChoice,
    errors=(404,),
)


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[CheckRow]:
    return checks.page(read, scope, asked.query)


def _show(read: ReadContext, scope: Scope, asked: Asked) -> CheckDetail:
    return checks.detail(read, scope, asked.path["id"])


def _devices(read: ReadContext, scope: Scope, asked: Asked) -> Page[DeviceRow]:
    assessed_as = cast("Assessed", asked.values.get("assessed_as", "non_compliant"))
    return checks.devices(read, scope, asked.path["id"], asked.query, assessed_as)


def _of_device(read: ReadContext, scope: Scope, asked: Asked) -> list[DeviceCheckRow]:
    return checks.of_device(read, scope, asked.path["id"])


def _score(read: ReadContext, scope: Scope, _: Asked) -> SecureScore:
    return secure_score.show(read, scope)


def _history(read: ReadContext, scope: Scope, asked: Asked) -> SecureScoreSeries:
    kind = cast("secure_score.Kind", asked.values.get("kind", "organisation"))
    values = asked.values
    period, since, until = values.get("period", "30d"), values.get("since"), values.get("until")
    return secure_score.history(read, scope, kind, values.get("subject", ""), period, since, until)


@put("/checks/{id:str}", opt={OPERATION: DECIDE}, name=DECIDE.id)
async def decide(request: ApiRequest) -> Response[bytes]:
    """Answers the check as it stands then."""
    services, actor = services_of(request), caller_of(request)
    ident = asked_of(request, DECIDE).path["id"]
    asked = await body_of(request, _choice)
    await services.reads.run(
        lambda: decide_check(services.database, actor, ident, asked.is_enabled, asked.reason, services.clock())
    )
    return json_response(await services.reads.read(lambda read: checks.detail(read, actor.scope, ident)))


ROUTES = (
    read_route("/checks", LIST, _list),
    read_route("/checks/{id:str}", SHOW, _show),
    read_route("/checks/{id:str}/devices", DEVICES, _devices),
    read_route("/devices/{id:str}/checks", OF_DEVICE, _of_device),
    read_route("/secure-score", SCORE, _score),
    read_route("/history/secure-score", HISTORY, _history),
    decide,
)
