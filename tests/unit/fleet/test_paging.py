"""Persistent arrays and lists: edits make new versions and leave the old ones alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.fleet.paging import FEW_CELLS, LIST_PAGE, PAGE_ITEMS, PagedArray, PagedList

indices = st.integers(0, 3 * PAGE_ITEMS)
writes = st.dictionaries(indices, st.integers(-(1 << 40), 1 << 40), max_size=20)


@given(st.lists(writes, max_size=4))
def test_an_array_is_what_was_written_and_old_versions_stay(rounds: list[dict[int, int]]) -> None:
    array = PagedArray(np.int64, fill=-1)
    expected: dict[int, int] = {}
    versions = [(array, dict(expected))]
    for written in rounds:
        editor = array.edit()
        keys = np.array(sorted(written), np.int64)
        editor.put(keys, np.array([written[key] for key in sorted(written)], np.int64))
        editor.add(keys, 1)
        expected.update({key: value + 1 for key, value in written.items()})
        array = editor.freeze()
        versions.append((array, dict(expected)))
    asked = np.array(sorted({*expected, 0, 4 * PAGE_ITEMS}), np.int64)
    for version, known in versions:
        assert version.take(asked).tolist() == [known.get(int(one), -1) for one in asked]
        assert [int(version.one(int(one))) for one in asked] == [known.get(int(one), -1) for one in asked]
        assert len(version.whole()) == len(version)


def test_untouched_pages_are_shared_and_touched_ones_copied() -> None:
    array = PagedArray.of(np.arange(3 * PAGE_ITEMS))
    editor = array.edit()
    editor.set(PAGE_ITEMS, 7)
    changed = editor.freeze()
    assert [one is other for one, other in zip(array.pages(), changed.pages(), strict=True)] == [True, False, True]
    assert array.one(PAGE_ITEMS) == PAGE_ITEMS
    assert changed.one(PAGE_ITEMS) == 7


def test_an_editor_goes_on_after_freezing_without_changing_what_it_gave() -> None:
    editor = PagedArray(np.int64).edit()
    editor.set(5, 1)
    first = editor.freeze()
    editor.set(5, 2)
    second = editor.freeze()
    assert (first.one(5), second.one(5)) == (1, 2)
    assert editor.freeze() is second


def test_contiguous_holds_what_was_there_and_is_written_through() -> None:
    base = PagedArray.of(np.arange(10))
    editor = base.edit()
    whole = editor.contiguous(2 * PAGE_ITEMS)
    assert whole[:10].tolist() == list(range(10))
    assert editor.contiguous(PAGE_ITEMS) is whole
    whole += 1
    editor.set(3, 100)
    frozen = editor.freeze()
    assert frozen.take(np.array([0, 3, 9])).tolist() == [1, 100, 10]
    assert base.one(3) == 3
    assert not frozen.whole().flags.writeable


def test_rows_of_two_dimensions() -> None:
    editor = PagedArray(np.int32, width=4).edit()
    editor.add_cells(np.array([2, 9000, 2]), np.array([1, 3, 1]), np.array([5, 6, 7]))
    array = editor.freeze()
    assert array.one(2).tolist() == [0, 12, 0, 0]
    assert array.one(9000).tolist() == [0, 0, 0, 6]
    assert array.one(10**6).tolist() == [0, 0, 0, 0]
    assert array.take(np.array([2, 10**6])).tolist() == [[0, 12, 0, 0], [0, 0, 0, 0]]
    assert PagedArray(np.int32, width=4).take(np.array([], np.int64)).shape == (0, 4)
    assert PagedArray(np.int32, width=4).whole().shape == (0, 4)


cells = st.lists(st.tuples(indices, st.integers(0, 7), st.integers(-9, 9)), max_size=2 * FEW_CELLS)


@given(cells)
def test_cells_add_up_whether_they_are_few_or_many(added: list[tuple[int, int, int]]) -> None:
    editor = PagedArray(np.int32, width=8).edit()
    expected: dict[tuple[int, int], int] = {}
    for row, column, amount in added:
        expected[row, column] = expected.get((row, column), 0) + amount
    editor.add_cells(*(np.array([one[part] for one in added], np.int64) for part in range(3)))
    array = editor.freeze()
    assert {place: int(array.one(place[0])[place[1]]) for place in expected} == expected
    assert int(array.whole().sum()) == sum(expected.values())


def test_the_whole_array_is_read_only() -> None:
    array = PagedArray.of(np.arange(5))
    with pytest.raises(ValueError, match="read-only"):
        array.whole()[0] = 9


@given(st.lists(st.dictionaries(st.integers(0, 3 * LIST_PAGE), st.text(max_size=2), max_size=6), max_size=4))
def test_a_list_is_what_was_written_and_old_versions_stay(rounds: list[dict[int, str]]) -> None:
    default = "absent"
    items: PagedList[str] = PagedList(default)
    expected: dict[int, str] = {}
    versions = [(items, dict(expected))]
    for written in rounds:
        editor = items.edit()
        for key, value in written.items():
            editor[key] = value
            assert editor[key] == value
        expected.update(written)
        assert editor.many(sorted(expected)) == [expected[key] for key in sorted(expected)]
        items = editor.freeze()
        versions.append((items, dict(expected)))
    for version, known in versions:
        assert dict(version.items()) == known
        assert version[10 * LIST_PAGE] is default
        assert version.many([10 * LIST_PAGE]) == []
        assert all(version[key] == value for key, value in known.items())
