"""Sets of devices that checks of settings are evaluated with: by setting value, and by kind of system.

Nothing is counted here: there are some hundred setting values, so a check is a few unions and intersections when asked.
"""

from __future__ import annotations

import array
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from pyroaring import BitMap

from weakspot.fleet.contracts import DevicePlatforms, DeviceSettings, Int64s
from weakspot.fleet.paging import ListEditor, PagedList

Values = PagedList[BitMap]
"""Setting value -> devices that have it, counted or not."""


def with_settings(known: Values, settings: Sequence[DeviceSettings]) -> Values:
    """With what some devices tell now."""
    if not settings:
        return known
    editor = known.edit()
    owned: set[int] = set()
    for one in settings:
        for value in one.touched:
            has = one.device_id in editor[value]
            if has != (value in one.values):
                bitmap = _editable(editor, value, owned, known.default)
                if has:
                    bitmap.discard(one.device_id)
                else:
                    bitmap.add(one.device_id)
                if not bitmap:
                    editor[value] = known.default
    return editor.freeze()


def with_many(known: Values, chunks: Iterable[tuple[Int64s, Int64s]]) -> Values:
    """With pairs of (device, setting value) of devices that nothing is known of; for building."""
    editor = known.edit()
    owned: set[int] = set()
    for devices, values in chunks:
        pairs = (values.astype(np.uint64) << np.uint64(32)) | devices.astype(np.uint64)
        pairs.sort()
        ids = (pairs & np.uint64(0xFFFFFFFF)).astype(np.uint32)
        keys = (pairs >> np.uint64(32)).astype(np.int64)
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        ends = [*starts[1:].tolist(), len(keys)]
        for value, start, end in zip(keys[starts].tolist(), starts.tolist(), ends, strict=True):
            some = array.array("I")
            some.frombytes(ids[start:end].tobytes())
            _editable(editor, value, owned, known.default).update(BitMap(some))
    return editor.freeze()


def with_platforms(known: Mapping[str, BitMap], platforms: DevicePlatforms | None) -> Mapping[str, BitMap]:
    """With the kinds of system of some devices."""
    if platforms is None:
        return known
    return {
        kind: (known.get(kind, BitMap()) - platforms.devices) | platforms.members.get(kind, BitMap())
        for kind in sorted(known.keys() | platforms.members.keys())
    }


def _editable(editor: ListEditor[BitMap], value: int, owned: set[int], empty: BitMap) -> BitMap:
    bitmap = editor[value]
    if value not in owned or bitmap is empty:
        bitmap = editor[value] = BitMap(bitmap)
        owned.add(value)
    return bitmap
