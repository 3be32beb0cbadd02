"""The follower of the timeline, over a small world: what is told, to whom, and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.windows_servers import NEEDS_DNS, NEEDS_QUEUES, Servers
from tests.support.world import EVERYTHING, Scope, World, advisory, debian, dpkg, known_exploited, python_package
from tests.unit.queries.fleet import CRITICAL, MEDIUM
from weakspot import access, posture, timeline, workflows
from weakspot.intel.contracts import EvidenceRecord, LifecycleRecord, Range
from weakspot.inventory import settings
from weakspot.inventory.detail_contracts import Setting
from weakspot.posture.tables import known_check
from weakspot.queries import timeline as pages
from weakspot.queries.base import ListQuery
from weakspot.runtime.clock import DAY, to_iso
from weakspot.runtime.following import Followers

OPENSSL = advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1"), cvss=CRITICAL)
EXIM = advisory("CVE-2099-0003", debian("exim4", fixed="4.97-1"), cvss=MEDIUM)


class Feed:
    """A world with a follower that runs when it is told to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.servers = world.group("Servers")
        self.web = world.enrol("web", group=self.servers)
        self.mail = world.enrol("mail")
        self.followers = Followers(world.database, [timeline.Teller(world.fleet, world.clock).reaction])
        for device in (self.web, self.mail):
            self.installed(device, "3.0.11-1", "4.96-1")
        world.know("osv", advisory("CVE-2099-0009", debian("nginx", fixed="2")))
        self.step()

    def installed(self, device: Any, openssl: str, exim: str) -> None:
        self.world.report(device, dpkg("libssl3", openssl, source="openssl"), dpkg("exim4", exim))

    def step(self) -> None:
        while self.followers.step():
            pass

    def know(self, source: str, *records: Any) -> None:
        """What a source says the next day."""
        self.world.clock.forward(days=1)
        self.world.know(source, *records)
        self.step()

    def rows(self, scope: Scope = EVERYTHING, **filters: tuple[str, ...]) -> list[pages.EventRow]:
        with self.world.read() as read:
            return pages.page(read, scope, ListQuery(filters=filters)).items

    def types(self, scope: Scope = EVERYTHING, **filters: tuple[str, ...]) -> list[str]:
        return [row.type for row in self.rows(scope, **filters)]


@pytest.fixture
def feed(world: World) -> Feed:
    return Feed(world)


def test_the_first_load_is_one_event(world: World) -> None:
    feed = Feed(world)
    feed.know("debian", OPENSSL, EXIM)
    feed.know("kev", known_exploited("CVE-2099-0001"))
    assert feed.types() == ["knowledge_loaded"]
    assert feed.rows()[0].vulnerability_count == 2


def test_a_new_vulnerability_is_told_with_component_and_devices(feed: Feed) -> None:
    """spec/features.md 12: "sentence with component, type and number of impacted devices"."""
    feed.know("osv", OPENSSL)
    row = feed.rows()[0]
    assert (row.type, row.component, row.vulnerabilities) == ("new_vulnerability", "openssl", ["CVE-2099-0001"])
    assert row.text == "A new vulnerability was found in openssl"
    assert (row.originally_impacted.devices, row.originally_impacted.share) == (2, 1.0)
    assert row.score_trend == "up"
    assert row.score_change is not None
    assert row.score_change > 0
    assert row.recommendation_id == "va-_-debian-_-openssl"


def test_originally_stays_and_currently_moves(feed: Feed) -> None:
    """spec/features.md 12: "Originally impacted devices: number and % at the time of the event"."""
    feed.know("osv", OPENSSL)
    feed.installed(feed.web, "3.0.15-1", "4.96-1")
    feed.step()
    row = feed.rows()[0]
    assert row.originally_impacted.devices == 2
    assert (row.currently_impacted.devices, row.currently_impacted.share) == (1, 0.5)


