"""The life of a finding, from intervals alone; and against a second model that walks through time day by day."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from weakspot.matching import MatchInterval
from weakspot.queries.findings import FOREVER, JUDGED_WITHIN, Finding, Installation, derive
from weakspot.runtime.clock import DAY

OLD, NEW, OTHER = 1, 2, 3
SOFTWARE = {OLD: 10, NEW: 10, OTHER: 20}
FLAW = 7


def match(version: int, since: int, until: int | None = None, vulnerability: int = FLAW) -> MatchInterval:
    return MatchInterval(version, vulnerability, since, until, None, "affected", "osv", "purl", 95)


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1
    return findings[0]


def test_begins_when_both_are_there() -> None:
    late_match = only(derive([Installation(OLD, 5 * DAY, FOREVER)], [match(OLD, 9 * DAY)], SOFTWARE))
    late_software = only(derive([Installation(OLD, 9 * DAY, FOREVER)], [match(OLD, 5 * DAY)], SOFTWARE))
    assert (late_match.since, late_software.since) == (9 * DAY, 9 * DAY)
    assert (late_match.state, late_match.until) == ("open", None)


def test_ends_with_the_first_of_both() -> None:
    removed = only(derive([Installation(OLD, 0, 4 * DAY)], [match(OLD, 0)], SOFTWARE))
    revised = only(derive([Installation(OLD, 0, FOREVER)], [match(OLD, 0, 3 * DAY)], SOFTWARE))
    assert (removed.until, revised.until) == (4 * DAY, 3 * DAY)
    assert removed.state == "closed"


def test_an_update_from_one_vulnerable_version_to_another_goes_on() -> None:
    installed = [Installation(OLD, 0, 4 * DAY), Installation(NEW, 4 * DAY, FOREVER)]
    found = only(derive(installed, [match(OLD, 0), match(NEW, 0)], SOFTWARE))
    assert (found.since, found.until, found.match.software_version_id) == (0, None, NEW)


def test_a_version_that_was_judged_when_its_report_came_goes_on_too() -> None:
    installed = [Installation(OLD, 0, 4 * DAY), Installation(NEW, 4 * DAY, FOREVER)]
    found = only(derive(installed, [match(OLD, 0), match(NEW, 4 * DAY + JUDGED_WITHIN)], SOFTWARE))
    assert found.since == 0


def test_a_weakness_that_came_back_later_begins_anew() -> None:
    installed = [Installation(OLD, 0, 4 * DAY), Installation(NEW, 4 * DAY, FOREVER)]
    found = only(derive(installed, [match(OLD, 0), match(NEW, 9 * DAY)], SOFTWARE))
    assert (found.since, found.until) == (9 * DAY, None)


def test_reinstalled_after_a_pause_begins_anew() -> None:
    installed = [Installation(OLD, 0, 4 * DAY), Installation(OLD, 6 * DAY, FOREVER)]
    assert only(derive(installed, [match(OLD, 0)], SOFTWARE)).since == 6 * DAY


def test_two_software_with_one_flaw_are_two_findings() -> None:
    installed = [Installation(OLD, 0, FOREVER), Installation(OTHER, 0, 2 * DAY)]
    found = derive(installed, [match(OLD, 0), match(OTHER, 0)], SOFTWARE)
    assert {(one.software_id, one.state) for one in found} == {(10, "open"), (20, "closed")}


def test_one_of_two_versions_keeps_the_finding_open() -> None:
    installed = [Installation(OLD, 0, 2 * DAY), Installation(NEW, DAY, FOREVER)]
    assert only(derive(installed, [match(OLD, 0), match(NEW, 0)], SOFTWARE)).until is None


def test_intervals_that_do_not_meet_make_nothing() -> None:
    assert derive([Installation(OLD, 0, DAY)], [match(OLD, DAY)], SOFTWARE) == []
    assert derive([Installation(OLD, 0, DAY)], [], SOFTWARE) == []


interval = st.tuples(st.integers(0, 12), st.integers(1, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(
    installed=st.lists(st.tuples(st.sampled_from([OLD, NEW]), interval), max_size=5),
    matched=st.lists(st.tuples(st.sampled_from([OLD, NEW]), interval), max_size=5),
)
def test_equals_walking_through_time(
    installed: list[tuple[int, tuple[int, int]]], matched: list[tuple[int, tuple[int, int]]]
) -> None:
    # Steps of three days, so that nothing counts as judged late.
    step = 3 * DAY
    installations = [Installation(version, a * step, b * step) for version, (a, b) in installed]
    matches = [match(version, a * step, b * step) for version, (a, b) in matched]
    present = [
        any(
            one.software_version_id == other.software_version_id
            and one.since <= at * step < one.until
            and other.since <= at * step < (other.until or 0)
            for one in installations
            for other in matches
        )
        for at in range(26)
    ]
    found = derive(installations, matches, SOFTWARE)
    if not any(present):
        assert found == []
        return
    last = max(at for at in range(26) if present[at])
    first = last
    while first > 0 and present[first - 1]:
        first -= 1
    assert (only(found).since, only(found).until) == (first * step, (last + 1) * step)
