"""Sliding windows."""

from __future__ import annotations

import pytest

from weakspot.api.rate import RateLimiter
from weakspot.runtime.clock import SECOND
from weakspot.runtime.errors import RateLimited


def test_the_limit_holds_in_any_window_and_refusals_do_not_count() -> None:
    limiter = RateLimiter(3, 60)
    for second in (0, 10, 20):
        limiter.check("a", second * SECOND)
    with pytest.raises(RateLimited) as refused:
        limiter.check("a", 30 * SECOND)
    assert refused.value.retry_after_seconds == 30
    limiter.check("b", 30 * SECOND)
    limiter.check("a", 60 * SECOND)
    with pytest.raises(RateLimited):
        limiter.check("a", 65 * SECOND)


def test_keys_are_bounded() -> None:
    limiter = RateLimiter(1, 60)
    for number in range(10_050):
        limiter.check(str(number), 0)
    limiter.check("0", 0)  # the oldest were forgotten
    with pytest.raises(RateLimited):
        limiter.check("10049", 0)
