"""Whether two descriptions are of one device: rules that can be read, from hardware ids alone.

``machine_id`` belongs to an installed system, the others to the hardware. A copied disk carries the machine id to other
hardware (a clone); a new installation gives the same hardware another machine id (a re-image).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from weakspot.inventory.contracts import HardwareId

Verdict = Literal["same", "reimaged", "clone", "possible"]

_HARDWARE = ("product_uuid", "serial", "cloud_instance")
_PLACEHOLDERS = frozenset(
    {
        "", "0", "none", "n/a", "na", "unknown", "default string", "to be filled by o.e.m.", "not specified",
        "system serial number", "not applicable", "not available", "invalid", "123456789", "0123456789", "oem",
        "base board serial number", "03000200-0400-0500-0006-000700080009",
    }
)  # fmt: skip


class Rule(msgspec.Struct, frozen=True):
    """One rule: its name, what it concludes, and why, in a sentence."""

    name: str
    verdict: Verdict
    text: str


SAME_INSTALLATION = Rule(
    "same_installation", "same", "The machine id is the same and no hardware id speaks against it."
)
CLONE = Rule("clone", "clone", "The machine id is the same on other hardware: the disk of one was copied to the other.")
REIMAGED = Rule(
    "reimaged", "reimaged", "The hardware is the same with another machine id: the system was installed anew."
)
SAME_HARDWARE = Rule("same_hardware", "same", "The hardware is the same, and a machine id is not known on both sides.")
SAME_BOARD = Rule(
    "same_board", "possible", "Only the mainboard's serial number is the same, and other ids speak against it."
)
RULES = (SAME_INSTALLATION, CLONE, REIMAGED, SAME_HARDWARE, SAME_BOARD)
BY_NAME = {rule.name: rule for rule in RULES}


class Evidence(msgspec.Struct, frozen=True):
    """What two descriptions share and in what they differ: kind -> values."""

    shared: dict[str, list[str]]
    differing: dict[str, list[str]]


def is_placeholder(value: str) -> bool:
    """Whether a value is what makers leave where no number was set; it tells nothing."""
    lowered = value.strip().casefold()
    return lowered in _PLACEHOLDERS or set(lowered) <= set("0-") or set(lowered) <= set("f-")


def compare(known: Iterable[HardwareId], told: Iterable[HardwareId]) -> Rule | None:
    """Which rule holds between a known device and a description; None: nothing says that they are one."""
    ours, theirs = _by_kind(known), _by_kind(told)
    shared = {kind for kind in ours.keys() & theirs.keys() if ours[kind] & theirs[kind]}
    differing = (ours.keys() & theirs.keys()) - shared
    same_hardware = bool(shared.intersection(_HARDWARE))
    other_hardware = not same_hardware and bool(differing.intersection(_HARDWARE))
    if "machine_id" in shared:
        return CLONE if other_hardware else SAME_INSTALLATION
    if same_hardware:
        return REIMAGED if "machine_id" in differing else SAME_HARDWARE
    if "board_serial" in shared:
        return SAME_BOARD if differing else SAME_HARDWARE
    return None


def evidence(known: Iterable[HardwareId], told: Iterable[HardwareId]) -> Evidence:
    """What speaks for and against."""
    ours, theirs = _by_kind(known), _by_kind(told)
    both = sorted(ours.keys() & theirs.keys())
    return Evidence(
        {kind: sorted(ours[kind] & theirs[kind]) for kind in both if ours[kind] & theirs[kind]},
        {kind: sorted(ours[kind] ^ theirs[kind]) for kind in both if not ours[kind] & theirs[kind]},
    )


def claims(
    known: Mapping[int, Iterable[HardwareId]], told: Iterable[HardwareId]
) -> tuple[list[tuple[int, Rule]], list[tuple[int, Rule]]]:
    """(devices that the description may be, best first; devices that it is a clone of or may be related to)."""
    wanted = list(told)
    own: list[tuple[int, Rule]] = []
    related: list[tuple[int, Rule]] = []
    for device_id in sorted(known):
        rule = compare(known[device_id], wanted)
        if rule is not None:
            (own if rule.verdict in ("same", "reimaged") else related).append((device_id, rule))
    agreement = {one: len(evidence(known[one], wanted).shared) for one, _ in own}
    return sorted(own, key=lambda one: (-agreement[one[0]], RULES.index(one[1]), one[0])), related


def _by_kind(ids: Iterable[HardwareId]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in ids:
        if one.kind != "mac" and not is_placeholder(one.value):
            found.setdefault(one.kind, set()).add(one.value.strip().casefold())
    return found
