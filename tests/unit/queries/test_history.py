"""History: scores in scope, times to detect and to remediate, and what was open on a past day."""

from __future__ import annotations

import pytest

from tests.support.world import EVERYTHING, Scope, World, advisory, debian, dpkg
from tests.unit.queries.fleet import CRITICAL, MEDIUM
from weakspot import workflows
from weakspot.queries import history, ssvc
from weakspot.queries.base import ListQuery
from weakspot.runtime.clock import DAY, to_iso
from weakspot.runtime.errors import BadQuery, NotFound


class Past:
    """openssl was weak on both devices for three days; one was fixed a day later, the other two days later."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.servers = world.group("Servers")
        self.web, self.mail = world.enrol("web", group=self.servers), world.enrol("mail")
        for device in (self.web, self.mail):
            world.report(device, dpkg("libssl3", "3.0.11-1", source="openssl"), dpkg("exim4", "4.96-1"))
        world.know("osv", advisory("CVE-2099-0009", debian("nginx", fixed="2")))
        self.score()
        published = world.clock.forward(days=1)
        world.clock.forward(days=2)
        flaw = {"cvss": CRITICAL, "published_at": published}
        world.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1"), **flaw),
                   advisory("CVE-2099-0003", debian("exim4", fixed="9"), cvss=MEDIUM))  # fmt: skip
        self.score()
        self.found_at = world.clock.at
        for device in (self.web, self.mail):
            world.clock.forward(days=1)
            world.report(device, dpkg("libssl3", "3.0.15-1", source="openssl"), dpkg("exim4", "4.96-1"))
            self.score()

    def score(self) -> None:
        workflows.record_scores(self.world.database, self.world.fleet, self.world.clock.at, devices=True)


@pytest.fixture
def past(world: World) -> Past:
    return Past(world)


def test_time_to_remediate_by_severity_and_group(past: Past) -> None:
    with past.world.read() as read:
        told = history.times(read, EVERYTHING, "30d")
        narrow = history.times(read, Scope(frozenset({past.servers})), "30d")
    rows = {(one.severity, one.group_name): one for one in told.remediate}
    assert (rows[None, None].count, rows[None, None].median_days) == (2, pytest.approx(1.5))
    assert rows["Critical", None].p90_days == pytest.approx(1.9)
    assert rows[None, "Servers"].median_days == pytest.approx(1.0)
    assert [(one.group_name, one.count) for one in narrow.remediate if one.group_id] == [("Servers", 1)]


def test_time_to_detect_counts_from_publication(past: Past) -> None:
    past.world.report(past.web, dpkg("libssl3", "3.0.11-1", source="openssl"))
    with past.world.read() as read:
        told = history.times(read, EVERYTHING, "30d")
    overall = told.detect[0]
    assert (overall.count, overall.median_days) == (1, pytest.approx(2.0))


def test_open_as_of_any_day(past: Past) -> None:
    """Issue 7, item 8: open findings as of any past day, answered from the intervals."""
    with past.world.read() as read:
        before = history.open_on(read, EVERYTHING, to_iso(past.found_at - 1))
        then = history.open_on(read, EVERYTHING, to_iso(past.found_at))
        between = history.open_on(read, EVERYTHING, to_iso(past.found_at + DAY))
        now = history.open_on(read, EVERYTHING, to_iso(past.world.clock.at)[:10])
        narrow = history.open_on(read, Scope(frozenset({past.servers})), to_iso(past.found_at))
    assert (before.findings, before.vulnerabilities, before.by_severity) == (0, 0, {})
    assert (then.findings, then.vulnerabilities, then.devices) == (4, 2, 2)
    assert then.by_severity == {"Critical": 1, "Medium": 1}
    assert (between.findings, now.findings, narrow.findings) == (3, 2, 2)


def test_days_are_checked(past: Past) -> None:
    with past.world.read() as read:
        for wrong in ("yesterday", "2099-01-01"):
            with pytest.raises(BadQuery):
                history.open_on(read, EVERYTHING, wrong)


def test_series_of_organisation_group_and_device_stay_in_the_scope(past: Past) -> None:
    servers = Scope(frozenset({past.servers}))
    with past.world.read() as read:
        whole = history.scores(read, EVERYTHING, "organisation", "", "30d").points
        group = history.scores(read, servers, "group", str(past.servers), "30d").points
        device = history.scores(read, servers, "device", past.web.public_id, "30d").points
        assert [whole[0].score, group[0].score] == [0.0, 0.0]
        assert whole[1].score > whole[-1].score > 0
        assert len(device) == len(group) == 3
        for kind, subject in (("organisation", ""), ("group", "1"), ("device", past.mail.public_id)):
            with pytest.raises(NotFound):
                history.scores(read, servers, kind, subject, "30d")  # type: ignore[arg-type]


def test_decisions_are_made_a_group(past: Past) -> None:
    """Issue 7, item 10: decision per vulnerability and device group, shown with its reasons and exportable."""
    past.world.decide(past.web, device_value="High", group_id=past.servers)
    with past.world.read() as read:
        shown = ssvc.of_vulnerability(read, EVERYTHING, "CVE-2099-0003")
        rows = ssvc.page(read, EVERYTHING, ListQuery()).items
        some = ssvc.page(read, EVERYTHING, ListQuery(filters={"deployer": ("defer",)})).items
        narrow = ssvc.page(read, Scope(frozenset({past.servers})), ListQuery()).items
    by_group = {one.row.group_name: one for one in shown}
    assert by_group["Servers"].row.human_impact == "high"
    assert [point.name for point in by_group["Servers"].points][:2] == ["Exploitation", "Automatable"]
    assert len(rows) == 2
    assert len(some) == sum(row.deployer == "defer" for row in rows)
    assert [row.group_name for row in narrow] == ["Servers"]
