"""weakspot.matching.updates, and Windows systems through the whole matching: recorded, revised, rebuilt."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import EnrolledDevice, World, advisory
from weakspot import intel, inventory, matching, workflows
from weakspot.intel.contracts import Range, Supersedence
from weakspot.inventory.contracts import (
    HardwareId,
    InstalledSoftware,
    OperatingSystem,
    Report,
    SensorInfo,
    SoftwareIdentity,
)
from weakspot.inventory.rules import identity
from weakspot.runtime.clock import to_iso

NAME = "Windows 10 Version 22H2 for x64-based Systems"
PRODUCT = NAME.lower()
WINDOWS = OperatingSystem(platform="Windows", distribution="windows", version="10.0.19045")


@pytest.fixture
def world(tmp_path: Path, dialect: str) -> Iterator[World]:
    found = World(tmp_path)
    yield found
    found.close()


def laptop(world: World) -> EnrolledDevice:
    return world.enrol("laptop", os=WINDOWS, hardware_ids=(HardwareId("machine_id", uuid.uuid4().hex),))


def system(build: str = "10.0.19045") -> InstalledSoftware:
    return InstalledSoftware(type="windows_os", name=NAME, version=build)


def update(number: str, state: str = "applied") -> InstalledSoftware:
    return InstalledSoftware(type="windows_update", name=f"KB{number}", version="", module=state)


def fixed_by(number: str, build: str | None = None, product: str = PRODUCT) -> Range:
    ecosystem = "windows" if product.startswith("windows") else "microsoft"
    return Range(ecosystem, product, end=build, end_kind="fixed" if build else "none", module=f"KB{number}")


KNOWN = (
    advisory("CVE-2099-0001", fixed_by("5000001")),
    advisory("CVE-2099-0002", fixed_by("5000002")),
    advisory("CVE-2099-0009", fixed_by("5000009", product=f"microsoft .net framework 4.8 on {PRODUCT}")),
)


def open_flaws(world: World) -> set[str]:
    """Of what is installed now on any device."""
    with world.database.read() as conn:
        assert matching.differences(conn) == []
        facts = intel.facts(conn, None)
        installed = {int(i) for _, ids in inventory.installations(conn, None) for i in ids}
        return {facts[flaw].name for _, flaw in matching.open_pairs(conn, installed)}


def missing(world: World, device: EnrolledDevice) -> list[tuple[str, tuple[str, ...]]]:
    with world.database.read() as conn:
        ids = inventory.installation_times(conn, device.id)
        versions = list(inventory.software_versions(conn, ids).values())
        return [(found.id, found.cves) for found in matching.missing_updates_of(conn, versions)]


def test_a_recorded_system_is_judged_by_the_updates_beside_it(world: World) -> None:
    world.know("wesng", *KNOWN)
    device = laptop(world)
    world.report(device, system(), update("5000001"))
    assert open_flaws(world) == {"CVE-2099-0002"}
    assert missing(world, device) == [("5000002", ("CVE-2099-0002",))]
    world.clock.forward(seconds=60)
    world.report(device, system(), update("5000001"), update("5000002"))
    assert open_flaws(world) == set()
    assert missing(world, device) == []


def test_a_delta_that_tells_only_of_an_update_revises_the_system(world: World) -> None:
    world.know("wesng", *KNOWN)
    device = laptop(world)
    world.report(device, system(), update("5000001"))
    world.clock.forward(seconds=60)
    before, after = [system(), update("5000001")], [system(), update("5000001"), update("5000002")]
    send_delta(world, device, 2, before, after, added=(update("5000002"),))
    assert open_flaws(world) == set()
    world.clock.forward(seconds=60)
    gone = SoftwareIdentity(type="windows_update", name="KB5000001", version="")
    send_delta(world, device, 3, after, [system(), update("5000002")], removed=(gone,))
    assert open_flaws(world) == {"CVE-2099-0001"}


def send_delta(
    world: World,
    device: EnrolledDevice,
    sequence: int,
    before: list[InstalledSoftware],
    after: list[InstalledSoftware],
    *,
    added: tuple[InstalledSoftware, ...] = (),
    removed: tuple[SoftwareIdentity, ...] = (),
) -> None:
    report = Report(
        schema=1,
        report_id=uuid.uuid4().hex,
        sequence=sequence,
        kind="delta",
        observed_at=to_iso(world.clock.at),
        sensor=SensorInfo("test", "1.0"),
        base_digest=identity.digest_of(identity.wire_hash(item) for item in before),
        digest=identity.digest_of(identity.wire_hash(item) for item in after),
        device=device.described,
        added=added,
        removed=removed,
    )
    workflows.record_report(world.services, device.key, report, world.clock.at).result()
    world.catch_up()


def test_new_knowledge_of_what_replaces_what_revises_the_systems(world: World) -> None:
    world.know("wesng", *KNOWN)
    device = laptop(world)
    world.report(device, system(), update("5000002"))
    assert open_flaws(world) == {"CVE-2099-0001"}
    world.know("wesng", *KNOWN, Supersedence("5000002", "5000001"))
    assert open_flaws(world) == set()
    world.know("wesng", *KNOWN)
    assert open_flaws(world) == {"CVE-2099-0001"}


def test_an_update_outside_the_system_is_missing_when_the_device_asks_for_it(world: World) -> None:
    world.know("wesng", *KNOWN)
    device = laptop(world)
    world.report(device, system(), update("5000001"), update("5000002"), update("5000009", "unapplied"))
    assert missing(world, device) == [("5000009", ("CVE-2099-0009",))]
    assert open_flaws(world) == {"CVE-2099-0009"}


def test_missing_updates_are_described(world: World) -> None:
    world.know("wesng", *KNOWN)
    items = (system(), update("5000001"), update("5000002", "pending_restart"))
    with world.database.read() as conn:
        (found,) = matching.missing_updates(conn, laptop(world).described, items)
    assert found.name == f"Security update KB5000002 for {NAME}"
    assert found.url.endswith("KB5000002")
    assert found.is_waiting
    assert found.products == (PRODUCT,)


def test_what_is_no_windows_lacks_no_update(world: World) -> None:
    with world.database.read() as conn:
        device = laptop(world).described
        assert matching.missing_updates(conn, device, ()) == []
        unknown = InstalledSoftware(type="windows_os", name="Windows", version="")
        assert matching.missing_updates(conn, device, (unknown,)) == []


def test_a_system_that_no_source_names_is_not_assessed(world: World) -> None:
    world.know("wesng", advisory("CVE-2099-0001", fixed_by("5000001", product="windows server 2022")))
    world.report(laptop(world), system("10.0.19045.1"))
    with world.database.read() as conn:
        assert list(matching.not_assessed(conn, None).values()) == [f"no loaded source describes {NAME}"]
    world.know("wesng", *KNOWN)
    with world.database.read() as conn:
        assert matching.not_assessed(conn, None) == {}
        assert matching.differences(conn) == []


def test_a_program_is_assessed_from_when_a_source_names_it(world: World) -> None:
    program = InstalledSoftware(type="windows_program", name="VLC media player", version="3.0.18", vendor="VideoLAN")
    other = advisory("CVE-2099-0003", Range("cpe", "contoso:ledger", end="2.0", end_kind="fixed"))
    world.know("nvd", other)
    world.report(laptop(world), program)
    with world.database.read() as conn:
        assert list(matching.not_assessed(conn, None).values()) == [
            "no loaded source describes videolan-_-vlc_media_player"
        ]
    player = Range("cpe", "videolan:vlc_media_player", end="3.0.20", end_kind="fixed")
    world.know("nvd", other, advisory("CVE-2099-0004", player))
    assert open_flaws(world) == {"CVE-2099-0004"}
    with world.database.read() as conn:
        assert matching.not_assessed(conn, None) == {}
