"""weakspot.queries.software_tags: tags in the software inventory, in its filter and on each version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg, known_exploited, pypi, python_package
from weakspot import recommendations
from weakspot.access.contracts import Scope
from weakspot.intel.contracts import LifecycleRecord
from weakspot.queries import ListQuery, software
from weakspot.queries.contracts import SoftwareRow
from weakspot.recommendations.supporting import Supports, extent_of
from weakspot.runtime.clock import DAY, to_iso


@pytest.fixture
def world(tmp_path: Path, dialect: str) -> Iterator[World]:
    made = World(tmp_path)
    try:
        yield made
    finally:
        made.close()


def rows(world: World, scope: Scope = EVERYTHING, **filters: tuple[str, ...]) -> dict[str, SoftwareRow]:
    with world.read() as read:
        return {one.name: one for one in software.page(read, scope, ListQuery(filters=filters)).items}


def line(world: World, cycle: str, days: int) -> LifecycleRecord:
    return LifecycleRecord(
        product="django", cycle=cycle, security_ends_on=to_iso(world.clock.at + days * DAY)[:10],
        latest=f"{cycle}.9", released_on="2020-01-01", identifiers=("pkg:pypi/django",),
    )  # fmt: skip


def test_software_out_of_support_is_found_by_its_tag_without_any_weakness(world: World) -> None:
    """spec/features.md 16: "Find through tag filters on recommendations and inventory"; "Upcoming = within 6 months";
    6.5: "Whole product out of support", "Some installed versions out of support".
    """
    group = world.group("one")
    world.know("endoflife", line(world, "2.2", -1), line(world, "4.2", 170), line(world, "5.2", 900))
    world.report(world.enrol("a", group=group), python_package("Django", "2.2.1"), python_package("Flask", "3.0"))
    world.report(world.enrol("b"), python_package("Django", "5.2.1"))
    assert rows(world)["Django"].weaknesses is None
    assert rows(world)["Django"].tags == ["eos_versions"]
    assert rows(world)["Flask"].tags == []
    assert list(rows(world, tag=("eos_versions",))) == ["Django"]
    assert rows(world, tag=("eos_software", "zero_day")) == {}
    elsewhere = Scope(frozenset([1])) if group != 1 else EVERYTHING
    assert rows(world, elsewhere)["Django"].tags == []  # of what is installed in the scope
    assert rows(world, elsewhere, tag=("eos_versions",)) == {}
    world.report(world.enrol("c"), python_package("Django", "4.2.1"))
    assert rows(world)["Django"].tags == ["eos_versions", "upcoming_eos_versions"]
    world.know("endoflife", line(world, "2.2", -9), line(world, "4.2", -3), line(world, "5.2", -1))
    assert list(rows(world, tag=("eos_software",))) == ["Django"]


def test_each_version_shows_the_end_of_its_support(world: World) -> None:
    """spec/features.md 10.4: "Tab Version distribution: ... EOS tags; version flyout shows end-of-support date"; 16:
    "flyout message links to version distribution filtered to EOS versions; version flyout shows the date".
    """
    world.know("endoflife", line(world, "2.2", -1), line(world, "5.2", 900))
    world.report(world.enrol("a"), python_package("Django", "2.2.1"))
    world.report(world.enrol("b"), python_package("Django", "5.2.1"))
    world.report(world.enrol("c"), python_package("Django", "9.1"))
    with world.read() as read:
        (ident,) = [one.id for one in software.page(read, EVERYTHING, ListQuery(search="django")).items]
        found = {one.version: one for one in software.detail(read, EVERYTHING, ident).versions}
    assert found["2.2.1"].tags == ["eos_versions"]
    assert found["2.2.1"].support_ends_on == to_iso(world.clock.at - DAY)[:10]
    assert (found["5.2.1"].tags, found["5.2.1"].support_ends_on) == ([], to_iso(world.clock.at + 900 * DAY)[:10])
    assert (found["9.1"].tags, found["9.1"].support_ends_on) == ([], None)  # of no line that is known


def test_a_zero_day_marks_its_software_until_a_patch_ships(world: World) -> None:
    """spec/features.md 15.3: "Tag zero day appears on: dashboard ... top software, ... software inventory
    (filterable), software page"; 15.6: "the zero-day tag is dropped everywhere".
    """
    world.report(world.enrol("a"), dpkg("exim4", "4.96-1"), dpkg("curl", "7.0-1"))
    world.know("osv", advisory("CVE-2099-1", debian("exim4")), advisory("CVE-2099-2", debian("curl", fixed="8.0-1")))
    assert rows(world, tag=("zero_day",)) == {}
    world.know("kev", known_exploited("CVE-2099-1"), known_exploited("CVE-2099-2"))
    assert list(rows(world, tag=("zero_day",))) == ["exim4"]
    assert rows(world)["exim4"].tags == ["zero_day"]
    with world.read() as read:
        (version,) = software.detail(read, EVERYTHING, "debian-_-exim4").versions
    assert version.tags == ["zero_day"]
    world.know("osv", advisory("CVE-2099-1", debian("exim4", fixed="4.97-1")))
    assert rows(world, tag=("zero_day",)) == {}
    assert rows(world)["exim4"].tags == []


def test_following_gives_what_reading_everything_gives(world: World) -> None:
    world.know("endoflife", line(world, "2.2", -1), line(world, "5.2", 900))
    world.know("osv", advisory("CVE-2099-1", pypi("django", fixed="2.2.5")))
    with world.read() as read:
        assert recommendations.supports(read.conn, world.fleet) == {}
    world.report(world.enrol("a"), python_package("Django", "2.2.1"), dpkg("django", "2.2.1"))
    world.report(world.enrol("b"), python_package("Django", "5.2.1"))
    with world.read() as read:
        followed = recommendations.supports(read.conn, world.fleet)
        assert sorted(one.cycle for one in followed.values()) == ["2.2", "5.2"]
        assert followed == Supports().current(read.conn, extent_of(world.fleet))


def test_what_a_snapshot_lacks_is_looked_for_again(world: World) -> None:
    """The index may be ahead of the snapshot that is read."""
    known = Supports()
    world.know("endoflife", line(world, "2.2", -1))
    with world.read() as read:
        assert known.current(read.conn, 50) == {}
    world.report(world.enrol("a"), python_package("Django", "2.2.1"))
    with world.read() as read:
        assert [one.cycle for one in known.current(read.conn, 50).values()] == ["2.2"]