@pytest.mark.parametrize(
    ("kind", "told"),
    [("public", "public_exploit"), ("verified", "exploit_verified"), ("kit", "exploit_kit"),
     ("known_exploited", "exploit_verified")],
)  # fmt: skip
def test_more_is_known_about_exploits(feed: Feed, kind: Any, told: str) -> None:
    """spec/features.md 12: new public exploit, exploit was verified, exploit added to an exploit kit."""
    feed.know("exploitdb", EvidenceRecord(name="CVE-2099-0009", kind="public"))
    feed.know("osv", OPENSSL)
    feed.know("exploitdb", EvidenceRecord(name="CVE-2099-0001", kind=kind))
    assert feed.types()[0] == told
    assert feed.types(event=(told,)) == [told]


def test_a_proof_of_concept_is_no_event(feed: Feed) -> None:
    feed.know("exploitdb", EvidenceRecord(name="CVE-2099-0009", kind="public"))
    feed.know("osv", OPENSSL)
    feed.know("exploitdb", EvidenceRecord(name="CVE-2099-0001", kind="proof_of_concept"))
    assert feed.types() == ["new_vulnerability"]


def test_fixed_and_regressed_are_told_where_asked_for(feed: Feed) -> None:
    feed.know("osv", OPENSSL)
    for version in ("3.0.15-1", "3.0.11-1"):
        feed.world.clock.forward(days=1)
        for device in (feed.web, feed.mail):
            feed.installed(device, version, "4.96-1")
        feed.step()
    assert feed.types() == ["new_vulnerability"]
    assert feed.types(event=("fixed", "regressed")) == ["regressed", "fixed"]
    fixed = feed.rows(event=("fixed",))[0]
    assert (fixed.component, fixed.score_trend) == ("openssl", "down")


def test_a_scope_sees_its_own_numbers_and_events(feed: Feed) -> None:
    feed.installed(feed.mail, "3.0.15-1", "4.96-1")
    feed.step()
    feed.know("osv", OPENSSL)
    others = Scope(frozenset({1}))
    assert feed.types(others) == []
    row = feed.rows(Scope(frozenset({feed.servers})))[0]
    assert (row.originally_impacted.devices, row.originally_impacted.share, row.score_change) == (1, 1.0, None)


def test_of_one_software_and_of_one_device(feed: Feed) -> None:
    """spec/features.md 12: "Software page has its own Event timeline tab"."""
    feed.know("osv", OPENSSL, EXIM)
    assert [row.component for row in feed.rows(software=("debian-_-exim4",))] == ["exim4"]
    feed.installed(feed.web, "3.0.15-1", "4.96-1")
    feed.step()
    assert [row.component for row in feed.rows(device=(feed.web.public_id,))] == ["exim4"]
    assert [row.component for row in feed.rows(weakness=("CVE-2099-0001",))] == ["openssl"]


def test_headline_numbers_count_vulnerabilities_not_events(feed: Feed) -> None:
    """spec/features.md 12: "count CVEs, not events; one event may hold several CVEs"."""
    feed.know("exploitdb", EvidenceRecord(name="CVE-2099-0009", kind="public"))
    second = advisory(
        "CVE-2099-0002", debian("openssl", fixed="3.0.15-1"), debian("exim4", fixed="4.97-1"), cvss=MEDIUM
    )
    feed.know("osv", OPENSSL, second)
    feed.know("exploitdb", EvidenceRecord(name="CVE-2099-0001", kind="public"))
    feed.know("exploitdb", EvidenceRecord(name="CVE-2099-0001", kind="verified"))
    with feed.world.read() as read:
        told = pages.summary(read, EVERYTHING)
    assert (told.new_vulnerabilities, told.exploitable_vulnerabilities) == (2, 1)
    assert len(told.top_events) == 3


def test_a_period_ends_the_feed(feed: Feed) -> None:
    """spec/features.md 12: "Date range: preset ranges or custom"."""
    feed.know("osv", OPENSSL)
    feed.world.clock.at += 40 * DAY
    assert feed.types() == []
    assert feed.types(period=("3m",)) == ["new_vulnerability"]


