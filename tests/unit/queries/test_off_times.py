from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from weakspot.queries.off_times import without

SPANS = some.tuples(some.integers(0, 20), some.integers(1, 20)).map(lambda one: (one[0], one[0] + one[1]))


@given(span=SPANS, away=SPANS)
def test_what_is_left_of_a_span_is_what_lies_in_it_and_not_in_the_other(
    span: tuple[int, int], away: tuple[int, int]
) -> None:
    left = [moment for since, until in without(span, away) for moment in range(since, until)]
    assert left == [one for one in range(*span) if one not in range(*away)]
