"""What one device tells beside its software: hardware, accounts, extensions, certificates, shares, services."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from weakspot import inventory
from weakspot.access.contracts import Scope
from weakspot.inventory.detail_contracts import (
    BrowserExtension,
    Certificate,
    ListeningService,
    LocalGroup,
    LocalUser,
    NetworkShare,
)
from weakspot.queries.base import ReadContext
from weakspot.queries.lens import Lens, find_device
from weakspot.queries.rows import iso

_Row = TypeVar("_Row")


class DeviceHardware(msgspec.Struct, frozen=True, kw_only=True):
    """Hardware and firmware; empty text and 0 where they are not told. ``firmware``: uefi or bios."""

    vendor: str
    model: str
    serial: str
    cpu: str
    memory_bytes: int
    bios_version: str
    firmware: str
    secure_boot: bool | None


class DeviceObservations(msgspec.Struct, frozen=True, kw_only=True):
    """The sections of one device. None: no source of the device tells it, which is not the same as an empty list."""

    reported_at: str | None
    """When a section last arrived; None: the device tells none."""
    hardware: DeviceHardware
    services: list[ListeningService] | None
    users: list[LocalUser] | None
    groups: list[LocalGroup] | None
    shares: list[NetworkShare] | None
    extensions: list[BrowserExtension] | None
    certificates: list[Certificate] | None
    usage_observed_since: str | None
    """The day since which it is looked which software runs; None: nobody looks."""


def observations(read: ReadContext, scope: Scope, public_id: str) -> DeviceObservations:
    """What a device tells of itself. Raises NotFound."""
    device = find_device(Lens(read, scope), public_id)
    told, at = inventory.device_details(read.conn, device.id)
    hardware = device.described.hardware
    return DeviceObservations(
        reported_at=iso(at),
        hardware=DeviceHardware(**{name: getattr(hardware, name) for name in DeviceHardware.__struct_fields__}),
        services=_listed(told.services),
        users=_listed(told.users),
        groups=_listed(told.groups),
        shares=_listed(told.shares),
        extensions=_listed(told.extensions),
        certificates=_listed(told.certificates),
        usage_observed_since=None if told.usage is None else told.usage.observed_since,
    )


def _listed(rows: tuple[_Row, ...] | None) -> list[_Row] | None:
    return None if rows is None else list(rows)