def test_detections_and_the_same_change_twice(feed: Feed) -> None:
    feed.know("osv", EXIM)
    event = {"id": "d", "title": "Mail relay abused", "severity": "High", "device": {"name": "web"},
             "vulnerability": "CVE-2099-0003"}  # fmt: skip
    for _ in range(2):
        workflows.record_detections(
            feed.world.database, access.internal_caller("t"), "generic", event, feed.world.clock.at
        )
    feed.step()
    rows = feed.rows(event=("detection",))
    assert [(row.text, row.vulnerabilities) for row in rows] == [("Detection: Mail relay abused", ["CVE-2099-0003"])]
    Followers(feed.world.database, [timeline.Teller(feed.world.fleet, feed.world.clock).reaction]).step()
    assert len(feed.rows(event=("detection",))) == 1


def test_the_end_of_support_is_told_once_and_not_long_after(feed: Feed) -> None:
    """Issue 7, item 7: end-of-support events under a filter."""
    world = feed.world
    today = to_iso(world.clock.at)[:10]
    flaw = Range("PyPI", "django", introduced="1", end="9", end_kind="last_affected")
    world.know("osv", advisory("CVE-2099-0005", flaw))
    world.report(feed.web, python_package("Django", "1.11"), python_package("Django", "2.2"))
    lines = [
        LifecycleRecord(product="django", cycle=cycle, security_ends_on=ends, latest=f"{cycle}.9",
                        identifiers=("pkg:pypi/django",))
        for cycle, ends in (("1.11", "2020-04-01"), ("2.2", today))
    ]  # fmt: skip
    world.know("endoflife", *lines)
    feed.step()
    for told in (1, 0):
        with world.read() as read:
            found = timeline.end_of_support(read.conn, world.fleet, world.clock.at)
        assert world.database.write(lambda conn, f=found: timeline.tell_end_of_support(conn, f, world.clock.at)) == told
    (row,) = feed.rows(event=("end_of_support",))
    assert (row.text, row.originally_impacted.devices) == ("Support ended for Django 2.2", 1)


def test_a_check_that_is_new_is_told_and_those_of_the_start_are_not(feed: Feed) -> None:
    """spec/features.md 12: new configuration assessment."""
    world = feed.world
    world.database.write(lambda conn: posture.take_up(conn, world.clock.at))
    feed.step()
    assert feed.types() == []
    known = known_check.c.check_id == "check-linux-aslr"
    world.database.write(lambda conn: conn.execute(known_check.delete().where(known)))
    at = world.clock.forward(days=1)
    assert world.database.write(lambda conn: posture.take_up(conn, at)) == ["check-linux-aslr"]
    assert world.database.write(lambda conn: posture.take_up(conn, at)) == []
    feed.step()
    (row,) = feed.rows()
    assert row.text == "New configuration assessment: Place programs at random addresses"
    assert (row.product, row.recommendation_id) == ("sca-_-check-linux-aslr", None), "nobody is known to fail it"
    aslr = (Setting("linux.sysctl.kernel.randomize_va_space", "0"),)
    world.database.write(lambda conn: settings.record(conn, feed.web.id, "sensor", aslr, at, at))
    world.catch_up()
    (row,) = feed.rows()
    assert (row.currently_impacted.devices, row.recommendation_id) == (1, row.product)
    (row,) = feed.rows(Scope(frozenset([feed.servers])))
    assert row.currently_impacted.devices == 1


