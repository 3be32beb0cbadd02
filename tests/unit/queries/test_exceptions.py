"""What exceptions change on the pages (spec/features.md 6.3, 9.1, 9.4, 9.5); what is detected never changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import EVERYTHING, START, World, advisory, debian, dpkg, pypi, python_package
from weakspot import posture, workflows
from weakspot.access import internal_caller
from weakspot.access.contracts import Scope
from weakspot.exceptions import KeptException
from weakspot.queries import dashboard, devices, exceptions, history, plan, recommendations, weaknesses
from weakspot.queries.base import ListQuery
from weakspot.queries.exceptions import AskedException, AskedScope
from weakspot.queries.plan import PlanQuery
from weakspot.runtime.clock import DAY
from weakspot.runtime.errors import InvalidField, NotFound

HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
CURL = "va-_-debian-_-curl"
ADMIN = internal_caller("test")


class Small(World):
    """Two groups of two devices; all have an old curl, one also an old requests."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.one, self.two = self.group("one"), self.group("two")
        self.devices = [self.enrol(f"d{n}", group=self.one if n < 2 else self.two) for n in range(4)]
        self.know(
            "osv",
            advisory("CVE-2099-0001", debian("curl", fixed="8.0-1"), cvss=HIGH),
            advisory("CVE-2099-0002", debian("curl", fixed="7.9-1"), pypi("requests", fixed="3.0"), cvss=HIGH),
        )
        for n, device in enumerate(self.devices):
            extra = [python_package("requests", "2.0")] if n == 3 else []
            self.report(device, dpkg("curl", "7.0-1"), *extra)

    def allow(
        self, subject: str, scope: AskedScope, justification: Any, days: int = 30, by: Any = ADMIN
    ) -> KeptException:
        asked = AskedException(
            subject_kind="vulnerability" if subject.startswith("CVE") else "recommendation",
            subject=subject,
            scope=scope,
            justification=justification,
            context="why",
            until_at=self.clock.at + days * DAY,
        )
        with self.read() as read:
            new = exceptions.resolve(read, by.scope, asked)
        kept = workflows.request_exceptions(self.database, by, [new], self.clock.at)[0]
        self.catch_up()
        return kept

    def row(self, scope: Scope = EVERYTHING, ident: str = CURL) -> Any:
        with self.read() as read:
            return next(one for one in recommendations.page(read, scope, ListQuery()).items if one.id == ident)

    def weakness(self, name: str) -> Any:
        with self.read() as read:
            return weaknesses.detail(read, EVERYTHING, name).weakness


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    made = Small(tmp_path)
    yield made
    made.close()


GLOBAL = AskedScope(kind="global")


def test_full_and_partial_exceptions_and_the_return_to_active(small: Small) -> None:
    # 9.1: "state Full exception (all groups, or global) or Partial exception (some groups). It returns to Active at
    # the end."
    assert small.row().status == "active"
    kept = small.allow(CURL, AskedScope(kind="device_group", group_ids=(small.one,)), "risk_accepted")
    assert small.row().status == "partial_exception"
    assert small.row(Scope(frozenset([small.one]))).status == "full_exception"
    assert small.row(Scope(frozenset([small.two]))).status == "active"
    # 9.4, rule 2: "Selecting every device group gives state Full exception."
    small.allow(CURL, AskedScope(kind="device_group", group_ids=(small.two,)), "risk_accepted", days=60)
    assert small.row().status == "full_exception"
    small.clock.at = kept.until_at
    assert workflows.expire_exceptions(small.database, small.clock.at) == 1
    small.catch_up()
    assert small.row().status == "partial_exception"


