"""What a report makes of the inventory that is there: nothing is written here but software versions that are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec
from sqlalchemy.engine import Connection

from weakspot.inventory import joining, packing
from weakspot.inventory.contracts import (
    DescribedDevice,
    DeviceState,
    Evidence,
    InstalledSoftware,
    Report,
    SoftwareVersion,
)
from weakspot.inventory.joining import Parts
from weakspot.inventory.rules import identity, kernels, updates
from weakspot.inventory.rules.difference import Difference, edited, replaced
from weakspot.inventory.rules.parts import SENSOR
from weakspot.inventory.software_store import Interner, installation_of, software_versions
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import InvalidField, ResyncRequired


class Before(msgspec.Struct, frozen=True):
    """A device as it is before the report."""

    state: DeviceState | None
    installations: tuple[packing.Ids, packing.Times]
    """Of all sources together."""
    described: DescribedDevice
    parts: Parts
    """Empty where the sensor is the only source."""
    evidence: bytes
    """Where what is installed was seen, as ``packing.encode_evidence`` gives it; empty where nothing is known."""

    @property
    def own(self) -> list[int]:
        """Software version ids that the sensor itself reported."""
        return joining.own_ids(self.parts, SENSOR) if self.parts else self.installations[0].tolist()


class Applied(msgspec.Struct, frozen=True):
    """A device as the report makes it. ``own``: what the sensor says; ``difference``: of all sources together."""

    own: set[int]
    difference: Difference
    digest: str
    evidence: Mapping[int, packing.KeptEvidence]
    new_versions: list[SoftwareVersion]


def apply_full(conn: Connection, interner: Interner, before: Before, report: Report, at: Micros) -> Applied:
    """A full report replaces what the sensor said. Raises InvalidField."""
    if report.added or report.removed or report.base_digest is not None:
        raise InvalidField(
            "A full report carries 'software' only; leave out added, removed, base_digest.", field="kind"
        )
    unique = _distinct(report.software, "software")
    digest = identity.digest_of(unique)
    if digest != report.digest:
        raise InvalidField(
            f"digest is {report.digest[:12]}… but the software listed gives {digest[:12]}…; send a full report again.",
            field="digest",
        )
    ids, items, new = interner.intern(conn, updates.with_updates(list(unique.values())), report.device)
    own = set(ids.values())
    difference = replaced(before.installations, joining.joined(conn, before.parts, SENSOR, own), at)
    return Applied(own, difference, digest, _evidence(ids, items), new)


def apply_delta(conn: Connection, interner: Interner, before: Before, report: Report, at: Micros) -> Applied:
    """A delta edits what the sensor said. Raises ResyncRequired where it does not start from that, InvalidField."""
    if report.software:
        raise InvalidField(
            "A delta carries 'added' and 'removed'; 'software' belongs to a full report.", field="software"
        )
    if before.state is None or report.base_digest != before.state.digest:
        raise ResyncRequired(
            "The delta does not start from the inventory that is stored here; send a full report.",
            field="base_digest",
        )
    if _is_other_release(before.described, report.device):
        # What the delta does not name would go on being judged by the advisories of the old release.
        raise ResyncRequired("The operating system is another release now; send a full report.", field="device.os")
    own = set(before.own)
    added = _distinct(report.added, "added")
    removed = {identity.wire_hash(item) for item in report.removed}
    by_wire_hash = interner.installed_as(conn, own, removed | added.keys())
    if removed & added.keys():
        raise InvalidField("The same software is in added and in removed; keep one.", field="removed")
    if unknown := removed - by_wire_hash.keys():
        name = next(i.name for i in report.removed if identity.wire_hash(i) in unknown)
        raise InvalidField(f"removed names {name!r}, which is not installed here; send a full report.", field="removed")
    digest = identity.digest_after(before.state.digest, [h for h in added if h not in by_wire_hash], removed)
    if digest != report.digest:
        raise ResyncRequired("The inventory after the delta has another digest; send a full report.", field="digest")
    again = _kernels_again(conn, before, report, removed) | added
    again |= _systems_again(conn, before, report, removed, again)
    if len(again) > len(added):
        by_wire_hash |= interner.installed_as(conn, own, again)
    ids, items, new = interner.intern(conn, list(again.values()), report.device)
    come = set(ids.values())
    # The same wire identity under another owner or module is another software version: the old one goes.
    gone = {by_wire_hash[h] for h in removed | (again.keys() & by_wire_hash.keys())} - come
    if before.parts:
        joined = joining.joined(conn, before.parts, SENSOR, (own - gone) | come)
        difference = replaced(before.installations, joined, at)
    else:
        difference = edited(before.installations, sorted(come - own), sorted(gone), at)
    return Applied(
        (own - gone) | come,
        difference,
        digest,
        _evidence_after(before.evidence, gone | come, _evidence(ids, items)),
        new,
    )


def _is_other_release(known: DescribedDevice, told: DescribedDevice) -> bool:
    return known.os != told.os and identity.release_of(known) != identity.release_of(told)


def _evidence_after(
    before: bytes, ended: AbstractSet[int], fresh: Mapping[int, Evidence]
) -> Mapping[int, packing.KeptEvidence]:
    """The evidence once some of it ended and some came."""
    if not ended:
        return fresh
    kept = packing.pieces_of_evidence(before)
    for one in ended:
        kept.pop(one, None)
    kept.update(fresh)
    return kept


def _kernels_again(
    conn: Connection, before: Before, report: Report, removed: AbstractSet[int]
) -> dict[int, InstalledSoftware]:
    """Installed kernels, to be looked at anew where the device was restarted into another one. By wire hash."""
    ran, runs = before.described.os, report.device.os
    if (ran.kernel, ran.kernel_version) == (runs.kernel, runs.kernel_version):
        return {}
    evidence = packing.decode_evidence(before.evidence)
    installed = (
        installation_of(version, evidence.get(version.id)) for version in software_versions(conn, before.own).values()
    )
    by_hash = {identity.wire_hash(item): item for item in installed if kernels.is_kernel(item)}
    return {hashed: item for hashed, item in by_hash.items() if hashed not in removed}


def _systems_again(
    conn: Connection,
    before: Before,
    report: Report,
    removed: AbstractSet[int],
    added: Mapping[int, InstalledSoftware],
) -> dict[int, InstalledSoftware]:
    """The Windows system with the updates that it has now, where the report tells of any. By wire hash."""
    told = {item.type for item in report.added} | {item.type for item in report.removed}
    if told.isdisjoint(updates.TYPES):
        return {}
    evidence = packing.decode_evidence(before.evidence)
    current = software_versions(conn, before.own).values()
    installed = (installation_of(v, evidence.get(v.id)) for v in current if v.type in updates.TYPES)
    by_hash = {hashed: item for item in installed if (hashed := identity.wire_hash(item)) not in removed}
    whole = updates.with_updates(list((by_hash | dict(added)).values()))
    return {identity.wire_hash(item): item for item in whole if item.type == updates.SYSTEM}


def _distinct(items: Sequence[InstalledSoftware], field: str) -> dict[int, InstalledSoftware]:
    unique: dict[int, InstalledSoftware] = {}
    for item in items:
        wire_hash = identity.wire_hash(item)
        if wire_hash in unique:
            raise InvalidField(
                f"{field} lists {item.name!r} {item.version!r} twice; merge entries with the same identity.",
                field=field,
            )
        unique[wire_hash] = item
    return unique


def _evidence(ids: dict[bytes, int], items: dict[bytes, InstalledSoftware]) -> dict[int, Evidence]:
    return {
        ids[h]: Evidence(item.paths, item.installed_at) for h, item in items.items() if item.paths or item.installed_at
    }