def test_the_fix_of_a_zero_day_is_told_as_news(feed: Feed) -> None:
    """spec/features.md 15.7: "Notifications treat new zero-days, and patches for existing ones, as new" ones."""
    feed.know("osv", OPENSSL, advisory("CVE-2099-0003", debian("exim4"), cvss=MEDIUM))
    feed.know("kev", known_exploited("CVE-2099-0003"))
    feed.world.clock.forward(days=1)
    feed.know("osv", OPENSSL, EXIM)
    (row,) = [one for one in feed.rows() if "zero day" in one.text]
    assert (row.type, row.text) == ("new_vulnerability", "A security update for a zero day came out in exim4")
    assert (row.vulnerabilities, row.originally_impacted.devices) == (["CVE-2099-0003"], 2)
    with feed.world.read() as read:
        assert pages.summary(read, EVERYTHING).new_vulnerabilities == 2  # it was known before
    feed.know("osv", OPENSSL, EXIM, advisory("CVE-2099-0009", debian("nginx", fixed="2")))
    assert len([one for one in feed.rows() if "zero day" in one.text]) == 1  # once


def test_events_are_filtered_by_type_and_share_and_tell_the_trend(feed: Feed) -> None:
    """spec/features.md 12: "filterable by %, out of all devices"; "Score trend: arrow up/down of exposure score"."""
    feed.world.report(feed.world.enrol("third"), dpkg("bash", "5.2-1"))
    feed.installed(feed.mail, "3.0.11-1", "4.97-1")
    feed.step()
    feed.know("osv", OPENSSL, EXIM)
    shares = {row.component: row.originally_impacted.share for row in feed.rows()}
    assert shares == {"openssl": pytest.approx(2 / 3), "exim4": pytest.approx(1 / 3)}
    assert [row.component for row in feed.rows(impacted=("50",))] == ["openssl"]
    assert len(feed.rows(impacted=("25",))) == 2
    assert feed.rows(event=("exploit_kit",)) == []
    assert {row.score_trend for row in feed.rows()} == {"up"}
    feed.installed(feed.web, "3.0.15-1", "4.97-1")
    feed.installed(feed.mail, "3.0.15-1", "4.97-1")
    feed.step()
    assert {row.score_trend for row in feed.rows(event=("fixed",))} == {"down"}
    with feed.world.read() as read:
        # 12: "30/50/100 rows per page"; 4: "The three most impactful events of the last 7 days"
        assert [pages.page(read, EVERYTHING, ListQuery(page_size=size)).page_size for size in (30, 50, 100)] == [
            30,
            50,
            100,
        ]
        assert [row.component for row in pages.summary(read, EVERYTHING).top_events] == ["openssl", "exim4"]
    feed.world.clock.forward(days=8)
    with feed.world.read() as read:
        assert pages.summary(read, EVERYTHING).top_events == []


def test_devices_on_which_the_needed_part_is_off_are_not_told(tmp_path: Path) -> None:
    """spec/features.md 11.5: "such CVEs are attached only to devices where the feature is on"."""
    servers = Servers(tmp_path)
    try:
        followers = Followers(servers.database, [timeline.Teller(servers.fleet, servers.clock).reaction])

        def told() -> list[tuple[str, int, int, list[str]]]:
            while followers.step():
                pass
            with servers.read() as read:
                page = pages.page(read, EVERYTHING, ListQuery(filters={"event": ("newly_exposed", "fixed")}))
            return [
                (one.type, one.originally_impacted.devices, one.currently_impacted.devices, one.vulnerabilities)
                for one in page.items
            ]

        off = servers.server("off", dns="absent", queues="absent")
        told()
        servers.clock.forward(days=1)
        servers.server("on", dns="active", queues="absent")
        (event,) = told()
        assert event == ("newly_exposed", 1, 1, [NEEDS_DNS])
        servers.clock.forward(days=1)
        servers.tell(off, dns="absent", queues="active")
        assert told()[0] == ("newly_exposed", 1, 1, [NEEDS_QUEUES])
        with servers.read() as read:
            of_off = ListQuery(filters={"event": ("newly_exposed",), "device": (off.public_id,)})
            assert [one.vulnerabilities for one in pages.page(read, EVERYTHING, of_off).items] == [[NEEDS_QUEUES]]
        servers.clock.forward(days=1)
        servers.tell(off, dns="absent", queues="inactive")
        assert told()[0] == ("fixed", 0, 0, [NEEDS_QUEUES])
    finally:
        servers.close()
