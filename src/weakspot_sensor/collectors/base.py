"""What every collector is: a name, declared needs, and a function that reads."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

from weakspot_sensor.files import Root
from weakspot_sensor.items import Item

DETAILS = "details"
"""Among a collector's facts: sections of the report's details (docs/sensor.md), by name."""
_REASONS_SHOWN = 3


class Findings:
    """What one collector found, and what it could not read (each a short sentence)."""

    def __init__(self) -> None:
        self.items: List[Item] = []
        self.facts: Dict[str, Any] = {}
        self.problems: List[str] = []

    def tell(self, section: str, rows: Any) -> None:
        """Give one section of the report's details."""
        self.facts.setdefault(DETAILS, {})[section] = rows


class CollectorError(Exception):
    """Nothing of this collector's result can be trusted; the text says why."""


class Collector(NamedTuple):
    """One source of facts. `types` are the item types that it alone gives; device collectors give none.

    `platforms` and `wants_root` are its needs; without root it gives less, never nothing.
    `applies` says whether the source exists on that system. `watched` names the files and folders whose
    change means that the result may have changed.
    """

    name: str
    platforms: Tuple[str, ...]
    wants_root: bool
    types: Tuple[str, ...]
    applies: Callable[[Root], bool]
    read: Callable[[Root], Findings]
    watched: Callable[[Root], Tuple[str, ...]]


class Result(NamedTuple):
    """How one collector ended. `status`: succeeded, partly, failed or not_applicable."""

    name: str
    status: str
    reason: str
    items: List[Item]
    facts: Dict[str, Any]

    def summary(self) -> Dict[str, Any]:
        return {"name": self.name, "status": self.status, "reason": self.reason, "count": len(self.items)}


def run(collector: Collector, root: Root, platform: str) -> Result:
    """Run one collector. Never raises: whatever happens inside becomes its status and reason."""
    if not platform.startswith(collector.platforms):
        return Result(collector.name, "not_applicable", "not for " + platform, [], {})
    try:
        if not collector.applies(root):
            return Result(collector.name, "not_applicable", "", [], {})
        found = collector.read(root)
    except CollectorError as error:
        return Result(collector.name, "failed", str(error)[:500], [], {})
    except Exception as error:
        reason = "{}: {}".format(type(error).__name__, error)[:500]
        return Result(collector.name, "failed", reason, [], {})
    status = "partly" if found.problems else "succeeded"
    if found.problems and collector.wants_root and not is_root():
        found.problems.insert(0, "not run as root")
    return Result(collector.name, status, _reason(found.problems), found.items, found.facts)


def is_root() -> bool:
    """Whether nothing is hidden from this process. Windows services run as the system itself."""
    return not hasattr(os, "geteuid") or os.geteuid() == 0


def _reason(problems: List[str]) -> str:
    shown = "; ".join(problem[:150] for problem in problems[:_REASONS_SHOWN])
    rest = len(problems) - _REASONS_SHOWN
    return shown + "; and {} more".format(rest) if rest > 0 else shown