def test_after_exception_columns_count_reducing_justifications_only(small: Small) -> None:
    # 9.4, rule 4: "After-exception columns count only justifications that reduce exposure." 6.3: "The plain Exposed
    # devices column may still show pre-exception data."
    before = small.row()
    assert (before.exposed_devices, before.exposed_devices_after_exceptions) == (4, 4)
    assert before.impact == before.impact_detected
    small.allow(CURL, AskedScope(kind="device_group", group_ids=(small.one,)), "planned_remediation")
    assert small.row().exposed_devices_after_exceptions == 4
    small.allow(CURL, AskedScope(kind="device_group", group_ids=(small.two,)), "third_party_control")
    after = small.row()
    assert (after.exposed_devices, after.exposed_devices_after_exceptions) == (4, 2)
    assert after.impact_detected == before.impact
    assert 0 < after.impact < before.impact
    with small.read() as read:
        page = dashboard.show(read, EVERYTHING)
    assert page.exposure_score is not None
    assert page.exposure_score_detected is not None
    # 5.1: exceptions "third party control or alternate mitigation lower it"
    assert page.exposure_score < page.exposure_score_detected


def test_the_active_score_is_the_headline_and_the_detected_one_stays_beside_it(small: Small) -> None:
    # 5.1: "Exceptions with justification third party control or alternate mitigation lower it (section 9)."
    with small.read() as read:
        before = dashboard.show(read, EVERYTHING)
    assert before.exposure_score == before.exposure_score_detected
    small.allow(CURL, AskedScope(kind="device_group", group_ids=(small.one,)), "risk_accepted")
    with small.read() as read:
        assert dashboard.show(read, EVERYTHING).exposure_score == before.exposure_score
    small.allow(CURL, AskedScope(kind="device_group", group_ids=(small.two,)), "third_party_control")
    workflows.record_scores(small.database, small.follower.fleet, small.clock.at, devices=True)
    assert workflows.check(small.services, small.follower).differences == []
    with small.read() as read:
        page = dashboard.show(read, EVERYTHING)
        rows = {one.name: one for one in devices.page(read, EVERYTHING, ListQuery()).items}
        series = {
            kind: history.scores(read, EVERYTHING, kind, subject, "30d").points[-1]
            for kind, subject in (
                ("organisation", ""), ("group", str(small.two)), ("device", small.devices[2].public_id)
            )
        }  # fmt: skip
        made = plan.plan(read, EVERYTHING, PlanQuery())
    assert page.exposure_score is not None
    assert page.exposure_score_detected == before.exposure_score
    assert page.exposure_score < before.exposure_score
    assert (rows["d2"].exposure_score, rows["d2"].exposure_level) == (0.0, "Low")
    assert rows["d2"].exposure_score_detected == rows["d0"].exposure_score
    assert rows["d0"].exposure_score == rows["d0"].exposure_score_detected
    assert list(rows)[-1] == "d2"  # the least exposed, by what counts
    assert (series["organisation"].score, series["organisation"].score_detected) == (
        page.exposure_score, before.exposure_score,
    )  # fmt: skip
    assert 0 < series["group"].score < (series["group"].score_detected or 0)
    assert (series["device"].score, series["device"].score_detected) == (0.0, rows["d2"].exposure_score_detected)
    assert (made.score_before, made.score_before_detected) == (page.exposure_score, before.exposure_score)
    assert made.score_after_detected is not None
    assert made.score_after is not None
    assert made.score_after < made.score_after_detected  # where a control stands, nothing is done


def test_what_is_predicted_under_exceptions_is_the_change_that_comes(small: Small) -> None:
    # 6.3: "Exposure impact = predicted reduction of the organisation exposure score if carried out everywhere";
    # "exclude devices covered by score-reducing exceptions".
    small.allow(CURL, AskedScope(kind="device_group", group_ids=(small.one,)), "alternate_mitigation")
    small.allow("CVE-2099-0001", AskedScope(kind="device", devices=(small.devices[3].public_id,)), "risk_accepted")
    with small.read() as read:
        before = dashboard.show(read, EVERYTHING)
        step = next(one for one in plan.plan(read, EVERYTHING, PlanQuery()).steps if one.id == CURL)
    predicted = small.row().impact
    small.report(small.devices[2], dpkg("curl", "8.0-1"))
    small.report(small.devices[3], dpkg("curl", "8.0-1"), python_package("requests", "2.0"))
    with small.read() as read:
        after = dashboard.show(read, EVERYTHING)
    assert before.exposure_score is not None
    assert after.exposure_score is not None
    assert predicted > 0
    assert before.exposure_score - after.exposure_score == pytest.approx(predicted, abs=1e-9)
    assert step.devices == 1  # on the other one requests carries what is left


