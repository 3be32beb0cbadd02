"""What the exports say, and that their pages fit together (spec/api.md 12.5 and 12.6)."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tests.support.windows_servers import NEEDS_DNS, NEEDS_NOTHING, NEEDS_QUEUES, Servers
from tests.support.world import EVERYTHING, Scope, World, advisory, debian, dpkg
from weakspot.queries import defender
from weakspot.queries.defender_exports import (
    AssetVulnerability,
    Cursor,
    DeltaAssetVulnerability,
    rows,
    stamp,
)
from weakspot.queries.lens import Lens
from weakspot.runtime.clock import DAY


def exported(world: World, cursor: Cursor, scope: Scope = EVERYTHING) -> list[AssetVulnerability]:
    with world.read() as read:
        return [row for row, _ in rows(Lens(read, scope), cursor)]


def told(found: list[AssetVulnerability]) -> list[tuple[str, str, str | None]]:
    return [(row.software_name, row.software_version, row.cve_id) for row in found]


def changes(found: list[AssetVulnerability]) -> list[tuple[str, str, str | None, str, str]]:
    return [
        (row.status, row.software_version, row.cve_id, row.event_timestamp[:10], row.first_seen_timestamp[:10])
        for row in found
        if isinstance(row, DeltaAssetVulnerability)
    ]


@pytest.fixture
def begun(world: World) -> World:
    world.know(
        "osv",
        advisory("CVE-2099-0001", debian("bash", fixed="5.3-1"), title="First"),
        advisory("CVE-2099-0002", debian("bash", fixed="5.2-1"), title="Second"),
    )
    return world


def test_everything_of_one_moment(begun: World) -> None:
    device = begun.enrol("box")
    begun.report(device, dpkg("bash", "5.1-1", paths=("/bin/bash",)), dpkg("zlib", "1-1"))
    at = begun.clock.at
    found = exported(begun, Cursor(at))
    assert told(found) == [
        ("bash", "5.1-1", "CVE-2099-0001"), ("bash", "5.1-1", "CVE-2099-0002"), ("zlib", "1-1", None),
    ]  # fmt: skip
    first = found[0]
    assert first.id == f"{device.public_id}_bash_5.1-1_CVE-2099-0001_"
    assert (first.disk_paths, first.registry_paths, first.security_update_available) == (["/bin/bash"], [], True)
    assert first.recommendation_reference.startswith("va-_-")
    assert (first.first_seen_timestamp, found[2].vulnerability_severity_level) == (stamp(at), None)
    begun.clock.forward(days=1)
    begun.report(device, dpkg("bash", "5.3-1"), dpkg("zlib", "1-1"))
    assert told(exported(begun, Cursor(at))) == told(found), "later pages are of the export's own moment"
    assert told(exported(begun, Cursor(begun.clock.at))) == [("zlib", "1-1", None), ("bash", "5.3-1", None)]


def test_pages_fit_together(begun: World) -> None:
    for name in ("one", "two", "three"):
        begun.report(begun.enrol(name), dpkg("bash", "5.1-1"), dpkg("zlib", "1-1"))
    whole = exported(begun, Cursor(begun.clock.at))
    assert len(whole) == 9
    for size in (1, 2, 3, 4):
        cursor, pieces = Cursor(begun.clock.at), []
        while True:
            with begun.read() as read:
                page = list(islice(rows(Lens(read, EVERYTHING), cursor), size))
            if not page:
                break
            pieces += [row for row, _ in page]
            cursor = page[-1][1]
        assert pieces == whole


def test_a_new_version_with_the_same_weakness_ends_one_row_and_begins_another(begun: World) -> None:
    """Spec/api.md 12.6: two rows, and ``firstSeenTimestamp`` keeps the original first sight on both."""
    device = begun.enrol("box")
    begun.report(device, dpkg("bash", "5.1-1"))
    quiet = begun.enrol("quiet")
    begun.report(quiet, dpkg("zlib", "1-1"))
    begun.clock.forward(days=2)
    since = begun.clock.at
    begun.report(device, dpkg("bash", "5.2-1"))
    begun.clock.forward(days=2)
    begun.report(device, dpkg("bash", "5.3-1"))
    begun.clock.forward(days=1)
    found = changes(exported(begun, Cursor(begun.clock.at, since)))
    assert found == [
        ("Fixed", "5.1-1", "CVE-2099-0001", "2026-09-23", "2026-09-21"),
        ("Fixed", "5.1-1", "CVE-2099-0002", "2026-09-23", "2026-09-21"),
        ("New", "5.2-1", "CVE-2099-0001", "2026-09-23", "2026-09-21"),
        ("Fixed", "5.2-1", "CVE-2099-0001", "2026-09-25", "2026-09-21"),
    ]  # fmt: skip
    assert changes(exported(begun, Cursor(since - 1, since - DAY))) == []
    assert len(changes(exported(begun, Cursor(begun.clock.at, since - 3 * DAY)))) == 6


def test_a_new_advisory_is_a_change_on_the_devices_that_have_its_software(begun: World) -> None:
    device = begun.enrol("box")
    begun.report(device, dpkg("zlib", "1-1"))
    begun.clock.forward(days=2)
    since = begun.clock.at
    begun.know("osv", advisory("CVE-2099-0003", debian("zlib", fixed="2-1"), title="Third"))
    begun.clock.forward(days=1)
    found = exported(begun, Cursor(begun.clock.at, since))
    assert [(row[0], row[2]) for row in changes(found)] == [("New", "CVE-2099-0003")]
    assert exported(begun, Cursor(begun.clock.at, since), Scope(frozenset())) == []


def test_devices_on_which_the_needed_part_is_off_are_not_named(tmp_path: Path) -> None:
    """spec/features.md 11.5: "such CVEs are attached only to devices where the feature is on"."""
    servers = Servers(tmp_path)
    try:
        off, on = servers.server("off", dns="absent", queues="absent"), servers.server("on", dns="active")
        begin = servers.clock.at
        pairs = {(one.device_name, one.cve_id) for one in exported(servers, Cursor(begin)) if one.cve_id}
        assert pairs == {
            ("off", NEEDS_NOTHING), ("on", NEEDS_NOTHING), ("on", NEEDS_DNS), ("on", NEEDS_QUEUES),
        }  # fmt: skip
        servers.clock.forward(days=1)
        servers.tell(off, dns="active", queues="absent")
        servers.tell(on, dns="active", queues="inactive")
        servers.clock.forward(days=1)
        told = [
            (one.device_name, one.cve_id, one.status)
            for one in exported(servers, Cursor(servers.clock.at, since=begin + DAY // 2))
            if isinstance(one, DeltaAssetVulnerability)
        ]
        assert told == [("on", NEEDS_QUEUES, "Fixed")], "that DNS is on again is known where another device has it off"
        servers.server("third", dns="absent")
        told = [
            (one.device_name, one.cve_id, one.status)
            for one in exported(servers, Cursor(servers.clock.at, since=begin + DAY // 2))
            if isinstance(one, DeltaAssetVulnerability) and one.device_name != "third"
        ]
        assert told == [("off", NEEDS_DNS, "New"), ("on", NEEDS_QUEUES, "Fixed")]
        with servers.read() as read:
            lens = Lens(read, EVERYTHING)
            exposed = {one.name: one.exposed_machines for one in defender.vulnerabilities(lens)}
            assert exposed == {NEEDS_DNS: 2, NEEDS_QUEUES: 1, NEEDS_NOTHING: 3}
            named = {one.computer_dns_name for one in defender.vulnerability_machines(lens, NEEDS_DNS)}
            assert named == {"off", "on"}
            of_on = {one.id for one in defender.machine_vulnerabilities(lens, on.public_id)}
            assert of_on == {NEEDS_DNS, NEEDS_NOTHING}
    finally:
        servers.close()
