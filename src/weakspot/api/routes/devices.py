"""Devices: the list, the device page and its tabs, and "why am I seeing this?"."""

from __future__ import annotations

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked, list_parameters
from weakspot.api.operation import Operation
from weakspot.api.routes import words
from weakspot.api.routing import read_route
from weakspot.queries import device_details, device_software, device_weaknesses, devices, explain, missing_updates
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import (
    DeviceDetail,
    DeviceRow,
    DeviceSoftwareRow,
    Explanation,
    FindingRow,
    Page,
    SoftwareChangeRow,
)
from weakspot.queries.device_details import DeviceObservations
from weakspot.queries.missing_updates import MissingUpdateRow

LIST = Operation(
    id="listDevices",
    summary="Devices of the fleet",
    tag="devices",
    permission=Permission.VIEW_DATA,
    answer=Page[DeviceRow],
    parameters=list_parameters(devices.SHAPE, "names and domains", words.FILTERS),
)
SHOW = Operation(
    id="showDevice",
    summary="One device",
    tag="devices",
    permission=Permission.VIEW_DATA,
    answer=DeviceDetail,
    parameters=(GROUPS,),
    errors=(404,),
)
DETAILS = Operation(
    id="showDeviceDetails",
    summary="Hardware, accounts, extensions, certificates, shares and services of one device",
    tag="devices",
    permission=Permission.TVM_VIEW_DATA,
    answer=DeviceObservations,
    errors=(404,),
)
SOFTWARE = Operation(
    id="listDeviceSoftware",
    summary="What is installed on one device, with evidence",
    tag="devices",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[DeviceSoftwareRow],
    parameters=list_parameters(device_software.SOFTWARE_SHAPE, "names and versions", words.FILTERS),
    errors=(404,),
)
UPDATES = Operation(
    id="listDeviceUpdates",
    summary="Updates that one device lacks, those that wait for a restart included",
    tag="devices",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[MissingUpdateRow],
    parameters=list_parameters(missing_updates.SHAPE, "names of updates, products and weaknesses", words.FILTERS),
    errors=(404,),
)
WEAKNESSES = Operation(
    id="listDeviceWeaknesses",
    summary="Findings of one device, open or closed",
    tag="devices",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[FindingRow],
    parameters=list_parameters(device_weaknesses.SHAPE, "names and titles", words.FILTERS),
    errors=(404,),
)
CHANGES = Operation(
    id="listDeviceChanges",
    summary="What was installed, updated and removed on one device",
    tag="devices",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[SoftwareChangeRow],
    parameters=list_parameters(device_software.CHANGES_SHAPE, "software names", words.FILTERS),
    errors=(404,),
)
EXPLAIN = Operation(
    id="explainFinding",
    summary="Why a device has a weakness, or why not, through every module",
    tag="devices",
    permission=Permission.TVM_VIEW_DATA,
    answer=Explanation,
    errors=(404,),
)


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[DeviceRow]:
    return devices.page(read, scope, asked.query)


def _show(read: ReadContext, scope: Scope, asked: Asked) -> DeviceDetail:
    return devices.detail(read, scope, asked.path["id"])


def _details(read: ReadContext, scope: Scope, asked: Asked) -> DeviceObservations:
    return device_details.observations(read, scope, asked.path["id"])


def _software(read: ReadContext, scope: Scope, asked: Asked) -> Page[DeviceSoftwareRow]:
    return devices.software(read, scope, asked.path["id"], asked.query)


def _updates(read: ReadContext, scope: Scope, asked: Asked) -> Page[MissingUpdateRow]:
    return missing_updates.of_device(read, scope, asked.path["id"], asked.query)


def _weaknesses(read: ReadContext, scope: Scope, asked: Asked) -> Page[FindingRow]:
    return devices.weaknesses(read, scope, asked.path["id"], asked.query)


def _changes(read: ReadContext, scope: Scope, asked: Asked) -> Page[SoftwareChangeRow]:
    return devices.changes(read, scope, asked.path["id"], asked.query)


def _explain(read: ReadContext, scope: Scope, asked: Asked) -> Explanation:
    return explain.finding(read, scope, asked.path["id"], asked.path["name"])


ROUTES = (
    read_route("/devices", LIST, _list),
    read_route("/devices/{id:str}", SHOW, _show),
    read_route("/devices/{id:str}/details", DETAILS, _details),
    read_route("/devices/{id:str}/software", SOFTWARE, _software),
    read_route("/devices/{id:str}/weaknesses", WEAKNESSES, _weaknesses),
    read_route("/devices/{id:str}/updates", UPDATES, _updates),
    read_route("/devices/{id:str}/changes", CHANGES, _changes),
    read_route("/devices/{id:str}/weaknesses/{name:str}/explanation", EXPLAIN, _explain),
)
