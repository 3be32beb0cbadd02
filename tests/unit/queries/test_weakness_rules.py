"""Rules of spec/features.md 11 and 15 about weaknesses; each test quotes its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import (
    EVERYTHING,
    EnrolledDevice,
    World,
    advisory,
    debian,
    dpkg,
    known_exploited,
    pypi,
    python_package,
)
from weakspot import access, workflows
from weakspot.access.contracts import Scope
from weakspot.queries import ListQuery, exceptions, search, timeline, unassessed, weaknesses
from weakspot.queries.contracts import WeaknessRow
from weakspot.queries.exceptions import AskedException, AskedScope
from weakspot.runtime.clock import DAY

ACTOR = access.internal_caller("test")
NGINX_BUILD = "1.24.0-1~bookworm"
"""A version as the builders of nginx.org mark theirs: Debian's advisories say nothing about it."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def names(world: World, scope: Scope = EVERYTHING, **filters: tuple[str, ...]) -> list[str]:
    with world.read() as read:
        page = weaknesses.page(read, scope, ListQuery(sort="name", filters=filters))
    return [one.name for one in page.items]


def shown(world: World, name: str, scope: Scope = EVERYTHING) -> WeaknessRow:
    with world.read() as read:
        return weaknesses.detail(read, scope, name).weakness


def test_a_weakness_of_software_that_is_not_assessed_is_not_available(world: World) -> None:
    """spec/features.md 11.1: "0 = not at risk; Not available when software unsupported"; "The list also holds CVEs
    whose software is unsupported (only limited data). Filter Exposed devices: Not available finds them."
    """
    group = world.group("one")
    world.know(
        "osv",
        advisory("CVE-2099-1", debian("nginx", fixed="1.25-1")),
        advisory("CVE-2099-2", debian("curl", fixed="8.0-1")),
        advisory("CVE-2099-3", debian("wget", fixed="2.0-1")),
    )
    world.report(world.enrol("a", group=group), dpkg("nginx", NGINX_BUILD), dpkg("curl", "7.0-1"))
    assert names(world) == ["CVE-2099-2"]
    assert names(world, exposed=("not_available",)) == ["CVE-2099-1"]
    assert names(world, exposed=("no",)) == ["CVE-2099-3"]
    assert names(world, exposed=("no", "not_available")) == ["CVE-2099-1", "CVE-2099-3"]
    assert names(world, exposed=("yes", "not_available")) == ["CVE-2099-1", "CVE-2099-2"]
    assert names(world, exposed=("any",)) == ["CVE-2099-1", "CVE-2099-2", "CVE-2099-3"]
    known = {name: shown(world, name) for name in ("CVE-2099-1", "CVE-2099-2", "CVE-2099-3")}
    assert [(one.exposed_devices, one.is_exposure_known) for one in known.values()] == [
        (0, False),
        (1, True),
        (0, True),
    ]
    elsewhere = Scope(frozenset([world.group("two")]))
    assert names(world, elsewhere, exposed=("not_available",)) == []
    assert shown(world, "CVE-2099-1", elsewhere).is_exposure_known
    # Where another device has the distribution's own build, it is exposed and known to be.
    world.report(world.enrol("b"), dpkg("nginx", "1.22.1-9"))
    assert names(world, exposed=("not_available",)) == []
    assert (shown(world, "CVE-2099-1").exposed_devices, shown(world, "CVE-2099-1").is_exposure_known) == (1, True)


