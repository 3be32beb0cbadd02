"""How much software is used, as other contexts see it."""

from __future__ import annotations

import msgspec
from pyroaring import BitMap


class DaysUsed(msgspec.Struct, frozen=True):
    """Use of one software. looking: devices on which somebody looks what runs; of others nothing is known.

    days: device -> days of the last 30 on which it was seen running, at least; devices on which it was not seen are not
    in it, which does not mean that it never ran there.
    """

    looking: BitMap
    days: dict[int, int]
