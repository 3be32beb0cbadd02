from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from weakspot.intel.contracts import VulnerabilityFacts
from weakspot.inventory import ListedDevice
from weakspot.inventory.contracts import Software, Whereabouts
from weakspot.queries.columns import (
    DeviceColumns,
    MatchColumns,
    SoftwareColumns,
    TextColumn,
    VulnerabilityColumns,
    arranged,
    natural,
    positions,
    ranks,
    ranks_with,
    search_form,
)

texts = st.text(alphabet="ab\x1f\n _", max_size=6)


@given(st.lists(texts, max_size=8), texts.filter(bool))
def test_text_search_equals_looking_at_each(given_texts: list[str], wanted: str) -> None:
    found = TextColumn(given_texts).containing(wanted)
    assert found.tolist() == [wanted in text.replace("\x1f", " ") for text in given_texts]


def test_natural_order_reads_numbers_as_numbers() -> None:
    names = ["CVE-2021-44228", "cve-2021-9999", "web-10", "web-9", "Alpha"]
    assert sorted(names, key=natural) == ["Alpha", "cve-2021-9999", "CVE-2021-44228", "web-9", "web-10"]


def test_ranks_share_places() -> None:
    assert ranks(["b", "a", "b", "c"]).tolist() == [1, 0, 1, 2]
    assert ranks([]).tolist() == []


@pytest.mark.parametrize("descending", [True, False])
def test_arranged_puts_unknown_last(descending: bool) -> None:
    order = arranged(np.array([2.0, np.nan, 3.0, 2.0]), descending=descending).tolist()
    assert order == ([2, 0, 3, 1] if descending else [0, 3, 2, 1])


def test_positions_leave_out_what_is_not_there() -> None:
    assert positions(np.array([2, 5, 9]), np.array([9, 4, 2, 10])).tolist() == [2, 0]
    assert positions(np.empty(0, np.int64), np.array([1])).tolist() == []


def test_search_form_takes_blanks_for_underscores() -> None:
    assert search_form("  Windows  10 ") == "windows_10"


def facts(key: int, name: str = "", **given_facts: Any) -> VulnerabilityFacts:
    values: dict[str, Any] = {
        "id": key, "name": name or f"CVE-2099-{key}", "title": "", "severity": "High", "cvss_score": None,
        "cvss_vector": None, "epss": None, "epss_percentile": None, "exploit_level": "none",
        "is_known_exploited": False, "is_used_by_ransomware": False, "published_at": None, "modified_at": None,
        "withdrawn_at": None,
    }  # fmt: skip
    return VulnerabilityFacts(**(values | given_facts))


@given(
    st.dictionaries(st.integers(1, 30), st.floats(0, 1), max_size=12),
    st.dictionaries(st.integers(1, 30), st.floats(0, 1), max_size=12),
    st.sets(st.integers(1, 30), max_size=6),
)
def test_replaced_vulnerabilities_equal_those_made_anew(
    before: dict[int, float], fresh: dict[int, float], gone: set[int]
) -> None:
    changed = VulnerabilityColumns(facts(k, epss=v) for k, v in before.items()).replaced(
        np.array(sorted(gone | fresh.keys()), np.int64), [facts(k, epss=v) for k, v in fresh.items()]
    )
    left = {k: v for k, v in before.items() if k not in gone} | fresh
    anew = VulnerabilityColumns(facts(k, epss=v) for k, v in left.items())
    assert changed.ids.tolist() == anew.ids.tolist()
    assert changed.epss.tolist() == anew.epss.tolist()
    assert (changed.names, changed.texts) == (anew.names, anew.texts)
    assert changed.name_rank.tolist() == anew.name_rank.tolist()


@given(
    st.lists(st.sampled_from(["a", "a1", "a2", "a10", "B", "b", "c", "CVE-1-9", "CVE-1-10"]), min_size=1, max_size=40),
    st.lists(st.sampled_from(["A", "a3", "b5", "b", "B", "CVE-1-10", "CVE-1-11", "z", "0"]), max_size=5),
)
def test_ranks_of_added_names_equal_those_made_anew(names: list[str], more: list[str]) -> None:
    before = VulnerabilityColumns(facts(key, name) for key, name in enumerate(names, 1))
    known = before.name_rank
    gapped = known * 3
    assert ranks_with(gapped, names, more).tolist() == ranks([natural(one) for one in names + more]).tolist()
    fresh = [facts(len(names) + key, name) for key, name in enumerate(more, 1)]
    gone = np.array([1, *(one.id for one in fresh)])
    changed = before.replaced(gone, fresh)
    anew = VulnerabilityColumns([facts(key, name) for key, name in enumerate(names, 1) if key > 1] + fresh)
    assert changed.name_rank.tolist() == anew.name_rank.tolist()


def test_severities_are_counted_and_the_worst_is_told() -> None:
    columns = VulnerabilityColumns(
        [facts(1, severity="Low"), facts(2, severity="Critical"), facts(5, severity="Low", exploit_level="kit")]
    )
    assert columns.severity_counts(np.array([1, 2, 5, 99])) == {"Critical": 1, "Low": 2}
    assert columns.worst(np.array([1, 5])) == ("Low", "kit")
    assert columns.worst(np.array([99])) == ("Unknown", "none")


