"""Certificates: what is on the devices, one of them, its devices, and the counts of the dashboard's card."""

from __future__ import annotations

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked, list_parameters
from weakspot.api.operation import Operation
from weakspot.api.routes import words
from weakspot.api.routing import number_of, read_route
from weakspot.queries import certificates, devices
from weakspot.queries.base import ReadContext
from weakspot.queries.certificate_contracts import CertificateRow, CertificateSummary
from weakspot.queries.contracts import DeviceRow, Page

_FILTERS = {
    "status": "By their dates: over, over within 60 days, not begun, none of these, or an end that is not reported.",
    "due": "Only those that are not over and end within so many days.",
    "risky": "Only what is expired or will be within 60 days, has a short key or a weak signature, or is self-signed; "
    "or only other.",
    "self_signed": "Whether they name themselves as their issuer.",
    "key_size": "By the length of their key: short is below 2048 bits, on elliptic curves below 224 bits.",
    "signature": "By the hash that was signed: weak are SHA-1, MD5 and its like.",
}

LIST = Operation(
    id="listCertificates",
    summary="Certificates on the devices, each with how many have it",
    tag="certificates",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[CertificateRow],
    parameters=list_parameters(certificates.SHAPE, "subjects, issuers, serial numbers and SHA-256", _FILTERS),
)
SUMMARY = Operation(
    id="showCertificateSummary",
    summary="How many certificates are expired, will be soon, or are a risk otherwise",
    tag="certificates",
    permission=Permission.TVM_VIEW_DATA,
    answer=CertificateSummary,
    parameters=(GROUPS,),
)
SHOW = Operation(
    id="showCertificate",
    summary="One certificate",
    tag="certificates",
    permission=Permission.TVM_VIEW_DATA,
    answer=CertificateRow,
    parameters=(GROUPS,),
    errors=(404,),
)
DEVICES = Operation(
    id="listCertificateDevices",
    summary="Devices that have one certificate",
    tag="certificates",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[DeviceRow],
    parameters=list_parameters(devices.SHAPE, "device names and domains", words.FILTERS),
    errors=(404,),
)


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[CertificateRow]:
    return certificates.page(read, scope, asked.query)


def _summary(read: ReadContext, scope: Scope, _: Asked) -> CertificateSummary:
    return certificates.summary(read, scope)


def _show(read: ReadContext, scope: Scope, asked: Asked) -> CertificateRow:
    return certificates.detail(read, scope, number_of(asked.path["id"]))


def _devices(read: ReadContext, scope: Scope, asked: Asked) -> Page[DeviceRow]:
    return certificates.devices(read, scope, number_of(asked.path["id"]), asked.query)


ROUTES = (
    read_route("/certificates", LIST, _list),
    read_route("/certificates/summary", SUMMARY, _summary),
    read_route("/certificates/{id:str}", SHOW, _show),
    read_route("/certificates/{id:str}/devices", DEVICES, _devices),
)
