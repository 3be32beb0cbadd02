"""Breach insights and raised hazards, end to end: a detection arrives, and lists, scores and reasons follow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.world import EVERYTHING, Scope, World, advisory, debian, dpkg
from tests.unit.queries.fleet import CRITICAL, MEDIUM
from weakspot import access, scoring, workflows
from weakspot.queries import devices, explain, recommendations, software, weaknesses
from weakspot.queries.base import ListQuery
from weakspot.threats import Decision

CALLER = access.internal_caller("test")


class Story:
    """Two devices with an old openssl and an old exim; openssl's flaw is worse by all that is published."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.servers = world.group("Servers")
        self.web = world.enrol("web", group=self.servers)
        self.mail = world.enrol("mail")
        world.know(
            "osv",
            advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1"), cvss=CRITICAL),
            advisory("CVE-2099-0003", debian("exim4", fixed="4.97-1"), cvss=MEDIUM),
        )
        world.epss("2026-09-20", CVE_2099_0001=0.5, CVE_2099_0003=0.001)
        for device in (self.web, self.mail):
            world.report(device, dpkg("libssl3", "3.0.11-1", source="openssl"), dpkg("exim4", "4.96-1"))

    def detect(self, caller: access.Caller = CALLER, **event: Any) -> workflows.DetectionsTaken:
        body = {"id": "d1", "title": "Exploit", "severity": "High", "device": {"name": "web"}, **event}
        taken = workflows.record_detections(self.world.database, caller, "generic", body, self.world.clock.at)
        self.world.catch_up()
        return taken

    def names(self, scope: Scope = EVERYTHING, **filters: tuple[str, ...]) -> list[str]:
        with self.world.read() as read:
            return [one.name for one in weaknesses.page(read, scope, ListQuery(filters=filters)).items]

    def score(self) -> float:
        score = scoring.organisation_score(self.world.fleet, EVERYTHING)
        assert score is not None
        return score


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


def test_a_detection_lifts_its_weakness_to_the_top_with_the_reason(story: Story) -> None:
    """spec/features.md 11.2: "Target icon lit when the vulnerability is tied to an active alert"."""
    assert story.names() == ["CVE-2099-0001", "CVE-2099-0003"]
    before = story.score()
    assert story.detect(vulnerability="CVE-2099-0003").correlated == 1
    assert story.names() == ["CVE-2099-0003", "CVE-2099-0001"]
    assert story.score() > before
    with story.world.read() as read:
        row = weaknesses.detail(read, EVERYTHING, "CVE-2099-0003").weakness
        assert row.has_active_detection
        assert row.hazard == pytest.approx(4.5821 * (row.cvss_score or 0) / 10, rel=1e-4)
        steps = explain.finding(read, EVERYTHING, story.web.public_id, "CVE-2099-0003").steps
        score = next(step for step in steps if step.module == "score")
        assert any("active detection" in name for name, _ in score.facts)


def test_only_the_device_of_the_detection_is_raised(story: Story) -> None:
    story.detect(vulnerability="CVE-2099-0003")
    with story.world.read() as read:
        rows = {one.name: one for one in devices.page(read, EVERYTHING, ListQuery()).items}
        assert rows["web"].exposure_score > rows["mail"].exposure_score
        assert (rows["web"].risk_level, rows["mail"].risk_level) == ("High", "None")
        detail = devices.detail(read, EVERYTHING, story.web.public_id)
        assert sum(term.hazard for term in detail.score_terms) == pytest.approx(
            int(story.world.fleet.view().sums.one(story.web.id)) / scoring.HAZARD_UNIT
        )


def test_insights_are_those_of_the_scope(story: Story) -> None:
    story.detect(vulnerability="CVE-2099-0003")
    others = Scope(frozenset({1}))
    assert story.names(others) == ["CVE-2099-0001", "CVE-2099-0003"]
    assert story.names(detection=("active",)) == ["CVE-2099-0003"]
    assert story.names(others, detection=("active",)) == []
    with story.world.read() as read:
        assert not weaknesses.detail(read, others, "CVE-2099-0003").weakness.has_active_detection


def test_software_and_recommendation_show_the_alert(story: Story) -> None:
    """spec/features.md 22: "activeAlert on software and recommendations"."""
    story.detect(vulnerability="CVE-2099-0003")
    with story.world.read() as read:
        shown = {one.name: one.has_active_detection for one in software.page(read, EVERYTHING, ListQuery()).items}
        assert shown == {"exim4": True, "libssl3": False}
        listed = recommendations.page(read, EVERYTHING, ListQuery()).items
        assert {one.product: one.has_active_detection for one in listed} == {"exim4": True, "openssl": False}


def test_it_counts_while_it_is_new_or_in_progress(story: Story) -> None:
    """spec/features.md 22: "an alert counts while status is New or InProgress"."""
    before = story.score()
    story.detect(vulnerability="CVE-2099-0003")
    raised = story.score()
    story.detect(vulnerability="CVE-2099-0003", status="in progress")
    assert story.score() == raised
    story.detect(vulnerability="CVE-2099-0003", status="resolved")
    assert story.score() == before
    assert story.names() == ["CVE-2099-0001", "CVE-2099-0003"]


def test_a_persons_word_counts_until_the_source_says_something_newer(story: Story) -> None:
    before = story.score()
    story.detect(vulnerability="CVE-2099-0003")
    number = 1
    story.world.clock.forward(seconds=5)
    workflows.decide_detection(story.world.database, CALLER, number, Decision(status="resolved"), story.world.clock.at)
    story.world.catch_up()
    assert story.score() == before
    story.detect(vulnerability="CVE-2099-0003")  # the same again: the person's word stands
    assert story.score() == before
    story.world.clock.forward(seconds=5)
    story.detect(vulnerability="CVE-2099-0003", status="in progress")
    assert story.score() > before


def test_the_predicted_fall_of_the_score_is_the_one_that_comes(story: Story) -> None:
    story.detect(vulnerability="CVE-2099-0003")
    with story.world.read() as read:
        made = {one.product: one for one in recommendations.page(read, EVERYTHING, ListQuery()).items}
    before = story.score()
    for device in (story.web, story.mail):
        story.world.report(device, dpkg("libssl3", "3.0.11-1", source="openssl"), dpkg("exim4", "4.97-1"))
    assert before - story.score() == pytest.approx(made["exim4"].impact, abs=1e-12)
    assert story.names(detection=("active",)) == []


def test_the_running_index_equals_a_rebuild(story: Story) -> None:
    story.detect(vulnerability="CVE-2099-0003")
    story.detect(id="d2", vulnerability="CVE-2099-0001")
    story.world.epss("2026-09-21", CVE_2099_0001=0.9, CVE_2099_0003=0.2)
    story.world.report(story.mail, dpkg("exim4", "4.96-1"))
    assert story.world.follower.compare() == []


def test_software_on_a_path_is_found_and_its_most_likely_weakness_raised(story: Story) -> None:
    """spec/features.md 22: "software/process path"."""
    world = story.world
    world.report(
        story.web,
        dpkg("libssl3", "3.0.11-1", source="openssl"),
        dpkg("exim4", "4.96-1", paths=("/usr/sbin/exim4",)),
    )
    taken = story.detect(paths=["/usr/sbin/exim4"])
    assert taken.correlated == 1
    with world.read() as read:
        shown = {one.name: one.has_active_detection for one in software.page(read, EVERYTHING, ListQuery()).items}
    assert shown["exim4"]
