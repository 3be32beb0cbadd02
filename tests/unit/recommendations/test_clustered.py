"""What exceptions in force cover over shards is what they cover in one index (spec/features.md 5.1, 9.3 to 9.5)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.windows_servers import NEEDS_DNS, Servers
from tests.support.world import EVERYTHING, advisory, debian, dpkg, pypi, python_package
from tests.unit.fleet.cluster.split import cluster_of
from weakspot import posture, recommendations, scoring, workflows
from weakspot.access import internal_caller
from weakspot.access.contracts import Scope
from weakspot.queries import exceptions
from weakspot.queries.exceptions import AskedException, AskedScope
from weakspot.recommendations import clustered
from weakspot.runtime.clock import DAY
from weakspot.scoring import clustered as scores
from weakspot.scoring import clustered_checks

CURL = "va-_-debian-_-curl"
ADMIN = internal_caller("test")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Servers]:
    made = Servers(tmp_path)
    made.know(
        "osv",
        advisory("CVE-2099-0101", debian("curl", fixed="8.0-1")),
        advisory("CVE-2099-0102", debian("curl", fixed="7.9-1"), pypi("requests", fixed="3.0")),
        advisory("CVE-2099-0103", debian("zlib", fixed="2:1")),
    )
    groups = [made.group("one"), made.group("two")]
    for number in range(6):
        device = made.enrol(f"box-{number}", group=groups[number % 2], value="High" if number == 5 else "Normal")
        extra = [python_package("requests", "2.0")] if number > 3 else []
        made.report(device, dpkg("curl", "7.0-1"), dpkg("zlib", "1:1"), *extra)
    made.server("off", dns="absent")
    made.server("on", dns="active")
    yield made
    made.close()


def allow(world: Servers, subject: str, scope: AskedScope, justification: Any) -> None:
    asked = AskedException(
        subject_kind="vulnerability" if subject.startswith("CVE") else "recommendation",
        subject=subject,
        scope=scope,
        justification=justification,
        context="why",
        until_at=world.clock.at + 30 * DAY,
    )
    with world.read() as read:
        new = exceptions.resolve(read, ADMIN.scope, asked)
    workflows.request_exceptions(world.database, ADMIN, [new], world.clock.at)
    world.catch_up()


def test_what_holds_over_shards_is_what_holds_in_one_index(world: Servers) -> None:
    with world.read() as read:
        one = read.fleet.view().population.group_ids[0]
    check = f"sca-_-{next(iter(posture.catalogue.checks()))}"
    cluster = cluster_of(world, 3, block=2)
    try:
        assert_alike(world, cluster, exceptions=0)
        allow(world, CURL, AskedScope(kind="device_group", group_ids=(one,)), "third_party_control")
        allow(world, "CVE-2099-0102", AskedScope(kind="software", software=("debian-_-curl",)), "third_party_control")
        allow(world, "CVE-2099-0103", AskedScope(kind="global"), "risk_accepted")
        allow(world, check, AskedScope(kind="global"), "alternate_mitigation")
        found = assert_alike(world, cluster, exceptions=4)
        assert found.reducing.covers != found.inapplicable.covers
        assert list(found.by_check) == [check.removeprefix("sca-_-")]
    finally:
        cluster.close()


def assert_alike(world: Servers, cluster: Any, *, exceptions: int) -> clustered.ClusterInForce:
    view = world.fleet.view()
    with world.read() as read:
        whole = recommendations.in_force(read.conn, world.fleet, view, world.clock.at)
        found = clustered.in_force(read.conn, cluster, world.clock.at)
        evaluation = posture.current(read.conn)
    assert len(found.kept) == exceptions
    assert (found.kept, found.reach) == (whole.kept, whole.reach)
    for scope in (EVERYTHING, *(Scope(frozenset([one])) for one in view.population.group_ids)):
        for travelling, expected in (
            (found.reducing, whole.reducing),
            (found.hidden, whole.hidden),
            (found.inapplicable, whole.inapplicable),
        ):
            score = scoring.organisation_score(view, scope, excepted=expected)
            assert scores.organisation_score(cluster, scope, excepted=travelling) == score
            assert scores.excepted_counts(cluster, scope, travelling) == expected.counts(scope)
        by_check = recommendations.excepted_by_check(whole)
        points = scoring.secure_score(scoring.check_states(view, evaluation), view.scope_bitmap(scope), by_check)
        assert clustered_checks.secure_score_of(cluster, evaluation, scope, found.by_check) == points
    assert found.inapplicable.covers, f"{NEEDS_DNS} does not apply where the role is off"
    return found
