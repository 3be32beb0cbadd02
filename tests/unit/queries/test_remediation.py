"""Remediation requests, their progress and their life (spec/features.md 7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import EVERYTHING, START, World, advisory, debian, dpkg, known_exploited
from weakspot import recommendations, remediation, scoring, workflows
from weakspot.access import internal_caller
from weakspot.access.contracts import Scope
from weakspot.queries import remediation as pages
from weakspot.queries import remediation_request as requests
from weakspot.queries.base import ListQuery
from weakspot.queries.remediation_forms import AskedActivity
from weakspot.remediation.contracts import SlaRule
from weakspot.runtime.clock import DAY, from_iso, to_iso
from weakspot.runtime.errors import Conflict, InvalidField, NotFound
from weakspot.runtime.following import Followers

HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
CURL = "va-_-debian-_-curl"
ADMIN = internal_caller("test")


class Small(World):
    """Three devices in two groups with an old curl."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.one, self.two = self.group("one"), self.group("two")
        self.devices = [self.enrol(f"d{n}", group=self.one if n < 2 else self.two) for n in range(3)]
        self.know("osv", advisory("CVE-2099-0001", debian("curl", fixed="8.0-1"), cvss=HIGH))
        for device in self.devices:
            self.report(device, dpkg("curl", "7.0-1"))
        progress = remediation.Progress(self.fleet, self.clock)
        self.followers = Followers(self.database, [progress.reaction])
        self.follow()

    def follow(self) -> None:
        self.catch_up()
        while self.followers.step():
            pass
        self.catch_up()

    def ask(self, **fields: Any) -> Any:
        with self.read() as read:
            new = requests.resolve(read, EVERYTHING, AskedActivity(recommendation_id=CURL, **fields))
        made = workflows.request_activities(self.database, ADMIN, [new], None, self.clock.at)[0]
        self.follow()
        return self.activity(made.public_id)

    def activity(self, public_id: str, scope: Scope = EVERYTHING) -> Any:
        with self.read() as read:
            return pages.detail(read, scope, public_id).activity

    def update(self, n: int, version: str = "8.0-1") -> None:
        self.clock.forward(seconds=60)
        self.report(self.devices[n], dpkg("curl", version))
        self.follow()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    made = Small(tmp_path)
    yield made
    made.close()


def test_progress_follows_the_devices_until_system_confirmation(small: Small) -> None:
    # 7.3: "Active --all targeted devices fixed--> Completed (completionMethod=Automatic, completed by "System
    # confirmation")"; "fixedDevices follows live inventory"
    made = small.ask()
    assert (made.target_devices, made.fixed_devices, made.status, made.title) == (
        3,
        0,
        "Active",
        "Update curl to 8.0-1",
    )
    small.update(0)
    small.update(1, "7.5-1")  # newer, and not fixed
    assert small.activity(made.id).fixed_devices == 1
    small.update(1)
    small.update(2, "9.9-1")
    done = small.activity(made.id)
    assert (done.fixed_devices, done.status, done.completed_by) == (3, "Completed", "System confirmation")
    assert done.completion_method == "Automatic"
    assert small.followers.step() in (True, False)


def test_the_score_falls_by_what_was_predicted(small: Small) -> None:
    before = scoring.organisation_score(small.fleet, EVERYTHING)
    made = small.ask(group_ids=frozenset([small.one]))
    assert made.target_devices == 2
    small.update(0)
    small.update(1)
    after = scoring.organisation_score(small.fleet, EVERYTHING)
    assert before is not None
    assert after is not None
    assert before - after == pytest.approx(made.predicted_impact, abs=1e-9)
    assert small.activity(made.id).status == "Completed"


def test_target_devices_are_fixed_at_creation(small: Small) -> None:
    # 7.3: "targetDevices is fixed at creation (exposed devices in the chosen groups)"
    made = small.ask(group_ids=frozenset([small.two]))
    late = small.enrol("late", group=small.two)
    small.report(late, dpkg("curl", "7.0-1"))
    small.follow()
    assert (small.activity(made.id).target_devices, made.groups) == (1, ["two"])
    small.update(2)
    assert small.activity(made.id).status == "Completed"


def test_a_regression_opens_it_again(small: Small) -> None:
    made = small.ask(group_ids=frozenset([small.two]))
    small.update(2)
    assert small.activity(made.id).status == "Completed"
    small.update(2, "7.0-1")
    again = small.activity(made.id)
    assert (again.status, again.fixed_devices, again.reopened, again.completed_by) == ("Active", 0, 1, None)
    small.update(2)
    assert small.activity(made.id).status == "Completed"


def test_completed_by_hand_names_who_did_it_and_regresses_too(small: Small) -> None:
    # 7.3: "user marks complete -> Completed (completionMethod=Manual, completerId/completerEmail)"
    made = small.ask()
    small.update(0)
    workflows.complete_activity(small.database, ADMIN, made.id, small.clock.at)
    done = small.activity(made.id)
    assert (done.status, done.completion_method, done.completed_by, done.fixed_devices) == (
        "Completed",
        "Manual",
        "test",
        1,
    )
    with pytest.raises(Conflict):
        workflows.complete_activity(small.database, ADMIN, made.id, small.clock.at)
    small.follow()
    assert small.activity(made.id).status == "Completed"  # those that never were fixed do not open it again
    small.update(0, "7.0-1")
    assert small.activity(made.id).status == "Active"


