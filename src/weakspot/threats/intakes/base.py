"""What every intake is made of: one function from one event to an ``Observed``, and careful ways to look into foreign
JSON.

Everything foreign is bounded here: text is cut and loses control characters, lists end after a few dozen values, depth
is that of the paths asked for. A field that is not known is left alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from weakspot.runtime import clock
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import InvalidField
from weakspot.threats.contracts import DetectionSeverity, DetectionStatus, Observed

Document = Mapping[str, Any]

MAX_TEXT = 2_000
MAX_NAME = 300
MAX_VALUES = 50
_CVE = re.compile(r"\bCVE-\d{4}-\d{4,9}\b", re.IGNORECASE)
_TECHNIQUE = re.compile(r"\bT\d{4}(?:\.\d{3})?\b", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_SEVERITIES: dict[str, DetectionSeverity] = {
    "informational": "Informational", "information": "Informational", "info": "Informational",
    "notice": "Informational", "debug": "Informational", "low": "Low", "minor": "Low", "medium": "Medium",
    "moderate": "Medium", "warning": "Medium", "high": "High", "major": "High", "error": "High", "critical": "High",
    "fatal": "High", "emergency": "High", "alert": "High", "severe": "High",
}  # fmt: skip
_STATUSES: dict[str, DetectionStatus] = {
    "new": "new", "open": "new", "active": "new", "unassigned": "new", "in progress": "in_progress",
    "in_progress": "in_progress", "inprogress": "in_progress", "acknowledged": "in_progress", "assigned": "in_progress",
    "on hold": "in_progress", "reopened": "in_progress", "resolved": "resolved", "closed": "resolved",
    "suppressed": "resolved", "dismissed": "resolved", "ignored": "resolved", "false_positive": "resolved",
    "true_positive": "resolved", "archived": "resolved", "deleted": "resolved", "unknown": "unknown",
}  # fmt: skip


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """One format. ``read`` raises InvalidField for an event that it cannot use; ``events`` finds the events of a body.

    specification: where the format is described, for people.
    """

    name: str
    title: str
    specification: str
    read: Callable[[Document], Observed | None]
    """None: not a detection (a heartbeat, another class of event)."""
    events: Callable[[Any], Iterator[Any]]


def listed(*wrappers: str) -> Callable[[Any], Iterator[Any]]:
    """Events of a body that is one event, a list of them, or an object with the list under one of ``wrappers``."""

    def events(body: Any) -> Iterator[Any]:
        if isinstance(body, Mapping):
            for wrapper in wrappers:
                inner = next(iter(dig(body, wrapper)), None) if "." in wrapper else body.get(wrapper)
                if isinstance(inner, list):
                    yield from inner
                    return
        if isinstance(body, list):
            yield from body
        else:
            yield body

    return events


def dig(document: Any, path: str) -> Iterator[Any]:
    """Values at a dotted path; lists on the way are walked through, and keys may themselves be dotted (ECS)."""
    if isinstance(document, list):
        for one in document[:MAX_VALUES]:
            yield from dig(one, path)
        return
    if not isinstance(document, Mapping):
        return
    if path in document:
        yield document[path]
        return
    at = path.find(".")
    while at > 0:
        inner = document.get(path[:at])
        if inner is not None:
            yield from dig(inner, path[at + 1 :])
            return
        at = path.find(".", at + 1)


def text(document: Document, *paths: str, limit: int = MAX_NAME) -> str:
    """The first text or number at one of the paths; empty when there is none."""
    for path in paths:
        for value in dig(document, path):
            found = _flat(value)
            if found:
                return clean(found[0], limit)
    return ""


def texts(document: Document, *paths: str, limit: int = MAX_NAME) -> tuple[str, ...]:
    """All texts at all of the paths, each once, in order."""
    found = [clean(one, limit) for path in paths for value in dig(document, path) for one in _flat(value)]
    return tuple(dict.fromkeys(one for one in found if one))[:MAX_VALUES]


def clean(value: str, limit: int) -> str:
    """Foreign text without control characters and changes of direction, cut."""
    return _CONTROLS.sub(" ", value[: limit * 2]).strip()[:limit]


def moment(document: Document, *paths: str) -> Micros | None:
    """The first time at one of the paths; see ``to_moment``."""
    for path in paths:
        for value in dig(document, path):
            found = to_moment(value)
            if found is not None:
                return found
    return None


def to_moment(value: Any) -> Micros | None:
    """RFC 3339 (without a zone: UTC), or seconds, milli-, micro- or nanoseconds since 1970; None for all else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    number = _number(value)
    if number is not None:
        for factor in (1_000_000.0, 1_000.0, 1.0, 0.001):
            at = number * factor
            if 946_684_800e6 <= at <= 4_102_444_800e6:
                return int(at)
        return None
    try:
        # Some products write "+0000" and a blank before it.
        written = re.sub(r" ?([+-]\d\d)(\d\d)$", r"\1:\2", str(value).strip()[:60])
        written = re.sub(r"(\.\d{6})\d+", r"\1", written)
        at_text = written if re.search(r"(?:Z|[+-]\d\d:\d\d)$", written) else written + "Z"
        return clock.from_iso(at_text)
    except ValueError:
        return None