def test_in_a_large_fleet_it_is_remembered_and_follows_knowledge(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """spec/features.md 11.1, "Not available", where looking through everything takes long."""
    monkeypatch.setattr(unassessed, "SMALL_FLEET", 0)
    world.report(world.enrol("a"), dpkg("nginx", NGINX_BUILD))
    world.know("osv", advisory("CVE-2099-1", debian("nginx", fixed="1.25-1")))
    assert names(world, exposed=("not_available",)) == ["CVE-2099-1"]
    world.know(
        "osv",
        advisory("CVE-2099-1", debian("nginx", fixed="1.25-1")),
        advisory("CVE-2099-2", debian("nginx", fixed="1.26-1")),
    )
    assert names(world, exposed=("not_available",)) == ["CVE-2099-1", "CVE-2099-2"]


def test_weaknesses_filter_and_sort_by_probability(world: World) -> None:
    """spec/features.md 11.4: "Probability 0-1"; "Above 0.9 the threat tooltip shows the value"; "Exposed in the API as
    a numeric property". What was never scored is not a probability of 0.
    """
    world.know("osv", *(advisory(f"CVE-2099-{one}", debian("curl", fixed="8.0-1")) for one in range(1, 5)))
    world.report(world.enrol("a"), dpkg("curl", "7.0-1"))
    world.epss("2026-09-20", CVE_2099_1=0.95, CVE_2099_2=0.2, CVE_2099_3=0.0004)
    assert shown(world, "CVE-2099-1").epss == 0.95
    assert shown(world, "CVE-2099-4").epss is None
    assert names(world, epss=("0.9",)) == ["CVE-2099-1"]
    assert names(world, epss=("0.1",)) == ["CVE-2099-1", "CVE-2099-2"]
    assert names(world, epss=("0.9", "0.001")) == ["CVE-2099-1", "CVE-2099-2"]
    with world.read() as read:
        ranked = weaknesses.page(read, EVERYTHING, ListQuery(sort="-epss")).items
    assert [one.name for one in ranked] == [f"CVE-2099-{one}" for one in range(1, 5)]


def test_a_temporary_name_is_renamed_and_stays_searchable(world: World) -> None:
    """spec/features.md 15.2: "No CVE id yet: listed under a temporary TVM-XXXX-XXXX name, renamed when an id is
    assigned; the old name stays searchable and is shown in the side panel."
    """
    world.report(world.enrol("a"), dpkg("exim4", "4.96-1"))
    world.know("own", advisory("TVM-2099-0001", debian("exim4")))
    world.know("kev", known_exploited("TVM-2099-0001"))
    before = shown(world, "TVM-2099-0001")
    assert (before.name, before.labels, before.exposed_devices) == (
        "TVM-2099-0001",
        ["zero_day", "no_security_update"],
        1,
    )
    asked = AskedException(
        subject_kind="vulnerability", subject="TVM-2099-0001", scope=AskedScope(kind="global"),
        justification="no_patch", context="why", until_at=world.clock.at + DAY,
    )  # fmt: skip
    with world.read() as read:
        new = exceptions.resolve(read, EVERYTHING, asked)
    workflows.request_exceptions(world.database, ACTOR, [new], world.clock.at)
    world.clock.forward(seconds=60)
    world.know("own", advisory("TVM-2099-0001", debian("exim4"), aliases=("CVE-2099-7777",)))
    assert names(world) == ["CVE-2099-7777"]
    with world.read() as read:
        detail = weaknesses.detail(read, EVERYTHING, "TVM-2099-0001")
        found = weaknesses.page(read, EVERYTHING, ListQuery(search="tvm-2099-0001")).items
        hits = search.search(read, EVERYTHING, "TVM-2099-0001")
        events = timeline.page(read, EVERYTHING, ListQuery()).items
    assert (detail.weakness.name, detail.aliases) == ("CVE-2099-7777", ["TVM-2099-0001"])
    assert detail.weakness.first_detected_at == before.first_detected_at  # the same weakness under another name
    assert detail.weakness.labels == ["zero_day", "no_security_update"]
    assert [one.name for one in found] == ["CVE-2099-7777"]
    assert "CVE-2099-7777" in [one.id for one in hits]
    assert events == []
    # What was decided about it holds under its new name.
    assert (detail.weakness.exposed_devices, detail.weakness.detected_devices) == (0, 1)


def test_the_recommendation_is_linked_only_where_an_update_exists(world: World) -> None:
    """spec/features.md 11.3: "Go to the related security recommendation (only if at least one update exists)"."""
    world.report(world.enrol("a"), dpkg("exim4", "4.96-1"), python_package("Flask", "2.0"))
    world.know("osv", advisory("CVE-2099-1", debian("exim4")), advisory("CVE-2099-2", pypi("flask", fixed="3")))
    assert not shown(world, "CVE-2099-1").is_fix_available
    assert shown(world, "CVE-2099-2").is_fix_available


def test_exposed_devices_and_affected_software_of_a_weakness(world: World) -> None:
    """spec/features.md 11.3: "exposed devices list; affected software list"; 10.5: where it was found."""
    devices: list[EnrolledDevice] = [world.enrol("a"), world.enrol("b")]
    for device, version in zip(devices, ("7.0-1", "9.0-1"), strict=True):
        world.report(device, dpkg("curl", version))
    world.know("osv", advisory("CVE-2099-1", debian("curl", fixed="8.0-1")))
    with world.read() as read:
        page = weaknesses.devices(read, EVERYTHING, "CVE-2099-1", ListQuery())
        detail = weaknesses.detail(read, EVERYTHING, "CVE-2099-1")
    assert [one.name for one in page.items] == ["a"]
    assert [(one.version, one.fixed_version, one.exposed_devices) for one in detail.affected_software] == [
        ("7.0-1", "8.0-1", 1)
    ]
