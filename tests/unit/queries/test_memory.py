"""What is remembered between requests follows every change, and costs no statement where nothing changed."""

from __future__ import annotations

import weakref
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg, known_exploited, pypi, python_package
from weakspot import intel, matching
from weakspot.access.contracts import Scope
from weakspot.fleet import Fleet
from weakspot.queries import ListQuery, devices, memory, software, weaknesses
from weakspot.queries.memory import Memory, memory_of, warm
from weakspot.runtime import changes
from weakspot.runtime.clock import SECOND


def weakness_names(world: World, scope: Scope = EVERYTHING, **filters: tuple[str, ...]) -> list[str]:
    with world.read() as read:
        return [row.name for row in weaknesses.page(read, scope, ListQuery(filters=filters)).items]


def device_names(world: World, scope: Scope = EVERYTHING, **asked: str) -> list[str]:
    with world.read() as read:
        return [row.name for row in devices.page(read, scope, ListQuery(**{"sort": "name", **asked})).items]


def test_a_new_report_shows_in_every_list(world: World) -> None:
    device = world.enrol("one")
    world.know("osv", advisory("CVE-2099-0001", debian("bash")), advisory("CVE-2099-0002", debian("zsh")))
    world.report(device, dpkg("bash", "5.1-1"))
    assert weakness_names(world) == ["CVE-2099-0001"]
    world.report(device, dpkg("zsh", "5.9-1"), dpkg("vim", "9-1"))
    assert weakness_names(world) == ["CVE-2099-0002"]
    with world.read() as read:
        rows = devices.page(read, EVERYTHING, ListQuery(sort="-software")).items
        names = {row.name for row in software.page(read, EVERYTHING, ListQuery()).items}
    assert [(row.software, row.weaknesses) for row in rows] == [(2, 1)]
    assert names == {"zsh", "vim"}


def test_a_new_advisory_and_new_facts_show(world: World) -> None:
    device = world.enrol("one")
    world.report(device, dpkg("bash", "5.1-1"))
    assert weakness_names(world) == []
    world.know("osv", advisory("CVE-2099-0001", debian("bash"), title="Old words"))
    assert weakness_names(world, fix=("none",)) == ["CVE-2099-0001"]
    world.know("osv", advisory("CVE-2099-0001", debian("bash", fixed="5.2-1"), title="New words"))
    assert weakness_names(world, fix=("available",)) == ["CVE-2099-0001"]
    world.know("kev", known_exploited("CVE-2099-0001"))
    assert weakness_names(world, exploit=("known_exploited",)) == ["CVE-2099-0001"]
    world.epss("2026-09-20", CVE_2099_0001=0.5)
    with world.read() as read:
        page = weaknesses.page(read, EVERYTHING, ListQuery(search="new words", sort="-epss"))
    assert [row.epss for row in page.items] == [0.5]


def test_all_known_vulnerabilities_follow_too(world: World) -> None:
    world.know("osv", advisory("CVE-2099-0001", debian("bash")))
    assert weakness_names(world, exposed=("any",)) == ["CVE-2099-0001"]
    world.know("osv", advisory("CVE-2099-0001", debian("bash")), advisory("CVE-2099-0002", debian("zsh")))
    assert set(weakness_names(world, exposed=("any",))) == {"CVE-2099-0001", "CVE-2099-0002"}


def test_enrolled_renamed_and_moved_devices_show(world: World) -> None:
    group = world.group("Servers")
    servers = Scope(frozenset({group}))
    first = world.enrol("first")
    assert (device_names(world), device_names(world, servers)) == (["first"], [])
    world.enrol("second")
    world.decide(first, group_id=group)
    assert (device_names(world), device_names(world, servers)) == (["first", "second"], ["first"])
    renamed = msgspec.structs.replace(first, described=msgspec.structs.replace(first.described, name="third"))
    world.report(renamed, dpkg("bash", "5.1-1"))
    assert device_names(world) == ["second", "third"]
    assert device_names(world, search="THIRD") == ["third"]


def test_what_is_newly_covered_is_assessed(world: World) -> None:
    device = world.enrol("one")
    world.report(device, dpkg("bash", "5.1-1"))
    with world.read() as read:
        assert software.page(read, EVERYTHING, ListQuery()).items[0].weaknesses is None
    world.know("osv", advisory("CVE-2099-0002", debian("zsh")))
    with world.read() as read:
        assert software.page(read, EVERYTHING, ListQuery()).items[0].weaknesses == 0


UNKNOWN_SOURCE = dpkg("libssl3", "3.0-1", source_name="", source_version="")
KNOWN_SOURCE = dpkg("libssl3", "3.0-2", source="openssl")
packages = st.sampled_from([dpkg("libssl3", "3.0-1"), UNKNOWN_SOURCE, KNOWN_SOURCE, python_package("flask", "1.0")])
ranges = st.sampled_from([debian("libssl3", fixed="2"), debian("openssl", fixed="2"), pypi("flask", fixed="2")])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("report"), st.lists(packages, max_size=3)),
        st.tuples(st.sampled_from(["osv", "debian"]), st.lists(ranges, max_size=2)),
        st.tuples(st.just("rebuild"), st.just([])),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25)
