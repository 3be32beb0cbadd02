"""weakspot.matching.corrections and its store, through the use cases that call them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import World, advisory, debian, dpkg
from tests.unit.matching.rules.test_corrections import proposed
from weakspot import matching, workflows
from weakspot.access import Caller
from weakspot.access.contracts import Scope
from weakspot.matching.contracts import Correction, CorrectionState, Match
from weakspot.runtime.errors import Conflict, InvalidField, NotFound

ADMIN = Caller(kind="user", id=1, name="ada", role="administrator", permissions=frozenset(), scope=Scope(None))


@pytest.fixture
def world(tmp_path: Path, dialect: str) -> Iterator[World]:
    """Two versions of openssl, both weak."""
    found = World(tmp_path)
    found.know("osv", advisory("CVE-2099-0001", debian("openssl", fixed="3.0.15-1")))
    for name, version in (("one", "3.0.1-1"), ("two", "3.0.9-1")):
        found.report(found.enrol(name), dpkg("libssl3", version, source="openssl"))
    yield found
    found.close()


def _open(world: World) -> dict[str, Match]:
    with world.database.read() as conn:
        found = matching.matches_of(conn, None)
        versions = {m.software_version_id: m for m in found}
        from weakspot import inventory

        return {v.version: versions[i] for i, v in inventory.software_versions(conn, list(versions)).items()}


def _propose(world: World, **fields: Any) -> Correction:
    return workflows.propose_correction(world.database, ADMIN, proposed(**fields), world.clock.at)


def _decide(world: World, correction: Correction, state: CorrectionState, note: str = "") -> Correction:
    return workflows.decide_correction(world.database, ADMIN, correction.id, state, note, world.clock.at)


def _is_exact(world: World) -> bool:
    with world.database.read() as conn:
        return matching.differences(conn) == []


def test_a_proposal_changes_nothing_until_it_is_approved_and_then_only_its_range(world: World) -> None:
    kept = _propose(world, end_version="3.0.5-1", end_kind="fixed")
    assert (kept.state, kept.author) == ("proposed", "user:1:ada")
    assert set(_open(world)) == {"3.0.1-1", "3.0.9-1"}
    world.clock.forward(days=1)
    decided = _decide(world, kept, "approved", "checked")
    assert (decided.state, decided.decided_by, decided.note) == ("approved", "user:1:ada", "checked")
    assert set(_open(world)) == {"3.0.9-1"}
    assert _is_exact(world)
    with world.database.read() as conn:
        (before,) = [m for m in matching.matches_of(conn, None, open_only=False) if m.until is not None]
    assert before.until == world.clock.at, "a finding ends, it is not deleted"


def test_withdrawing_brings_the_finding_back(world: World) -> None:
    kept = _decide(world, _propose(world), "approved")
    assert _open(world) == {}
    world.clock.forward(days=1)
    _decide(world, kept, "withdrawn")
    assert set(_open(world)) == {"3.0.1-1", "3.0.9-1"}
    assert _is_exact(world)


def test_software_reported_later_is_judged_by_it_too(world: World) -> None:
    _decide(world, _propose(world, end_version="3.0.5-1", end_kind="last_affected", introduced="3.0.2-1"), "approved")
    world.report(world.enrol("three"), dpkg("libssl3", "3.0.5-1", source="openssl"))
    assert set(_open(world)) == {"3.0.1-1", "3.0.9-1"}
    assert _is_exact(world)


def test_a_status_can_be_set(world: World) -> None:
    _decide(world, _propose(world, status="wont_fix"), "approved")
    assert {(m.status, m.source) for m in _open(world).values()} == {("wont_fix", "correction")}


def test_one_that_replaces_another_withdraws_it(world: World) -> None:
    first = _decide(world, _propose(world), "approved")
    second = _propose(world, end_version="3.0.5-1", end_kind="fixed", replaces_id=first.id)
    _decide(world, second, "approved")
    with world.database.read() as conn:
        states = {one.id: one.state for one in matching.corrections_listed(conn)}
        approved = matching.corrections_listed(conn, "approved")
    assert states == {first.id: "withdrawn", second.id: "approved"}
    assert [one.id for one in approved] == [second.id]
    assert set(_open(world)) == {"3.0.9-1"}


def test_decisions_are_made_once(world: World) -> None:
    kept = _propose(world)
    _decide(world, kept, "refused")
    with pytest.raises(Conflict, match="is refused and cannot become approved"):
        _decide(world, kept, "approved")
    with pytest.raises(NotFound):
        workflows.decide_correction(world.database, ADMIN, 999, "approved", "", 0)


def test_what_nobody_knows_cannot_be_corrected(world: World) -> None:
    with pytest.raises(NotFound, match="No source names"):
        _propose(world, vulnerability="CVE-2099-9999")
    with pytest.raises(InvalidField, match="Say why"):
        _propose(world, reason="")
    with pytest.raises(InvalidField, match="Name the software"):
        _propose(world, name=" ")
    with pytest.raises(NotFound):
        _propose(world, replaces_id=99)
