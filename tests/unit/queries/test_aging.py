"""weakspot.queries.aging."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from weakspot.queries.aging import Aging

WAIT_SECONDS = 30


def test_it_is_read_once_while_it_is_young() -> None:
    aging, reads = Aging[int](10), iter(range(100))
    found = [aging.at(now, lambda: next(reads)) for now in (0, 5, 9, 10, 19, 20)]
    assert found == [0, 0, 0, 1, 1, 2]


def test_what_is_of_a_later_moment_is_not_used() -> None:
    aging = Aging[str](10)
    assert aging.at(100, lambda: "later") == "later"
    assert aging.at(99, lambda: "before") == "before"


def test_others_take_what_there_is_while_one_reads() -> None:
    aging, reading, may_end = Aging[str](10), threading.Event(), threading.Event()
    aging.at(0, lambda: "old")

    def slowly() -> str:
        reading.set()
        assert may_end.wait(WAIT_SECONDS)
        return "new"

    with ThreadPoolExecutor(1) as pool:
        one = pool.submit(aging.at, 20, slowly)
        assert reading.wait(WAIT_SECONDS)
        assert aging.at(20, lambda: "not read") == "old"
        may_end.set()
        assert one.result(WAIT_SECONDS) == "new"
    assert aging.at(20, lambda: "not read") == "new"


def test_what_cannot_be_read_is_read_by_the_next() -> None:
    aging = Aging[str](10)

    def fail() -> str:
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        aging.at(0, fail)
    assert aging.at(0, lambda: "read") == "read"
