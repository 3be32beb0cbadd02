"""One JSON line a figure: what every benchmark prints.

``{"name", "devices", "value", "unit", "budget", "met", "baseline", "ratio"}``: ``budget`` is what the design allows
(None: no budget), ``met`` whether the value keeps to it, ``baseline`` the same question answered another way in the
same run (None: not measured), ``ratio`` baseline / value, ``stolen`` the share (0-1) of the wanted processor
time that the host of this virtual machine gave to others since the last line or the start (None: not told).
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench._machine import Stolen

_stolen = Stolen()


def emit(
    name: str,
    devices: int,
    value: float,
    unit: str,
    *,
    budget: float | None = None,
    baseline: float | None = None,
    **more: Any,
) -> None:
    """Print one figure; lower is better unless ``unit`` ends in ``/s``."""
    is_rate = unit.endswith("/s")
    met = None if budget is None else (value >= budget if is_rate else value <= budget)
    ratio = None
    if baseline is not None and value and baseline:
        ratio = round(value / baseline if is_rate else baseline / value, 1)
    stolen = _stolen.share()
    line = {
        "name": name,
        "devices": devices,
        "value": _rounded(value),
        "unit": unit,
        "budget": budget,
        "met": met,
        "baseline": None if baseline is None else _rounded(baseline),
        "ratio": ratio,
        "stolen": None if stolen is None else round(stolen, 3),
    }
    print(json.dumps(line | more), flush=True)


def progress(text: str) -> None:
    """Say on standard error what goes on."""
    print(text, file=sys.stderr, flush=True)


def timed(work: Callable[[], Any]) -> float:
    """Milliseconds of one run."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def median(work: Callable[[], Any], repeats: int = 7) -> float:
    """Milliseconds, median of several runs."""
    return statistics.median(timed(work) for _ in range(repeats))


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` (0-1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def resident_mib() -> float:
    """Memory of this process now, in MiB; the greatest so far where the system does not tell."""
    gc.collect()
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