@given(steps)
@example([("debian", [debian("openssl", fixed="2")]), ("report", [UNKNOWN_SOURCE]), ("report", [KNOWN_SOURCE])])
def test_why_nothing_can_be_said_is_followed_through_any_reports_and_knowledge(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, list[Any]]]
) -> None:
    world = World(tmp_path_factory.mktemp("followed"))
    try:
        device = world.enrol("one")
        for kind, drawn in steps:
            world.clock.forward(seconds=1)
            if kind == "report":
                world.report(device, *{(one.name, one.version, one.source_name): one for one in drawn}.values())
            elif kind == "rebuild":
                world.database.write(lambda conn: matching.rebuild(conn, intel.current_version(conn), world.clock.at))
            else:
                world.know(kind, *(advisory(f"CVE-2099-{at:04}", one) for at, one in enumerate(drawn)))
            world.catch_up()
            with world.read() as read:
                assert dict(memory_of(world.fleet).not_assessed(read)) == matching.not_assessed(read.conn, None)
    finally:
        world.close()


def test_changes_that_cannot_be_followed_drop_everything(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    device = world.enrol("one")
    world.know("osv", advisory("CVE-2099-0001", debian("bash")))
    assert device_names(world) == ["one"]
    world.report(device, dpkg("bash", "5.1-1"))
    world.enrol("two")
    with world.database.read() as conn:
        last = changes.last_seq(conn)
    world.database.write(lambda conn: changes.prune(conn, last))
    assert device_names(world) == ["one", "two"]
    monkeypatch.setattr(memory, "_FOLLOW_AT_MOST", 0)
    world.enrol("three")
    assert device_names(world) == ["one", "three", "two"]
    assert weakness_names(world) == ["CVE-2099-0001"]


def test_an_older_snapshot_does_not_hide_later_changes(world: World) -> None:
    """What is read from a snapshot that is older than the memory is read again with the next one."""
    world.enrol("one")
    with world.read() as old:
        world.enrol("two")
        with world.read() as new:
            memory_of(world.fleet).vulnerabilities(new, None)  # the memory now follows from here
        assert [row.name for row in devices.page(old, EVERYTHING, ListQuery()).items] == ["one"]
    assert device_names(world) == ["one", "two"]


def test_contacts_are_at_most_ten_seconds_old(world: World) -> None:
    from weakspot import inventory

    first, second = world.enrol("first"), world.enrol("second")
    world.clock.forward(seconds=60)
    world.report(first)
    assert device_names(world, sort="-last_seen_at") == ["first", "second"]
    world.clock.forward(seconds=60)
    world.database.write(lambda conn: inventory.record_contacts(conn, {second.id: world.clock.at}, world.clock.at))
    assert device_names(world, sort="-last_seen_at") == ["second", "first"]


def test_warmed_columns_serve_the_first_page(world: World) -> None:
    device = world.enrol("one")
    world.know("osv", advisory("CVE-2099-0001", debian("bash")))
    world.report(device, dpkg("bash", "5.1-1"))
    with world.read() as read:
        warm(read)
        memory = memory_of(world.fleet)
        assert memory.devices(read) is memory.devices(read)
        assert memory.matches(read).vulnerability.tolist() == memory.vulnerabilities(read, None).ids.tolist()
    assert weakness_names(world) == ["CVE-2099-0001"]


def test_each_fleet_has_its_own_memory() -> None:
    one, other = Fleet(), Fleet()
    assert isinstance(memory_of(one), Memory)
    assert memory_of(one) is memory_of(one)
    assert memory_of(one) is not memory_of(other)


def test_one_request_makes_an_order_and_others_take_the_old_one_meanwhile(world: World) -> None:
    with world.read() as read:
        kept = memory_of(world.fleet)
        first = kept.ordering(read, "order", EVERYTHING, lambda: 1, while_as="a")
        later = msgspec.structs.replace(read, now=read.now + 31 * SECOND)
        asked_meanwhile: list[int] = []

        def make() -> int:
            asked_meanwhile.append(kept.ordering(later, "order", EVERYTHING, lambda: 3, while_as="a").values)
            return 2

        assert first.values == 1
        assert kept.ordering(read, "order", EVERYTHING, lambda: 9, while_as="a") is first
        assert kept.ordering(later, "order", EVERYTHING, make, while_as="a").values == 2
        assert asked_meanwhile == [1]  # old, and not waited for
        assert kept.ordering(later, "order", EVERYTHING, lambda: 4, while_as="b").values == 4  # decided otherwise


def test_an_order_that_nobody_may_use_any_more_is_given_back(world: World) -> None:
    class Order:
        pass

    with world.read() as read:
        kept = Memory()
        old = weakref.ref(kept.ordering(read, "old", EVERYTHING, Order).values)
        later = msgspec.structs.replace(read, now=read.now + 59 * SECOND)
        recent = weakref.ref(kept.ordering(later, "recent", EVERYTHING, Order).values)
        assert old() is not None
        kept.ordering(msgspec.structs.replace(read, now=read.now + 60 * SECOND), "new", EVERYTHING, Order)
        assert old() is None
        assert recent() is not None
