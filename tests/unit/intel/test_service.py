"""weakspot.intel.service: who is asked for by which name, how sources are, and when they stall."""

from __future__ import annotations

import pytest

from tests.unit.intel.conftest import GivenSource, Knowledge
from weakspot import intel
from weakspot.intel.contracts import AdvisoryRecord
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


def test_a_name_is_found_in_any_case(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", AdvisoryRecord(record_id="CVE-2024-1111"))
    knowledge.load(source)
    assert knowledge.id_of(" cve-2024-1111 ") == knowledge.id_of("CVE-2024-1111") is not None
    assert knowledge.id_of("") is None
    assert knowledge.id_of("x" * 500) is None


def test_an_id_that_never_was_is_not_found(knowledge: Knowledge) -> None:
    with knowledge.database.read() as conn, pytest.raises(NotFound, match="77"):
        intel.detail(conn, 77)
