"""Scans are kept with sealed credentials, come due, and know addresses by their keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.inventory.support import Inventory
from weakspot.inventory import scans
from weakspot.inventory.scans import NewScan, Outcome
from weakspot.inventory.scans.store import KEPT_RUNS
from weakspot.runtime.clock import SECOND
from weakspot.runtime.errors import Conflict, InvalidField, NotFound, Unavailable
from weakspot.runtime.vault import Vault

HOUR = 3600 * SECOND


@pytest.fixture
def inv(tmp_path: Path, dialect: str) -> Iterator[Inventory]:
    """An empty inventory."""
    found = Inventory(tmp_path)
    yield found
    found.close()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault of its own."""
    return Vault(tmp_path)


def new(name: str = "site", **fields: object) -> NewScan:
    """A scan by password."""
    values = {"name": name, "targets": ["10.0.0.1"], "username": "audit", "password": "secret"} | fields
    return NewScan(**values)  # type: ignore[arg-type]


def test_credentials_are_sealed_and_go_with_the_scan(inv: Inventory, vault: Vault) -> None:
    made = inv.write(lambda conn: scans.add_scan(conn, vault, new(), inv.now))
    assert inv.read(lambda conn: scans.credentials(conn, vault, made.id)) == {"password": "secret"}
    assert "secret" not in repr(made) + repr(new())
    with pytest.raises(Unavailable):
        inv.read(lambda conn: scans.credentials(conn, Vault(Path("/nowhere")), made.id))
    inv.write(lambda conn: scans.remove_scan(conn, made.id))
    for ask in (scans.find_scan, scans.remove_scan):
        with pytest.raises(NotFound):
            inv.write(lambda conn, ask=ask: ask(conn, made.id))


def test_wrong_scans_are_refused(inv: Inventory, vault: Vault) -> None:
    for wrong in (new(password=""), new(private_key="x"), new(targets=["a b"])):
        with pytest.raises(InvalidField):
            inv.write(lambda conn, wrong=wrong: scans.add_scan(conn, vault, wrong, inv.now))
    inv.write(lambda conn: scans.add_scan(conn, vault, new(), inv.now))
    with pytest.raises(Conflict):
        inv.write(lambda conn: scans.add_scan(conn, vault, new(), inv.now))


def test_scans_come_due(inv: Inventory, vault: Vault) -> None:
    made = inv.write(lambda conn: scans.add_scan(conn, vault, new(every_hours=2), inv.now))
    inv.write(lambda conn: scans.add_scan(conn, vault, new("asked only", every_hours=0), inv.now))

    def due(at: int) -> list[int]:
        return [one.id for one in inv.read(lambda conn: scans.due(conn, at))]

    assert due(inv.now) == [made.id]
    inv.write(lambda conn: scans.record_run(conn, made.id, "test", inv.now, inv.now, []))
    assert due(inv.now) == [made.id]
    inv.write(lambda conn: scans.record_run(conn, made.id, "schedule", inv.now, inv.now, []))
    assert due(inv.now + HOUR) == []
    assert due(inv.now + 2 * HOUR) == [made.id]


def test_the_history_keeps_the_newest_runs(inv: Inventory, vault: Vault) -> None:
    made = inv.write(lambda conn: scans.add_scan(conn, vault, new(), inv.now))
    outcome = Outcome(address="10.0.0.1", status="refused", reason="no")

    def many(conn: object) -> None:
        for number in range(KEPT_RUNS + 3):
            scans.record_run(conn, made.id, "asked", inv.now + number, inv.now + number, [outcome])  # type: ignore[arg-type]

    inv.write(many)
    found = inv.read(lambda conn: scans.runs(conn, made.id, 1_000))
    assert len(found) == KEPT_RUNS
    assert found[0].started_at == inv.now + KEPT_RUNS + 2
    assert found[0].outcomes == (outcome,)


def test_an_address_is_known_by_its_first_key(inv: Inventory) -> None:
    assert inv.read(lambda conn: scans.pinned_key(conn, "a", 22)) is None
    inv.write(lambda conn: scans.pin_key(conn, "a", 22, "one", inv.now))
    inv.write(lambda conn: scans.pin_key(conn, "a", 22, "one", inv.now))
    with pytest.raises(Conflict):
        inv.write(lambda conn: scans.pin_key(conn, "a", 22, "two", inv.now))
    assert inv.read(lambda conn: scans.pinned_key(conn, "a", 2222)) is None
    inv.write(lambda conn: scans.accept_key(conn, "a", 22, "two", inv.now))
    assert inv.read(lambda conn: scans.pinned_key(conn, "a", 22)) == "two"
