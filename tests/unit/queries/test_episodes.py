"""Episodes of many findings at once: equal to the rules of one device, and to walking through time."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from weakspot.matching import MatchInterval
from weakspot.queries import findings
from weakspot.queries.episodes import Episodes, Installed, episodes, matched
from weakspot.queries.findings import FOREVER, Installation
from weakspot.runtime.clock import DAY

SOFTWARE = np.array([0, 10, 10, 20, 20])
"""Software of versions 1 to 4."""

Rows = list[tuple[int, int, int, int]]

moment = st.integers(0, 20).map(lambda n: n * DAY // 2)
length = st.one_of(st.just(FOREVER), st.integers(1, 12).map(lambda n: n * DAY // 2))
interval = st.tuples(moment, length).map(lambda pair: (pair[0], min(FOREVER, pair[0] + pair[1])))
rows = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4), interval), max_size=14).map(
    lambda some: [(a, b, *c) for a, b, c in some]
)


def derived(installed: Rows, matches: Rows) -> Episodes:
    columns = np.array(installed, np.int64).reshape(-1, 4).T
    found = matched((a, b, c, None if d == FOREVER else d) for a, b, c, d in matches)
    return episodes(Installed(*columns), found, SOFTWARE)


def as_tuples(found: Episodes) -> list[tuple[int, ...]]:
    names = ("device", "software", "vulnerability", "version", "since", "until")
    return list(zip(*(getattr(found, name).tolist() for name in names), strict=True))


@given(installed=rows, matches=rows)
def test_the_last_episode_is_the_finding_of_the_device(installed: Rows, matches: Rows) -> None:
    """As ``findings.derive`` says it, device by device."""
    expected = set()
    software = {version: int(SOFTWARE[version]) for version in range(1, 5)}
    for device in {row[0] for row in installed}:
        own = [Installation(version, since, until) for one, version, since, until in installed if one == device]
        # Matches of equal length may speak in either's name; give each its own order as the columns do.
        known = [
            MatchInterval(a, b, c, None if d == FOREVER else d, None, "affected", "osv", "purl", 95)
            for a, b, c, d in matches
        ]
        for one in findings.derive(own, known, software):
            until = FOREVER if one.until is None else one.until
            expected.add((device, one.software_id, one.vulnerability_id, one.since, until, one.reopened))
    last = derived(installed, matches).last()
    rows_of_last = zip(as_tuples(last), last.number.tolist(), strict=True)
    found = {(a, b, c, e, f, number) for (a, b, c, _, e, f), number in rows_of_last}
    assert found == expected


@given(installed=rows, matches=rows)
def test_equal_to_walking_through_time(installed: Rows, matches: Rows) -> None:
    """In steps of two days nothing counts as judged late."""
    installed = [(a, b, 4 * c, min(FOREVER, 4 * d)) for a, b, c, d in installed]
    matches = [(a, b, 4 * c, min(FOREVER, 4 * d)) for a, b, c, d in matches]
    found = derived(installed, matches)
    for at in range(0, 70 * DAY, DAY):
        held = {
            (device, int(SOFTWARE[version]), vulnerability)
            for device, version, a, b in installed
            for other, vulnerability, c, d in matches
            if other == version and a <= at < b and c <= at < d
        }
        assert {one[:3] for one in as_tuples(found.at(at))} == held


@given(installed=rows, matches=rows)
def test_episodes_of_a_finding_are_apart_and_numbered(installed: Rows, matches: Rows) -> None:
    found = derived(installed, matches)
    before: tuple[int, ...] | None = None
    for row, number, is_last in zip(as_tuples(found), found.number.tolist(), found.is_last.tolist(), strict=True):
        assert row[4] < row[5]
        if before is not None and before[:3] == row[:3]:
            assert (number, before[-2], before[-1]) == (before[-2] + 1, number - 1, False)
            assert row[4] > before[5]
        else:
            assert number == 0
            assert before is None or before[-1]
        before = (*row, number, is_last)
    assert before is None or before[-1]


def test_an_update_to_another_weak_version_goes_on_and_names_the_new_one() -> None:
    found = derived([(1, 1, 0, 4 * DAY), (1, 2, 4 * DAY, FOREVER)], [(1, 7, 0, FOREVER), (2, 7, 4 * DAY + 9, FOREVER)])
    assert as_tuples(found) == [(1, 10, 7, 2, 0, FOREVER)]


def test_what_came_back_has_two_episodes() -> None:
    found = derived([(1, 1, 0, DAY), (1, 1, 5 * DAY, FOREVER)], [(1, 7, 0, FOREVER)])
    assert [(row[4], row[5]) for row in as_tuples(found)] == [(0, DAY), (5 * DAY, FOREVER)]
    assert found.last().number.tolist() == [1]


def test_nothing_gives_nothing() -> None:
    assert len(derived([], [])) == len(derived([(1, 1, 0, FOREVER)], [])) == len(derived([], [(1, 7, 0, DAY)])) == 0
