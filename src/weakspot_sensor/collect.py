"""Collect everything about one system: no network beyond the kernel, no state, no side effects."""

from __future__ import annotations

import sys
from typing import Any, Dict, Iterable, List, Optional

from weakspot_sensor import collectors, items, limits
from weakspot_sensor.collectors import Result
from weakspot_sensor.collectors.base import DETAILS
from weakspot_sensor.files import Root

Body = Dict[str, Any]

_EMPTY_OS: Dict[str, Any] = {
    "platform": {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}.get(sys.platform, sys.platform),
    "distribution": "",
    "version": "",
    "version_full": "",
    "codename": "",
    "build": None,
    "kernel": "",
    "kernel_version": "",
    "architecture": "",
    "pending_restart": False,
    "boot_at": None,
    "kernels_installed": [],
}
_EMPTY_HARDWARE: Dict[str, Any] = {
    "vendor": "",
    "model": "",
    "serial": "",
    "cpu": "",
    "memory_bytes": 0,
    "bios_version": "",
    "firmware": "",
    "secure_boot": None,
}


def collect(root: str = "/") -> Body:
    """Everything the sensor can see of the system below `root`.

    Returns {"device": {...}, "software": [item, ...], "collectors": [...], "details": {...}, "digest": 64 hex
    digits}, in the shapes of docs/sensor.md. Never raises for what it meets there: each collector says how it ended.
    """
    return assemble(run_collectors(Root(root)).values())


def run_collectors(root: Root, names: Optional[Iterable[str]] = None) -> Dict[str, Result]:
    """Results by collector name; of all collectors, or of those named."""
    wanted = None if names is None else frozenset(names)
    chosen = (entry for entry in collectors.ALL if wanted is None or entry.name in wanted)
    return {entry.name: collectors.run(entry, root, sys.platform) for entry in chosen}


def assemble(results: Iterable[Result]) -> Body:
    """One body from the collectors' results, equal items joined, never more than `limits.ITEMS`."""
    device: Dict[str, Any] = {
        "name": "",
        "domain": "",
        "os": dict(_EMPTY_OS),
        "hardware": dict(_EMPTY_HARDWARE),
        "hardware_ids": [],
        "interfaces": [],
    }
    found: List[items.Item] = []
    summaries: List[Dict[str, Any]] = []
    details: Dict[str, Any] = {}
    for result in results:
        facts = dict(result.facts)
        details.update(facts.pop(DETAILS, {}))
        device.update(facts)
        summary = result.summary()
        room = limits.ITEMS - len(found)
        if len(result.items) > room:
            summary["status"] = "partly"
            summary["reason"] = "a report carries at most {} items".format(limits.ITEMS)
            summary["count"] = room
        found.extend(result.items[:room])
        summaries.append(summary)
    # A device always has a name, also where its own could not be read.
    device["name"] = device["name"] or "localhost"
    inventory = items.merge(found)
    return {
        "device": device,
        "software": list(inventory.values()),
        "collectors": summaries,
        "details": details,
        "digest": items.digest(inventory),
    }
