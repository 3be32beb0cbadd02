from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.sensor.support import make_root
from weakspot_sensor import collectors
from weakspot_sensor.collectors import operating_system
from weakspot_sensor.files import Root

RELEASE = 'ID=debian\nVERSION_ID="12"\n# a comment\nVERSION_CODENAME=bookworm\nNAME="A \\"B\\""\n'


def test_release_and_name_of_another_root(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "/usr/lib/os-release": RELEASE,
        "/etc/debian_version": "12.5\n",
        "/etc/hostname": "web01\n",
        "/etc/hosts": "127.0.0.1 localhost\n10.0.0.5 web01.example.org web01\n",
        "/boot/vmlinuz-6.1.0-18-amd64": "",
        "/boot/vmlinuz-6.1.0-9-amd64": "",
        "/boot/vmlinuz-0-rescue-1234": "",
        "/run/reboot-required": "",
    }
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").symlink_to("../usr/lib/os-release")
    result = collectors.run(operating_system.COLLECTOR, make_root(tmp_path, files), "linux")
    assert (result.facts["name"], result.facts["domain"]) == ("web01", "example.org")
    found = result.facts["os"]
    assert (found["distribution"], found["version"], found["version_full"]) == ("debian", "12", "12.5")
    assert (found["codename"], found["build"], found["kernel"]) == ("bookworm", None, "")
    assert found["kernels_installed"] == ["6.1.0-9-amd64", "6.1.0-18-amd64"]
    assert found["pending_restart"] is True


def test_the_running_system() -> None:
    found = collectors.run(operating_system.COLLECTOR, Root(), "linux").facts["os"]
    assert found["kernel"] == os.uname().release
    assert found["boot_at"].endswith("Z")


def test_a_testing_release_keeps_its_version_id(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"/etc/os-release": RELEASE, "/etc/debian_version": "trixie/sid\n"}
    result = collectors.run(operating_system.COLLECTOR, make_root(tmp_path, files), "linux")
    assert result.facts["os"]["version_full"] == "12"


def test_without_a_release_file_the_result_is_partial(tmp_path: Path) -> None:
    result = collectors.run(operating_system.COLLECTOR, make_root(tmp_path, {}), "linux")
    assert (result.status, result.facts["os"]["distribution"]) == ("partly", "linux")


@pytest.mark.parametrize(
    ("running", "installed", "waits"),
    [
        ("6.1.0-18-amd64", ["6.1.0-18-amd64"], False),
        ("6.1.0-18-amd64", ["6.1.0-18-amd64", "6.1.0-21-amd64"], True),
        ("6.1.0-18-amd64", ["6.1.0-9-amd64"], False),
        ("6.1.0-18-amd64", ["6.1.0-21-rt-amd64"], False),
        ("5.14.0-70.el9.x86_64", ["5.14.0-362.8.1.el9_3.x86_64"], True),
        ("5.14.0-362.8.1.el9_3.x86_64", ["5.14.0-362.8.1.el9_3.x86_64"], False),
        ("5.15.0-91-generic", ["5.15.0-92-generic", "5.15.0-91-generic"], True),
        ("5.15.0-91-generic", ["6.2.0-1-aws"], False),
        ("5.14.0-362.el9.x86_64", ["5.14.0-362.8.1.el9_3.x86_64"], True),
        ("6.18.44-container", [], False),
        ("", ["6.1.0-21-amd64"], False),
    ],
)
def test_newer_kernel_waits(running: str, installed: list[str], waits: bool) -> None:
    assert operating_system.newer_kernel_waits(running, installed) is waits


def test_parse_release() -> None:
    assert operating_system.parse_release(RELEASE)["NAME"] == 'A "B"'
    assert operating_system.parse_release("A='b'\nno equals sign\n") == {"A": "b"}
