from __future__ import annotations

import pytest

from weakspot.fleet.lag import BOUNDS, Lag


def test_waiting_times_are_counted_up_to_each_bound() -> None:
    lag = Lag()
    for seconds in (0.001, 0.002, 0.012, 20.0):
        lag.note(seconds)
    counts, whole = lag.read()
    by_bound = dict(zip(BOUNDS, counts, strict=False))
    assert (by_bound[0.002], by_bound[0.01], by_bound[0.015], by_bound[10.0]) == (2, 2, 3, 3)
    assert (counts[-1], len(counts)) == (4, len(BOUNDS) + 1)
    assert whole == pytest.approx(20.015)
