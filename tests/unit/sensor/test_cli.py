from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import weakspot_sensor
from tests.unit.sensor import http_support
from tests.unit.sensor.support import DEVICE_ID, KEY
from weakspot_sensor import cli, items

TOKEN = "good-token-0123456789"


@pytest.fixture
def loopback() -> Iterator[http_support.LoopbackServer]:
    with http_support.running() as server:
        yield server


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WEAKSPOT_SENSOR_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def program(state: Path) -> list[str]:
    """The command as its own process: the state's lock is per process, as is what a signal does."""
    return [sys.executable, "-m", "weakspot_sensor"]


def _run(program: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    source = str(Path(weakspot_sensor.__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": source}
    return subprocess.run([*program, *arguments], capture_output=True, text=True, env=environment, timeout=60)


def test_show_prints_a_whole_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "root").mkdir()
    assert cli.main(["show", "--root", str(tmp_path / "root")]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["schema"], report["kind"], report["sequence"]) == (1, "full", 1)
    assert report["digest"] == items.digest(items.merge(report["software"]))
    assert cli.main(["show", "--root", str(tmp_path / "root"), "--output", str(tmp_path / "out.json")]) == 0
    assert json.loads((tmp_path / "out.json").read_text())["digest"] == report["digest"]
    assert cli.main(["show", "--root", str(tmp_path / "root"), "--output", str(tmp_path)]) == 1


def test_from_enrolment_to_a_revoked_key(
    loopback: http_support.LoopbackServer,
    state: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert cli.main(["enrol", "--server", loopback.url, "--token", TOKEN]) == 0
    assert cli.main(["once"]) == 0
    assert cli.main(["once"]) == 0
    loopback.model.inventory = {}
    assert cli.main(["once"]) == 0
    assert loopback.model.kinds == ["full", "full"]
    assert cli.main(["status"]) == 0
    loopback.model.key = "revoked"
    assert cli.main(["once", "--full"]) == 77
    output = capsys.readouterr()
    for text in (DEVICE_ID, "nothing has changed", "waiting:   0 report(s)"):
        assert text in output.out
    assert "enrol the device again" in caplog.text
    for secret in (KEY, TOKEN):
        assert secret not in output.out + output.err + caplog.text


def test_run_ends_with_status_zero_when_it_is_told_to(
    loopback: http_support.LoopbackServer, program: list[str]
) -> None:
    assert _run(program, "enrol", "--server", loopback.url, "--token", TOKEN).returncode == 0
    environment = {**os.environ, "PYTHONPATH": str(Path(weakspot_sensor.__file__).parent.parent)}
    process = subprocess.Popen([*program, "run"], stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    try:
        assert any("is delivered" in line for line in process.stderr)
        assert "another sensor uses" in _run(program, "once").stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.stderr.close()
        process.wait()
    assert loopback.model.has_inventory


def test_a_server_that_is_away_is_a_temporary_failure(
    loopback: http_support.LoopbackServer, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cli.main(["enrol", "--server", loopback.url, "--token", TOKEN])
    loopback.plan = ["500"]
    assert cli.main(["once"]) == 75
    assert "1 report(s) wait" in caplog.text
    assert cli.main(["once"]) == 0
    # Something of this machine may have changed meanwhile: then there are two.
    assert len(loopback.model.applied) == len(set(loopback.model.applied)) > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["once"], "not enrolled"),
        (["run"], "not enrolled"),
        (["enrol", "--server", "http://198.51.100.1", "--token", TOKEN], "same device only"),
        (["enrol", "--server", "https://host"], "give the enrolment token"),
        (["enrol", "--server", "https://host", "--token", "x", "--ca-file", "/nowhere"], "cannot be read"),
    ],
)
def test_mistakes_are_answered_with_what_to_do(
    state: Path, caplog: pytest.LogCaptureFixture, arguments: list[str], message: str
) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        assert cli.main(arguments) == 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert message in caplog.text


def test_status_before_enrolment(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["status"]) == 1
    assert "not enrolled" in capsys.readouterr().out
    assert not state.exists()


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "1e9", "x"])
def test_odd_intervals_are_refused(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", "--heartbeat", seconds])
    assert ended.value.code == 2
