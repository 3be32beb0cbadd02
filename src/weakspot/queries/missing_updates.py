"""Updates that devices lack: of a software, and of one device (spec/features.md 10.4, 14)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from pyroaring import BitMap

from weakspot import inventory, matching
from weakspot.access.contracts import Scope
from weakspot.inventory.contracts import SoftwareVersion
from weakspot.matching.contracts import MissingUpdate
from weakspot.queries import software as software_pages
from weakspot.queries.base import ListQuery, ListShape, ReadContext, paged
from weakspot.queries.columns import natural, search_form
from weakspot.queries.contracts import Page
from weakspot.queries.lens import Lens, find_device

SHAPE = ListShape(
    filters={"restart": ("pending", "none")},
    sorts=("name", "missing_devices", "waiting_devices", "weaknesses"),
    default_sort="-missing_devices",
)
NAMED = 200


class MissingUpdateRow(msgspec.Struct, frozen=True, kw_only=True):
    """One update that devices of the scope lack.

    missing_devices: on which it is not in effect; waiting_devices: those of them on which it is installed and waits for
    a restart, which are exposed all the same.
    """

    id: str
    name: str
    products: list[str]
    url: str
    missing_devices: int
    waiting_devices: int
    weaknesses: int
    """How many it would fix on them."""
    weakness_names: list[str]
    """At most 200 of them."""


class Lacked(msgspec.Struct):
    """One update with the devices that lack it, and those on which it waits for a restart."""

    update: MissingUpdate
    cves: dict[str, None]
    devices: BitMap
    waiting: BitMap


def lacked(lens: Lens, versions: Iterable[SoftwareVersion]) -> list[Lacked]:
    """What devices in scope with these versions lack; worked out once for each version."""
    here = [version for version in versions if lens.is_version_here(version.id)]
    found: dict[str, Lacked] = {}
    for version, updates in matching.missing_updates_by_version(lens.conn, here):
        devices = lens.view.devices_of_version(version.id, lens.scope)
        for update in updates:
            one = found.setdefault(update.id, Lacked(update, {}, BitMap(), BitMap()))
            one.cves.update(dict.fromkeys(update.cves))
            one.devices |= devices
            one.waiting |= devices if update.is_waiting else BitMap()
    for one in found.values():
        one.update = msgspec.structs.replace(one.update, cves=tuple(one.cves))
    return list(found.values())


def of_software(read: ReadContext, scope: Scope, public_id: str, query: ListQuery) -> Page[MissingUpdateRow]:
    """Updates of a software; none where it is not fixed by updates. Raises NotFound."""
    lens = Lens(read, scope)
    software = software_pages.find(lens, public_id)
    return _page(query, lacked(lens, inventory.versions_of(lens.conn, software.id)))


def of_device(read: ReadContext, scope: Scope, public_id: str, query: ListQuery) -> Page[MissingUpdateRow]:
    """Updates that one device lacks, whether it counts or not. Raises NotFound."""
    lens = Lens(read, scope)
    device = find_device(lens, public_id)
    installed = inventory.software_versions(lens.conn, inventory.installation_times(lens.conn, device.id))
    updates = matching.missing_updates_of(lens.conn, list(installed.values()))
    mine, none = BitMap([device.id]), BitMap()
    return _page(query, [Lacked(one, {}, mine, mine if one.is_waiting else none) for one in updates])


def _page(query: ListQuery, found: Iterable[Lacked]) -> Page[MissingUpdateRow]:
    query = SHAPE.check(query)
    rows = [row for one in found if _passes(row := _row(one), one.update, query)]
    column = query.sort.removeprefix("-")
    return paged(
        rows,
        query,
        shape=SHAPE,
        noun="Missing updates",
        key=lambda row: natural(row.name) if column == "name" else getattr(row, column),
        tie=lambda row: natural(row.id),
        rows=lambda chosen: chosen,
    )


def _row(one: Lacked) -> MissingUpdateRow:
    return MissingUpdateRow(
        id=one.update.id,
        name=one.update.name,
        products=list(one.update.products),
        url=one.update.url,
        missing_devices=len(one.devices),
        waiting_devices=len(one.waiting),
        weaknesses=len(one.update.cves),
        weakness_names=list(one.update.cves[:NAMED]),
    )


def _passes(row: MissingUpdateRow, update: MissingUpdate, query: ListQuery) -> bool:
    asked = query.filters.get("restart")
    text = search_form(query.search)
    return (not asked or ("pending" if row.waiting_devices else "none") in asked) and (
        not text or text in search_form(" ".join((row.name, *update.products, *update.cves)))
    )
