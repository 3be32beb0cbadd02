"""weakspot.intel.store.updates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import World, advisory
from weakspot import intel
from weakspot.intel.contracts import Range


@pytest.fixture
def world(tmp_path: Path, dialect: str) -> Iterator[World]:
    found = World(tmp_path)
    yield found
    found.close()


def test_what_an_update_fixes_by_any_product(world: World) -> None:
    first = advisory(
        "CVE-2099-0001",
        Range("windows", "windows server 2022", module="KB5000001"),
        Range("microsoft", "microsoft .net framework 4.8 on windows server 2022", module="KB5000001"),
    )
    world.know("wesng", first, advisory("CVE-2099-0002", Range("windows", "windows server 2022", module="KB5000002")))
    with world.database.read() as conn:
        names = {facts.name: number for number, facts in intel.facts(conn, None).items()}
        found = intel.fixed_by_updates(conn, ["5000001", "5999999"])
        assert found.keys() == {"5000001"}
        assert sorted(found["5000001"]) == [
            (names["CVE-2099-0001"], "microsoft .net framework 4.8 on windows server 2022"),
            (names["CVE-2099-0001"], "windows server 2022"),
        ]
    world.know("wesng", first)
    with world.database.read() as conn:
        assert intel.fixed_by_updates(conn, ["5000002"]) == {}, "its advisory ended"
        assert intel.fixed_by_updates(conn, []) == {}


def test_which_identities_a_source_names(world: World) -> None:
    world.know("nvd", advisory("CVE-2099-0001", Range("cpe", "contoso:ledger", end="2", end_kind="fixed")))
    with world.database.read() as conn:
        asked = {("cpe", "contoso:ledger"), ("cpe", "contoso:other")}
        assert intel.named(conn, asked) == {("cpe", "contoso:ledger")}
        assert intel.named(conn, ()) == frozenset()
