"""Rules of spec/features.md 6, 7, 9, 11, 14, 15, 16 and 18 that several pages share; each test quotes its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg, known_exploited, pypi, python_package
from tests.unit.matching import test_updates as updates
from weakspot import access, remediation, workflows
from weakspot.access.contracts import Scope
from weakspot.intel.contracts import EvidenceRecord, LifecycleRecord
from weakspot.queries import (
    ListQuery,
    defender_updates,
    exceptions,
    recommendations,
    remediation_request,
    reports,
    software,
    weaknesses,
)
from weakspot.queries.exceptions import AskedException, AskedScope
from weakspot.queries.lens import Lens
from weakspot.queries.remediation_request import AskedActivity
from weakspot.remediation import drafting
from weakspot.runtime.clock import DAY, to_iso

ACTOR = access.internal_caller("test")
CURL, EXIM, DJANGO = "va-_-debian-_-curl", "va-_-debian-_-exim4", "va-_-django-_-django"
HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def rows(world: World, scope: Scope = EVERYTHING, sort: str = "", **filters: tuple[str, ...]) -> dict[str, Any]:
    with world.read() as read:
        found = recommendations.page(read, scope, ListQuery(sort=sort, filters=filters)).items
    return {one.id: one for one in found}


def weakness(world: World, name: str, scope: Scope = EVERYTHING) -> Any:
    with world.read() as read:
        return weaknesses.detail(read, scope, name).weakness


def test_recommendations_rank_by_impact_and_filter_by_component_and_threat(world: World) -> None:
    # 6.1: "Ranking follows potential score impact." 6.2, filters: "status, remediation type, related component, tags,
    # threats"
    web = world.enrol("web")
    world.know(
        "osv",
        advisory("CVE-2099-1", debian("curl", fixed="8.0-1"), cvss=HIGH),
        advisory("CVE-2099-2", debian("exim4", fixed="4.97-1"), cvss=HIGH),
    )
    world.epss("2026-09-20", CVE_2099_1=0.01, CVE_2099_2=0.6)
    world.report(web, dpkg("curl", "7.0-1"), dpkg("exim4", "4.96-1"))
    found = rows(world)
    assert list(found) == [EXIM, CURL]
    assert found[EXIM].impact > found[CURL].impact
    assert list(rows(world, component=("curl",))) == [CURL]
    assert list(rows(world, remediation=("Uninstall",))) == []
    assert list(rows(world, threat=("active_detection",))) == []
    event = {
        "id": "d",
        "title": "Exploit",
        "severity": "High",
        "device": {"name": "web"},
        "vulnerability": "CVE-2099-1",
    }
    workflows.record_detections(world.database, ACTOR, "generic", event, world.clock.at)
    world.catch_up()
    assert list(rows(world, threat=("active_detection",))) == [CURL]
    assert next(iter(rows(world))) == CURL  # 6.1: threat, "links to active alerts"


def test_at_most_ten_thousand_devices_go_to_a_ticket(world: World) -> None:
    # 7.1: "At most 10,000 devices are passed to the ticketing system per request."
    group = world.group("one")
    for name in ("c", "a", "b"):
        world.report(world.enrol(name, group=group), dpkg("curl", "7.0-1"))
    world.know("osv", advisory("CVE-2099-1", debian("curl", fixed="8.0-1")))
    with world.read() as read:
        new = remediation_request.resolve(read, EVERYTHING, AskedActivity(recommendation_id=CURL))
    (made,) = workflows.request_activities(world.database, ACTOR, [new], None, world.clock.at)
    assert drafting.MAX_DEVICES == 10_000
    ticket = mock.Mock(spec=remediation.Ticket, key="k", group_id=group)
    with world.read() as read, mock.patch.object(drafting, "MAX_DEVICES", 2):
        draft = drafting.draft_of(read.conn, made, ticket)
    assert (draft.devices, list(draft.device_names)) == (3, ["a", "b"])


def test_the_option_may_be_overridden_and_defaults_to_the_recommendation(world: World) -> None:
    # 7.1: "default from the recommendation. May be overridden (e.g. from attention required to update when older CVEs
    # are fixable)"; 15.5: "remediation option attention required is advised (no due date, no progress, no ticket
    # state), override with update for the older CVEs"
    world.report(world.enrol("web"), dpkg("exim4", "4.96-1"))
    world.know("osv", advisory("CVE-2099-1", debian("exim4")), advisory("CVE-2099-2", debian("exim4", fixed="4.97-1")))
    world.know("kev", known_exploited("CVE-2099-1"))

    def asked(option: Any) -> Any:
        with world.read() as read:
            return remediation_request.resolve(read, EVERYTHING, AskedActivity(recommendation_id=EXIM, option=option))

    assert asked(None).remediation_type == "Update"
    attention = asked("AttentionRequired")
    assert (attention.remediation_type, attention.due_at, attention.predicted_impact) == (
        "AttentionRequired",
        None,
        0.0,
    )


def test_only_groups_in_the_active_filter_are_offered(world: World) -> None:
    # 9.2: "groups that already have an exception are not offered; only groups in the active filter are offered"
    one, two = world.group("one"), world.group("two")
    for group in (one, two):
        world.report(world.enrol(f"d{group}", group=group), dpkg("curl", "7.0-1"))
    world.know("osv", advisory("CVE-2099-1", debian("curl", fixed="8.0-1")))
    asked = AskedException(
        subject_kind="recommendation", subject=CURL, scope=AskedScope(kind="device_group", group_ids=(one,)),
        justification="risk_accepted", context="why", until_at=world.clock.at + DAY,
    )  # fmt: skip
    with world.read() as read:
        new = exceptions.resolve(read, EVERYTHING, asked)
    workflows.request_exceptions(world.database, ACTOR, [new], world.clock.at)
    world.catch_up()
    with world.read() as read:
        narrow = exceptions.offered_groups(read, Scope(frozenset([one, two])), "recommendation", CURL)
        assert [(each.name, each.is_offered) for each in narrow] == [("one", False), ("two", True)]
        assert [
            each.id for each in exceptions.offered_groups(read, Scope(frozenset([two])), "recommendation", CURL)
        ] == [two]
        # 9.4, tab: "Filters: justification, type, status."
        for filters in ({"justification": ("risk_accepted",)}, {"type": ("device_group",)}, {"status": ("Active",)}):
            assert exceptions.page(read, EVERYTHING, ListQuery(filters=filters)).total == 1
        assert exceptions.page(read, EVERYTHING, ListQuery(filters={"type": ("global",)})).total == 0


def test_labels_of_weaknesses_without_all_updates(world: World) -> None:
    # 11.1: "with labels zero-day, No security update, Some updates available below it". 11.3: "No security update: No
    # fix for any affected software"; "Some updates available: Fix for part of the affected software; link present."
    one, two = world.group("one"), world.group("two")
    world.report(world.enrol("a", group=one), dpkg("curl", "7.0-1"), dpkg("exim4", "4.96-1"))
    world.report(world.enrol("b", group=two), dpkg("wget", "1.20-1"))
    world.know(
        "osv",
        advisory("CVE-2099-1", debian("curl", fixed="8.0-1"), debian("wget")),
        advisory("CVE-2099-2", debian("exim4")),
        advisory("CVE-2099-3", debian("curl", fixed="8.0-1")),
        advisory("CVE-2099-4", debian("nginx")),
    )
    assert weakness(world, "CVE-2099-1").labels == ["some_updates_available"]
    assert weakness(world, "CVE-2099-1").is_fix_available
    assert weakness(world, "CVE-2099-1", Scope(frozenset([two]))).labels == ["no_security_update"]  # of what is there
    assert weakness(world, "CVE-2099-2").labels == ["no_security_update"]
    assert weakness(world, "CVE-2099-3").labels == []
    # 11.1: "0 = not at risk"
    assert (weakness(world, "CVE-2099-4").labels, weakness(world, "CVE-2099-4").exposed_devices) == ([], 0)
    # 15.3: "Tag zero day appears on: ... weaknesses ... recommendations (filterable)"; 6.2: "software with no fix does
    # not get an entry here", 6.4: "Attention required ... typical for zero-days"
    assert EXIM not in rows(world)
    world.know("kev", known_exploited("CVE-2099-2"))
    assert weakness(world, "CVE-2099-2").labels == ["zero_day", "no_security_update"]
    (made,) = rows(world, tag=("zero_day",)).values()
    assert (made.id, made.remediation_type) == (EXIM, "AttentionRequired")


@pytest.mark.parametrize(
    ("kind", "exploit", "shown"),
    [
        ("public", "public", {"CVE-2099-1"}),  # "Exploit is available"
        ("verified", "verified", {"CVE-2099-1"}),  # "Exploit is verified"
        ("kit", "kit", {"CVE-2099-1"}),  # "This exploit is part of an exploit kit"
        ("public", "kit", set()),
    ],
)
def test_threat_filter_values(world: World, kind: Any, exploit: str, shown: set[str]) -> None:
    # 11.1: "Threat filter values: Associated active alert; Exploit is available; Exploit is verified; This exploit is
    # part of an exploit kit."
    world.report(world.enrol("a"), dpkg("curl", "7.0-1"))
    world.know("osv", advisory("CVE-2099-1", debian("curl", fixed="8.0-1")))
    world.know("exploitdb", EvidenceRecord(name="CVE-2099-1", kind=kind))
    with world.read() as read:
        found = weaknesses.page(read, EVERYTHING, ListQuery(filters={"exploit": (exploit,)})).items
        alerts = weaknesses.page(read, EVERYTHING, ListQuery(filters={"detection": ("active",)})).total
    assert {one.name for one in found} == shown
    assert alerts == 0


def test_an_update_that_waits_for_a_restart_leaves_the_device_exposed(world: World) -> None:
    # 14: "Pending restart tag: OS updates and KBs installed but not active until reboot; device still counts as
    # exposed; filter on recommendations page"; 5.1: "A patched device whose update waits
    # for a restart still counts as exposed."
    world.know("wesng", *updates.KNOWN)
    device = updates.laptop(world)
    world.report(device, updates.system(), updates.update("5000001"), updates.update("5000002", "pending_restart"))
    found = rows(world, tag=("pending_restart",))
    assert [one.exposed_devices for one in found.values()] == [1]
    # 14: "Missing KB item: id, name, products, URL, number of devices missing it, number of CVEs addressed"
    with world.read() as read:
        (fix,) = defender_updates.missing_updates(Lens(read, EVERYTHING), device.public_id)
    assert (fix.id, fix.machine_missed_on, fix.cve_addressed) == ("5000002", 1, 1)
    assert fix.name
    assert fix.products_names
    assert fix.url.startswith("https://")


def test_end_of_support_is_found_by_tags(world: World) -> None:
    # 16: "Upcoming = within 6 months"; "Find through tag filters on recommendations"; 6.5: "Shown up to 6 months ahead"
    def line(cycle: str, ends: int) -> LifecycleRecord:
        return LifecycleRecord(
            product="django", cycle=cycle, security_ends_on=to_iso(world.clock.at + ends * DAY)[:10],
            latest=f"{cycle}.9", released_on="2020-01-01", identifiers=("pkg:pypi/django",),
        )  # fmt: skip

    world.know("endoflife", line("2.2", 170), line("9.9", 900))
    world.know("osv", advisory("CVE-2099-1", pypi("django", fixed="2.2.5")))
    world.report(world.enrol("a"), python_package("Django", "2.2.1"))
    (made,) = rows(world).values()
    assert made.tags == ["upcoming_eos_versions"]
    world.know("endoflife", line("2.2", 190), line("9.9", 900))
    assert rows(world)[made.id].tags == []
    world.know("endoflife", line("2.2", -1), line("9.9", 900))
    assert list(rows(world, tag=("eos_versions",))) == [made.id]


def test_the_report_counts_each_device_once_by_age_and_platform(world: World) -> None:
    # 18: "Vulnerability age: by its oldest vulnerability publication date"; "OS platform: devices exposed per
    # platform"; "Chart pair, each device once"
    world.know(
        "osv",
        advisory("CVE-2099-1", debian("curl", fixed="8.0-1"), published_at=world.clock.at - 200 * DAY),
        advisory("CVE-2099-2", debian("curl", fixed="8.0-1"), published_at=world.clock.at - 2 * DAY),
    )
    world.report(world.enrol("a"), dpkg("curl", "7.0-1"))
    world.report(world.enrol("b"), dpkg("curl", "8.0-1"))
    with world.read() as read:
        made = reports.make(read, EVERYTHING, "vulnerable_devices")
    charts = {one.title: dict(one.rows) for one in made.sections if one.is_chart}
    assert sum(map(int, charts["By age of the oldest weakness"].values())) == 1
    assert "up to 30 days" not in charts["By age of the oldest weakness"]
    assert charts["By operating system"] == {"debian": "1"}
    assert not charts.get("By version of Windows")


def test_software_shows_exploits_and_its_exact_impact(world: World) -> None:
    # 11.6 and 4: "Top vulnerable software ... Software, number of weaknesses, threat icons, exposed devices"; 5.1: what
    # is excepted does not count in its impact
    world.report(world.enrol("a"), dpkg("curl", "7.0-1"))
    world.know("osv", advisory("CVE-2099-1", debian("curl", fixed="8.0-1"), cvss=HIGH))
    world.know("kev", known_exploited("CVE-2099-1"))

    def shown() -> Any:
        with world.read() as read:
            return software.page(read, EVERYTHING, ListQuery(filters={"weak": ("yes",)})).items[0]

    assert (shown().weaknesses, shown().exploit_level, shown().exposed_devices) == (1, "known_exploited", 1)
    assert shown().impact > 0
    asked = AskedException(
        subject_kind="vulnerability", subject="CVE-2099-1", scope=AskedScope(kind="global"), justification="no_patch",
        context="why", until_at=world.clock.at + DAY,
    )  # fmt: skip
    with world.read() as read:
        new = exceptions.resolve(read, EVERYTHING, asked)
    workflows.request_exceptions(world.database, ACTOR, [new], world.clock.at)
    world.catch_up()
    assert shown().impact == 0
