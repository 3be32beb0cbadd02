"""weakspot.workflows.devices."""

from __future__ import annotations

from unittest import mock

import pytest

from tests.support.world import World, advisory, debian
from tests.unit.inventory.support import dpkg, full
from weakspot import inventory, matching, workflows
from weakspot.inventory.contracts import Heartbeat
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY
from weakspot.runtime.errors import AccessError


def test_a_report_is_recorded_and_judged_in_one_unit(world: World) -> None:
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1")))
    web = world.enrol("web")
    report = full(web.described, 1, [dpkg("libssl3", "3.0.11-1", source_name="openssl")], world.clock.at)
    answer = workflows.record_report(world.services, web.key, report, world.clock.at).result(10)
    assert (answer.device_id, answer.sequence, answer.duplicate) == (web.public_id, 1, False)
    assert answer.digest == report.digest
    with world.database.read() as conn:
        assert len(list(matching.open_pairs(conn, None))) == 1
        kinds = [c.kind for c in changes.since(conn, 0)]
    assert kinds.index("inventory.device") < kinds.index("matching.matches")


def test_when_judging_fails_nothing_of_the_report_is_there(world: World) -> None:
    web = world.enrol("web")
    report = full(web.described, 1, [dpkg("ghost")], world.clock.at)
    with world.database.read() as conn:
        before = changes.last_seq(conn)
    with mock.patch.object(matching, "judge", side_effect=RuntimeError("judging")):
        future = workflows.record_report(world.services, web.key, report, world.clock.at)
        with pytest.raises(RuntimeError, match="judging"):
            future.result(10)
    with world.database.read() as conn:
        assert inventory.device_state(conn, web.id) is None
        assert inventory.software_versions(conn, None) == {}
        assert changes.last_seq(conn) == before
    again = workflows.record_report(world.services, web.key, report, world.clock.at).result(10)
    assert not again.duplicate
    with world.database.read() as conn:
        assert [v.name for v in inventory.software_versions(conn, None).values()] == ["ghost"]


def test_the_same_report_again_names_the_knowledge_of_the_first_answer(world: World) -> None:
    web = world.enrol("web")
    report = full(web.described, 1, [dpkg("a")], world.clock.at)
    first = workflows.record_report(world.services, web.key, report, world.clock.at).result(10)
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1")))
    again = workflows.record_report(world.services, web.key, report, world.clock.at).result(10)
    assert (again.duplicate, again.knowledge_version) == (True, first.knowledge_version)


def test_a_heartbeat_tells_whether_the_inventories_agree(world: World) -> None:
    beats = workflows.Heartbeats(world.services)
    web = world.enrol("web")
    assert beats.record(web.key, Heartbeat(digest="0" * 64), world.clock.at).resync
    digest = world.report(web, dpkg("a")).digest
    assert not beats.record(web.key, Heartbeat(digest=digest), world.clock.at).resync
    assert beats.record(web.key, Heartbeat(digest="f" * 64), world.clock.at).resync
    assert not beats.record(web.key, Heartbeat(), world.clock.at).resync
    with pytest.raises(AccessError):
        beats.record("wsd_" + "x" * 43, Heartbeat(), world.clock.at)


def test_contacts_are_written_in_batches(world: World) -> None:
    beats = workflows.Heartbeats(world.services)
    web = world.enrol("web")
    world.report(web, dpkg("a"))
    enrolled = world.clock.at
    later = world.clock.forward(days=1)
    beats.record(web.key, Heartbeat(), later)

    def seen() -> int:
        with world.database.read() as conn:
            found = inventory.device(conn, web.id)
            assert found is not None
            return found.last_seen_at

    assert seen() == enrolled
    beats.flush()
    assert seen() == later == enrolled + DAY
    beats.flush()
    assert seen() == later
