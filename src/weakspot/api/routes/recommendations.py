"""Recommendations: the list, one of them, its devices and the weaknesses that it takes away."""

from __future__ import annotations

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked, list_parameters
from weakspot.api.operation import Operation
from weakspot.api.routes import words
from weakspot.api.routing import read_route
from weakspot.queries import devices, recommendations, weaknesses
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import DeviceRow, Page, RecommendationDetail, RecommendationRow, WeaknessRow

LIST = Operation(
    id="listRecommendations",
    summary="What can be done, with what each would change",
    tag="recommendations",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[RecommendationRow],
    parameters=list_parameters(recommendations.SHAPE, "titles, vendors and ids", words.FILTERS),
)
SHOW = Operation(
    id="showRecommendation",
    summary="One recommendation with installed versions, targets and other mitigations",
    tag="recommendations",
    permission=Permission.TVM_VIEW_DATA,
    answer=RecommendationDetail,
    parameters=(GROUPS,),
    errors=(404,),
)
DEVICES = Operation(
    id="listRecommendationDevices",
    summary="Devices that a recommendation is for",
    tag="recommendations",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[DeviceRow],
    parameters=list_parameters(devices.SHAPE, "device names and domains", words.FILTERS),
    errors=(404,),
)
WEAKNESSES = Operation(
    id="listRecommendationWeaknesses",
    summary="Vulnerabilities that a recommendation takes away",
    tag="recommendations",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[WeaknessRow],
    parameters=list_parameters(weaknesses.SHAPE, "names and titles", words.FILTERS),
    errors=(404,),
)


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[RecommendationRow]:
    return recommendations.page(read, scope, asked.query)


def _show(read: ReadContext, scope: Scope, asked: Asked) -> RecommendationDetail:
    return recommendations.detail(read, scope, asked.path["id"])


def _devices(read: ReadContext, scope: Scope, asked: Asked) -> Page[DeviceRow]:
    return recommendations.devices(read, scope, asked.path["id"], asked.query)


def _weaknesses(read: ReadContext, scope: Scope, asked: Asked) -> Page[WeaknessRow]:
    return recommendations.weaknesses(read, scope, asked.path["id"], asked.query)


ROUTES = (
    read_route("/recommendations", LIST, _list),
    read_route("/recommendations/{id:str}", SHOW, _show),
    read_route("/recommendations/{id:str}/devices", DEVICES, _devices),
    read_route("/recommendations/{id:str}/weaknesses", WEAKNESSES, _weaknesses),
)
