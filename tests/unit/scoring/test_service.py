"""Explanations and the history of scores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import database_url
from tests.unit.fleet.model import Model
from tests.unit.scoring.facts import facts
from weakspot.fleet import Batch, DeviceFacts, Fleet
from weakspot.runtime.clock import DAY
from weakspot.runtime.database import Database
from weakspot.scoring import service
from weakspot.scoring.rules.hazards import hazard
from weakspot.scoring.rules.model import MODEL_VERSION
from weakspot.scoring.tables import score_point

UNIT = 1 << 32


@pytest.fixture
def database(tmp_path: Path, dialect: str) -> Iterator[Database]:
    database = Database(database_url(tmp_path / "scores.db"))
    database.write(lambda conn: score_point.create(conn))
    yield database
    database.close()


def fleet() -> Fleet:
    made = Fleet()
    made.apply(
        Model(
            {1: 1},
            installed={1: {1}, 2: set()},
            facts={1: (1, "Normal", True), 2: (2, "Normal", True)},
            matches={1: {1}},
            hazards={1: UNIT},
        ).batch(seq=1)
    )
    return made


def recorded(database: Database, made: Fleet, at: int, **options: bool) -> int:
    with database.read() as conn:
        points = service.points_due(conn, made, at, **options)
    return database.write(lambda conn: service.record_points(conn, points))


def test_device_terms_add_up_and_begin_with_the_worst() -> None:
    found = [(number * UNIT, f"CVE-{number}", number) for number in range(1, 31)]
    terms = service.device_terms(found, limit=5)
    assert sum(term.hazard for term in terms) == sum(size for size, _, _ in found)
    assert [term.label for term in terms] == ["CVE-30", "CVE-29", "CVE-28", "CVE-27", "CVE-26", "25 further weaknesses"]
    assert terms[0].vulnerability_id == 30
    assert service.device_terms([]) == []


def test_vulnerability_terms_add_up() -> None:
    one = facts(id=7, epss=0.02, cvss_score=9.8, is_known_exploited=True)
    terms = service.vulnerability_terms(one)
    assert sum(term.hazard for term in terms) == hazard(one)
    assert {term.vulnerability_id for term in terms} == {7}


def test_points_are_written_when_a_score_changes_and_only_then(database: Database) -> None:
    made = fleet()
    assert recorded(database, made, 10) == 3
    assert recorded(database, made, 20) == 0
    made.apply(Batch(seq=2, hazards={1: 2 * UNIT}))
    assert recorded(database, made, 30) == 2
    with database.read() as conn:
        points = service.history(conn, "group", 1, until=100, since=0)
        assert [point.at for point in points] == [10, 30]
        assert points[0].score < points[1].score
        assert {point.model_version for point in points} == {MODEL_VERSION}
        assert [point.at for point in service.history(conn, "group", 2, until=100, since=0)] == [10]


def test_a_group_that_empties_ends_with_a_point_without_score(database: Database) -> None:
    made = fleet()
    recorded(database, made, 10)
    made.apply(Batch(seq=2, facts=[DeviceFacts(1, 1, "Normal", False)]))
    recorded(database, made, 20)
    assert recorded(database, made, 30) == 0
    with database.read() as conn:
        assert [point.score is None for point in service.history(conn, "group", 1, until=100, since=0)] == [False, True]


def test_devices_are_recorded_by_the_daily_run(database: Database) -> None:
    made = fleet()
    assert recorded(database, made, 10, devices=True) == 5
    with database.read() as conn:
        (point,) = service.history(conn, "device", 1, until=100, since=0)
    assert point.hazard == UNIT
    assert point.score == pytest.approx(45.12, abs=0.01)


def test_history_begins_with_the_point_in_force(database: Database) -> None:
    made = fleet()
    for day, size in enumerate((1, 2, 3, 4)):
        made.apply(Batch(seq=day + 2, hazards={1: size * UNIT + day}))
        recorded(database, made, day * DAY)
    with database.read() as conn:
        days = [point.at // DAY for point in service.history(conn, "organisation", 0, since=2 * DAY + 5, until=9 * DAY)]
        assert days == [2, 3]
        assert len(service.history(conn, "organisation", 0, since=0, until=9 * DAY, limit=3)) == 3
        assert [p.at // DAY for p in service.history(conn, "organisation", 0, until=40 * DAY)] == [3]
