"""Which devices the last batches changed, so that a reader can tell where an older or newer snapshot differs."""

from __future__ import annotations

import msgspec
from pyroaring import BitMap

from weakspot.fleet.contracts import BitMapLike

KEPT = 256
"""Batches that are remembered: under load some seconds."""
UNTOLD = 1 << 62
"""Position of a batch that more must follow."""


class Lately(msgspec.Struct, frozen=True):
    """Batches after the position ``since``, with the devices whose installed software each of them changed."""

    since: int = 0
    batches: tuple[tuple[int, BitMapLike], ...] = ()

    def followed(self, seq: int | None, devices: BitMap) -> Lately:
        """With one batch more."""
        if not devices:
            return self
        batches = (*self.batches, (UNTOLD if seq is None else seq, devices))
        dropped = [at for at, _ in batches[:-KEPT] if at != UNTOLD]
        return Lately(max([self.since, *dropped]), batches[-KEPT:])

    def after(self, seq: int) -> BitMap | None:
        """Devices that batches after ``seq`` changed; None: that is too long ago."""
        if seq < self.since:
            return None
        return BitMap.union(BitMap(), *(devices for at, devices in self.batches if at > seq))
