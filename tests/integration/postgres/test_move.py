"""``weakspot database move``: there and back again, without loss."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.device import RealDevice, package
from tests.support.server import ServerProcess, run_cli, running

pytestmark = pytest.mark.postgresql

PACKAGES = [package(f"p{n}", f"{n}.0-1") for n in range(60)]


@pytest.mark.full
def test_an_installation_moves_to_postgresql_and_back(url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as server:
        device = RealDevice(server, "web01")
        device.report(*PACKAGES)
        device.report(*PACKAGES[10:], package("fresh"))
        token = server.admin("POST", "/api/v1/admin/api-tokens", {"name": "kept", "role": "reader"}).json["token"]
        refused = server.cli("database", "move", "--to", url)
        assert refused.returncode == 2
        assert "Another Weakspot uses the data folder" in refused.stderr
    moved = run_cli(data, "database", "move", "--to", url)
    assert moved.returncode == 0, moved.stdout + moved.stderr
    assert "exact at change" in moved.stdout
    assert (data / "weakspot.db.moved").exists()
    assert not (data / "weakspot.db").exists()
    assert (data / "database-url").stat().st_mode & 0o077 == 0
    _goes_on(data, device, token, "on-postgresql")
    again = run_cli(data, "database", "move", "--to", url)
    assert (again.returncode, "in use" in again.stderr) == (2, True)
    back = run_cli(data, "database", "move", "--to", "embedded")
    assert back.returncode == 0, back.stdout + back.stderr
    assert (data / "weakspot.db").exists()
    assert not (data / "database-url").exists()
    _goes_on(data, device, token, "embedded-again")
    # What is left on PostgreSQL is data: it is not written over.
    full = run_cli(data, "database", "move", "--to", url)
    assert (full.returncode, "holds data already" in full.stderr) == (2, True)


@pytest.mark.full
def test_nothing_is_moved_while_a_server_uses_the_target(url: str, tmp_path: Path) -> None:
    run_cli(tmp_path / "mine", "check")
    with running(tmp_path / "theirs", ("serve", "--database", url)):
        refused = run_cli(tmp_path / "mine", "database", "move", "--to", url)
    assert refused.returncode == 2
    assert "A server uses" in refused.stderr
    assert (tmp_path / "mine" / "weakspot.db").exists()


@pytest.mark.full
def test_what_cannot_be_a_target_is_refused(tmp_path: Path) -> None:
    for target, told in (("mysql://x/y", "postgresql://"), ("postgresql://127.0.0.1:1/none", "does not answer")):
        refused = run_cli(tmp_path, "database", "move", "--to", target)
        assert (refused.returncode, told in refused.stderr) == (2, True), refused.stderr


def _goes_on(data: Path, device: RealDevice, token: str, name: str) -> None:
    """The server shows what it had, and takes what is new."""
    server: ServerProcess
    with running(data) as server:
        device.server = server
        assert device.software() == {(one["name"], one["version"]) for one in device.installed}
        reply = server.request("GET", "/api/v1/devices", headers={"Authorization": f"Bearer {token}"})
        assert reply.status == 200
        device.report(*device.installed, package(name))
        assert (name, "1.0-1") in device.software()
        assert RealDevice(server, f"new-{name}").id != device.id
        checked = server.cli("check")
        assert checked.returncode == 0, checked.stdout + checked.stderr
