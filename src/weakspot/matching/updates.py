"""Use case: which Microsoft updates a device lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.engine import Connection

from weakspot import intel
from weakspot.inventory import software_version_of, with_updates
from weakspot.inventory.contracts import DescribedDevice, InstalledSoftware, SoftwareVersion
from weakspot.matching.contracts import DEFAULT_THRESHOLD, MissingUpdate
from weakspot.matching.rules import identities, windows
from weakspot.matching.rules.missing import Lacking, lacking
from weakspot.matching.rules.supersedence import Supersedence
from weakspot.vocabulary.windows import read_update_set

_CATALOGUE = "https://www.catalog.update.microsoft.com/Search.aspx?q=KB"


def missing_updates(
    conn: Connection, device: DescribedDevice, items: Sequence[InstalledSoftware]
) -> list[MissingUpdate]:
    """Updates that a device lacks, by its reported inventory; empty for what is no Windows.

    Only what is known as a security update: other updates that the device asks for are not listed.
    """
    systems = [item for item in with_updates(items) if item.type == windows.SYSTEM_TYPE]
    return _missing(conn, [software_version_of(number, item, device) for number, item in enumerate(systems, 1)])


def missing_updates_of(conn: Connection, systems: Sequence[SoftwareVersion]) -> list[MissingUpdate]:
    """The same for the software versions of a recorded device; those that are no Windows system are passed over."""
    return _missing(conn, systems)


def missing_updates_by_version(
    conn: Connection, versions: Iterable[SoftwareVersion]
) -> Iterator[tuple[SoftwareVersion, list[MissingUpdate]]]:
    """For each of many versions of Windows systems what it lacks; what is no Windows system is passed over."""
    systems = [version for version in versions if version.type == windows.SYSTEM_TYPE]
    if not systems:
        return
    graph = Supersedence((update, replaced) for update, replaced, _ in intel.supersedence(conn))
    claims: dict[frozenset[tuple[str, str]], dict[tuple[str, str], list[intel.Claim]]] = {}
    for version in systems:
        group = identities.candidates(version)
        if not group:
            continue
        named = frozenset((candidate.ecosystem, candidate.name) for candidate in group)
        if named not in claims:  # versions that differ by their updates alone have the same
            claims[named] = intel.claims(conn, named)
        system, flaws = windows.open_flaws(group, claims[named], graph)
        known = intel.fixed_by_updates(conn, read_update_set(version.module).offered)
        yield version, _described(conn, lacking(system, flaws, known, DEFAULT_THRESHOLD), group[0].name)


def _missing(conn: Connection, systems: Sequence[SoftwareVersion]) -> list[MissingUpdate]:
    found: dict[str, MissingUpdate] = {}
    for _, updates in missing_updates_by_version(conn, systems):
        for update in updates:
            found.setdefault(update.id, update)
    return list(found.values())


def _described(conn: Connection, updates: Sequence[Lacking], system: str) -> list[MissingUpdate]:
    facts = intel.facts(conn, frozenset().union(*(update.vulnerability_ids for update in updates)))
    return [
        MissingUpdate(
            id=update.update,
            name=_title(update, system),
            cves=tuple(sorted((facts[i].name for i in update.vulnerability_ids if i in facts), key=_cve_order)),
            products=update.products,
            url=_CATALOGUE + update.update,
            is_waiting=update.is_waiting,
        )
        for update in updates
    ]


def _title(update: Lacking, system: str) -> str:
    product = system if system in update.products or not update.products else update.products[0]
    return f"Security update KB{update.update} for {windows.display_name(product)}"


def _cve_order(name: str) -> tuple[int, str]:
    return len(name), name
