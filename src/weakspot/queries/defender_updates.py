"""Missing updates in the words of the compatible API (docs/compatible-api.md)."""

from __future__ import annotations

from collections.abc import Iterator

from weakspot import inventory, matching
from weakspot.matching.contracts import MissingUpdate
from weakspot.queries.defender import Entity, machine_device, software_id
from weakspot.queries.lens import Lens
from weakspot.queries.missing_updates import lacked


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
    for one in lacked(lens, inventory.versions_of(lens.conn, software_id(lens, asked))):
        yield _fix(one.update, len(one.devices))


def _fix(update: MissingUpdate, devices: int) -> Fix:
    return Fix(
        id=update.id,
        name=update.name,
        products_names=list(update.products),
        url=update.url,
        machine_missed_on=devices,
        cve_addressed=len(update.cves),
    )
