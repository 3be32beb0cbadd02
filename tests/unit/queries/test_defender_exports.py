"""What the exports say, and that their pages fit together (spec/api.md 12.5 and 12.6)."""

from __future__ import annotations

from itertools import islice

import pytest

from tests.support.world import EVERYTHING, Scope, World, advisory, debian, dpkg
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
