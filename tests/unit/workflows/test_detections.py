"""Detections as use cases: which device is meant, what follows a change of software, and what is written to the log."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg, known_exploited
from weakspot import access, threats, workflows
from weakspot.access.contracts import Caller, Scope
from weakspot.intel.contracts import EvidenceRecord
from weakspot.inventory.contracts import HardwareId, Interface
from weakspot.runtime.following import Followers
from weakspot.threats import Decision, DeviceHints
from weakspot.workflows import correlating, detections

CALLER = access.internal_caller("test")
MAC = "02:00:5e:10:00:01"


@pytest.fixture
def web(world: World) -> Any:
    return world.enrol(
        "web01",
        domain="example.org",
        hardware_ids=(HardwareId("serial", "S-77"), HardwareId("mac", MAC)),
        interfaces=(Interface(name="eth0", mac=MAC, addresses=("192.0.2.7/24", "2001:db8::7")),),
    )


def resolved(world: World, scope: Scope = EVERYTHING, **hints: tuple[str, ...]) -> tuple[int | None, str]:
    with world.read() as read:
        return detections.resolve(read.conn, DeviceHints(**hints), scope)


@pytest.mark.parametrize(
    "hints",
    [
        {"names": ("WEB01",)}, {"names": ("web01.example.org",)}, {"hardware": ("S-77",)},
        {"hardware": ("02-00-5E-10-00-01",)}, {"addresses": ("192.0.2.7",)}, {"addresses": ("2001:DB8::7",)},
        {"names": ("nobody",), "addresses": ("192.0.2.7",)},
    ],
)  # fmt: skip
def test_a_device_is_found_by_what_it_is_called(world: World, web: Any, hints: dict[str, tuple[str, ...]]) -> None:
    world.enrol("other")
    assert resolved(world, **hints) == (web.id, "")
    assert resolved(world, ids=(web.public_id,)) == (web.id, "")


@pytest.mark.parametrize(
    "hints",
    [
        {"names": ("web01.elsewhere.net",)},
        {"addresses": ("192.0.2.70",)},
        {"addresses": ("127.0.0.1",)},
        {"names": ("",)},
    ],
)
def test_what_fits_none_is_not_guessed(world: World, web: Any, hints: dict[str, tuple[str, ...]]) -> None:
    assert resolved(world, **hints) == (None, detections.UNKNOWN)


def test_what_fits_several_is_told_apart_or_left(world: World, web: Any) -> None:
    twin = world.enrol("web01", interfaces=(Interface(name="eth0", addresses=("198.51.100.9/24",)),))
    assert resolved(world, names=("web01",)) == (None, detections.AMBIGUOUS)
    assert resolved(world, names=("web01",), addresses=("198.51.100.9",)) == (twin.id, "")


def test_a_token_reaches_devices_of_its_groups_alone(world: World, web: Any) -> None:
    assert resolved(world, Scope(frozenset({77})), names=("web01",)) == (None, detections.OUT_OF_SCOPE)


def take(world: World, caller: Caller = CALLER, **event: Any) -> workflows.DetectionsTaken:
    body = {"id": "d", "title": "Odd", "severity": "High", "device": {"name": "web01"}, **event}
    return workflows.record_detections(world.database, caller, "generic", body, world.clock.at)


def links(world: World) -> list[tuple[str, bool]]:
    with world.read() as read:
        found = threats.links_of(read.conn, [1])
        return [(one.reason, one.is_raising) for one in found]


def test_a_detection_waits_for_its_device(world: World) -> None:
    assert take(world).unresolved == 1
    assert workflows.resolve_again(world.database, world.clock.at) == 0
    world.enrol("web01")
    assert workflows.resolve_again(world.database, world.clock.at) == 1
    with world.read() as read:
        found = threats.detection(read.conn, 1)
    assert found is not None
    assert found.device_id is not None


def test_what_it_hangs_on_follows_software_and_knowledge(world: World, web: Any) -> None:
    followers = Followers(world.database, [workflows.correlation_reaction(world.clock)])
    followers.step()
    world.report(web, dpkg("nginx", "1.0", paths=("/usr/sbin/nginx",)))
    take(world, paths=["/usr/sbin/nginx"], techniques=["T1190"])
    assert links(world) == [("software", False)]
    world.know("osv", advisory("CVE-2099-0001", debian("nginx", fixed="2.0")))
    world.know("kev", known_exploited("CVE-2099-0001"))
    world.know("attack", EvidenceRecord(name="CVE-2099-0001", kind="technique", details={"exploitation": "T1190 x"}))
    while followers.step():
        pass
    assert links(world) == [("software", False), ("software", True)]
    world.report(web, dpkg("nginx", "2.0", paths=("/usr/sbin/nginx",)))
    while followers.step():
        pass
    assert links(world) == [("software", False)]
    followers.stop()


def test_a_technique_is_enough_where_a_source_maps_it(world: World, web: Any) -> None:
    world.report(web, dpkg("nginx", "1.0"))
    world.know("osv", advisory("CVE-2099-0001", debian("nginx", fixed="2.0")))
    world.know("attack", EvidenceRecord(name="CVE-2099-0001", kind="technique", details={"exploitation": "T1190 x"}))
    take(world, techniques=["T1190"])
    assert links(world) == [("technique", True)]


def test_what_a_person_says_is_audited(world: World, web: Any) -> None:
    take(world)
    decided = workflows.decide_detection(
        world.database, CALLER, 1, Decision(status="resolved", classification="false_positive"), world.clock.at
    )
    assert not decided.is_active
    with world.read() as read:
        entry = access.audit_entries(read.conn)[-1]
    assert (entry.action, entry.details["classification"]) == ("detection.decide", "false_positive")


def test_links_are_checked_and_made_again(world: World, web: Any) -> None:
    """docs/ARCHITECTURE.md: what is derived is compared with what a rebuild gives."""
    world.report(web, dpkg("nginx", "1.0", paths=("/usr/sbin/nginx",)))
    take(world, paths=["/usr/sbin/nginx"])
    with world.read() as read:
        assert correlating.link_differences(read.conn) == []
        found = threats.detection(read.conn, 1)
    assert found is not None
    world.database.write(lambda conn: threats.hang(conn, found, []))
    with world.read() as read:
        assert correlating.link_differences(read.conn) == [f"{found.public_id} (Odd)"]
    assert world.database.write(lambda conn: correlating.hang_again(conn, world.clock.at)) == 1
    assert links(world) == [("software", False)]
