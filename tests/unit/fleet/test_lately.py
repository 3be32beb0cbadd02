"""What the last batches changed."""

from __future__ import annotations

from pyroaring import BitMap

from weakspot.fleet.lately import KEPT, Lately


def test_what_later_batches_changed() -> None:
    lately = (
        Lately(5).followed(6, BitMap([1])).followed(7, BitMap()).followed(8, BitMap([2, 3])).followed(9, BitMap([1]))
    )
    assert lately.after(4) is None
    assert lately.after(5) == BitMap([1, 2, 3])
    assert lately.after(8) == BitMap([1])
    assert lately.after(9) == BitMap()


def test_a_batch_that_others_must_follow_is_never_over() -> None:
    assert Lately(5).followed(None, BitMap([4])).followed(7, BitMap([1])).after(7) == BitMap([4])


def test_no_more_is_kept_than_is_needed() -> None:
    lately = Lately()
    for seq in range(1, KEPT + 11):
        lately = lately.followed(seq, BitMap([seq]))
    assert lately.after(9) is None
    assert lately.after(10) == BitMap(range(11, KEPT + 11))
