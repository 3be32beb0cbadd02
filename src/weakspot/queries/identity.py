"""What was found about device identity, and the context of one device, for people to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Literal

import msgspec

from weakspot import inventory
from weakspot.access.contracts import Scope
from weakspot.inventory import identities, labels
from weakspot.inventory.contracts import Device
from weakspot.inventory.identities import Ended, IdentityEvent
from weakspot.inventory.rules import context, recognition
from weakspot.queries.base import ReadContext
from weakspot.queries.lens import Lens, find_device
from weakspot.runtime.clock import to_iso

MERGED_SHOWN = 1_000
_CLONED_KEY = (
    "Reports of other hardware came with this device's key, and were refused: one machine is a copy of the other."
)


class IdentityDevice(msgspec.Struct, frozen=True, kw_only=True):
    """Enough of a device to tell which one it is; ``is_there``: neither merged nor removed."""

    id: str
    name: str
    is_there: bool


class IdentityRow(msgspec.Struct, frozen=True, kw_only=True):
    """One finding: two devices that may be one, a clone, a re-image. ``explanation``: the rule in a sentence."""

    id: int
    rule: str
    explanation: str
    device: IdentityDevice
    other: IdentityDevice | None
    shared: dict[str, list[str]]
    differing: dict[str, list[str]]
    found_at: str
    state: Literal["open", "noted", "merged", "apart", "undone"]
    decided_by: str | None


class MergedDeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A device that somebody said to be another one."""

    device: IdentityDevice
    into: IdentityDevice
    reason: str
    merged_by: str
    merged_at: str


class ContextReason(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of business context that found the device, and what it proposes."""

    rule: str
    title: str
    reason: str
    device_value: str | None
    criticality: str | None
    state: Literal["in force", "proposed", "dismissed"]


class SensitiveLabel(msgspec.Struct, frozen=True, kw_only=True):
    """Items with a sensitivity label on the device, as one tool found them."""

    source: str
    label: str
    items: int
    observed_at: str


class DeviceContext(msgspec.Struct, frozen=True, kw_only=True):
    """Why a device matters: rules that found it, sensitive data, who signs in, who gave which tag."""

    reasons: list[ContextReason]
    sensitive: list[SensitiveLabel]
    users: list[str]
    tags: dict[str, list[str]]
    """Origin (manual, sensor, rule) -> tags."""
    chosen: dict[str, str]
    """What people chose: device_value, criticality, internet_facing."""


class ContextRuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of business context with the numbers of devices of the scope."""

    name: str
    title: str
    reason: str
    device_value: str | None
    criticality: str | None
    is_automatic: bool
    found: int
    in_force: int
    proposed: int
    dismissed: int


def events(read: ReadContext, scope: Scope) -> list[IdentityRow]:
    """Findings whose devices are all in the scope; what is open comes first."""
    found = identities.events(read.conn)
    ids = {one for event in found for one in (event.device_id, event.other_device_id) if one is not None}
    devices = {one.id: one for one in inventory.devices(read.conn, sorted(ids))}
    rows = []
    for event in found:
        pair = [devices.get(one) for one in (event.device_id, event.other_device_id) if one is not None]
        if all(one is not None and scope.includes(one.group_id) for one in pair):
            rows.append(_event_row(event, devices))
    return rows


def merged(read: ReadContext, scope: Scope) -> list[MergedDeviceRow]:
    """Merges that can be looked at and undone, both devices in the scope; the newest first, at most 1,000."""
    found = identities.merged(read.conn)
    ids = {one for end in found for one in (end.device_id, end.into_device_id) if one is not None}
    devices = {one.id: one for one in inventory.devices(read.conn, sorted(ids)) if scope.includes(one.group_id)}
    rows = (
        _merged_row(end, devices[end.device_id], devices[end.into_device_id])
        for end in found
        if end.device_id in devices and end.into_device_id is not None and end.into_device_id in devices
    )
    return list(islice(rows, MERGED_SHOWN))


def device_context(read: ReadContext, scope: Scope, public_id: str) -> DeviceContext:
    """Why a device matters. Raises NotFound."""
    device = find_device(Lens(read, scope), public_id)
    sets = {
        "manual": labels.chosen(read.conn, "tag"),
        "sensor": labels.found(read.conn, "tag", "sensor"),
        "rule": labels.found(read.conn, "tag", "rule"),
    }
    chosen = {
        kind: name
        for kind in ("device_value", "criticality", "internet_facing")
        for name, devices in labels.chosen(read.conn, kind).items()
        if device.id in devices
    }
    return DeviceContext(
        reasons=[_reason(one) for one in labels.reasons(read.conn, device.id)],
        sensitive=[
            SensitiveLabel(source=one.source, label=one.label, items=one.items, observed_at=to_iso(one.observed_at))
            for one in labels.sensitive(read.conn, device.id)
        ],
        users=[name for name, _ in labels.sign_ins(read.conn, device.id)],
        tags={
            origin: sorted(name for name, devices in found.items() if device.id in devices)
            for origin, found in sets.items()
        },
        chosen=chosen,
    )


def context_rules(read: ReadContext, scope: Scope) -> list[ContextRuleRow]:
    """All rules of business context, with what they found in the scope."""
    here = read.fleet.view().scope_bitmap(scope)
    rows = []
    for state in labels.states(read.conn):
        rule = context.BY_NAME[state.name]
        found = state.found & here
        rows.append(
            ContextRuleRow(
                name=rule.name,
                title=rule.title,
                reason=rule.reason,
                device_value=rule.device_value,
                criticality=rule.criticality,
                is_automatic=state.is_automatic,
                found=len(found),
                in_force=len(found & state.in_force),
                proposed=len(found - state.in_force - state.dismissed),
                dismissed=len(found & state.dismissed),
            )
        )
    return rows


def _event_row(event: IdentityEvent, devices: Mapping[int, Device]) -> IdentityRow:
    rule = recognition.BY_NAME.get(event.rule)
    other = None if event.other_device_id is None else _shown(devices[event.other_device_id])
    return IdentityRow(
        id=event.id,
        rule=event.rule,
        explanation=_CLONED_KEY if rule is None else rule.text,
        device=_shown(devices[event.device_id]),
        other=other,
        shared=event.evidence.shared,
        differing=event.evidence.differing,
        found_at=to_iso(event.found_at),
        state=event.state,
        decided_by=event.decided_by,
    )


def _merged_row(end: Ended, device: Device, into: Device) -> MergedDeviceRow:
    return MergedDeviceRow(
        device=_shown(device),
        into=_shown(into),
        reason=end.reason,
        merged_by=end.ended_by,
        merged_at=to_iso(end.ended_at),
    )


def _shown(device: Device) -> IdentityDevice:
    return IdentityDevice(id=device.public_id, name=device.name, is_there=device.end is None)


def _reason(one: labels.Reason) -> ContextReason:
    rule = context.BY_NAME[one.rule]
    return ContextReason(
        rule=rule.name,
        title=rule.title,
        reason=rule.reason,
        device_value=rule.device_value,
        criticality=rule.criticality,
        state="dismissed" if one.is_dismissed else "in force" if one.is_in_force else "proposed",
    )


def high_value_users(read: ReadContext) -> Sequence[labels.Listed]:
    """The list of people whose devices matter more."""
    return labels.high_value_users(read.conn)
