"""The export of checks in the compatible API: one row for each device and check (spec/api.md 12.2).

Rows are of what is known at the moment of their page; a page begins where the one before ended, by device and check.
A setting that a device does not tell has no row: the contract knows no third state, and unknown is neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from weakspot import inventory, recommendations
from weakspot.inventory.contracts import Device
from weakspot.posture import Category
from weakspot.queries.checks import CheckReader
from weakspot.queries.defender import Entity, dns_name, platform_of
from weakspot.queries.defender_exports import DEVICES_AT_ONCE, Cursor, group_in_exports, stamp
from weakspot.queries.lens import Lens
from weakspot.runtime.database import in_chunks
from weakspot.scoring import CheckState

CATEGORIES: Mapping[Category, str] = {
    "application": "Application", "os": "OS", "network": "Network", "accounts": "Accounts",
    "security_controls": "Security controls",
}  # fmt: skip
"""With a blank, unlike in recommendations (spec/api.md 12.2)."""


class AssetConfiguration(Entity, frozen=True, kw_only=True):
    """What one check says of one device. Where it is not applicable, nothing is to be set, so it is compliant."""

    device_id: str
    device_name: str
    os_platform: str
    os_version: str
    rbac_group_name: str
    rbac_group_id: int
    timestamp: str
    configuration_id: str
    configuration_category: str
    configuration_subcategory: str
    configuration_impact: int
    configuration_name: str
    is_compliant: bool
    is_applicable: bool
    is_expected_user_impact: bool
    recommendation_reference: str


def rows(lens: Lens, cursor: Cursor) -> Iterator[tuple[AssetConfiguration, Cursor]]:
    """Rows from the cursor on, each with the cursor behind it, of devices that have not ended, by id.

    The cursor's row is the number of the last check that was looked at, in order of ids.
    """
    states = [one for one in CheckReader(lens).states.values() if one.is_enabled]
    for device, skipped in devices_from(lens, cursor):
        kinds = {kind for kind, some in lens.view.platforms.items() if device.id in some}
        for number, state in enumerate(states[skipped:], skipped + 1):
            if not kinds.isdisjoint(state.check.platforms) and (found := _row(lens, device, state)) is not None:
                yield found, behind(cursor, device, number)


def devices_from(lens: Lens, cursor: Cursor) -> Iterator[tuple[Device, int]]:
    """Devices from a cursor on, each with the number of its rows that are behind it already."""
    for some in in_chunks(cursor.reaches(lens.devices_in_scope()).tolist(), DEVICES_AT_ONCE):
        for device in sorted(inventory.devices(lens.conn, some), key=lambda one: one.id):
            # A device that went between two pages takes its place with it.
            yield device, cursor.row if device.id == cursor.device + 1 else 0


def behind(cursor: Cursor, device: Device, number: int) -> Cursor:
    """The cursor behind the row of this number of a device."""
    return Cursor(cursor.at, 0, device.id - 1, number, cursor.until)


def _row(lens: Lens, device: Device, state: CheckState) -> AssetConfiguration | None:
    is_applicable, is_compliant = device.id in state.applicable, device.id in state.compliant
    if is_applicable and not is_compliant and device.id not in state.non_compliant:
        return None
    check = state.check
    group_id, group_name = group_in_exports(lens, device)
    return AssetConfiguration(
        device_id=device.public_id,
        device_name=dns_name(device),
        os_platform=platform_of(device),
        os_version=device.os_version,
        rbac_group_name=group_name,
        rbac_group_id=group_id,
        timestamp=stamp(device.last_seen_at),
        configuration_id=check.id,
        configuration_category=CATEGORIES[check.category],
        configuration_subcategory=check.subcategory,
        configuration_impact=check.impact,
        configuration_name=check.title,
        is_compliant=is_compliant or not is_applicable,
        is_applicable=is_applicable,
        is_expected_user_impact=bool(check.user_impact),
        recommendation_reference=recommendations.check_recommendation_id(check.id),
    )
