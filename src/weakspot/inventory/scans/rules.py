"""Targets as people write them to addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from weakspot.runtime.errors import InvalidField

MAX_ADDRESSES = 4096
_NAME = re.compile(
    r"^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?$"
)
_RANGE = re.compile(r"^([0-9a-fA-F.:]+)\s*-\s*([0-9a-fA-F.:]+)$")


def addresses_of(targets: Iterable[str]) -> list[str]:
    """Every address and name once, in their order. Raises InvalidField for what is none, or more than 4,096."""
    found: dict[str, None] = {}
    for target in targets:
        for address in _of_one(target.strip()):
            found[address] = None
            if len(found) > MAX_ADDRESSES:
                raise InvalidField(f"The targets are more than {MAX_ADDRESSES:,} addresses; make several scans.")
    return list(found)


def _of_one(target: str) -> Iterable[str]:
    try:
        if "/" in target:
            network = ipaddress.ip_network(target, strict=False)
            if network.num_addresses > 2 * MAX_ADDRESSES:
                raise InvalidField(f"{target} has more than {MAX_ADDRESSES:,} addresses; make several scans.")
            return [str(one) for one in network.hosts()]
        if match := _RANGE.match(target):
            return _between(ipaddress.ip_address(match[1]), ipaddress.ip_address(match[2]))
        return [str(ipaddress.ip_address(target))]
    except ValueError:
        if _NAME.match(target) and not re.fullmatch(r"[\d.]+(?:-[\d.]+)?", target):
            return [target.rstrip(".").lower()]
        raise InvalidField(
            f"{target[:80]!r} is no name, address, network or range of addresses.", field="targets"
        ) from None


def _between(
    first: ipaddress.IPv4Address | ipaddress.IPv6Address, last: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> list[str]:
    count = int(last) - int(first) + 1
    if first.version != last.version or not 1 <= count <= MAX_ADDRESSES:
        raise InvalidField(f"{first}-{last} is no range of at most {MAX_ADDRESSES:,} addresses.", field="targets")
    return [str(first + step) for step in range(count)]
