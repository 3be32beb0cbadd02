"""weakspot.runtime.clock."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.runtime import clock

# What Python's datetime can hold: years 1 to 9999.
micros = st.integers(min_value=-62_135_596_800_000_000, max_value=253_402_300_799_999_999)


@given(micros)
def test_iso_text_is_read_back_to_the_microsecond(at: int) -> None:
    if at >= -59_011_459_200_000_000:  # strftime writes years before 100 without leading zeros on some systems
        assert clock.from_iso(clock.to_iso(at)) == at
    assert clock.from_datetime(clock.to_datetime(at)) == at


@given(st.lists(st.integers(min_value=0, max_value=253_402_300_799_999_999), min_size=2))
def test_iso_texts_sort_as_their_moments_do(moments: list[int]) -> None:
    assert sorted(moments) == [clock.from_iso(t) for t in sorted(clock.to_iso(at) for at in moments)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01", 0),
        (" 1970-01-02 ", 86_400_000_000),
        ("1970-01-01T00:00:00.123456Z", 123_456),
        ("1970-01-01T00:00:00.1234569Z", 123_456),
        ("1969-12-31T23:59:59.999999Z", -1),
    ],
)
def test_forms_that_are_read(text: str, expected: int) -> None:
    assert clock.from_iso(text) == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "1970-01-01T00:00:00", "2026-13-01", "1970-01-01T25:00:00Z", "9" * 41]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        clock.from_iso(text)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        clock.from_datetime(dt.datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_system_clock_tells_the_present_in_microseconds() -> None:
    before = dt.datetime.now(dt.UTC)
    at = clock.system_clock()
    after = dt.datetime.now(dt.UTC)
    second = dt.timedelta(seconds=1)
    assert before - second <= clock.to_datetime(at) <= after + second
