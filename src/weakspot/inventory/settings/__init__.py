"""Configuration settings: what the sources of a device tell of them, interned as (name, value).

In: complete lists of names and values, one a source (``record``). Out: values by id, and the ids of every device; a
change ``inventory.settings`` ``{"device_id", "added": [...], "removed": [...]}`` with setting value ids.

Invariants: a setting value's row never changes; a device has at most one value of a name, that of its best source; a
setting that no source tells is unknown, which is no value; a value ends as a row, it is never deleted.
"""

from weakspot.inventory.settings.service import (
    SETTINGS_CHANGED,
    Told,
    differences,
    forget,
    forget_all,
    load,
    record,
    record_all,
)
from weakspot.inventory.settings.store import (
    SettingIds,
    SettingValue,
    ids_of,
    newest_id,
    of_devices,
    platforms,
    present,
    reported_at,
    values,
    values_after,
)

__all__ = [
    "SETTINGS_CHANGED", "SettingIds", "SettingValue", "Told", "differences", "forget", "forget_all", "ids_of", "load",
    "newest_id", "of_devices", "platforms", "present", "record", "record_all", "reported_at", "values", "values_after",
]  # fmt: skip
