"""SQL that reads since when and until when devices told some values of settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory import packing
from weakspot.inventory.settings.tables import device_settings, ended_setting
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks

FOREVER: Micros = 1 << 62


class ToldValue(NamedTuple):
    """A device told a value in ``[since, until)``; until FOREVER: it does now."""

    device_id: int
    setting_value_id: int
    since: Micros
    until: Micros


def setting_times(conn: Connection, value_ids: Collection[int], device_ids: Iterable[int]) -> Iterator[ToldValue]:
    """When some devices told any of some values, in no order."""
    ended = sa.select(
        ended_setting.c.device_id, ended_setting.c.setting_value_id, ended_setting.c.first_seen_at,
        ended_setting.c.removed_at,
    )  # fmt: skip
    for some in in_chunks(device_ids):
        present = sa.select(device_settings.c.device_id, device_settings.c.setting_values)
        rows = conn.execute(present.where(device_settings.c.device_id.in_(some)))
        yield from _present(((row.device_id, row.setting_values) for row in rows), value_ids, 0)
        is_asked = ended_setting.c.device_id.in_(some) & ended_setting.c.setting_value_id.in_(sorted(value_ids))
        yield from (ToldValue(*row) for row in conn.execute(ended.where(is_asked)))


def devices_told_since(conn: Connection, value_ids: Collection[int], at: Micros) -> BitMap:
    """Devices on which any of some values came or went at or after a moment."""
    present = sa.select(device_settings.c.device_id, device_settings.c.setting_values)
    rows = conn.execute(present.where(device_settings.c.reported_at >= at).execution_options(yield_per=5_000))
    told = _present(((row.device_id, row.setting_values) for row in rows), value_ids, at)
    found = BitMap([one.device_id for one in told])
    ended = sa.select(ended_setting.c.device_id).where(
        ended_setting.c.setting_value_id.in_(sorted(value_ids)), ended_setting.c.removed_at >= at
    )
    return found | BitMap([row.device_id for row in conn.execute(ended)])


def _present(rows: Iterable[tuple[int, bytes]], value_ids: Collection[int], at: Micros) -> Iterator[ToldValue]:
    wanted = np.array(sorted(value_ids), np.int64)
    for device_id, packed in rows:
        ids, times = packing.unpack(packed)
        for place in np.flatnonzero(np.isin(ids, wanted) & (times >= at)).tolist():
            yield ToldValue(device_id, int(ids[place]), int(times[place]), FOREVER)
