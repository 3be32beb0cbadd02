"""What the readers of settings share: a table of names and functions, and how their answers are told.

Names and the spelling of values are those of the server's catalogue of checks (docs/posture.md). What a reader cannot
find out is left out: unknown is not the same as off.
"""

from __future__ import annotations

from typing import Callable, Dict, Mapping, Optional, TypeVar

from weakspot_sensor import items
from weakspot_sensor.collectors.base import Findings

Source = TypeVar("Source")
Readers = Mapping[str, Callable[[Source], Optional[str]]]


def read_all(readers: Readers[Source], source: Source) -> Findings:
    """Ask each reader; one that fails is a problem and stops no other."""
    found = Findings()
    values: Dict[str, str] = {}
    for name, reader in sorted(readers.items()):
        try:
            value = reader(source)
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            found.problems.append("{}: {}".format(name, error))
            continue
        if value is not None:
            values[name] = items.short(value)
    found.tell("settings", [{"name": name, "value": value} for name, value in sorted(values.items())])
    return found


def switch(is_on: bool) -> str:
    """How the catalogue spells what is on or off."""
    return "enabled" if is_on else "disabled"
