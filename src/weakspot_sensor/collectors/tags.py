"""Tags that the device's own administrator gave it: a file with one a line, on Windows a value of the registry."""

from __future__ import annotations

import sys
from typing import Any, List, Tuple

from weakspot_sensor import items, limits, registry
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root
from weakspot_sensor.registry import Registry

PATH = "/etc/weakspot-sensor/tags"
KEY = "HKLM\\SOFTWARE\\Weakspot\\Sensor"
VALUE = "Tags"


def applies(_root: Root) -> bool:
    return True


def watched(_root: Root) -> Tuple[str, ...]:
    return (KEY,) if sys.platform == "win32" else (PATH,)


def read(root: Root) -> Findings:
    return read_registry(registry.system()) if sys.platform == "win32" else read_file(root)


def read_file(root: Root) -> Findings:
    """One tag a line; lines that begin with # are none."""
    found = Findings()
    text = ""
    if root.is_file(PATH):
        try:
            text = root.read(PATH, limits.SMALL_FILE_BYTES).decode("utf-8", "replace")
        except OSError as error:
            found.problems.append("{}: {}".format(PATH, error))
    _tell(found, [line for line in text.split("\n") if not line.lstrip().startswith("#")])
    return found


def read_registry(source: Registry) -> Findings:
    """Several lines, or one text."""
    found = Findings()
    value: Any = source.values(KEY).get(VALUE)
    _tell(found, [line for line in value if isinstance(line, str)] if isinstance(value, list) else [value])
    return found


def _tell(found: Findings, lines: List[Any]) -> None:
    tags = list(dict.fromkeys(tag for tag in (items.text(line) for line in lines) if tag))
    long = [tag for tag in tags if len(tag) > limits.TAG_CHARACTERS]
    if long or len(tags) - len(long) > limits.TAGS:
        bounds = "tags have at most {} characters, and a device {} of them; the rest is left out"
        found.problems.append(bounds.format(limits.TAG_CHARACTERS, limits.TAGS))
    found.facts["tags"] = [tag for tag in tags if tag not in long][: limits.TAGS]


COLLECTOR = Collector("tags", ("linux", "darwin", "win32"), False, (), applies, read, watched)
