"""The real sensor against a real server: this machine's packages arrive, and a change of them arrives by itself."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_feeds import drop, wait_until
from tests.support.server import ServerProcess, clean_environment, sensor_command

PACKAGE = "hello"
WITHIN_SECONDS = 5.0

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="this machine has no dpkg")


class SensorProcess:
    """An enrolled sensor with a state folder of its own."""

    def __init__(self, server: ServerProcess, state: Path) -> None:
        self.server = server
        self.state = state
        token = server.enrolment_token()
        done = self.call("enrol", "--server", server.url, "--token", token)
        assert done.returncode == 0, done.stderr
        assert token not in done.stderr + done.stdout

    def call(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the sensor's commands to its end."""
        whole = [*sensor_command(), command, "--state", str(self.state), *arguments]
        return subprocess.run(whole, capture_output=True, text=True, timeout=120, check=False, env=clean_environment())

    @contextlib.contextmanager
    def running(self) -> Iterator[int]:
        """``weakspot-sensor run`` for the length of the block; its process id."""
        with (self.state.parent / "sensor.log").open("wb") as log:
            process = subprocess.Popen(
                [*sensor_command(), "run", "--state", str(self.state)],
                stderr=log,
                stdout=log,
                env=clean_environment(),
                start_new_session=True,
            )
        try:
            yield process.pid
            assert process.poll() is None, "the sensor ended by itself"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)

    def device_id(self) -> str:
        """The device that this sensor is."""
        self.server.settle()
        (row,) = self.server.get("/api/v1/devices")["items"]
        return str(row["id"])

    def shown(self) -> dict[str, str]:
        """Debian package -> version, as the server shows this device."""
        found: dict[str, str] = {}
        page, total = 1, 1
        while (page - 1) * 500 < total:
            got = self.server.get(f"/api/v1/devices/{self.device_id()}/software?type=dpkg&page={page}&page_size=500")
            found |= {row["software"]["name"]: row["version"] for row in got["items"]}
            page, total = page + 1, got["total"]
        return found

    def weaknesses(self, state: str) -> set[str]:
        """Names of own advisories' weaknesses on this device."""
        path = f"/api/v1/devices/{self.device_id()}/weaknesses?state={state}&page_size=500"
        return {row["weakness"]["name"] for row in self.server.get(path)["items"]}


@pytest.fixture(scope="module")
def sensor(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> SensorProcess:
    """This machine as the server's only device."""
    return SensorProcess(server, tmp_path_factory.mktemp("sensor") / "state")


def installed() -> dict[str, str]:
    """What dpkg itself says is installed."""
    form = "${db:Status-Abbrev}\t${Package}\t${Version}\n"
    listed = subprocess.run(["dpkg-query", "-W", "-f", form], capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in listed.splitlines()]
    return {name: version for status, name, version in rows if status[1] == "i"}


@needs_dpkg
def test_the_packages_of_this_machine_arrive(sensor: SensorProcess) -> None:
    done = sensor.call("once")
    assert done.returncode == 0, done.stderr
    assert sensor.shown() == installed()
    again = sensor.call("once")
    assert again.returncode == 0, again.stderr
    assert sensor.shown() == installed()


@pytest.mark.full  # which software is in use depends on what else runs here
def test_accounts_listeners_and_use_arrive(sensor: SensorProcess) -> None:
    def told() -> dict[str, Any]:
        found: dict[str, Any] = sensor.server.get(f"/api/v1/devices/{sensor.device_id()}/details")
        return found

    def used() -> bool:
        page = f"/api/v1/devices/{sensor.device_id()}/software?page_size=500&sort=name&page="
        total = sensor.server.get(f"{page}1")["total"]
        pages = (sensor.server.get(f"{page}{number}") for number in range(1, total // 500 + 2))
        return any(row["use"] for one in pages for row in one["items"])

    with sensor.running():
        wait_until(lambda: told()["usage_observed_since"] is not None, 60)
        wait_until(used, 60)  # at least a shell runs
    shown = told()
    assert {row["name"] for row in shown["users"]} == {one.pw_name for one in pwd.getpwall()}
    port = int(sensor.server.url.rsplit(":", 1)[1])
    first_ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    if port < first_ephemeral:
        (own,) = [row for row in shown["services"] if row["port"] == port]
        assert "python" in own["path"]


@pytest.mark.full
def test_at_rest_it_costs_next_to_nothing(sensor: SensorProcess) -> None:
    """Under 1 % of a core, averaged over a minute with two looks at the processes; under 60 MB at its highest."""

    def spent(pid: int) -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    with sensor.running() as pid:
        time.sleep(20)
        before = spent(pid)
        time.sleep(60)
        assert spent(pid) - before < 0.6
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
        (highest,) = [int(line.split()[1]) for line in status if line.startswith("VmHWM")]
        assert highest < 60 * 1024


@pytest.mark.full  # needs a mirror of Debian and a machine at rest
@pytest.mark.root
@needs_dpkg
@pytest.mark.timeout(400)
def test_installing_and_removing_a_package_shows_within_five_seconds(sensor: SensorProcess, tmp_path: Path) -> None:
    if PACKAGE in installed():
        pytest.skip(f"{PACKAGE} is installed here already; remove it to run this test")
    fetched = apt("--download-only", "install", PACKAGE)
    if fetched.returncode != 0 and apt("update").returncode == 0:
        fetched = apt("--download-only", "install", PACKAGE)
    if fetched.returncode != 0:
        pytest.skip(f"apt reaches no mirror: {fetched.stderr.strip()[-200:]}")
    mirror = tmp_path / "mirror"
    drop(mirror, "TEST-2099-0100", PACKAGE, fixed="999:1")
    sensor.server.sync(mirror, "own")
    with sensor.running():
        wait_until(lambda: sensor.shown() == installed(), 60)
        try:
            done = apt("install", PACKAGE)
            assert done.returncode == 0, done.stderr
            finished = time.monotonic()
            wait_until(lambda: PACKAGE in sensor.shown(), 30)
            assert time.monotonic() - finished < WITHIN_SECONDS
            wait_until(lambda: "TEST-2099-0100" in sensor.weaknesses("open"), 5)
        finally:
            done = apt("purge", PACKAGE)
        assert done.returncode == 0, done.stderr
        finished = time.monotonic()
        wait_until(lambda: PACKAGE not in sensor.shown(), 30)
        assert time.monotonic() - finished < WITHIN_SECONDS
        wait_until(lambda: "TEST-2099-0100" not in sensor.weaknesses("open"), 5)
        assert "TEST-2099-0100" in sensor.weaknesses("closed")


def apt(*arguments: str) -> subprocess.CompletedProcess[str]:
    """apt-get without questions; proxies of this machine are kept, for apt may need them."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, check=False, env=environment)