def test_what_becomes_known_later_is_another_matter(small: Small) -> None:
    made = small.ask()
    for n in range(3):
        small.update(n)
    small.know(
        "osv",
        advisory("CVE-2099-0001", debian("curl", fixed="8.0-1"), cvss=HIGH),
        advisory("CVE-2099-0009", debian("curl", fixed="9.0-1"), cvss=HIGH),
    )
    small.follow()
    assert small.activity(made.id).status == "Completed"


def test_progress_is_the_same_after_a_start_anew(small: Small) -> None:
    made = small.ask()
    fresh = Followers(small.database, [remediation.Progress(small.fleet, small.clock).reaction])
    small.report(small.devices[0], dpkg("curl", "8.0-1"))
    while fresh.step():
        pass
    small.catch_up()
    assert small.activity(made.id).fixed_devices == 1


def test_attention_alone_has_no_due_date_and_no_progress(small: Small) -> None:
    # 7.1: "not available for attention required"; 7.2: progress and ticket status "hidden for attention required"
    made = small.ask(option="AttentionRequired")
    assert (made.due_on, made.target_devices, made.fixed_devices, made.ticket_state) == (None, None, None, None)
    for n in range(3):
        small.update(n)
    assert small.activity(made.id).status == "Active"
    with pytest.raises((InvalidField, NotFound)):
        small.ask(option="AttentionRequired", due_at=small.clock.at + DAY)


def test_an_uninstallation_is_done_when_the_product_is_gone(small: Small) -> None:
    made = small.ask(option="Uninstall", group_ids=frozenset([small.two]))
    assert made.title == "Uninstall curl"
    small.clock.forward(seconds=60)
    small.report(small.devices[2], dpkg("bash", "5"))
    small.follow()
    assert small.activity(made.id).status == "Completed"


def test_due_dates_follow_the_rules_and_the_catalogue(small: Small) -> None:
    assert small.ask().due_on == to_iso(START + 15 * DAY)  # Critical
    small.know("kev", known_exploited("CVE-2099-0001"))
    with small.read() as read:
        form = requests.form(read, EVERYTHING, CURL)
    assert (form.priority, form.due_on) == ("High", to_iso(START + 7 * DAY))  # Critical and with an exploit
    assert form.exposed_devices == 3
    assert [(one.name, one.devices) for one in form.groups] == [("one", 2), ("two", 1)]
    workflows.set_sla_rules(small.database, ADMIN, (SlaRule(days=3),), START)
    made = small.ask()
    assert (made.due_on, made.due_reason) == (to_iso(START + 3 * DAY), "everything: 3 days")
    assert made.due == "due_soon"
    small.clock.forward(days=4)
    assert small.activity(made.id).due == "overdue"


def test_a_requester_may_choose_the_due_date_but_not_a_past_one(small: Small) -> None:
    assert small.ask(due_at=from_iso("2030-01-01")).due_on == "2030-01-01T00:00:00.000000Z"
    with pytest.raises(InvalidField, match="lies ahead"):
        small.ask(due_at=START - 1)


def test_completed_activities_are_deleted_after_180_days(small: Small) -> None:
    # 7.3: "Completed --180 days--> deleted"
    made, active = small.ask(group_ids=frozenset([small.two])), small.ask(group_ids=frozenset([small.one]))
    small.update(2)
    small.clock.forward(days=179)
    assert workflows.delete_old_activities(small.database, small.clock.at) == 0
    small.clock.forward(days=2)
    assert workflows.delete_old_activities(small.database, small.clock.at) == 1
    with pytest.raises(NotFound):
        small.activity(made.id)
    assert small.activity(active.id).status == "Active"


def test_a_narrow_scope_sees_its_own_devices_alone(small: Small) -> None:
    made = small.ask()
    narrow = Scope(frozenset([small.two]))
    seen = small.activity(made.id, narrow)
    assert (seen.target_devices, seen.groups) == (1, ["two"])
    with small.read() as read:
        assert [one.name for one in pages.devices(read, narrow, made.id, ListQuery()).items] == ["d2"]
        assert pages.page(read, Scope(frozenset([77])), ListQuery()).total == 0
        with pytest.raises(NotFound):
            pages.detail(read, Scope(frozenset([77])), made.id)


def test_lists_filter_sort_and_tell_progress(small: Small) -> None:
    made = small.ask()
    small.update(1)
    with small.read() as read:
        page = pages.page(read, EVERYTHING, ListQuery(filters={"status": ("Active",)}, sort="-progress"))
        assert [one.id for one in page.items] == [made.id]
        assert pages.page(read, EVERYTHING, ListQuery(filters={"status": ("Completed",)})).total == 0
        found = pages.devices(read, EVERYTHING, made.id, ListQuery(sort="-progress"))
        assert [(one.name, one.progress) for one in found.items] == [("d1", "fixed"), ("d0", "open"), ("d2", "open")]
        only = pages.devices(read, EVERYTHING, made.id, ListQuery(filters={"progress": ("open",)}, search="d0"))
        assert [one.name for one in only.items] == ["d0"]


def test_nothing_exposed_nothing_to_ask_for(small: Small) -> None:
    with pytest.raises(Conflict, match="nothing to remediate"):
        small.ask(group_ids=frozenset([99]))


def test_the_whole_catalogue_agrees_with_progress(small: Small) -> None:
    made = small.ask()
    small.update(0)
    with small.read() as read:
        found = remediation.get(read.conn, made.id)
        known = recommendations.current(read.conn, small.fleet)
        assert remediation.remaining(known, small.fleet.view(), found) == found.targets - found.fixed
