"""Reports: the documents of the sensor protocol, version 1 (docs/sensor.md), and their bytes."""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import datetime, timezone
from typing import Any, Dict, Iterable, Optional

import weakspot_sensor
from weakspot_sensor import items, limits
from weakspot_sensor.collect import Body

SCHEMA = 1
_BOOT_TOLERANCE_SECONDS = 60.0

Report = Dict[str, Any]


def full(body: Body, sequence: int, report_id: str, now: float) -> Report:
    """Everything: the server replaces what it has. `now`: POSIX seconds of the observation."""
    report = _frame("full", body, sequence, report_id, now)
    report["base_digest"] = None
    report["software"] = body["software"]
    return report


def delta(
    body: Body,
    base_digest: str,
    upserts: Iterable[items.Item],
    removed: Iterable[items.Identity],
    sequence: int,
    report_id: str,
    now: float,
) -> Report:
    """What turns the inventory with `base_digest` into that of `body`."""
    report = _frame("delta", body, sequence, report_id, now)
    report["base_digest"] = base_digest
    report["added"] = list(upserts)
    report["removed"] = [items.named(key) for key in removed]
    return report


def _frame(kind: str, body: Body, sequence: int, report_id: str, now: float) -> Report:
    frame = {
        "schema": SCHEMA,
        "report_id": report_id,
        "sequence": sequence,
        "kind": kind,
        "observed_at": items.instant(now),
        "sensor": {"name": "weakspot-sensor", "version": weakspot_sensor.__version__},
        "digest": body["digest"],
        "device": body["device"],
        "collectors": body["collectors"],
    }
    if body.get("details"):
        frame["details"] = body["details"]
    return frame


def encode(document: Dict[str, Any]) -> bytes:
    """Compressed JSON; the same bytes for the same document."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode("utf-8"), compresslevel=6, mtime=0)


def decode(data: Optional[bytes]) -> Optional[Dict[str, Any]]:
    """The document that `encode` made; None for anything else, also for what inflates beyond the bound."""
    if not data:
        return None
    inflater = zlib.decompressobj(wbits=31)
    try:
        text = inflater.decompress(data, 4 * limits.STATE_BYTES)
        if not inflater.eof:
            return None
        document = json.loads(text.decode("utf-8"))
    except (zlib.error, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def settle_boot_time(before: Dict[str, Any], after: Dict[str, Any]) -> Dict[str, Any]:
    """`after` with the boot time of `before` when the two differ by no more than clock corrections do.

    The kernel derives its boot time from the clock: it moves a little whenever the clock is set right.
    """
    try:
        old, new = before["os"]["boot_at"], after["os"]["boot_at"]
        apart = abs((parse_instant(old) - parse_instant(new)).total_seconds())
    except (KeyError, TypeError, ValueError):
        return after
    if apart > _BOOT_TOLERANCE_SECONDS:
        return after
    return {**after, "os": {**after["os"], "boot_at": old}}


def parse_instant(moment: str) -> datetime:
    """A moment that `items.instant` wrote. Raises ValueError."""
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
