"""What is handed to those who carry out a remediation: files for devices that do not show the fix, and block lists."""

from __future__ import annotations

from collections import defaultdict

from pyroaring import BitMap

from weakspot import inventory, recommendations
from weakspot.access.contracts import Scope
from weakspot.inventory.contracts import SoftwareVersion
from weakspot.queries.base import ReadContext
from weakspot.queries.lens import Lens
from weakspot.queries.recommendations import Reader
from weakspot.queries.remediation import seen_activity, targets_in_scope
from weakspot.recommendations import Catalogue
from weakspot.remediation import Activity
from weakspot.remediation.blocking import BlockedVersion, BlockList, Mitigation
from weakspot.remediation.handover import Handover, HandoverDevice, Step

MAX_DEVICES = 10_000
SAMPLED = 20
"""Devices of a version that are looked at for the paths of its files."""
_WINDOWS = ("windows", "program")


def of_activity(read: ReadContext, scope: Scope, public_id: str) -> Handover:
    """The devices of an activity that do not show the fix, with what is to be done on each. Raises NotFound.

    At most 10,000 devices.
    """
    lens = Lens(read, scope)
    activity = seen_activity(lens, public_id)
    catalogue = recommendations.current(read.conn, read.fleet)
    left = BitMap(list(targets_in_scope(lens, activity) - activity.fixed)[:MAX_DEVICES])
    product = catalogue.products.get(activity.recommendation_id)
    versions = inventory.software_versions(
        read.conn, sorted({*activity.versions, *(product.versions if product else ())})
    )
    steps: defaultdict[int, set[Step]] = defaultdict(set)
    for version in versions.values():
        step = _step(catalogue, activity, version)
        for device in lens.view.installed[version.id] & left:
            steps[device].add(step)
    return Handover(
        title=activity.title,
        activity_id=activity.public_id,
        devices=tuple(
            HandoverDevice(
                id=device.public_id,
                name=device.name,
                group_name=lens.group_names.get(device.group_id, ""),
                system=f"{device.os_distribution or device.os_platform} {device.os_version}".strip(),
                steps=tuple(sorted(steps[device.id], key=lambda one: (one.type, one.name, one.version))),
            )
            for device in inventory.devices(read.conn, sorted(left))
        ),
    )


def block_list(
    read: ReadContext, scope: Scope, ident: str, mitigation: Mitigation, sha256: tuple[str, ...], message: str
) -> BlockList:
    """The vulnerable versions of a recommendation with the paths at which devices have them. Raises NotFound."""
    lens = Lens(read, scope)
    listed = Reader(lens).one(ident)
    here = [one for one in listed.made.exposed if lens.is_version_here(one)]
    versions = inventory.software_versions(read.conn, here)
    product = listed.made.product
    return BlockList(
        title=f"{product.name}: vulnerable versions",
        mitigation=mitigation,
        versions=tuple(
            BlockedVersion(
                publisher=versions[one].vendor or product.vendor,
                product=product.name,
                version=versions[one].version,
                paths=_paths(lens, one),
            )
            for one in here
            if one in versions
        ),
        sha256=sha256,
        message=message,
    )


def _step(catalogue: Catalogue, activity: Activity, version: SoftwareVersion) -> Step:
    advice = catalogue.advice.get(version.id)
    target = "" if advice is None or advice.target is None else advice.target
    removed = activity.remediation_type == "Uninstall"
    kind, owner = recommendations.owner_of(version)
    if activity.remediation_type == "OwningApp" and owner:
        return Step(type=kind, name=owner, version="", action="update")
    # Where a source package is fixed in one version, its binary packages have that version as a rule, but not all:
    # those that differ go to the newest.
    is_same = not version.source_version or version.source_version == version.version
    kind = "program" if version.type.startswith(_WINDOWS) else version.type
    return Step(
        type=kind,
        name=version.name,
        version="" if removed or not is_same else target,
        action="remove" if removed else "update",
    )


def _paths(lens: Lens, version: int) -> tuple[str, ...]:
    devices = list(lens.view.devices_of_version(version, lens.scope))[:SAMPLED]
    found: set[str] = set()
    for device in devices:
        kept = inventory.evidence(lens.conn, device).get(version)
        found.update(() if kept is None else kept.paths)
    return tuple(sorted(found))
