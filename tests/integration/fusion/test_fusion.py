"""Debian's own FusionInventory agent, unchanged, against a real server: what it delivers, what is found through it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_feeds import drop
from tests.support.server import ServerProcess, clean_environment, running, sensor_command

VARIABLE_DATA = Path("/var/lib/fusioninventory-agent")
OTHER_TASKS = "deploy,collect,esx,netdiscovery,netinventory,wakeonlan,maintenance,wmi"

pytestmark = [
    pytest.mark.skipif(
        shutil.which("fusioninventory-agent") is None, reason="needs `apt-get install fusioninventory-agent`"
    ),
    pytest.mark.skipif(not os.access(VARIABLE_DATA, os.W_OK), reason="the agent writes to /var/lib: needs root"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that knows of a flaw in every source package of this machine, not fixed in any version."""
    folder = tmp_path_factory.mktemp("fusion")
    for source in sorted({source for _, source in packages().values()}):
        drop(folder / "mirror", f"TEST-2099-{source}", source, fixed="999999:1")
    with running(folder / "data") as found:
        found.sync(folder / "mirror", "own")
        yield found


def packages() -> dict[str, tuple[str, str]]:
    """Package -> (version, source package), as dpkg itself says."""
    form = "${db:Status-Abbrev}\t${Package}\t${Version}\t${source:Package}\n"
    listed = subprocess.run(["dpkg-query", "-W", "-f", form], capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in listed.splitlines()]
    return {name: (version, source) for status, name, version, source in rows if status[1] == "i"}


def run_agent(folder: Path, configuration: str, *arguments: str) -> str:
    """Let the agent make and send its inventory once, by its configuration file alone. Returns what it printed."""
    (folder / "agent.cfg").write_text(configuration)
    command = [
        "fusioninventory-agent", "--force", "--no-task", OTHER_TASKS, "--no-category", "process,environment",
        "--logger", "stderr", "--conf-file", str(folder / "agent.cfg"), *arguments,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=clean_environment())
    return done.stdout + done.stderr


def configuration(server: ServerProcess) -> str:
    """Lines for agent.cfg, as the command line gives them."""
    done = server.cli("agents", "glpi")
    assert done.returncode == 0, done.stderr
    return done.stdout


def every(server: ServerProcess, path: str) -> list[dict[str, Any]]:
    """All rows of a list."""
    found: list[dict[str, Any]] = []
    page, total = 1, 1
    while len(found) < total:
        got = server.get(f"{path}{'&' if '?' in path else '?'}page={page}&page_size=500")
        found += got["items"]
        page, total = page + 1, got["total"]
        if not got["items"]:
            break
    return found


def device_of(server: ServerProcess, source: str) -> str:
    """The device that this source reports."""
    server.settle()
    for row in server.get("/api/v1/devices")["items"]:
        if source in {one["source"] for one in server.get(f"/api/v1/devices/{row['id']}/sources")}:
            return str(row["id"])
    raise AssertionError(f"no device of {source}")


def findings(server: ServerProcess, device: str) -> set[tuple[str, str]]:
    """(package, weakness) of a device."""
    rows = every(server, f"/api/v1/devices/{device}/weaknesses")
    return {(row["software"]["name"], row["weakness"]["name"]) for row in rows}


def test_a_wrong_password_delivers_nothing(server: ServerProcess, tmp_path: Path) -> None:
    lines = [line for line in configuration(server).splitlines() if not line.startswith("password")]
    told = run_agent(tmp_path, "\n".join([*lines, "password = wse_" + "x" * 43]))
    assert "wrong credentials" in told
    assert server.get("/api/v1/devices")["total"] == 0


def test_the_agent_delivers_a_complete_device(server: ServerProcess, tmp_path: Path) -> None:
    own = configuration(server)
    told = run_agent(tmp_path, own)
    assert "[error]" not in told, told
    installed = packages()
    device = device_of(server, "glpi")
    shown = every(server, f"/api/v1/devices/{device}/software?type=dpkg")
    assert {row["software"]["name"]: row["version"] for row in shown} == {n: v for n, (v, _) in installed.items()}
    detail = server.get(f"/api/v1/devices/{device}")
    assert detail["device"]["os_distribution"] == "debian"
    # The token is used up, but it stays this agent's own secret; nobody else gets in with it.
    told = run_agent(tmp_path, own, "--no-compression")
    assert "[error]" not in told, told
    assert server.get("/api/v1/devices")["total"] == 1


def test_its_weaknesses_are_those_of_the_own_sensor(server: ServerProcess, tmp_path: Path) -> None:
    agent = device_of(server, "glpi")
    installed = packages()
    before = findings(server, agent)
    assert len(before) > 100
    state = tmp_path / "state"
    for command in (("enrol", "--server", server.url, "--token", server.enrolment_token()), ("once",)):
        whole = [*sensor_command(), command[0], "--state", str(state), *command[1:]]
        done = subprocess.run(whole, capture_output=True, text=True, timeout=120, check=False, env=clean_environment())
        assert done.returncode == 0, done.stderr
    sensor = device_of(server, "sensor")
    own = {pair for pair in findings(server, sensor) if pair[0] in installed}
    # The agent names no maintainer, by whom the sensor tells some packages of third parties.
    rows = every(server, f"/api/v1/devices/{sensor}/software?type=dpkg")
    third_party = {row["software"]["name"] for row in rows if "third-party" in (row["not_assessed_reason"] or "")}
    before = {pair for pair in before if pair[0] not in third_party}
    # Until some device names the source packages, what is built from a source of another name cannot be looked up.
    needs_source = {(name, f"TEST-2099-{source}") for name, (_, source) in installed.items() if source != name}
    assert before <= own
    assert own - before <= needs_source
    # Once one has, the map knows them all, and nothing is missing any more.
    assert {pair for pair in findings(server, agent) if pair[0] not in third_party} == own
