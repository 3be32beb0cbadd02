"""Business context: rules, as data, that propose device value, criticality and reach, each with its reason.

A rule finds devices by what is imported about them (sensitive data, sign-ins), by the software on them and by what
their sensors observe (listeners, addresses). What it proposes is in force once it is accepted, by a person or because
the rule was set to be automatic; a value that a person chose for a device always wins.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

import msgspec
from pyroaring import BitMap

from weakspot.inventory.contracts import DescribedDevice, DeviceValue

Criticality = Literal["Very high", "High", "Medium", "Low"]
CRITICALITIES: tuple[Criticality, ...] = get_args(Criticality)
"""Highest first. A device without one has the level None of spec/features.md 13.1."""
NO_CRITICALITY = "None"
"""A person may also say that a device is not critical, whatever the rules found."""

HARMLESS_LABELS = frozenset({"public", "general", "personal", "non-business", "unclassified", "none"})
"""Sensitivity labels that say that data is not confidential."""


class ContextRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule. ``software``: patterns of whole names, in lower case, any of them; ``ports``: TCP ports listened on."""

    name: str
    title: str
    reason: str
    device_value: DeviceValue | None = None
    criticality: Criticality | None = None
    is_internet_facing: bool = False
    software: tuple[str, ...] = ()
    ports: frozenset[int] = frozenset()


class ContextRuleState(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: what it found, and what was decided. ``in_force``: found, accepted (or automatic), not dismissed."""

    name: str
    is_automatic: bool
    found: BitMap
    accepted: BitMap
    dismissed: BitMap
    in_force: BitMap


RULES = (
    ContextRule(
        name="confidential_data",
        title="Holds confidential data",
        reason="A tool found data with a sensitivity label on this device.",
        device_value="High",
        criticality="High",
    ),
    ContextRule(
        name="high_value_user",
        title="Used by a high-value user",
        reason="Somebody on the list of high-value users signs in here.",
        device_value="High",
        criticality="High",
    ),
    ContextRule(
        name="business_software",
        title="Runs business-critical software",
        reason="Software that is marked as business-critical is installed here.",
        device_value="High",
        criticality="High",
    ),
    ContextRule(
        name="domain_controller",
        title="Domain controller",
        reason="It runs a directory service, by its software or by the ports it listens on.",
        device_value="High",
        criticality="Very high",
        software=(
            r"samba-ad-dc", r"samba-dc", r"freeipa-server", r"ipa-server", r"389-ds-base", r"slapd",
            r"openldap-servers",
        ),
        ports=frozenset({88, 389, 464}),
    ),
    ContextRule(
        name="database_server",
        title="Database server",
        reason="It runs a database server, by its software or by the ports it listens on.",
        criticality="High",
        software=(
            r"postgresql(-\d+|-server|\d*-server)?", r"mariadb(-\d+)?-server(-\d.*)?",
            r"mysql(-community)?-server(-\d.*)?",
            r"(microsoft )?sql server \d{4}.*database engine.*", r"oracle-database-.*", r"mongodb-(org-)?server",
            r"redis-server", r"clickhouse-server", r"couchdb",
        ),
        ports=frozenset({1433, 1521, 3306, 5432, 27017}),
    ),
    ContextRule(
        name="web_server",
        title="Web server",
        reason="It runs a web server, by its software or by the ports it listens on.",
        criticality="Medium",
        software=(r"nginx(-core|-full|-light|-extras)?", r"apache2", r"httpd", r"lighttpd", r"caddy", r"tomcat\d*"),
        ports=frozenset({80, 443, 8080, 8443}),
    ),
    ContextRule(
        name="internet_facing",
        title="Reachable from the internet",
        reason="It has a public address, and listens on it as far as that is known.",
        device_value="High",
        is_internet_facing=True,
    ),
)  # fmt: skip
BY_NAME = {rule.name: rule for rule in RULES}

_SOFTWARE = {rule.name: re.compile("|".join(f"(?:{one})" for one in rule.software)) for rule in RULES if rule.software}


class Proposed(msgspec.Struct, frozen=True):
    """What the rules in force give devices; each device has at most one value and one criticality."""

    device_value: dict[str, BitMap]
    criticality: dict[str, BitMap]
    internet_facing: dict[str, BitMap]


def roles_of_software(name: str) -> set[str]:
    """Rules that software of this name speaks for."""
    lowered = name.casefold().strip()
    return {rule for rule, pattern in _SOFTWARE.items() if pattern.fullmatch(lowered)}


def observed_by_sensor(device: DescribedDevice) -> frozenset[str]:
    """Rules that what a device's sensor observes speaks for.

    A listener counts when others can reach it. Where listeners are not reported, a public address alone speaks for
    internet-facing: unknown is not the same as closed.
    """
    open_ports = {one.port for one in device.listeners if one.protocol == "tcp" and not _is_local(one.address)}
    roles = {rule.name for rule in RULES if len(rule.ports & open_ports) >= _needed(rule)}
    if _has_public_address(device) and (open_ports or not device.listeners):
        roles.add("internet_facing")
    return frozenset(roles)


def in_force(found: BitMap, accepted: BitMap, dismissed: BitMap, *, is_automatic: bool) -> BitMap:
    """Devices for which a rule's proposal holds."""
    return (found if is_automatic else found & accepted) - dismissed


def proposed(states: Iterable[ContextRuleState]) -> Proposed:
    """What the rules in force give; of several criticalities the highest."""
    values: dict[str, BitMap] = {}
    levels: dict[str, BitMap] = {}
    facing = BitMap()
    for state in states:
        rule = BY_NAME[state.name]
        if rule.device_value is not None:
            values[rule.device_value] = values.get(rule.device_value, BitMap()) | state.in_force
        if rule.criticality is not None:
            levels[rule.criticality] = levels.get(rule.criticality, BitMap()) | state.in_force
        if rule.is_internet_facing:
            facing |= state.in_force
    return Proposed(_first_wins(values, ("High", "Normal", "Low")), _first_wins(levels, CRITICALITIES), {"yes": facing})


def is_sensitive(label: str) -> bool:
    """Whether data with this label is confidential."""
    return label.casefold().strip() not in HARMLESS_LABELS


def _first_wins(sets: Mapping[str, BitMap], order: Iterable[str]) -> dict[str, BitMap]:
    taken = BitMap()
    kept = {}
    for name in order:
        devices = sets.get(name, BitMap()) - taken
        taken |= devices
        if devices:
            kept[name] = devices
    return kept


def _needed(rule: ContextRule) -> int:
    """How many of its ports must be open: a directory is known by all of them, other roles by one."""
    if not rule.ports:
        return 1 << 16
    return len(rule.ports) if rule.name == "domain_controller" else 1


def _is_local(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _has_public_address(device: DescribedDevice) -> bool:
    for interface in device.interfaces:
        for text in interface.addresses:
            try:
                address = ipaddress.ip_address(text.partition("/")[0].partition("%")[0])
            except ValueError:
                continue
            if address.is_global and not address.is_multicast:
                return True
    return False
