"""weakspot.matching.service: new software and new knowledge, in any order, end where a rebuild ends."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from tests.support.world import World, advisory, debian, dpkg, pypi, python_package
from weakspot import intel, inventory, matching
from weakspot.intel.contracts import AdvisoryRecord
from weakspot.matching.contracts import Match
from weakspot.matching.tables import match
from weakspot.runtime import changes


@pytest.fixture
def world(tmp_path: Path, dialect: str) -> Iterator[World]:
    """An empty world."""
    found = World(tmp_path)
    yield found
    found.close()


def matches(world: World, *, open_only: bool = True) -> list[Match]:
    """All matches."""
    with world.database.read() as conn:
        return matching.matches_of(conn, None, open_only=open_only)


def named(world: World) -> set[tuple[str, str, str]]:
    """(software, version, vulnerability) of the open matches."""
    with world.database.read() as conn:
        versions = inventory.software_versions(conn, None)
        facts = intel.facts(conn, None)
        return {
            (
                versions[m.software_version_id].name,
                versions[m.software_version_id].version,
                facts[m.vulnerability_id].name,
            )
            for m in matching.matches_of(conn, None)
        }


def exact(world: World) -> None:
    """The tables are what the rules give now, and the intervals are in order."""
    with world.database.read() as conn:
        assert matching.differences(conn) == []
    spans: dict[tuple[int, int], list[tuple[int, int | None]]] = {}
    for one in matches(world, open_only=False):
        spans.setdefault((one.software_version_id, one.vulnerability_id), []).append((one.since, one.until))
    for intervals in spans.values():
        assert sum(until is None for _, until in intervals) <= 1
        ordered = sorted(intervals)
        assert all(until is None or since < until for since, until in ordered)
        for (_, end), (start, _) in itertools.pairwise(ordered):
            assert end is not None
            assert end <= start


def announced(world: World, after: int) -> set[int]:
    """Software versions that followers were told about since ``after``."""
    with world.database.read() as conn:
        return {
            i
            for c in changes.since(conn, after)
            if c.kind == matching.MATCHES_CHANGED
            for i in c.payload["software_version_ids"]
        }


def seq(world: World) -> int:
    """Newest change."""
    with world.database.read() as conn:
        return changes.last_seq(conn)


def sv(world: World, name: str) -> int:
    """Id of the only software version of that name."""
    with world.database.read() as conn:
        (found,) = [v.id for v in inventory.software_versions(conn, None).values() if v.name == name]
        return found


def test_new_software_is_judged_by_what_is_known(world: World) -> None:
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1")))
    web = world.enrol("web")
    after = seq(world)
    answer = world.report(web, dpkg("libssl3", "3.0.11-1", source="openssl"), dpkg("zlib1g", "1.3-1", source="zlib"))
    assert named(world) == {("libssl3", "3.0.11-1", "CVE-2099-0001")}
    assert announced(world, after) == {sv(world, "libssl3")}
    (found,) = matches(world)
    assert (found.knowledge_version, found.since) == (answer.knowledge_version, world.clock.at)
    assert (found.fixed_version, found.status, found.source) == ("3.0.15-1", "affected", "osv")
    exact(world)


def test_new_knowledge_judges_what_is_installed(world: World) -> None:
    web = world.enrol("web")
    world.report(web, dpkg("libssl3", "3.0.11-1", source="openssl"))
    assert matches(world) == []
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1")))
    assert named(world) == {("libssl3", "3.0.11-1", "CVE-2099-0001")}
    exact(world)


def test_new_knowledge_touches_only_the_software_it_names(world: World) -> None:
    first = advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1"))
    world.know("osv", first)
    web = world.enrol("web")
    world.report(web, dpkg("libssl3", "3.0.11-1", source="openssl"), dpkg("zlib1g", "1.3-1", source="zlib"))
    before = matches(world)
    after = seq(world)
    world.clock.forward(seconds=1)
    world.know("osv", first, advisory("CVE-2099-0002", debian("zlib", fixed="1.4-1")))
    assert announced(world, after) == {sv(world, "zlib1g")}
    untouched = [m for m in matches(world) if m.software_version_id == sv(world, "libssl3")]
    assert untouched == before


def test_a_withdrawn_claim_closes_its_matches_and_they_stay_in_the_history(world: World) -> None:
    record = advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1"))
    world.know("osv", record, advisory("CVE-2099-0009", debian("other", fixed="1")))
    world.report(world.enrol("web"), dpkg("libssl3", "3.0.11-1", source="openssl"))
    since = world.clock.at
    until = world.clock.forward(days=1)
    world.know("osv", advisory("CVE-2099-0009", debian("other", fixed="1")))
    assert matches(world) == []
    ((span),) = [(m.since, m.until) for m in matches(world, open_only=False)]
    assert span == (since, until)
    again = world.clock.forward(days=1)
    world.know("osv", record)
    assert [(m.since, m.until) for m in matches(world, open_only=False)] == [(since, until), (again, None)]
    exact(world)


def test_another_fix_revises_the_match_and_keeps_its_beginning(world: World) -> None:
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1")))
    world.report(world.enrol("web"), dpkg("libssl3", "3.0.11-1", source="openssl"))
    (before,) = matches(world)
    after = seq(world)
    world.clock.forward(days=1)
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.16-1")))
    (found,) = matches(world, open_only=False)
    assert (found.since, found.fixed_version) == (before.since, "3.0.16-1")
    assert found.knowledge_version > before.knowledge_version
    assert announced(world, after) == {before.software_version_id}
    exact(world)


def test_an_interval_has_a_length_even_when_the_clock_stands_still(world: World) -> None:
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1")))
    world.report(world.enrol("web"), dpkg("libssl3", "3.0.11-1", source="openssl"))
    world.clock.forward(seconds=-3600)
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.1-1")))
    (found,) = matches(world, open_only=False)
    assert found.until is not None
    assert found.since < found.until


def test_what_is_not_assessed_says_why_and_ends_when_it_is(world: World) -> None:
    world.report(world.enrol("web"), dpkg("libssl3", "3.0.11-1", source="openssl"), python_package("requests", "1.0"))

    def reasons() -> dict[int, str]:
        with world.database.read() as conn:
            return matching.not_assessed(conn, None)

    assert reasons().keys() == {sv(world, "libssl3"), sv(world, "requests")}
    assert "Debian:12" in reasons()[sv(world, "libssl3")]
    world.know("osv", advisory("CVE-2099-0001", debian("unrelated", fixed="1")))
    assert reasons().keys() == {sv(world, "requests")}
    exact(world)
    world.know("osv", advisory("CVE-2099-0002", pypi("requests", fixed="2.0")))
    assert reasons().keys() == {sv(world, "libssl3")}
    exact(world)


def test_differences_are_told_and_a_rebuild_mends_them(world: World) -> None:
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1")))
    world.report(world.enrol("web"), dpkg("libssl3", "3.0.11-1", source="openssl"))
    world.clock.forward(days=1)

    def spoil(conn: Connection) -> None:
        conn.execute(match.update().values(fixed_version="0"))
        conn.execute(sa.text("DELETE FROM matching_candidate"))
        conn.execute(sa.text("INSERT INTO matching_not_assessed SELECT id, 'nonsense' FROM inventory_software_version"))

    world.database.write(spoil)
    with world.database.read() as conn:
        told = matching.differences(conn)
    assert any(line.startswith("candidate is missing") for line in told)
    assert any(line.startswith("match should not be there") for line in told)
    assert any(line.startswith("not assessed should not be there") for line in told)
    assert world.database.write(lambda conn: matching.rebuild(conn, 1, world.clock.at)) == 1
    exact(world)
    assert world.database.write(lambda conn: matching.rebuild(conn, 1, world.clock.at)) == 0


def test_a_pair_is_open_at_most_once(world: World) -> None:
    world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1")))
    world.report(world.enrol("web"), dpkg("libssl3", "3.0.11-1", source="openssl"))

    def again(conn: Connection) -> None:
        columns = [c for c in match.c if c.name != "id"]
        conn.execute(match.insert().from_select([c.name for c in columns], sa.select(*columns)))

    with pytest.raises(sa.exc.IntegrityError):
        world.database.write(again)


NAMES = ["openssl", "zlib", "curl"]
versions_drawn = st.builds("{}.{}-1".format, st.integers(0, 3), st.integers(0, 3))
installed = st.lists(st.tuples(st.sampled_from(NAMES), versions_drawn), max_size=4, unique_by=lambda pair: pair)
ranges = st.lists(
    st.tuples(st.sampled_from(NAMES), st.one_of(st.none(), versions_drawn)),
    min_size=1,
    max_size=2,
    unique_by=lambda r: r[0],
)
records = st.dictionaries(st.integers(1, 4), ranges, max_size=3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("report"), installed),
        st.tuples(st.sampled_from(["osv", "own", "starter"]), records),
    ),
    min_size=1,
    max_size=6,
)


def record_of(number: int, affected: list[Any]) -> AdvisoryRecord:
    """An advisory with drawn ranges."""
    return advisory(f"CVE-2099-{number:04}", *(debian(name, fixed=fixed) for name, fixed in affected))


@settings(max_examples=8)
@given(steps)
def test_any_interleaving_of_software_and_knowledge_equals_a_rebuild(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]]
) -> None:
    world = World(tmp_path_factory.mktemp("interleaved"))
    try:
        web = world.enrol("web")
        for kind, detail in steps:
            world.clock.forward(seconds=1)
            if kind == "report":
                world.report(web, *(dpkg(name, version) for name, version in detail))
            else:
                world.know(kind, *(record_of(number, affected) for number, affected in detail.items()))
            exact(world)
        before = named(world)
        assert world.database.write(lambda conn: matching.rebuild(conn, 1, world.clock.at)) == 0
        assert named(world) == before
        assert world.follower.compare() == []
    finally:
        world.close()


def not_assessed(world: World) -> dict[str, str]:
    """Name of software -> why it is not assessed."""
    with world.database.read() as conn:
        versions = inventory.software_versions(conn, None)
        return {versions[i].name: reason for i, reason in matching.not_assessed(conn, None).items()}


def test_a_package_of_unknown_source_is_not_assessed_until_something_names_it(world: World) -> None:
    device = world.enrol("box")
    world.know("debian", advisory("CVE-2099-0001", debian("openssl", fixed="3.1-1")))
    world.report(device, dpkg("libssl3", "3.0-1", source_name="", source_version=""))
    assert not_assessed(world) == {"libssl3": "its source package, which advisories name, is not known"}
    exact(world)
    world.know(
        "debian",
        advisory("CVE-2099-0001", debian("openssl", fixed="3.1-1")),
        advisory("CVE-2099-0002", debian("libssl3", fixed="2")),
    )
    assert not_assessed(world) == {}
    exact(world)


def test_an_index_that_comes_later_tells_the_source(world: World, tmp_path: Path) -> None:
    device = world.enrol("box")
    world.know("debian", advisory("CVE-2099-0001", debian("openssl", fixed="3.1-1")))
    world.report(device, dpkg("libssl3", "3.0-1", source_name="", source_version=""))
    folder = tmp_path / "mirror" / "packages-index" / "debian-12"
    folder.mkdir(parents=True)
    (folder / "Packages").write_text("Package: libssl3\nSource: openssl\n", "utf-8")
    changed = intel.read_package_indexes(world.database, tmp_path / "mirror", world.clock)
    assert changed == {"Debian:12"}
    at = world.clock.forward(seconds=1)
    world.database.write(lambda conn: matching.judge_indexed(conn, changed, intel.current_version(conn), at))
    assert named(world) == {("libssl3", "3.0-1", "CVE-2099-0001")}
    assert not_assessed(world) == {}
    exact(world)
    assert intel.read_package_indexes(world.database, tmp_path / "mirror", world.clock) == frozenset()


def test_advisories_of_another_registry_do_not_cover_one_that_they_name_in_passing(world: World) -> None:
    device = world.enrol("box")
    world.report(device, python_package("flask", "1.0"), python_package("other", "1.0"))
    in_passing = advisory("CVE-2099-0001", pypi("flask", fixed="2"), debian("flask", fixed="2"))
    world.know("osv", in_passing)
    assert not_assessed(world) == {"other": "no advisories for PyPI are loaded"}
    assert named(world) == {("flask", "1.0", "CVE-2099-0001")}
    exact(world)
    world.know("osv", in_passing, advisory("CVE-2099-0002", pypi("django", fixed="2")))
    assert not_assessed(world) == {}
    exact(world)
