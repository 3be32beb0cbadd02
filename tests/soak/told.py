"""What a soak tells: its minutes, the whole, and the verdict."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from bench._lines import percentile
from bench.server import Observed
from weakspot.simulate import Sent

_LAG = re.compile(r'^weakspot_fleet_lag_seconds_bucket\{le="([^"]+)"\} (\S+)$', re.MULTILINE)
Waited = Mapping[float, float]
"""Upper bound in seconds -> how many waited no longer."""


def waited(metrics: str) -> dict[float, float]:
    """Of the server's metrics, how long commits waited for the index since its start."""
    return {float(end): float(count) for end, count in _LAG.findall(metrics)}


def at_most(found: Waited, share: float) -> float | None:
    """Milliseconds that this share of them waited at most: one of the bounds, infinite past the last."""
    whole = found.get(math.inf, 0)
    return next((end * 1000 for end in sorted(found) if found[end] >= share * whole), None) if whole else None


class Wanted(msgspec.Struct, frozen=True):
    """Reports a second; milliseconds from answer to visible (p99); growth of the memory that is none, MiB a minute."""

    rate: float
    visible_p99_ms: float = 50.0
    growth_mib: float = 1.0


class Minute(msgspec.Struct, frozen=True):
    """One minute. ``late_ms``: of the sender, whatever the server does; CPU in cores. ``visible``: from the answer to a
    report until a page shows it, with the reading of that page; ``index``: from a commit until the index has it, so
    that whoever asks from then on sees it, as the server tells it.
    """

    minute: int
    seconds: float
    reports_per_second: float
    accepted: int
    late_ms: float
    answer_p50_ms: float | None
    answer_p99_ms: float | None
    visible_p50_ms: float | None
    visible_p99_ms: float | None
    probes: int
    index_p50_ms: float | None
    index_p99_ms: float | None
    pages_p95_ms: float | None
    anonymous_mib: float
    server_cpu: float
    sender_cpu: float
    stolen: float | None
    load_average: float
    failures: list[str]

    @staticmethod
    def of(
        number: int, took: float, seen: Observed, sent: Sent, memory: float, spent: Sequence[float],
        stolen: float | None, load_average: float, lag: Waited,
    ) -> Minute:  # fmt: skip
        """spent: processor time by server and sender, in seconds a second."""
        failures = [
            *seen.errors,
            *(f"{count} refused: {reason or 'too busy for too long'}" for reason, count in sent.reasons.items()),
        ]
        if sent.resyncs:
            failures.append(f"{sent.resyncs} deltas from an inventory that the server does not have")
        answers = [one * 1000 for one in sent.seconds]
        return Minute(
            minute=number,
            seconds=round(took, 1),
            reports_per_second=round(sent.accepted / took, 1),
            accepted=sent.accepted,
            late_ms=round(sent.late * 1000, 1),
            answer_p50_ms=_at(answers, 0.5),
            answer_p99_ms=_at(answers, 0.99),
            visible_p50_ms=_at(seen.visible, 0.5),
            visible_p99_ms=_at(seen.visible, 0.99),
            probes=len(seen.visible),
            index_p50_ms=at_most(lag, 0.5),
            index_p99_ms=at_most(lag, 0.99),
            pages_p95_ms=_at(seen.pages, 0.95),
            anonymous_mib=round(memory, 1),
            server_cpu=round(spent[0], 2),
            sender_cpu=round(spent[1], 2),
            stolen=None if stolen is None else round(stolen, 3),
            load_average=round(load_average, 1),
            failures=failures,
        )

    def told(self) -> dict[str, Any]:
        """As a line; failures by their number."""
        return msgspec.structs.asdict(self) | {"failures": len(self.failures)}


def slope(minutes: Sequence[Minute]) -> float | None:
    """Growth of the server's memory, MiB a minute; None where there are too few minutes to say."""
    if len(minutes) < 3:
        return None
    at = np.cumsum([one.seconds / 60 for one in minutes])
    return round(float(np.polyfit(at, [one.anonymous_mib for one in minutes], 1)[0]), 2)


def summary(minutes: Sequence[Minute], *, is_exact: bool) -> dict[str, Any]:
    """The whole as one line."""
    stolen = [one.stolen for one in minutes if one.stolen is not None]
    return {
        "minutes": len(minutes),
        "reports_per_second": round(sum(one.accepted for one in minutes) / sum(one.seconds for one in minutes), 1),
        "late_ms": max(one.late_ms for one in minutes),
        "first_answer_p99_ms": minutes[0].answer_p99_ms,
        "last_answer_p99_ms": minutes[-1].answer_p99_ms,
        "first_visible_p99_ms": minutes[0].visible_p99_ms,
        "last_visible_p99_ms": minutes[-1].visible_p99_ms,
        "first_index_p99_ms": minutes[0].index_p99_ms,
        "last_index_p99_ms": minutes[-1].index_p99_ms,
        "anonymous_mib": minutes[-1].anonymous_mib,
        "slope_mib_a_minute": slope(minutes),
        "second_half_slope_mib_a_minute": slope(minutes[len(minutes) // 2 :]),
        "stolen_mean": round(sum(stolen) / len(stolen), 3) if stolen else None,
        "stolen_max": max(stolen, default=None),
        "load_average": round(sum(one.load_average for one in minutes) / len(minutes), 1),
        "check_exact": is_exact,
    }


def verdict(minutes: Sequence[Minute], wanted: Wanted, *, failures: int, is_exact: bool) -> str:
    """One sentence: right or wrong, and then which of the wanted figures were not reached."""
    whole = summary(minutes, is_exact=is_exact)
    missed = []
    if whole["reports_per_second"] < 0.99 * wanted.rate:
        missed.append(f"{whole['reports_per_second']} reports a second of {wanted.rate:g}")
    for which in ("first", "last"):
        visible = whole[f"{which}_visible_p99_ms"]
        if visible is None or visible >= wanted.visible_p99_ms:
            missed.append(f"visible after {visible} ms (p99) in the {which} minute, not {wanted.visible_p99_ms:g}")
    growth = whole["second_half_slope_mib_a_minute"]
    if growth is None:
        missed.append("too few minutes for a slope of the memory")
    elif growth > wanted.growth_mib:
        missed.append(f"memory grows by {growth} MiB a minute in the second half")
    right = "right" if not failures and is_exact else "WRONG"
    told = f"soak: {right}: {failures} failures, check {'exact' if is_exact else 'NOT EXACT'}"
    reached = f"not reached: {'; '.join(missed)}" if missed else "every wanted figure reached"
    taken = whole["stolen_mean"]
    host = "" if taken is None else f", and the host took away {taken:.0%} of the processor time"
    return f"{told}; {reached}. Load average {whole['load_average']} on {os.cpu_count()} cores{host}."


def _at(values: list[float], share: float) -> float | None:
    return round(percentile(values, share), 1) if values else None
