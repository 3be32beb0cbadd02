"""Joins give what one index would say, in whatever order the parts come."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.fleet.cluster.split import Small, devices, smalls, versions, vulnerabilities
from weakspot.access import Scope
from weakspot.fleet import FleetView
from weakspot.fleet.cluster import ClusterFleet, questions

counts = st.dictionaries(st.integers(0, 30), st.integers(1, 9), max_size=12)


def columns(numbers: dict[int, int]) -> questions.Columns:
    ids = sorted(numbers)
    return np.array(ids, np.int64), np.array([numbers[one] for one in ids], np.int64)


@given(st.lists(counts, min_size=1, max_size=4), st.randoms())
def test_counts_add_up(parts: list[dict[int, int]], random: object) -> None:
    random.shuffle(parts)  # type: ignore[attr-defined]
    expected: dict[int, int] = {}
    for part in parts:
        for one, number in part.items():
            expected[one] = expected.get(one, 0) + number
    ids, added = questions.added([columns(part) for part in parts])
    assert dict(zip(ids.tolist(), added.tolist(), strict=True)) == expected
    assert ids.tolist() == sorted(expected)


@given(counts, st.integers(1, 4), st.integers(0, 6))
def test_the_first_of_the_parts_first_are_the_first_of_all(numbers: dict[int, int], parts: int, limit: int) -> None:
    split = [{one: number for one, number in numbers.items() if one % parts == part} for part in range(parts)]
    found = questions.first([questions.first([columns(part)], limit) for part in split], limit)
    expected = sorted(numbers, key=lambda one: (-numbers[one], one))[:limit]
    assert found[0].tolist() == expected


SCOPES = (Scope(None), Scope(frozenset([1])), Scope(frozenset([2, 3])), Scope(frozenset()))
ELSEWHERE = {
    "memo": "for contexts, inside of a shard",
    "successor": "for the writer, inside of a shard",
}
"""What a view has that is no question."""


def plain(value: object) -> object:
    """For comparing: arrays as lists."""
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value.tolist() if isinstance(value, np.ndarray) else value


@settings(max_examples=15, deadline=None)
@given(smalls(), st.integers(1, 4), versions, vulnerabilities, devices)
def test_every_read_of_a_view_is_answered_alike(
    small: Small, count: int, some: set[int], vulnerability: int, device: int
) -> None:
    view, cluster = small.view(), small.cluster(count)
    listed, software, ids = sorted(some), 1 + vulnerability % 3, np.array([vulnerability, 1, 6])
    for scope in SCOPES:
        for name, arguments in (
            ("scope_bitmap", (scope,)),
            ("is_in_scope", (device, scope)),
            ("devices_of_version", (2, scope)),
            ("devices_of_versions", (listed, scope)),
            ("devices_of_vulnerability", (vulnerability, scope)),
            ("devices_of_software", (software, scope)),
            ("exposed_of_software", (software, scope)),
            ("vulnerabilities_of_software", (software, scope)),
            ("vulnerability_counts", (scope,)),
            ("count_of_vulnerability", (vulnerability, scope)),
            ("counts_of_software", (software, scope)),
            ("software_counts", (scope,)),
            ("device_hazards", (None, scope)),
            ("device_hazards", ([1, device, 77], scope)),
        ):
            assert plain(getattr(cluster, name)(*arguments)) == plain(getattr(view, name)(*arguments)), name
    for name, arguments in (
        ("device_value", (device,)),
        ("carrying", (listed,)),
        ("devices_with_settings", ([1, 3],)),
        ("versions_on", (device,)),
        ("vulnerabilities_of_device", (device,)),
        ("vulnerabilities_of_versions", (listed,)),
        ("vulnerabilities_of_version", (2,)),
        ("versions_of_vulnerability", (vulnerability,)),
        ("versions_of_software", (software,)),
        ("weak_versions", (software,)),
        ("software_of_version", (3,)),
        ("vulnerability_hazard", (vulnerability,)),
        ("hazards_of", (ids,)),
        ("present", ()),
        ("raised_by", (vulnerability,)),
    ):
        assert plain(getattr(cluster, name)(*arguments)) == plain(getattr(view, name)(*arguments)), name
    assert cluster.detected() == view.detected
    assert cluster.platforms() == view.platforms
    assert cluster.labels() == {key: some for key, some in view.labels.items() if some}
    assert list(cluster.installed(listed)) == [one for one in listed if view.installed[one]]
    known = cluster.known()
    assert known.devices == view.population.all_devices()
    assert tuple(known.values.values()) == view.population.values
    for group in (1, 2, 3, 4):
        assert list(known.counted.get(group, ())) == list(view.population.members_of([group]))
    sizes, whole = cluster.sizes(), view.sizes()
    assert (sizes.devices, sizes.findings, sizes.software_versions, sizes.vulnerabilities) == (
        whole.devices, whole.findings, whole.software_versions, whole.vulnerabilities,
    )  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(smalls(), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
def test_pages_of_members_put_together_are_the_members(small: Small, count: int, limit: int, software: int) -> None:
    cluster, after = small.cluster(count), -1
    expected = list(small.view().devices_of_software(software, Scope(None)))
    found: list[int] = []
    for _ in range(len(expected) + 1):
        page = cluster.members("devices_of_software", software, Scope(None), after=after, limit=limit)
        assert page.total == len(expected)
        if not page.members:
            break
        assert len(page.members) <= limit
        found += page.members
        after = found[-1]
    assert found == expected


def test_no_read_of_a_view_is_missing() -> None:
    reads = {name for name, _ in inspect.getmembers(FleetView, inspect.isfunction) if not name.startswith("_")}
    reads |= {name for name, one in vars(FleetView).items() if isinstance(one, property)}
    assert reads - ELSEWHERE.keys() == {name for name in reads if hasattr(ClusterFleet, name)}
    assert {*questions.READS, *questions.ALIKE} <= reads


def test_nothing_but_a_read_is_asked_by_name() -> None:
    with pytest.raises(ValueError, match="not a read"):
        questions.read(FleetView(), "successor")
