"""What the soak and the benchmarks tell of themselves; the soak is run by ``make soak``."""

from __future__ import annotations

import asyncio
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from bench._machine import Stolen, anonymous_mib, cpu_seconds, family
from bench.server import Observed
from tests.soak.planner import Planner
from tests.soak.told import Minute, Wanted, at_most, slope, summary, verdict, waited
from weakspot.inventory.contracts import Report
from weakspot.simulate import Sealed, Sent

WANTED = Wanted(rate=300.0)


def minute(number: int, *, memory: float = 200.0, visible: float = 20.0, accepted: int = 18_000) -> Minute:
    seen = Observed()
    seen.visible = [visible]
    sent = Sent(accepted=accepted, seconds=[0.01])
    return Minute.of(number, 60.0, seen, sent, memory, (0.5, 0.1), 0.25, 1.5, {0.01: 60.0, math.inf: 60.0})


def told(minutes: list[Minute], *, failures: int = 0, is_exact: bool = True) -> str:
    return verdict(minutes, WANTED, failures=failures, is_exact=is_exact)


def test_a_soak_that_reaches_everything_says_so() -> None:
    minutes = [minute(number) for number in range(6)]
    assert told(minutes) == (
        "soak: right: 0 failures, check exact; every wanted figure reached. "
        f"Load average 1.5 on {os.cpu_count()} cores, and the host took away 25% of the processor time."
    )
    whole = summary(minutes, is_exact=True)
    assert (whole["minutes"], whole["reports_per_second"], whole["last_visible_p99_ms"]) == (6, 300.0, 20.0)


def test_what_was_not_reached_is_named_and_what_is_wrong_is_wrong() -> None:
    grown = [minute(number, memory=200.0 + 5 * number) for number in range(6)]
    assert slope(grown) == 5.0
    assert "memory grows by 5.0 MiB a minute" in told(grown)
    assert "visible after 80.0 ms (p99) in the last minute, not 50" in told([minute(0), minute(1, visible=80.0)])
    assert "150.0 reports a second of 300" in told([minute(0, accepted=9_000)])
    assert told([minute(0)], failures=1).startswith("soak: WRONG: 1 failures")
    assert "check NOT EXACT" in told([minute(0)], is_exact=False)


def test_memory_that_levels_out_is_no_growth() -> None:
    minutes = [minute(number, memory=min(300.0, 200.0 + 50 * number)) for number in range(8)]
    assert "memory" not in told(minutes)


def test_refusals_are_failures_with_their_reason() -> None:
    sent = Sent(refused=2, resyncs=1, reasons={"no": 2})
    one = Minute.of(0, 60.0, Observed(), sent, 1.0, (0.0, 0.0), None, 0.0, {})
    assert one.failures == ["2 refused: no", "1 deltas from an inventory that the server does not have"]
    assert one.told()["failures"] == 2
    assert one.visible_p99_ms is None


def test_stolen_is_the_share_of_the_wanted_time(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    stat.write_text("cpu  100 0 50 1000 30 0 0 10 0 0\ncpu0 1 2 3\n")
    stolen = Stolen(stat)
    assert stolen.share() == 0.0
    stat.write_text("cpu  160 0 70 9000 90 0 0 30 0 0\n")
    assert stolen.share() == pytest.approx(0.2)
    stat.write_text("cpu  161 0 70 9000 90 0 0 30 0 0\n")
    assert stolen.share() == pytest.approx(0.2), "too short to say"


def test_where_the_system_tells_nothing_stolen_is_unknown(tmp_path: Path) -> None:
    assert Stolen(tmp_path / "none").share() is None


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system tells nothing of processes in /proc")
def test_what_a_process_takes_includes_those_that_it_started() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert {os.getpid(), child.pid} <= set(family(os.getpid()))
        assert anonymous_mib(os.getpid()) > 0
        child.communicate(b"\n")
    assert child.pid not in family(os.getpid())
    assert cpu_seconds(os.getpid()) >= time.process_time() - 1


def test_each_planned_report_goes_on_where_the_last_of_its_device_ended(tmp_path: Path) -> None:
    planner = Planner(tmp_path / "reports", 1, 40, 7, 90, tells_settings=False)
    try:
        planner.wait()

        async def some(count: int) -> list[Sealed]:
            found: list[Sealed] = []
            async for one in planner.reports(time.monotonic() + 1_000):
                found.append(one)
                if len(found) == count:
                    break
            return found

        assert asyncio.run(_until_now(planner)) == []
        first, second = asyncio.run(some(5)), asyncio.run(some(1_000))
    finally:
        planner.close()
    assert len(first) + len(second) == 90
    latest: dict[int, str] = {}
    for one in [*first, *second]:
        report = msgspec.json.decode(one.body, type=Report)
        assert one.device != 7
        assert report.base_digest == latest.get(one.device, report.base_digest)
        latest[one.device] = report.digest
    assert not (tmp_path / "reports").exists()


async def _until_now(planner: Planner) -> list[Sealed]:
    return [one async for one in planner.reports(time.monotonic())]


def test_how_long_the_index_took_is_read_from_the_metrics() -> None:
    told = waited(
        'weakspot_fleet_lag_seconds_bucket{le="0.01"} 98\n'
        'weakspot_fleet_lag_seconds_bucket{le="0.05"} 99\n'
        'weakspot_fleet_lag_seconds_bucket{le="+Inf"} 100\n'
        "weakspot_fleet_lag_seconds_count 100\n"
    )
    assert [at_most(told, share) for share in (0.5, 0.99, 0.995)] == [10.0, 50.0, math.inf]
    assert at_most({}, 0.5) is None