def test_a_global_control_takes_all_but_what_another_product_carries(small: Small) -> None:
    small.allow(CURL, GLOBAL, "alternate_mitigation")
    after = small.row()
    assert (after.status, after.exposed_devices_after_exceptions) == ("full_exception", 0)
    assert after.impact == 0
    with small.read() as read:
        page = dashboard.show(read, EVERYTHING)
        assert [step.id for step in plan.plan(read, EVERYTHING, PlanQuery()).steps] == ["va-_-requests-_-requests"] or [
            step.id for step in plan.plan(read, EVERYTHING, PlanQuery()).steps
        ] != [CURL]
    # The device with requests still has CVE-2099-0002 there: its score is not zero.
    assert page.exposure_score is not None
    assert page.exposure_score > 0


def test_an_exception_of_one_weakness_hides_its_devices_there_alone(small: Small) -> None:
    # 9.5: "Scoped: only devices outside the chosen groups are shown as exposed."
    small.allow("CVE-2099-0001", AskedScope(kind="device_group", group_ids=(small.one,)), "risk_accepted")
    row = small.weakness("CVE-2099-0001")
    assert (row.exposed_devices, row.detected_devices) == (2, 4)
    with small.read() as read:
        shown = weaknesses.devices(read, EVERYTHING, "CVE-2099-0001", ListQuery())
    assert sorted(one.name for one in shown.items) == ["d2", "d3"]
    assert small.weakness("CVE-2099-0002").exposed_devices == 4
    # 9.5: "every CVE exception removes the covered pairs", whatever its justification
    assert small.row().impact < small.row().impact_detected
    assert small.row().exposed_devices_after_exceptions == 4  # the other weakness is still there


def test_a_global_exception_of_one_weakness_shows_no_device_while_it_lasts(small: Small) -> None:
    # 9.5: "Global: no exposed devices are shown for that CVE while it lasts."
    kept = small.allow("CVE-2099-0002", GLOBAL, "no_patch")
    assert (small.weakness("CVE-2099-0002").exposed_devices, small.weakness("CVE-2099-0002").detected_devices) == (0, 4)
    with small.read() as read:
        page = weaknesses.page(read, EVERYTHING, ListQuery(sort="exposed_devices"))
    assert [(one.name, one.exposed_devices) for one in page.items] == [("CVE-2099-0002", 0), ("CVE-2099-0001", 4)]
    workflows.cancel_exception(small.database, ADMIN, kept.id, None, small.clock.at)
    small.catch_up()
    assert small.weakness("CVE-2099-0002").exposed_devices == 4


def test_an_exception_for_one_software_leaves_what_others_carry(small: Small) -> None:
    small.allow("CVE-2099-0002", AskedScope(kind="software", software=("debian-_-curl",)), "risk_accepted")
    assert small.weakness("CVE-2099-0002").exposed_devices == 1  # d3 has it in requests as well


def test_exceptions_by_device_reach_new_decisions_at_once(small: Small) -> None:
    small.allow(CURL, AskedScope(kind="device", devices=(small.devices[0].public_id,)), "third_party_control")
    assert small.row().exposed_devices_after_exceptions == 3
    with small.read() as read:
        listed = exceptions.page(read, EVERYTHING, ListQuery())
        assert [(one.type, one.status, one.devices, one.title) for one in listed.items] == [
            ("device", "Active", 1, "curl")
        ]
        assert exceptions.devices(read, EVERYTHING, listed.items[0].id, ListQuery()).total == 1


