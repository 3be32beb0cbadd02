"""Figures for monitoring, in the text format of Prometheus (version 0.0.4).

Nothing here names a device; what is counted of the fleet is counted in the caller's scope.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import Any, Literal

import msgspec

from weakspot import __version__, intel
from weakspot.access import Scope
from weakspot.fleet import LAG_BOUNDS
from weakspot.queries.base import ReadContext
from weakspot.runtime import changes
from weakspot.runtime.clock import SECOND

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
STATUSES = ("never", "succeeded", "partly", "failed")


class Counters:
    """What is counted since the process started. For use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reports = {"accepted": 0, "refused": 0}
        self._elsewhere: dict[int, dict[str, int]] = {}

    def note_report(self, answer: Future[Any]) -> None:
        """Count a report that is answered: one that was recorded (or was there already), or one refused."""
        result = "refused" if answer.cancelled() or answer.exception() is not None else "accepted"
        with self._lock:
            self._reports[result] += 1

    def note_elsewhere(self, process: int, reports: dict[str, int]) -> None:
        """What another process of this server counted since that one started."""
        with self._lock:
            self._elsewhere[process] = reports

    @property
    def reports(self) -> dict[str, int]:
        """Reports by how they ended."""
        with self._lock:
            counted = (self._reports, *self._elsewhere.values())
            return {result: sum(one[result] for one in counted) for result in self._reports}


class Sample(msgspec.Struct, frozen=True):
    """One value, with its labels."""

    value: float
    labels: dict[str, str] = {}
    suffix: str = ""
    """Of the name, for what a histogram consists of."""


class Metric(msgspec.Struct, frozen=True):
    """One figure with its samples."""

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    help: str
    samples: tuple[Sample, ...]


def collect(read: ReadContext, scope: Scope, counters: Counters) -> list[Metric]:
    """The figures of one snapshot."""
    version = intel.current_version(read.conn)
    behind = max(changes.last_seq(read.conn) - read.fleet.seq, 0)
    devices = len(read.fleet.view().scope_bitmap(scope))
    reports = tuple(Sample(count, {"result": result}) for result, count in counters.reports.items())
    return [
        Metric("weakspot_info", "gauge", "The running version.", (Sample(1, {"version": __version__}),)),
        Metric("weakspot_knowledge_version", "gauge", "Version of the knowledge in force.", (Sample(version),)),
        *_feeds(read),
        Metric("weakspot_devices", "gauge", "Devices that count, in the scope of the caller.", (Sample(devices),)),
        Metric(
            "weakspot_fleet_lag_changes", "gauge", "Changes that the fleet index has yet to take.", (Sample(behind),)
        ),
        _index_lag(read),
        Metric("weakspot_reports_total", "counter", "Sensor reports answered since the start.", reports),
    ]


def _feeds(read: ReadContext) -> Iterator[Metric]:
    states = sorted(intel.source_states(read.conn, read.now).values(), key=lambda state: state.source)
    ages = (
        Sample(max(read.now - state.last_success_at, 0) // SECOND, {"source": state.source})
        for state in states
        if state.last_success_at is not None
    )
    data_ages = (
        Sample(max(read.now - state.data_at, 0) // SECOND, {"source": state.source})
        for state in states
        if state.data_at is not None
    )
    records = (Sample(state.counts.get("records", 0), {"source": state.source}) for state in states)
    refused = (Sample(state.counts.get("quarantined", 0), {"source": state.source}) for state in states)
    stalled = (Sample(int(state.is_stalled), {"source": state.source}) for state in states)
    statuses = (
        Sample(int(state.status == status), {"source": state.source, "status": status})
        for state in states
        for status in STATUSES
    )
    yield _gauge("weakspot_source_age_seconds", "Time since a source was last read with success.", ages)
    yield _gauge("weakspot_source_data_age_seconds", "Age of the newest moment that a source's data names.", data_ages)
    yield _gauge("weakspot_source_status", "1 for the status of a source's last run.", statuses)
    yield _gauge("weakspot_source_stalled", "1 where a source had no success for too long.", stalled)
    yield _gauge("weakspot_source_records", "Records that the last run of a source read.", records)
    yield _gauge("weakspot_source_quarantined", "Records that the last run of a source could not read.", refused)


def _index_lag(read: ReadContext) -> Metric:
    counts, seconds = read.fleet.lag.read()
    ends = [*map(str, LAG_BOUNDS), "+Inf"]
    buckets = (Sample(count, {"le": end}, "_bucket") for end, count in zip(ends, counts, strict=True))
    told = "Time from a commit until the fleet index shows it."
    samples = (*buckets, Sample(seconds, suffix="_sum"), Sample(counts[-1], suffix="_count"))
    return Metric("weakspot_fleet_lag_seconds", "histogram", told, samples)


def _gauge(name: str, told: str, samples: Iterable[Sample]) -> Metric:
    return Metric(name, "gauge", told, tuple(samples))


def render(metrics: Iterable[Metric]) -> str:
    """The text; a figure without samples is left out."""
    lines: list[str] = []
    for metric in metrics:
        if metric.samples:
            lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}"]
            lines += [
                f"{metric.name}{sample.suffix}{_labels(sample.labels)} {sample.value:.15g}" for sample in metric.samples
            ]
    return "\n".join(lines) + "\n"


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