def listed(key: int, name: str, group: int = 1, software: int = 0) -> ListedDevice:
    return ListedDevice(key, name, "", "Linux", "debian", "12", group, False, 1000 + key, software)


def test_replaced_devices_equal_those_made_anew() -> None:
    before = DeviceColumns([listed(3, "c"), listed(1, "b")])
    assert before.name_rank.tolist() == [0, 1]
    moved = before.replaced([listed(3, "c", group=2, software=9)])
    assert (moved.group.tolist(), moved.software.tolist()) == ([1, 2], [0, 9])
    assert moved.name_rank is before.name_rank
    renamed = moved.replaced([listed(3, "a", group=2)])
    assert renamed.name_rank.tolist() == [1, 0]
    assert renamed.haystack.containing("a").tolist() == [False, True]
    grown = renamed.replaced([listed(2, "new")])
    assert grown.ids.tolist() == [1, 2, 3]
    assert before.group.tolist() == [1, 1]


def test_systems_of_devices_follow_what_is_replaced() -> None:
    columns = DeviceColumns(
        [listed(3, "c"), listed(1, "b"), msgspec.structs.replace(listed(7, "d"), os_distribution="")]
    )
    known = columns.listed
    assert columns.system_names(BitMap()) == []
    assert columns.system_names(BitMap([1, 3, 99])) == [known[1].os_distribution]
    assert columns.system_names(BitMap([2, 7])) == [known[7].os_platform]
    renamed = columns.replaced([msgspec.structs.replace(known[3], name="z")])
    moved = renamed.replaced([msgspec.structs.replace(known[3], os_distribution="alpine")])
    assert renamed.system_names(BitMap([3])) == [known[3].os_distribution]
    assert moved.system_names(BitMap([1, 3])) == sorted(["alpine", known[1].os_distribution])


def test_relocated_devices_equal_those_made_anew() -> None:
    before = DeviceColumns([listed(3, "c"), listed(1, "b"), listed(2, "a")])
    assert before.name_rank.tolist() == [1, 0, 2]
    where = Whereabouts(groups={7: BitMap([2, 99]), 1: BitMap([1, 3])}, excluded=BitMap([3]), ended=BitMap([1]))
    moved = before.relocated(where)
    assert (moved.group.tolist(), moved.is_ended.tolist()) == ([1, 7, 1], [True, False, False])
    assert [(one.group_id, one.is_excluded, one.is_ended) for one in moved.listed.values()] == [
        (1, False, True), (7, False, False), (1, True, False),
    ]  # fmt: skip
    assert moved.name_rank is before.name_rank
    assert (before.group.tolist(), before.listed[3].is_excluded) == ([1, 1, 1], False)


pairs = st.dictionaries(
    st.tuples(st.integers(1, 5), st.integers(1, 5)), st.tuples(st.integers(0, 99), st.booleans()), max_size=12
)


@given(pairs, pairs, st.sets(st.integers(1, 5)))
def test_replaced_matches_equal_those_made_anew(
    before: dict[tuple[int, int], tuple[int, bool]],
    later: dict[tuple[int, int], tuple[int, bool]],
    versions: set[int],
) -> None:
    def rows(source: dict[tuple[int, int], tuple[int, bool]]) -> list[tuple[int, int, int, bool]]:
        return [(s, v, since, fix) for (s, v), (since, fix) in source.items()]

    fresh = {pair: value for pair, value in later.items() if pair[0] in versions}
    changed = MatchColumns.of(rows(before)).replaced(np.array(sorted(versions), np.int64), rows(fresh))
    anew = MatchColumns.of(rows({p: v for p, v in before.items() if p[0] not in versions} | fresh))
    for name in MatchColumns.__struct_fields__:
        assert getattr(changed, name).tolist() == getattr(anew, name).tolist()


def test_matches_of_a_vulnerability_are_oldest_first() -> None:
    columns = MatchColumns.of([(1, 7, 30, False), (2, 7, 10, True), (3, 8, 5, False)])
    at = columns.of_vulnerability(7)
    assert (columns.version[at].tolist(), columns.has_fix[at].tolist()) == ([2, 1], [True, False])
    assert columns.version[columns.of_vulnerability(99)].tolist() == []


@given(
    st.lists(st.one_of(st.integers(-3, 3).map(float), st.just(float("nan"))), max_size=120),
    st.integers(1, 20),
    st.booleans(),
)
def test_the_leading_ones_are_in_the_order_of_all(values: list[float], upto: int, descending: bool) -> None:
    column = np.array(values)
    whole = arranged(column, descending=descending)
    some = arranged(column, descending=descending, upto=upto)
    assert some[:upto].tolist() == whole[:upto].tolist()
    assert sorted(some.tolist()) == list(range(len(values)))


@given(st.sets(st.integers(1, 300)), st.lists(st.integers(0, 400), unique=True))
def test_positions_of_rows_are_those_of_their_ids(there: set[int], asked: list[int]) -> None:
    rows = SoftwareColumns(
        {one: Software(id=one, public_id=f"a-_-{one}", vendor="a", name=str(one), type="dpkg") for one in there}
    )
    wanted = np.array(asked, np.int64)
    assert rows.positions(wanted).tolist() == positions(rows.ids, wanted).tolist()
