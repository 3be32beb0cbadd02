"""Finding machines by their address (spec/api.md 7.8).

``/api/machines/findbyip(ip=...,timestamp=...)``; ``paths`` makes a segment of its own of what is
inside the parentheses. Which address a device had earlier is not kept: those that have it now, and were in contact
around that moment, are found.
"""

from __future__ import annotations

import ipaddress
import re

from litestar import Response, get

from weakspot import inventory
from weakspot.access import Permission
from weakspot.api.defender.errors import MissingParameter, ResourceNotFound
from weakspot.api.defender.machine_changes import ApiRequest, collection, count
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import caller_of, services_of
from weakspot.queries import defender
from weakspot.queries.base import ReadContext
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import DAY, SECOND, Micros, from_iso
from weakspot.runtime.errors import InvalidField

_CALL = re.compile(r"\s*ip\s*=\s*'([^']{1,64})'\s*,\s*timestamp\s*=\s*'?([^',\s]{1,40})'?\s*", re.IGNORECASE)
_AROUND = 15 * 60 * SECOND
_PAST = 30 * DAY

FIND_BY_IP = Operation(
    id="compatibleFindByIp",
    summary="Devices with an internal address around a moment: findbyip(ip='…',timestamp=…)",
    tag="compatible",
    permission=Permission.MACHINE_READ,
    answer=list[defender.Machine],
    errors=(404, 429),
)


def asked(call: str, now: Micros) -> tuple[str, Micros]:
    """Address, as the inventory writes it, and moment. Raises MissingParameter, InvalidField."""
    match = _CALL.fullmatch(call)
    if match is None:
        raise MissingParameter("Write findbyip(ip='10.0.0.1',timestamp=2026-11-22T10:00:00Z).")
    try:
        address = str(ipaddress.ip_address(match[1].strip()))
    except ValueError:
        raise MissingParameter("ip is an address such as 10.0.0.1 or 2001:db8::1, in quotes.") from None
    try:
        at = from_iso(match[2].upper())
    except ValueError:
        raise InvalidField("timestamp is a time with a zone, as 2026-11-22T10:00:00Z.", field="timestamp") from None
    if not now - _PAST <= at <= now + _AROUND:
        raise InvalidField("timestamp lies within the past 30 days.", field="timestamp")
    return address, at


@get("/machines/findbyip/{call:str}", opt={OPERATION: FIND_BY_IP}, name=FIND_BY_IP.id)
async def find_by_ip(request: ApiRequest) -> Response[bytes]:
    """404 where no device of the caller's scope has the address."""
    services, caller = services_of(request), caller_of(request)
    count(request)
    address, at = asked(str(request.path_params["call"]), services.clock())

    def read(context: ReadContext) -> bytes:
        having = inventory.devices(context.conn, inventory.devices_with_address(context.conn, address))
        then = {one.id for one in having if one.first_seen_at - _AROUND <= at <= one.last_seen_at + _AROUND}
        found = list(defender.machines(Lens(context, caller.scope), then))
        if not found:
            raise ResourceNotFound(f"No machine that you may see was seen with the address {address} then.")
        return collection(request, found)

    return Response(await services.reads.read(read), media_type="application/json")


ROUTES = (find_by_ip,)
