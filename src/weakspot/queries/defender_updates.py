"""Missing updates in the words of the compatible API (docs/compatible-api.md)."""

from __future__ import annotations

from collections.abc import Iterator

from weakspot import inventory, matching
from weakspot.queries.defender import Entity, machine_device
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
        yield Fix(
            id=update.id,
            name=update.name,
            products_names=list(update.products),
            url=update.url,
            machine_missed_on=1,
            cve_addressed=len(update.cves),
        )
