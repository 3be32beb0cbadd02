from __future__ import annotations

from pathlib import Path

import pytest

from weakspot_sensor import collectors
from weakspot_sensor.collectors import Collector, CollectorError, Findings
from weakspot_sensor.files import Root


def _collector(read: object) -> Collector:
    return Collector("test", ("linux",), False, ("dpkg",), lambda root: True, read, lambda root: ())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (CollectorError("no such thing"), "no such thing"),
        (ValueError("odd"), "ValueError: odd"),
        (RecursionError("deep"), "RecursionError: deep"),
    ],
)
def test_whatever_happens_inside_becomes_status_and_reason(tmp_path: Path, error: Exception, reason: str) -> None:
    def read(_root: Root) -> Findings:
        raise error

    result = collectors.run(_collector(read), Root(str(tmp_path)), "linux")
    assert result.summary() == {"name": "test", "status": "failed", "reason": reason, "count": 0}


def test_many_problems_are_summed_up(tmp_path: Path) -> None:
    def read(_root: Root) -> Findings:
        found = Findings()
        found.problems = [f"problem {number}" for number in range(50)]
        return found

    result = collectors.run(_collector(read), Root(str(tmp_path)), "linux")
    assert (result.status, result.reason) == ("partly", "problem 0; problem 1; problem 2; and 47 more")


def test_another_platform_is_not_applicable(tmp_path: Path) -> None:
    assert collectors.run(_collector(None), Root(str(tmp_path)), "win32").status == "not_applicable"


def test_each_item_type_has_one_collector_and_names_are_unique() -> None:
    types = [kind for entry in collectors.ALL for kind in entry.types]
    names = [entry.name for entry in collectors.ALL]
    assert len(types) == len(set(types)) == 7
    assert len(names) == len(set(names))
