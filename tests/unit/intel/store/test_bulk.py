"""Foreign text on its way into the database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.unit.intel.conftest import Knowledge
from weakspot.intel import tables as t
from weakspot.intel.store.bulk import insert_many


@pytest.mark.parametrize("count", [1, 200])
def test_a_nul_character_does_not_stop_a_source(knowledge: Knowledge, count: int) -> None:
    rows = [(n, "PyPI", f"odd\x00name-{n}" if n % 2 else f"plain-{n}") for n in range(1, count + 1)]
    knowledge.database.write(lambda conn: insert_many(conn, t.identity, ("id", "ecosystem", "name"), rows))
    with knowledge.database.read() as conn:
        found = conn.execute(sa.select(t.identity.c.name).order_by(t.identity.c.id)).scalars().all()
    assert found == [name.replace("\x00", "\ufffd") for _, _, name in rows]
