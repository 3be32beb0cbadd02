from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import World, advisory, debian
from weakspot import intel


@pytest.fixture
def world(tmp_path: Path, dialect: str) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def test_titles_by_how_they_begin_and_vulnerabilities_by_name(world: World) -> None:
    world.know(
        "debian",
        advisory("CVE-2099-0001", debian("a"), title="Server 100% wrong"),
        advisory("CVE-2099-0002", debian("a"), title="Server 1000 wrong"),
        advisory("CVE-2099-0003", debian("a"), title="Of a Server 100% wrong"),
        advisory("CVE-2099-0004", debian("a"), title="Other"),
    )
    with world.database.read() as conn:
        found = intel.titled(conn, ["Server 100%"], ["CVE-2099-0004"])
        assert [(title, name) for _, title, name in found] == [
            ("Server 100% wrong", "CVE-2099-0001"), ("Other", "CVE-2099-0004"),
        ]  # fmt: skip
        assert {one: intel.find(conn, name) for one, _, name in found} == {one: one for one, _, _ in found}
        assert intel.titled(conn, [], []) == []
