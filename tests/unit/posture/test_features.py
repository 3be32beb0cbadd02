from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import World
from weakspot import posture
from weakspot.inventory import settings
from weakspot.inventory.detail_contracts import Setting

DNS = "windows.service.dns_server"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def test_every_condition_names_a_part_and_vulnerabilities_and_no_two_the_same() -> None:
    found = list(posture.features().values())
    assert all(one.titles or one.vulnerabilities for one in found)
    assert len({one.setting for one in found}) == len(found) == len(posture.features())
    titles = [(one.id, title) for one in found for title in one.titles]
    assert all(title.endswith(" ") for _, title in titles), "a title begins with whole words"
    for feature, title in titles:
        needed = posture.feature_needed(title + "Remote Code Execution Vulnerability", "CVE-2099-0001")
        assert needed is not None
        assert needed.id == feature


def test_what_needs_no_part_of_the_system_has_no_condition() -> None:
    for title in (
        "Windows DNS Client Spoofing Vulnerability",
        "Windows Kernel Elevation of Privilege Vulnerability",
        "Windows Hyper-V Elevation of Privilege Vulnerability",
        "Windows Hyper-V NT Kernel Integration VSP Elevation of Privilege Vulnerability",
        "Windows Routing and Remote Access Service (RRAS) Remote Code Execution Vulnerability",
        "",
    ):
        assert posture.feature_needed(title, "CVE-2099-0001") is None
    by_name = posture.feature_needed("Windows SMB Remote Code Execution Vulnerability", "CVE-2017-0144")
    assert by_name is not None
    assert by_name.id == "windows-smb1-server"
    for title, feature in (
        ("Windows Hyper-V Remote Code Execution Vulnerability", "windows-hyper-v"),
        ("Windows Network File System Remote Code Execution Vulnerability", "windows-nfs"),
        ("Active Directory Certificate Services Elevation of Privilege Vulnerability", "windows-certificate-services"),
    ):
        needed = posture.feature_needed(title, "CVE-2099-0001")
        assert needed is not None
        assert needed.id == feature


def test_values_say_off_only_where_they_were_told(world: World) -> None:
    with world.database.read() as conn:
        assert posture.values_off(conn) == {}
    device, at = world.enrol("box"), world.clock.at
    told = (Setting(DNS, "absent"), Setting("windows.smb1", "absent"), Setting("windows.uac", "disabled"))
    world.database.write(lambda conn: settings.record(conn, device.id, "sensor", told, at, at))
    with world.database.read() as conn:
        (value,) = settings.ids_of(conn, [Setting(DNS, "absent")]).values()
        assert posture.values_off(conn) == {value: "windows-dns-server"}
