"""Stretches of time: a period back from now or from a day, or from a first to a last day."""

from __future__ import annotations

import pytest

from weakspot.queries.periods import stretch
from weakspot.runtime.clock import DAY, from_iso
from weakspot.runtime.errors import BadQuery

NOW = from_iso("2026-03-10T12:00:00Z")


def test_a_period_goes_back_from_now_or_from_the_end_of_the_last_day() -> None:
    assert stretch(NOW, "7d") == (NOW + 1 - 7 * DAY, NOW + 1)
    assert stretch(NOW, "30d", until="2026-02-28") == (from_iso("2026-01-30"), from_iso("2026-03-01"))


def test_days_take_the_place_of_a_period() -> None:
    assert stretch(NOW, "30d", "2026-02-01", "2026-02-01") == (from_iso("2026-02-01"), from_iso("2026-02-02"))
    assert stretch(NOW, "30d", "2026-02-01") == (from_iso("2026-02-01"), NOW + 1)


@pytest.mark.parametrize(("since", "until"), [("2026-02-02", "2026-02-01"), ("soon", None), (None, "later")])
def test_what_is_no_stretch_is_refused_with_what_to_do(since: str | None, until: str | None) -> None:
    with pytest.raises(BadQuery, match=r"exchange|is a day as"):
        stretch(NOW, "30d", since, until)
