"""spec/features.md 11.5: "An OS feature condition is shown when the CVE applies only if a given OS component is enabled
(e.g. DNS role on a server): such CVEs are attached only to devices where the feature is on."
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as hypothesis_settings

from tests.support.windows_servers import DNS, DONE, NEEDS_DNS, NEEDS_NOTHING, NEEDS_QUEUES, Servers, flaw
from tests.support.world import EVERYTHING, dpkg
from weakspot import intel, recommendations, scoring
from weakspot.fleet import FleetFollower
from weakspot.intel.contracts import Range
from weakspot.queries import explain
from weakspot.queries import recommendations as lists
from weakspot.queries.base import ListQuery
from weakspot.recommendations import conditions
from weakspot.workflows.scores import active_score_differences


@pytest.fixture
def servers(tmp_path: Path, dialect: str) -> Iterator[Servers]:
    made = Servers(tmp_path)
    yield made
    made.close()


def test_it_is_attached_only_where_the_feature_is_on_or_nobody_tells(servers: Servers) -> None:
    servers.server("on", dns="active", queues="absent")
    servers.server("off", dns="absent", queues="absent")
    servers.server("stopped", dns="inactive", queues="active")
    servers.server("silent")
    assert servers.exposed(NEEDS_DNS) == ({"on", "silent"}, 2, 4)
    assert servers.exposed(NEEDS_QUEUES) == ({"stopped", "silent"}, 2, 4)
    assert servers.exposed(NEEDS_NOTHING) == ({"on", "off", "stopped", "silent"}, 4, 4)


def test_the_score_leaves_it_out_and_the_devices_page_says_why(servers: Servers) -> None:
    off, all_on = servers.server("off", dns="absent", queues="absent"), servers.server("on", dns="active")
    assert servers.counted(off) == {
        NEEDS_DNS: "Does not apply: the DNS server role is off.",
        NEEDS_QUEUES: "Does not apply: message queuing (MSMQ) is off.",
        NEEDS_NOTHING: "",
    }
    assert set(servers.counted(all_on).values()) == {""}
    here, there = servers.score(off), servers.score(all_on)
    assert here is not None
    assert there is not None
    assert 0 < here < there
    assert active_score_differences(servers.database, servers.fleet, servers.clock.at) == []


def test_why_am_i_seeing_this_shows_the_condition(servers: Servers) -> None:
    off, on, silent = servers.server("off", dns="absent"), servers.server("on", dns="active"), servers.server("silent")
    shown = {}
    for device in (off, on, silent):
        with servers.read() as read:
            found = explain.finding(read, EVERYTHING, device.public_id, NEEDS_DNS)
            plain = explain.finding(read, EVERYTHING, device.public_id, NEEDS_NOTHING)
        facts = dict(next(one for one in found.steps if one.module == "match").facts)
        shown[device.described.name] = (found.is_present, facts["Applies only where"])
        assert plain.is_present
        assert all(label != "Applies only where" for one in plain.steps for label, _ in one.facts)
    assert shown == {
        "off": (False, f"the DNS server role is on; here it is off ({DNS} is absent)"),
        "on": (True, f"the DNS server role is on; here it is on ({DNS} is active)"),
        "silent": (True, "the DNS server role is on; the device does not tell whether it is"),
    }
    with servers.read() as read:
        found = explain.finding(read, EVERYTHING, off.public_id, NEEDS_DNS)
    assert found.conclusion == f"{NEEDS_DNS} does not apply to off: the DNS server role is off."
    assert "does not apply here" in found.steps[-1].text


def test_what_another_product_carries_too_stays(servers: Servers) -> None:
    servers.know("debian", flaw(NEEDS_DNS, "Windows DNS Server", "5000001", Range("Debian:12", "named")))
    box = servers.enrol("box")
    servers.report(box, dpkg("named", "9.0-1"))
    servers.tell(box, dns="absent")
    servers.server("off", dns="absent")
    assert servers.exposed(NEEDS_DNS) == ({"box"}, 1, 2)
    assert servers.counted(box) == {NEEDS_DNS: ""}


def test_it_is_no_exception_and_what_is_predicted_is_the_change_that_comes(servers: Servers) -> None:
    off = servers.server("off", dns="absent", queues="absent")
    servers.server("on", dns="active")
    with servers.read() as read:
        found = recommendations.in_force(read.conn, servers.fleet, servers.fleet.view(), servers.clock.at)
        (row,) = lists.page(read, EVERYTHING, ListQuery()).items
        before = scoring.organisation_score(servers.fleet.view(), EVERYTHING, excepted=found.reducing)
    assert (dict(found.kept), row.status) == ({}, "active")
    assert [one.feature.id for one in found.unmet] == ["windows-dns-server", "windows-message-queuing"]
    assert row.impact < row.impact_detected
    servers.know("wesng", DONE)
    with servers.read() as read:
        found = recommendations.in_force(read.conn, servers.fleet, servers.fleet.view(), servers.clock.at)
        after = scoring.organisation_score(servers.fleet.view(), EVERYTHING, excepted=found.reducing)
    assert before is not None
    assert after is not None
    assert before - after == pytest.approx(row.impact)
    assert servers.counted(off) == {}


def test_another_title_is_in_force_with_the_knowledge_that_brings_it(servers: Servers) -> None:
    servers.server("off", dns="absent")
    servers.know("wesng", flaw(NEEDS_DNS, "Windows Kernel", "5000001"), DONE)
    assert servers.exposed(NEEDS_DNS) == ({"off"}, 1, 1)
    servers.know("wesng", flaw(NEEDS_DNS, "Windows DNS Server", "5000001"), DONE)
    assert servers.exposed(NEEDS_DNS) == (set(), 0, 1)


def test_where_no_device_tells_that_anything_is_off_nothing_is_made(servers: Servers) -> None:
    servers.server("on", dns="active")
    with servers.read() as read:
        assert conditions.told(read.conn, servers.fleet.view()) == conditions.Told()
        found = recommendations.in_force(read.conn, servers.fleet, servers.fleet.view(), servers.clock.at)
    assert found.unmet == ()
    assert not found.reducing
    assert not found.hidden


TOLD = strategies.sampled_from(["active", "inactive", "absent", "something else", None])


@hypothesis_settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=strategies.lists(strategies.tuples(strategies.integers(0, 2), TOLD, TOLD), min_size=1, max_size=5))
def test_incremental_is_rebuild(steps: list[tuple[int, str | None, str | None]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = Servers(Path(folder))
        try:
            mine = [world.server(f"s{n}") for n in range(3)]
            for n, dns, queues in steps:
                told = {name: value for name, value in (("dns", dns), ("queues", queues)) if value is not None}
                world.tell(mine[n], **told)
                followed = found_in(world, world.follower)  # asked after every step: nothing may be remembered wrongly
            fresh = FleetFollower(
                world.database, hazard=scoring.hazard, raised=scoring.raised_hazard, clock=world.clock
            )
            try:
                assert found_in(world, fresh) == followed
            finally:
                fresh.stop()
            last = {n: (dns, queues) for n, dns, queues in steps}
            off = {mine[n].id for n, (dns, _) in last.items() if dns in ("inactive", "absent")}
            assert {one for name, one in followed[0] if name == NEEDS_DNS} == off
        finally:
            world.close()


def found_in(world: Servers, follower: FleetFollower) -> tuple[set[tuple[str, int]], list[int]]:
    """What does not apply where, and the hazards that are left."""
    view = follower.fleet.view()
    with world.read() as read:
        found = recommendations.in_force(read.conn, follower.fleet, view, world.clock.at)
        names = {one: intel.facts(read.conn, [one])[one].name for one in found.inapplicable.devices}
    away = {(names[one], device) for one, some in found.inapplicable.devices.items() for device in some}
    return away, found.reducing.hazards(np.arange(1, view.device_extent)).tolist()
