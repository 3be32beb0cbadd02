from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from tests.support.databases import database_url
from weakspot import posture
from weakspot.inventory.detail_contracts import Setting
from weakspot.inventory.settings import store
from weakspot.posture import CheckDecision
from weakspot.runtime import changes
from weakspot.runtime.database import Database, metadata
from weakspot.runtime.errors import InvalidField, NotFound

ASLR = "check-linux-aslr"


@pytest.fixture
def database(tmp_path: Path, dialect: str) -> Iterator[Database]:
    made = Database(database_url(tmp_path / "posture.db"))
    made.write(metadata.create_all)
    yield made
    made.close()


def decide(database: Database, check: str, is_enabled: bool, reason: str = "") -> CheckDecision:
    return database.write(lambda conn: posture.decide(conn, check, is_enabled, reason, "user:1:anna", 5))


def told(database: Database) -> list[dict[str, object]]:
    with database.read() as conn:
        return [row.payload for row in changes.since(conn, 0) if row.kind == posture.CHECKS_CHANGED]


def test_a_check_is_switched_off_with_a_reason_and_on_again(database: Database) -> None:
    with pytest.raises(InvalidField, match="why"):
        decide(database, ASLR, False)
    with pytest.raises(NotFound):
        decide(database, "check-of-nothing", False, "x")
    decide(database, ASLR.upper(), False, " Old kernels. ")
    with database.read() as conn:
        first = posture.current(conn)
    assert not first.is_enabled(ASLR)
    assert first.decisions[ASLR].reason == "Old kernels."
    decide(database, ASLR, True)
    with database.read() as conn:
        second = posture.current(conn)
    assert second.is_enabled(ASLR)
    assert first.stamp != second.stamp
    assert [row["decided"] for row in told(database)] == [[ASLR], [ASLR]]


def test_new_checks_are_taken_up_once(database: Database) -> None:
    with database.read() as conn:
        assert posture.is_any_new(conn)
    assert len(database.write(lambda conn: posture.take_up(conn, 1))) == len(posture.checks())
    assert database.write(lambda conn: posture.take_up(conn, 2)) == []
    with database.read() as conn:
        assert not posture.is_any_new(conn)
    assert [row["is_first"] for row in told(database)] == [True]


def test_only_values_that_are_new_are_judged_and_the_answer_is_the_same(database: Database) -> None:
    """What is known of each value does not depend on when it was first seen."""

    def seen(conn: Connection, value: str) -> None:
        store.intern_many(conn, [Setting("linux.sysctl.kernel.randomize_va_space", value)])

    for value in ("2", "0", "odd"):
        database.write(lambda conn, value=value: seen(conn, value))
        with database.read() as conn:
            posture.current(conn)
    with database.read() as conn:
        step_by_step = posture.current(conn).values[ASLR]
        values = store.values(conn, None)
    results = {name: {values[i].value for i in getattr(step_by_step, name)} for name in step_by_step.__struct_fields__}
    assert results == {"compliant": {"2"}, "non_compliant": {"0", "odd"}, "not_applicable": set(), "unknown": set()}
