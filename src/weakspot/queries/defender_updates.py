"""Missing updates in the words of the compatible API (docs/compatible-api.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec
from pyroaring import BitMap

from weakspot import inventory, matching
from weakspot.matching.contracts import MissingUpdate
from weakspot.queries.defender import Entity, machine_device, software_id
from weakspot.queries.lens import Lens


class Fix(Entity, frozen=True, kw_only=True):
    """One update that is missing."""

    id: str
    name: str
    products_names: list[str]
    url: str
    machine_missed_on: int
    cve_addressed: int


def missing_updates(lens: Lens, asked: str) -> Iterator[Fix]:
    """Microsoft updates that a device lacks, newest first; none for what is no Windows. Raises NotFound."""
    device = machine_device(lens, asked)
    installed = inventory.software_versions(lens.conn, inventory.installation_times(lens.conn, device.id))
    for update in matching.missing_updates_of(lens.conn, list(installed.values())):
        yield _fix(update, 1)


def software_missing_updates(lens: Lens, asked: str) -> Iterator[Fix]:
    """Microsoft updates that devices with a software lack, with on how many; none for what is no Windows. Worked out
    once for each of its versions. Raises NotFound.
    """
    found: dict[str, MissingUpdate] = {}
    missed_on: dict[str, BitMap] = defaultdict(BitMap)
    for version in inventory.versions_of(lens.conn, software_id(lens, asked)):
        devices = lens.view.devices_of_version(version.id, lens.scope)
        if not devices:
            continue
        for update in matching.missing_updates_of(lens.conn, [version]):
            known = found.setdefault(update.id, update)
            cves = tuple(dict.fromkeys((*known.cves, *update.cves)))
            found[update.id] = msgspec.structs.replace(known, cves=cves)
            missed_on[update.id] |= devices
    yield from (_fix(update, len(missed_on[update.id])) for update in found.values())


def _fix(update: MissingUpdate, devices: int) -> Fix:
    return Fix(
        id=update.id,
        name=update.name,
        products_names=list(update.products),
        url=update.url,
        machine_missed_on=devices,
        cve_addressed=len(update.cves),
    )