def test_exceptions_of_settings_are_found_by_their_kind(small: Small) -> None:
    """spec/features.md 17.1: "Exceptions tab" of the baselines."""
    check = f"sca-_-{next(iter(posture.catalogue.checks()))}"
    small.allow(CURL, GLOBAL, "risk_accepted")
    small.allow(check, GLOBAL, "risk_accepted")
    with small.read() as read:
        for asked, found in (("configuration", {check}), ("recommendation", {CURL, check}), ("vulnerability", set())):
            page = exceptions.page(read, EVERYTHING, ListQuery(filters={"subject": (asked,)}))
            assert {one.subject for one in page.items} == found


def test_who_sees_one_group_sees_and_asks_for_that_group_alone(small: Small) -> None:
    narrow = Scope(frozenset([small.one]))
    other = small.allow(CURL, AskedScope(kind="device_group", group_ids=(small.two,)), "risk_accepted")
    with small.read() as read:
        assert exceptions.page(read, narrow, ListQuery()).total == 0
        with pytest.raises(NotFound):
            exceptions.detail(read, narrow, other.id)
        asked = AskedException(
            subject_kind="recommendation", subject=CURL, justification="risk_accepted", context="x",
            scope=AskedScope(kind="device_group", is_all_groups=True), until_at=START + DAY,
        )  # fmt: skip
        new = exceptions.resolve(read, narrow, asked)
        # 9.2: "groups created later are not included"; 9.4, rule 3: "only for groups the user may manage"
        assert (new.scope.group_ids, new.scope.within_group_ids) == ((small.one,), (small.one,))
        offered = exceptions.offered_groups(read, EVERYTHING, "recommendation", CURL)
        assert {one.name: one.is_offered for one in offered if one.name in ("one", "two")} == {
            "one": True,
            "two": False,
        }


@pytest.mark.parametrize(
    "scope",
    [AskedScope(kind="device_group", group_ids=(77,)), AskedScope(kind="global", is_all_groups=True)],
)
def test_scopes_that_cannot_be_are_refused(small: Small, scope: AskedScope) -> None:
    with pytest.raises(InvalidField):
        small.allow(CURL, scope, "risk_accepted")


def test_what_is_not_there_cannot_be_excepted(small: Small) -> None:
    for subject in ("va-_-debian-_-nothing", "CVE-2099-9999"):
        with pytest.raises(NotFound):
            small.allow(subject, GLOBAL, "risk_accepted")


def test_the_device_groups_of_an_exception_are_a_list_of_their_own(small: Small) -> None:
    # 9.4: "groups (exportable list in flyout)"
    both = AskedScope(kind="device_group", group_ids=(small.one, small.two))
    kept, everywhere = small.allow(CURL, both, "risk_accepted"), small.allow("CVE-2099-0001", GLOBAL, "risk_accepted")
    workflows.cancel_exception(small.database, ADMIN, kept.id, small.two, small.clock.at)
    only_two, nobody = Scope(frozenset([small.two])), Scope(frozenset())
    with small.read() as read:
        page = exceptions.groups(read, EVERYTHING, kept.id, ListQuery())
        assert [(one.name, one.is_active) for one in page.items] == [("one", True), ("two", False)]
        found = exceptions.groups(read, EVERYTHING, kept.id, ListQuery(search="TW", sort="-name"))
        assert [one.name for one in found.items] == ["two"]
        assert [one.name for one in exceptions.groups(read, only_two, kept.id, ListQuery()).items] == ["two"]
        assert exceptions.groups(read, EVERYTHING, everywhere.id, ListQuery()).total == 0, "it names none"
        with pytest.raises(NotFound):
            exceptions.groups(read, nobody, kept.id, ListQuery())
