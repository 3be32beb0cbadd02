"""What every known value of every setting amounts to: each (check, value) is judged once, whatever has it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from sqlalchemy.engine import Connection, Engine

from weakspot.inventory import settings
from weakspot.inventory.settings import SettingValue
from weakspot.posture import catalogue, rules, store
from weakspot.posture.contracts import Check, CheckValues, Evaluation, Result


class _Judged:
    """The values of one database that were judged so far, by the checks of one catalogue."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self.checks = checks
        self.last_id = 0
        self.values: Mapping[str, CheckValues] = judged(checks, ())


_judged: weakref.WeakKeyDictionary[Engine, _Judged] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def current(conn: Connection) -> Evaluation:
    """The evaluation as of this snapshot or later. Only values that were never seen before are judged."""
    checks = catalogue.checks()
    with _lock:
        known = _judged.get(conn.engine)
        if known is None or known.checks is not checks:
            known = _judged[conn.engine] = _Judged(checks)
        fresh = settings.values_after(conn, known.last_id)
        if fresh:
            known.values = _joined(known.values, judged(checks, fresh))
            known.last_id = fresh[-1].id
        values, last_id = known.values, known.last_id
    revision, decisions = store.decisions(conn)
    return Evaluation((id(checks), last_id, revision), checks, values, decisions)


def judged(checks: Mapping[str, Check], values: Iterable[SettingValue]) -> Mapping[str, CheckValues]:
    """What some values amount to, by check id."""
    readers: dict[str, list[Check]] = {}
    for check in checks.values():
        readers.setdefault(check.setting, []).append(check)
    found: dict[str, dict[Result, set[int]]] = {one: {} for one in checks}
    for value in values:
        for check in readers.get(value.name, ()):
            found[check.id].setdefault(rules.evaluate(check, value.value), set()).add(value.id)
    return MappingProxyType({one: _values(results) for one, results in found.items()})


def _values(found: Mapping[Result, set[int]]) -> CheckValues:
    kinds: tuple[Result, ...] = ("compliant", "non_compliant", "not_applicable", "unknown")
    return CheckValues(*(frozenset(found.get(kind, ())) for kind in kinds))


def _joined(one: Mapping[str, CheckValues], other: Mapping[str, CheckValues]) -> Mapping[str, CheckValues]:
    fields = CheckValues.__struct_fields__
    return MappingProxyType(
        {
            check: CheckValues(*(getattr(known, name) | getattr(other[check], name) for name in fields))
            for check, known in one.items()
        }
    )
