"""Parts of the operating system that a vulnerability needs, as data (``features.yaml``): spec/features.md 11.5.

A condition is known not to be met where a device tells a value that says "off". What is not told is unknown, never off.
"""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec
import yaml
from sqlalchemy.engine import Connection, Engine

from weakspot.inventory import settings
from weakspot.inventory.detail_contracts import Setting
from weakspot.posture.contracts import FeatureCondition

SYSTEM_TYPE = "windows_os"
"""Type of the software whose vulnerabilities have conditions: what another product carries too is of that product."""
_FILE = Path(__file__).with_name("features.yaml")


@functools.cache
def features() -> Mapping[str, FeatureCondition]:
    """All conditions by id, in order of the file."""
    items = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return MappingProxyType({one.id: one for one in msgspec.convert(items, list[FeatureCondition])})


def feature_needed(title: str, name: str) -> FeatureCondition | None:
    """The part of the system without which a vulnerability of that title and name is none, as far as software of
    ``SYSTEM_TYPE`` carries it; None: it needs no such part.
    """
    needed = (one for one in features().values() if name in one.vulnerabilities or title.startswith(one.titles))
    return next(needed, None)


def values_off(conn: Connection) -> Mapping[int, str]:
    """Setting value id -> the condition that it says is not met; only of values that any device has ever told."""
    newest = settings.newest_id(conn)
    with _lock:
        last = _known.get(conn.engine)
    if last is None or last[0] != newest:
        ids = settings.ids_of(conn, _wanted())
        found = {ids[setting]: feature for setting, feature in _wanted().items() if setting in ids}
        last = newest, MappingProxyType(found)
        with _lock:
            _known[conn.engine] = last
    return last[1]


_lock = threading.Lock()
_known: weakref.WeakKeyDictionary[Engine, tuple[int | None, Mapping[int, str]]] = weakref.WeakKeyDictionary()
"""What ``values_off`` found, while the newest value was that one: values are never changed, and every page asks."""


@functools.cache
def _wanted() -> Mapping[Setting, str]:
    return {Setting(one.setting, value): one.id for one in features().values() for value in one.off_values}
