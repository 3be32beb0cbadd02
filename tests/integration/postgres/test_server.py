"""``weakspot serve --database postgresql://...``: the same server, another database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.device import RealDevice, package
from tests.support.server import running

pytestmark = pytest.mark.postgresql


def test_a_server_keeps_everything_in_postgresql(url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, ("serve", "--database", url)) as server:
        device = RealDevice(server, "web01")
        device.report(package("zlib1g", "1:1.2.13-1"), package("openssl", "3.0.11-1"))
        assert device.software() == {("zlib1g", "1:1.2.13-1"), ("openssl", "3.0.11-1")}
        status = server.request("GET", "/api/v1/devices", headers={"Authorization": "Bearer wsk_nothing"}).status
        assert status == 401
    assert not (data / "weakspot.db").exists()
    with running(data, ("serve", "--database", url)) as server:
        device.server = server
        assert device.software() == {("zlib1g", "1:1.2.13-1"), ("openssl", "3.0.11-1")}
        device.report(package("openssl", "3.0.15-1"))
        assert device.software() == {("openssl", "3.0.15-1")}
        checked = server.cli("check")
        assert checked.returncode == 0, checked.stdout + checked.stderr
