"""Rules of spec/features.md 7 about requests, activities and tickets; each test quotes its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest

from tests.support.world import EVERYTHING, advisory, debian, dpkg, known_exploited
from tests.unit.posture.support import check
from tests.unit.queries.test_checks import tell
from tests.unit.queries.test_remediation import ADMIN, Small
from weakspot import remediation, workflows
from weakspot.posture.contracts import Check
from weakspot.queries import ListQuery
from weakspot.queries import remediation as pages
from weakspot.queries import remediation_request as requests
from weakspot.queries.remediation_request import AskedActivity
from weakspot.remediation import drafting, store
from weakspot.runtime.errors import InvalidField
from weakspot.runtime.vault import Vault


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    made = Small(tmp_path)
    yield made
    made.close()


def rows(small: Small, **filters: tuple[str, ...]) -> list[Any]:
    with small.read() as read:
        return pages.page(read, EVERYTHING, ListQuery(filters=filters)).items


def test_who_completed_an_activity_is_told_as_far_as_it_is_known(small: Small) -> None:
    """spec/features.md 7.2: "Completed by: e-mail if closed by hand; System confirmation if auto-closed because every
    device is fixed; N/A for old tasks without data".
    """
    by_hand = small.ask()
    assert (by_hand.status, by_hand.completed_by) == ("Active", None)
    workflows.complete_activity(small.database, ADMIN, by_hand.id, small.clock.at)
    assert small.activity(by_hand.id).completed_by == "test"
    by_itself = small.ask()
    for number in range(len(small.devices)):
        small.update(number)
    assert small.activity(by_itself.id).completed_by == "System confirmation"
    with small.database.read() as conn:
        kept = remediation.get(conn, by_hand.id)
    small.database.write(lambda conn: store.change(conn, kept.id, completed_by=None, completion_method=None))
    assert small.activity(by_hand.id).completed_by == "N/A"


def test_activities_filter_by_type_mitigation_and_status(small: Small) -> None:
    """spec/features.md 7.2: "Filters: remediation type, mitigation type, status"; "Title, related component, category,
    remediation type; device groups; created by, created on; due on, priority, notes; status, last status change time".
    """
    small.ask(notes="before Friday", priority="Low")
    small.ask(option="AttentionRequired", notes="nothing to do yet")
    (update,) = rows(small, remediation=("Update",))
    assert (update.title.startswith("Update curl"), update.category, update.related_component) == (
        True,
        "Software",
        "curl",
    )
    assert (update.notes, update.priority, update.created_by, update.mitigation) == (
        "before Friday",
        "Low",
        "test",
        "None",
    )
    assert update.groups
    assert update.status_changed_on == update.created_on
    (attention,) = rows(small, remediation=("AttentionRequired",))
    # "Progress: ... hidden for attention required"; "Ticket status: ... hidden for attention required"
    assert (attention.target_devices, attention.fixed_devices, attention.ticket_state) == (None, None, None)
    assert len(rows(small, status=("Active",))) == 2
    assert rows(small, status=("Completed",)) == []
    assert len(rows(small, mitigation=("None",))) == 2
    assert rows(small, mitigation=("Block", "Warn")) == []


def test_the_ticket_choice_is_there_only_with_a_connection(small: Small, tmp_path: Path) -> None:
    """spec/features.md 7.1: "Ticket checkbox: visible only when the ITSM/MDM connection is enabled (off by default in
    settings)".
    """

    def offered() -> dict[int, str]:
        with small.read() as read:
            return requests.form(read, EVERYTHING, "va-_-debian-_-curl").trackers

    assert offered() == {}
    vault, settings = Vault(tmp_path), {"repository": "a/b", "token": "t" * 20, "url": "https://tracker.example"}
    tracker = workflows.add_tracker(small.database, vault, ADMIN, "fixes", "github", settings, small.clock.at)
    assert offered() == {tracker.id: "fixes"}
    workflows.switch_tracker(small.database, ADMIN, tracker.id, is_enabled=False, now=small.clock.at)
    assert offered() == {}


def test_a_ticket_says_what_the_fixers_need(small: Small) -> None:
    """spec/features.md 7.4: "The paired system receives a security task: remediation kind (Application or
    Configuration), priority, state, steps, affected managed apps, list of devices, requester mail link, notes."
    """
    made = small.ask(notes="in the window on Friday", priority="High")
    with small.read() as read:
        kept = remediation.get(read.conn, made.id)
        ticket = mock.Mock(spec=remediation.Ticket, key="k", group_id=kept.group_ids[0])
        draft = drafting.draft_of(read.conn, kept, ticket)
    assert (draft.remediation_type, draft.priority, draft.component) == ("Update", "High", "curl")
    assert (draft.requester, draft.notes) == ("test", "in the window on Friday")
    assert draft.devices == len(draft.device_names) > 0
    assert "curl" in draft.description
    assert draft.recommended_version


def test_what_has_no_plausible_fix_becomes_no_task(small: Small) -> None:
    """spec/features.md 7.4: "Not every recommendation can become a task (for configurations without a plausible fix no
    task is made)": a check without steps is none, and attention alone has no ticket.
    """
    without = msgspec.to_builtins(check()) | {"remediation": []}
    with pytest.raises(msgspec.ValidationError, match="remediation"):
        msgspec.convert(without, Check)
    device = small.enrol("attention")
    small.know("osv", advisory("CVE-2099-9", debian("exim4")))
    small.know("kev", known_exploited("CVE-2099-9"))
    small.report(device, dpkg("exim4", "4.96-1"))
    with small.read() as read:
        new = requests.resolve(read, EVERYTHING, AskedActivity(recommendation_id="va-_-debian-_-exim4"))
    assert new.remediation_type == "AttentionRequired"
    with pytest.raises(InvalidField, match="neither due date nor ticket"):
        workflows.request_activities(small.database, ADMIN, [new], 1, small.clock.at)


def test_a_setting_says_whether_people_notice_its_change(small: Small) -> None:
    """spec/features.md 7.1: "User-impact scope (configuration only): All exposed devices, or only devices where the
    change has no user impact". What people notice is a property of the check, the same on all of its devices.
    """
    tell(small, small.devices[0], aslr="0")
    with small.read() as read:
        asked = AskedActivity(recommendation_id="sca-_-check-linux-aslr")
        new = requests.resolve(read, EVERYTHING, asked)
        form = requests.form(read, EVERYTHING, asked.recommendation_id)
    assert (new.category, new.remediation_type, form.options) == (
        "SecurityConfiguration",
        "ConfigurationChange",
        ["ConfigurationChange"],
    )
    assert new.is_without_user_impact
