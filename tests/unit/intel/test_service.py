"""weakspot.intel.service: who is asked for by which name, how sources are, and when they stall."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.unit.intel.conftest import GivenSource, Knowledge
from weakspot import intel
from weakspot.intel.contracts import AdvisoryRecord, EvidenceRecord, Range
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY
from weakspot.runtime.errors import NotFound

LIMIT = next(source.stale_after_days for source in intel.sources() if source.name == "osv") * DAY


def tell(knowledge: Knowledge) -> list[str]:
    return knowledge.database.write(lambda conn: intel.tell_stalls(conn, knowledge.now))


def test_a_stall_is_told_once_and_the_next_one_again(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", AdvisoryRecord(record_id="CVE-2024-1111"))
    knowledge.load(source)
    knowledge.now += LIMIT
    assert tell(knowledge) == []
    knowledge.now += 1
    assert (tell(knowledge), tell(knowledge)) == (["osv"], [])
    knowledge.database.write(lambda conn: intel.record_failure(conn, "osv", knowledge.now, "No answer."))
    assert tell(knowledge) == [], "a failure is no new stall"
    knowledge.load(source)
    knowledge.now += LIMIT + 1
    assert tell(knowledge) == ["osv"]
    with knowledge.database.read() as conn:
        told = [change.payload for change in changes.since(conn, 0) if change.kind == "intel.stalled"]
    assert [payload["source"] for payload in told] == ["osv", "osv"]
    assert told[0]["since"] < told[1]["since"]


def test_a_source_that_never_ran_has_not_stalled(knowledge: Knowledge) -> None:
    with knowledge.database.read() as conn:
        states = intel.source_states(conn, knowledge.now)
    assert {state.status for state in states.values()} == {"never"}
    assert not any(state.is_stalled for state in states.values())
    assert tell(knowledge) == []


def test_a_source_that_was_tried_and_never_succeeded_stalls_too(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", AdvisoryRecord(record_id="CVE-2024-1111"))
    knowledge.load(source)
    first = knowledge.now
    knowledge.now += DAY
    knowledge.database.write(lambda conn: intel.record_failure(conn, "debian", knowledge.now, "No answer."))
    assert tell(knowledge) == []
    knowledge.now = first + 8 * DAY
    with knowledge.database.read() as conn:
        states = intel.source_states(conn, knowledge.now)
    assert states["debian"].is_stalled
    assert not states["ubuntu"].is_stalled, "nobody asked for it"
    assert "debian" in tell(knowledge)
    assert "debian" not in tell(knowledge)
    told = [change.payload for change in knowledge.changes() if change.kind == "intel.stalled"]
    assert {"source": "debian", "since": None} in told


def test_revisions_that_ended_long_ago_are_deleted_and_others_are_not(
    knowledge: Knowledge, source: GivenSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weakspot.intel.service.PRUNE_ROWS", 2)

    def give(number: int) -> None:
        fixes = (Range("PyPI", "pkg", "0", str(number), "fixed"),)
        records = [AdvisoryRecord(record_id=f"CVE-2024-111{n}", ranges=fixes) for n in range(3)]
        source.give("a", *records, EvidenceRecord(name="CVE-2024-1111", kind="kit", details={"n": str(number)}))
        knowledge.load(source)

    give(1)
    give(2)
    long_ago = knowledge.now
    knowledge.now += 100 * DAY
    give(3)
    before = sorted(claim.fixed or "" for claim in knowledge.claims(("PyPI", "pkg")))
    assert intel.prune(knowledge.database, long_ago - DAY) == 0
    assert intel.prune(knowledge.database, long_ago + DAY) == 4, "what the second version ended"
    assert intel.prune(knowledge.database, long_ago + DAY) == 0
    with knowledge.database.read() as conn:
        left = conn.execute(sa.select(sa.func.count()).select_from(intel.tables.affected_range)).scalar_one()
        ended = conn.execute(sa.select(intel.tables.advisory.c.ended_in)).scalars().all()
    assert (left, sorted(str(version) for version in ended)) == (6, ["3", "3", "3", "None", "None", "None"])
    assert sorted(claim.fixed or "" for claim in knowledge.claims(("PyPI", "pkg"))) == before == ["3", "3", "3"]
    assert knowledge.differences() == []


def test_a_name_is_found_in_any_case(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", AdvisoryRecord(record_id="CVE-2024-1111"))
    knowledge.load(source)
    assert knowledge.id_of(" cve-2024-1111 ") == knowledge.id_of("CVE-2024-1111") is not None
    assert knowledge.id_of("") is None
    assert knowledge.id_of("x" * 500) is None


def test_an_id_that_never_was_is_not_found(knowledge: Knowledge) -> None:
    with knowledge.database.read() as conn, pytest.raises(NotFound, match="77"):
        intel.detail(conn, 77)
