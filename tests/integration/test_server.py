"""The server as a process: start, stop, start again, and one at a time."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

from tests.support.device import RealDevice, package
from tests.support.server import ServerProcess, run_cli, running


def test_it_ends_cleanly_and_keeps_all_data(folder: Path) -> None:
    server = ServerProcess(folder)
    server.start()
    device = RealDevice(server, "kept")
    device.report(package("a"), package("b"))
    assert server.stop() == 0
    assert "all data is kept" in server.log
    assert not (folder / "run" / "server.json").exists()
    server.start()
    assert device.software() == {("a", "1.0-1"), ("b", "1.0-1")}
    assert server.cli("check").returncode == 0
    server.stop()


def test_ctrl_c_ends_it_as_well(folder: Path) -> None:
    server = ServerProcess(folder)
    server.start()
    os.kill(server.pid, signal.SIGINT)
    assert server.stop() == 0
    assert "Traceback" not in server.log


def test_a_second_server_on_the_same_folder_is_refused(folder: Path) -> None:
    with running(folder) as server:
        found = run_cli(folder, "serve", "--port", "0")
        assert found.returncode == 2
        assert "Another Weakspot uses the data folder" in found.stderr
        assert server.get("/api/v1/dashboard")["devices"] == 0


def test_secrets_in_the_data_folder_are_the_owners_alone(server: ServerProcess) -> None:
    token = server.data / "run" / "cli-token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert stat.S_IMODE((server.data / "run").stat().st_mode) & 0o077 == 0
    assert server.admin_token not in server.log


def test_the_commands_reach_the_running_server(server: ServerProcess) -> None:
    assert "exact at change" in server.cli("check").stdout
    assert server.cli("rebuild").returncode == 0
    assert server.cli("link").stdout.startswith(server.url)
    assert "knowledge version" in server.cli("feeds", "status").stdout
    token = server.cli("token", "create", "test").stdout.strip()
    reply = server.request("GET", "/api/machines", headers={"Authorization": f"Bearer {token}"})
    assert reply.status == 200
    assert token not in server.log


def test_commands_work_without_a_server_too(folder: Path) -> None:
    assert run_cli(folder, "check").returncode == 0
    assert "listening" not in run_cli(folder, "feeds", "status").stdout


def test_an_error_is_one_line_for_people(server: ServerProcess) -> None:
    found = server.cli("explain", "no-such-device", "CVE-2099-0001")
    assert found.returncode == 2
    assert found.stderr.startswith("weakspot: ")
    assert found.stderr.count("\n") == 1
