"""weakspot.inventory.settings.store: ids that are remembered between reports."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Connection

from tests.unit.inventory.support import Inventory
from weakspot.inventory.detail_contracts import Setting
from weakspot.inventory.settings import SettingIds, ids_of

FIRST, SECOND = Setting("linux.sshd.a", "no"), Setting("linux.sshd.b", "no")


def test_ids_are_those_that_are_stored(inv: Inventory) -> None:
    known = SettingIds()
    made = inv.write(lambda conn: known.intern(conn, {FIRST, SECOND}))
    assert made == inv.read(lambda conn: ids_of(conn, [FIRST, SECOND]))
    for _ in range(2):  # read, then remembered
        assert inv.write(lambda conn: known.intern(conn, {SECOND})) == {SECOND: made[SECOND]}


def test_what_a_failed_unit_inserted_is_not_remembered(inv: Inventory) -> None:
    known = SettingIds()

    def unit(conn: Connection) -> None:
        assert known.intern(conn, {SECOND}).keys() == {SECOND}
        raise ValueError("this unit fails")

    with pytest.raises(ValueError, match="fails"):
        inv.write(unit)
    made = inv.write(lambda conn: known.intern(conn, {FIRST, SECOND}))
    assert made == inv.read(lambda conn: ids_of(conn, [FIRST, SECOND]))
    assert len(set(made.values())) == 2