def cves(*values: str) -> tuple[str, ...]:
    """CVE ids in texts, upper case, each once."""
    found = [hit.group().upper() for value in values for hit in _CVE.finditer(value[: MAX_TEXT * 4])]
    return tuple(dict.fromkeys(found))[:MAX_VALUES]


def techniques(*values: str) -> tuple[str, ...]:
    """ATT&CK technique ids in texts (``attack.t1190``, ``T1059.004``), upper case, each once."""
    found = [hit.group().upper() for value in values for hit in _TECHNIQUE.finditer(value.replace("_", " ")[:MAX_TEXT])]
    return tuple(dict.fromkeys(found))[:MAX_VALUES]


def severity_word(word: str) -> DetectionSeverity:
    """A word for a severity; Unspecified where it is not known."""
    return _SEVERITIES.get(word.strip().lower(), "Unspecified")


def severity_number(number: float | None, *, low: float, medium: float, high: float) -> DetectionSeverity:
    """A number on a scale by its bands."""
    if number is None:
        return "Unspecified"
    if number >= high:
        return "High"
    if number >= medium:
        return "Medium"
    return "Low" if number >= low else "Informational"


def status_word(word: str) -> DetectionStatus:
    """A word for a state; a detection without one is new."""
    return _STATUSES.get(word.strip().lower(), "unknown") if word.strip() else "new"


def number(document: Document, *paths: str) -> float | None:
    """The first number at one of the paths."""
    for path in paths:
        for value in dig(document, path):
            found = _number(value)
            if found is not None:
                return found
    return None


def derived_id(*parts: object) -> str:
    """An id for events that have none: the same event gives the same one."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode("utf-8", "replace")).hexdigest()[:40]


def needed(value: str, what: str, field: str) -> str:
    """The value. Raises InvalidField when it is empty."""
    if not value:
        raise InvalidField(f"The event has no {what}; see docs/detections.md for what this intake reads.", field=field)
    return value


def without_parts(paths: Iterable[str]) -> tuple[str, ...]:
    """Paths that look like paths: absolute, and not a command line with blanks and options."""
    return tuple(dict.fromkeys(path for path in paths if re.match(r"^(?:/|[A-Za-z]:\\|\\\\|\\Device\\)", path)))


def _flat(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        return [str(value)]
    if isinstance(value, list):
        return [one for each in value[:MAX_VALUES] if not isinstance(each, list | Mapping) for one in _flat(each)]
    return []


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e30 else None
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,20}(?:\.\d{1,9})?", value.strip()):
        return float(value)
    return None
