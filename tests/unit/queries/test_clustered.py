"""A summary over shards has the numbers of the dashboard and the lists of one server."""

from __future__ import annotations

from pathlib import Path

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg
from tests.unit.fleet.cluster.split import cluster_of
from weakspot import scoring, workflows
from weakspot.access import internal_caller
from weakspot.access.contracts import Scope
from weakspot.queries import clustered, devices, exceptions, weaknesses
from weakspot.queries.base import ListQuery
from weakspot.queries.exceptions import AskedException, AskedScope
from weakspot.runtime.clock import DAY

ADMIN = internal_caller("test")
HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def test_the_numbers_are_those_of_one_server(tmp_path: Path) -> None:
    world = World(tmp_path)
    cluster = cluster_of(world, 2, block=2)
    try:
        groups = [world.group("one"), world.group("two")]
        world.know(
            "osv",
            advisory("CVE-2099-0001", debian("curl", fixed="8.0-1"), cvss=HIGH),
            advisory("CVE-2099-0002", debian("zlib", fixed="2:1"), cvss=HIGH),
        )
        for number in range(5):
            extra = [dpkg("zlib", "1:1")] if number < 2 else []
            made = world.enrol(f"box-{number}", group=groups[number % 2])
            world.report(made, dpkg("curl", "7.0-1"), *extra)
        asked = AskedException(
            subject_kind="vulnerability", subject="CVE-2099-0001",
            scope=AskedScope(kind="device_group", group_ids=(groups[0],)), justification="third_party_control",
            context="why", until_at=world.clock.at + 30 * DAY,
        )  # fmt: skip
        with world.read() as read:
            new = exceptions.resolve(read, ADMIN.scope, asked)
        workflows.request_exceptions(world.database, ADMIN, [new], world.clock.at)
        world.catch_up()
        for scope in (EVERYTHING, Scope(frozenset([groups[0]])), Scope(frozenset())):
            with world.read() as read:
                found = clustered.summary(read.conn, cluster, scope, world.clock.at, top=3)
                listed = {one.id: one for one in devices.page(read, scope, ListQuery()).items}
                weak = {one.name: one for one in weaknesses.page(read, scope, ListQuery()).items}
            view = world.fleet.view()
            assert found.seq >= view.seq
            assert found.devices == len(view.scope_bitmap(scope)) == len(listed)
            assert found.exposure_score_detected == scoring.organisation_score(view, scope)
            assert {one.id for one in found.groups if one.devices} == {
                one for one in groups if scope.includes(one)
            }  # fmt: skip
            assert [one.exposure_score for one in found.worst_devices] == sorted(
                (one.exposure_score for one in listed.values()), reverse=True
            )[:3]
            assert {one.name: (one.exposed_devices, one.detected_devices) for one in found.weaknesses} == {
                name: (one.exposed_devices, one.detected_devices) for name, one in weak.items() if one.detected_devices
            }
        assert found.exposure_score is None, "nobody in the scope"
    finally:
        cluster.close()
        world.close()
