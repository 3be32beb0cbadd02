"""Software: the inventory, one of it, its devices and its weaknesses."""

from __future__ import annotations

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked, list_parameters
from weakspot.api.operation import Operation
from weakspot.api.routes import words
from weakspot.api.routing import read_route
from weakspot.queries import devices, missing_updates, software, software_weaknesses
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import DeviceRow, Page, SoftwareDetail, SoftwareRow, SoftwareWeaknessRow
from weakspot.queries.missing_updates import MissingUpdateRow

LIST = Operation(
    id="listSoftware",
    summary="Software installed in the fleet",
    tag="software",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[SoftwareRow],
    parameters=list_parameters(software.SHAPE, "names and vendors", words.FILTERS),
)
SHOW = Operation(
    id="showSoftware",
    summary="One software with its installed versions",
    tag="software",
    permission=Permission.TVM_VIEW_DATA,
    answer=SoftwareDetail,
    parameters=(GROUPS,),
    errors=(404,),
)
DEVICES = Operation(
    id="listSoftwareDevices",
    summary="Devices that have one software installed",
    tag="software",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[DeviceRow],
    parameters=list_parameters(devices.SHAPE, "device names and domains", words.FILTERS),
    errors=(404,),
)
WEAKNESSES = Operation(
    id="listSoftwareWeaknesses",
    summary="Vulnerabilities of the installed versions of one software",
    tag="software",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[SoftwareWeaknessRow],
    parameters=list_parameters(software_weaknesses.SHAPE, "names and titles", words.FILTERS),
    errors=(404,),
)
UPDATES = Operation(
    id="listSoftwareUpdates",
    summary="Updates that devices with one software lack, those that wait for a restart included",
    tag="software",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[MissingUpdateRow],
    parameters=list_parameters(missing_updates.SHAPE, "names of updates, products and weaknesses", words.FILTERS),
    errors=(404,),
)


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[SoftwareRow]:
    return software.page(read, scope, asked.query)


def _show(read: ReadContext, scope: Scope, asked: Asked) -> SoftwareDetail:
    return software.detail(read, scope, asked.path["id"])


def _devices(read: ReadContext, scope: Scope, asked: Asked) -> Page[DeviceRow]:
    return software.devices(read, scope, asked.path["id"], asked.query)


def _weaknesses(read: ReadContext, scope: Scope, asked: Asked) -> Page[SoftwareWeaknessRow]:
    return software_weaknesses.page(read, scope, asked.path["id"], asked.query)


def _updates(read: ReadContext, scope: Scope, asked: Asked) -> Page[MissingUpdateRow]:
    return missing_updates.of_software(read, scope, asked.path["id"], asked.query)


ROUTES = (
    read_route("/software", LIST, _list),
    read_route("/software/{id:str}", SHOW, _show),
    read_route("/software/{id:str}/devices", DEVICES, _devices),
    read_route("/software/{id:str}/weaknesses", WEAKNESSES, _weaknesses),
    read_route("/software/{id:str}/updates", UPDATES, _updates),
)
