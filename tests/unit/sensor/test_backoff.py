from __future__ import annotations

from weakspot_sensor.backoff import Backoff


def test_waits_double_up_to_the_cap_and_start_again() -> None:
    backoff = Backoff(lambda: 1.0, cap_seconds=5.0)
    assert [backoff.next() for _ in range(5)] == [1.0, 2.0, 4.0, 5.0, 5.0]
    backoff.reset()
    assert backoff.next() == 1.0


def test_jitter_takes_off_at_most_half() -> None:
    assert Backoff(lambda: 0.0).next() == 0.5
