"""Weaknesses: the list, one of them, its devices."""

from __future__ import annotations

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked, list_parameters
from weakspot.api.operation import Operation
from weakspot.api.routes import words
from weakspot.api.routing import read_route
from weakspot.queries import weaknesses
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import ExposedDeviceRow, Page, WeaknessDetail, WeaknessRow

LIST = Operation(
    id="listWeaknesses",
    summary="Vulnerabilities of the fleet",
    tag="weaknesses",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[WeaknessRow],
    parameters=list_parameters(weaknesses.SHAPE, "names and titles", words.FILTERS),
)
SHOW = Operation(
    id="showWeakness",
    summary="One vulnerability, with what each source says about it",
    tag="weaknesses",
    permission=Permission.TVM_VIEW_DATA,
    answer=WeaknessDetail,
    parameters=(GROUPS,),
    errors=(404,),
)
DEVICES = Operation(
    id="listWeaknessDevices",
    summary="Devices exposed to one vulnerability, with since when and how often it came back",
    tag="weaknesses",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[ExposedDeviceRow],
    parameters=list_parameters(weaknesses.DEVICES_SHAPE, "device names and domains", words.FILTERS),
    errors=(404,),
)


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[WeaknessRow]:
    return weaknesses.page(read, scope, asked.query)


def _show(read: ReadContext, scope: Scope, asked: Asked) -> WeaknessDetail:
    return weaknesses.detail(read, scope, asked.path["name"])


def _devices(read: ReadContext, scope: Scope, asked: Asked) -> Page[ExposedDeviceRow]:
    return weaknesses.devices(read, scope, asked.path["name"], asked.query)


ROUTES = (
    read_route("/weaknesses", LIST, _list),
    read_route("/weaknesses/{name:str}", SHOW, _show),
    read_route("/weaknesses/{name:str}/devices", DEVICES, _devices),
)
