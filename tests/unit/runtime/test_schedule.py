"""Periodic jobs."""

from __future__ import annotations

import logging
import threading

import pytest

from weakspot.runtime.schedule import Job, Schedule


def test_jobs_run_again_and_a_failing_one_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("weakspot").propagate = True
    done = threading.Event()
    runs: list[int] = []

    def fails() -> None:
        raise ValueError("broken")

    def counts() -> None:
        runs.append(1)
        if len(runs) == 3:
            done.set()

    schedule = Schedule([Job("fails", 0.001, fails), Job("counts", 0.001, counts), Job("late", 1.0, fails, 3600.0)])
    schedule.start()
    assert done.wait(10)
    schedule.stop()
    schedule.stop()
    assert any(record.getMessage().startswith("job failed") for record in caplog.records)


def test_stop_before_start() -> None:
    Schedule([]).stop()
