"""Rules of spec/features.md 6 and 7 about recommendations and requests; each test quotes its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg, pypi, python_package
from tests.unit.queries.test_checks import tell
from weakspot import access, recommendations, scoring, workflows
from weakspot.inventory.contracts import InstalledSoftware
from weakspot.queries import (
    ListQuery,
    defender_recommendations,
    handover,
    recommendation_order,
    remediation_request,
)
from weakspot.queries import recommendations as pages
from weakspot.queries.lens import Lens
from weakspot.queries.remediation_request import AskedActivity

ACTOR = access.internal_caller("test")
HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
CURL, DJANGO, ASLR = "va-_-debian-_-curl", "va-_-pypi-_-django", "sca-_-check-linux-aslr"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def rows(world: World, search: str = "", **filters: tuple[str, ...]) -> dict[str, Any]:
    with world.read() as read:
        found = pages.page(read, EVERYTHING, ListQuery(filters=filters, search=search)).items
    return {one.id: one for one in found}


def shipped(version: str, owner: str) -> InstalledSoftware:
    """Django inside a program of somebody else than the distribution."""
    return python_package("Django", version, owned_by=owner)


def test_recommendations_filter_by_exposed_devices_category_and_component(world: World) -> None:
    """spec/features.md 6.2: "Filters: status, remediation type, related component, tags, threats, exposed devices,
    category/subcategory"; 4: "Selecting a bar opens recommendations filtered to that category"; 6.2: "Free-text search
    also matches scid-... ids".
    """
    devices = [world.enrol(f"d{number}") for number in range(10)]
    for device in devices:
        world.report(device, dpkg("curl", "7.0-1"))
    world.report(devices[0], dpkg("curl", "7.0-1"), python_package("Django", "2.2"))
    tell(world, devices[0], aslr="0")
    world.know(
        "osv", advisory("CVE-2099-1", debian("curl", fixed="8")), advisory("CVE-2099-2", pypi("django", fixed="3"))
    )
    assert set(rows(world)) == {CURL, DJANGO, ASLR}
    assert set(rows(world, exposed_devices=("10",))) == {CURL}
    assert set(rows(world, exposed_devices=("100",))) == set()
    assert set(rows(world, exposed_devices=("100", "1"))) == {CURL, DJANGO, ASLR}
    assert set(rows(world, category=("software",))) == {CURL, DJANGO}
    (about_setting,) = rows(world, category=("os",)).values()
    assert about_setting.id == ASLR
    assert set(rows(world, category=("accounts",))) == set()
    assert set(rows(world, component=(about_setting.related_component,))) == {ASLR}
    assert set(rows(world, component=("curl",))) == {CURL}
    assert set(rows(world, search="check-linux-aslr")) == {ASLR}


def test_a_large_fleet_filters_by_exposed_devices_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """spec/features.md 6.2, where the order of the list is remembered and its devices are not."""
    monkeypatch.setattr(recommendation_order, "SMALL_FLEET", 1)
    for name in ("a", "b"):
        world.report(world.enrol(name), dpkg("curl", "7.0-1"))
    world.know("osv", advisory("CVE-2099-1", debian("curl", fixed="8")))
    assert set(rows(world, exposed_devices=("1",))) == {CURL}
    assert set(rows(world, exposed_devices=("10",))) == set()


def test_what_a_program_ships_is_fixed_with_the_program(world: World) -> None:
    """spec/features.md 6.4: "Owning app: (not in API enum) Fix must come from the application that ships the
    component"; 10.7: "Recommendation type Owning app".
    """
    device = world.enrol("web")
    world.know("osv", advisory("CVE-2099-1", pypi("django", fixed="2.2.5"), cvss=HIGH))
    world.report(device, shipped("2.2.1", "dpkg:docker-tools=5:26.1-1~docker"))
    (made,) = rows(world, remediation=("OwningApp",)).values()
    assert (made.id, made.title) == (DJANGO, "Update docker-tools, which ships Django")
    with world.read() as read:
        (target,) = pages.detail(read, EVERYTHING, DJANGO).targets
        (entity,) = defender_recommendations.recommendations(Lens(read, EVERYTHING))
        form = remediation_request.form(read, EVERYTHING, DJANGO)
        new = remediation_request.resolve(read, EVERYTHING, AskedActivity(recommendation_id=DJANGO))
    assert (target.owner, target.target_version) == ("docker-tools", "2.2.5")
    assert entity.remediation_type == "Update"
    assert form.options == ["OwningApp", "Update", "AttentionRequired"]
    # Who carries it out is told of the program, not of the component.
    (activity,) = workflows.request_activities(world.database, ACTOR, [new], None, world.clock.at)
    with world.read() as read:
        (handed,) = handover.of_activity(read, EVERYTHING, activity.public_id).devices
    assert [(one.type, one.name, one.version) for one in handed.steps] == [("dpkg", "docker-tools", "")]
    # It is done when the program comes with the fixed component, and the score falls by what was predicted.
    before = scoring.organisation_score(world.fleet, EVERYTHING) or 0.0
    world.report(device, shipped("2.2.5", "dpkg:docker-tools=5:27.0-1~docker"))
    after = scoring.organisation_score(world.fleet, EVERYTHING) or 0.0
    assert made.impact == pytest.approx(before - after, abs=1e-9)
    assert rows(world) == {}


def test_a_component_that_also_stands_alone_is_a_plain_update(world: World) -> None:
    """spec/features.md 1: "One software product yields one recommendation"; 6.4."""
    world.know("osv", advisory("CVE-2099-1", pypi("django", fixed="2.2.5")))
    world.report(world.enrol("a"), shipped("2.2.1", "dpkg:docker-tools=5:26.1-1~docker"))
    world.report(world.enrol("b"), shipped("2.2.2", "dpkg:gitlab-ee=16.0.gitlab"))
    assert rows(world)[DJANGO].title == "Update what ships Django"
    world.report(world.enrol("c"), python_package("Django", "2.2.3"))
    (made,) = rows(world).values()
    assert (made.remediation_type, made.title) == ("Update", "Update Django to 2.2.5")
    with world.read() as read:
        owners = {one.version: one.owner for one in pages.detail(read, EVERYTHING, DJANGO).targets}
    assert owners == {"2.2.1": "docker-tools", "2.2.2": "gitlab-ee", "2.2.3": ""}
    assert recommendations.EFFORT_HOURS["OwningApp"] > 0
