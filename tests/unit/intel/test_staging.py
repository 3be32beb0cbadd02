"""Runs: what is new, changed, missing, half read; nothing is seen before it is published."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.unit.intel.conftest import GivenSource, Knowledge
from weakspot import intel
from weakspot.intel import tables as t
from weakspot.intel.contracts import (
    AdvisoryRecord,
    EpssDay,
    EpssRow,
    EvidenceRecord,
    LifecycleRecord,
    Quarantined,
    Range,
    SeverityClaim,
    Supersedence,
)
from weakspot.runtime.errors import SourceUnavailable

BASH = ("Debian:12", "bash")


def advisory(
    record_id: str, *, fixed: str | None = "5.2-3", name: str = "bash", modified: int = 1, **more: object
) -> AdvisoryRecord:
    end = Range("Debian:12", name, "0", fixed, "fixed" if fixed else "none")
    fields: dict[str, object] = {"record_id": record_id, "modified_at": modified, "ranges": (end,), **more}
    return AdvisoryRecord(**fields)  # type: ignore[arg-type]


def test_nothing_is_visible_before_it_is_published(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", advisory("CVE-2024-1111"))
    staged = knowledge.stage(source)
    assert knowledge.claims(BASH) == []
    assert knowledge.id_of("CVE-2024-1111") is None
    assert knowledge.version() == 0
    published = knowledge.publish(staged)
    assert (published.version, published.identities) == (1, frozenset({BASH}))
    (claim,) = knowledge.claims(BASH)
    assert (claim.record_id, claim.fixed, claim.end_kind, claim.scheme) == ("CVE-2024-1111", "5.2-3", "fixed", "dpkg")
    assert claim.vulnerability_id == knowledge.id_of("cve-2024-1111")
    assert published.vulnerability_ids == {claim.vulnerability_id}


def test_a_run_that_finds_nothing_new_changes_nothing(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", advisory("CVE-2024-1111"))
    knowledge.load(source)
    source.read_parts.clear()
    published = knowledge.load(source)
    assert (published.version, published.identities, source.read_parts) == (1, frozenset(), [])
    assert len(knowledge.changes()) == 1


def test_one_changed_record_touches_only_its_software(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", advisory("CVE-2024-1111"), advisory("CVE-2024-2222", name="curl"))
    first = knowledge.load(source)
    source.give("a", advisory("CVE-2024-1111", fixed="5.2-4", modified=2), advisory("CVE-2024-2222", name="curl"))
    second = knowledge.load(source)
    assert len(first.identities) == 2
    assert second.identities == {BASH}
    assert second.vulnerability_ids == {knowledge.id_of("CVE-2024-1111")}
    assert [claim.fixed for claim in knowledge.claims(BASH)] == ["5.2-4"]
    assert second.counts["changed"] == 1


def test_a_missing_record_ends_and_its_vulnerability_goes_but_keeps_its_id(
    knowledge: Knowledge, source: GivenSource
) -> None:
    source.give("a", advisory("CVE-2024-1111"), advisory("CVE-2024-2222"))
    knowledge.load(source)
    before = knowledge.id_of("CVE-2024-1111")
    source.give("a", advisory("CVE-2024-2222"))
    published = knowledge.load(source)
    assert published.counts["ended"] == 1
    assert knowledge.id_of("CVE-2024-1111") is None
    assert [claim.record_id for claim in knowledge.claims(BASH)] == ["CVE-2024-2222"]
    source.give("a", advisory("CVE-2024-1111"), advisory("CVE-2024-2222"))
    knowledge.load(source)
    assert knowledge.id_of("CVE-2024-1111") == before
    assert knowledge.differences() == []


def test_a_removed_file_ends_its_records(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", advisory("CVE-2024-1111"))
    source.give("b", advisory("CVE-2024-2222"))
    knowledge.load(source)
    source.remove("a")
    assert knowledge.load(source).counts["ended"] == 1
    assert [claim.record_id for claim in knowledge.claims(BASH)] == ["CVE-2024-2222"]


def test_a_record_in_two_files_counts_once_and_ends_with_the_last(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", advisory("CVE-2024-1111"))
    source.give("b", advisory("CVE-2024-1111"), advisory("CVE-2024-2222"))
    knowledge.load(source)
    assert len(knowledge.claims(BASH)) == 2
    source.remove("a")
    assert knowledge.load(source).counts["ended"] == 0
    assert len(knowledge.claims(BASH)) == 2


def test_the_newer_of_two_files_wins_and_the_older_comes_back_when_it_goes(
    knowledge: Knowledge, source: GivenSource
) -> None:
    source.give("a", advisory("CVE-2024-1111", fixed="9", modified=5))
    source.give("b", advisory("CVE-2024-1111", fixed="8", modified=4))
    knowledge.load(source)
    assert [claim.fixed for claim in knowledge.claims(BASH)] == ["9"]
    source.remove("a")
    knowledge.load(source)
    assert [claim.fixed for claim in knowledge.claims(BASH)] == ["8"]
    assert knowledge.differences() == []


def test_a_feed_of_changes_ends_nothing_and_an_older_word_does_not_count(
    knowledge: Knowledge, source: GivenSource
) -> None:
    source.give("year", advisory("CVE-2024-1111", fixed="1", modified=1), advisory("CVE-2024-2222"))
    source.give("modified", advisory("CVE-2024-1111", fixed="2", modified=9), is_delta=True)
    knowledge.load(source)
    source.give("modified", is_delta=True)
    source.give("year", advisory("CVE-2024-1111", fixed="3", modified=2), advisory("CVE-2024-2222"))
    knowledge.load(source)
    assert {claim.record_id: claim.fixed for claim in knowledge.claims(BASH)} == {
        "CVE-2024-1111": "2",
        "CVE-2024-2222": "5.2-3",
    }


def test_a_part_that_breaks_off_keeps_what_was_known_of_it(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", advisory("CVE-2024-1111"), advisory("CVE-2024-2222"))
    knowledge.load(source)
    source.give("a", advisory("CVE-2024-1111", fixed="6", modified=2), SourceUnavailable("cut off"))
    source.give("b", advisory("CVE-2024-3333"))
    staged = knowledge.stage(source)
    assert (staged.status, staged.reason) == ("partly", "cut off")
    knowledge.publish(staged)
    assert sorted(claim.record_id for claim in knowledge.claims(BASH)) == [
        "CVE-2024-1111",
        "CVE-2024-2222",
        "CVE-2024-3333",
    ]
    source.give("a", advisory("CVE-2024-1111", fixed="6", modified=2))
    knowledge.load(source)
    assert "CVE-2024-2222" not in {claim.record_id for claim in knowledge.claims(BASH)}


def test_a_source_of_which_nothing_can_be_read_fails(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", SourceUnavailable("not a zip"))
    with pytest.raises(SourceUnavailable, match="not a zip"):
        knowledge.stage(source)


def test_refused_records_are_shown_with_their_reason(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", advisory("CVE-2024-1111"), Quarantined("CVE-2024-9999", "It has no id.", "{}"))
    published = knowledge.load(source)
    assert published.counts["quarantined"] == 1
    source.give("a", advisory("CVE-2024-1111"), Quarantined("CVE-2024-9999", "It has no name.", "{}"))
    knowledge.load(source)
    with knowledge.database.read() as conn:
        assert intel.quarantined(conn) == [("osv", Quarantined("CVE-2024-9999", "It has no name.", "{}"))]
        assert intel.source_states(conn)["osv"].status == "partly"


def test_a_run_that_was_left_behind_is_dropped(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", advisory("CVE-2024-1111"), EvidenceRecord(name="CVE-2024-1111", kind="public"))
    knowledge.stage(source)
    intel.discard_unpublished(knowledge.database)
    with knowledge.database.read() as conn:
        for table in (t.advisory, t.affected_range, t.advisory_reference, t.advisory_document, t.exploit_evidence,
                      t.staged_vulnerability, t.staged_name, t.staged_link, t.staging):  # fmt: skip
            assert conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0, table.name
    knowledge.load(source)
    assert len(knowledge.claims(BASH)) == 1


def test_evidence_lifecycle_and_supersedence_are_kept_and_end(knowledge: Knowledge, source: GivenSource) -> None:
    cycle = LifecycleRecord(product="python", cycle="3.8", security_ends_on="2024-10-07")
    source.give(
        "a",
        advisory("CVE-2024-1111"),
        EvidenceRecord(name="CVE-2024-1111", kind="kit"),
        cycle,
        Supersedence("5001", "5000", "Windows"),
    )
    knowledge.load(source)
    with knowledge.database.read() as conn:
        assert intel.lifecycle(conn, ["python"]) == [cycle]
        assert intel.supersedence(conn) == [("5001", "5000", "Windows")]
    assert knowledge.facts("CVE-2024-1111").exploit_level == "kit"
    source.give("a", advisory("CVE-2024-1111"))
    knowledge.load(source)
    with knowledge.database.read() as conn:
        assert intel.lifecycle(conn) == []
        assert intel.supersedence(conn) == []
    assert knowledge.facts("CVE-2024-1111").exploit_level == "none"
    assert knowledge.differences() == []


def test_a_whole_day_of_epss_counts_and_the_days_before_become_history(
    knowledge: Knowledge, source: GivenSource
) -> None:
    source.give("a", advisory("CVE-2024-1111"))
    knowledge.load(source)
    scores = GivenSource(source._folder, "epss")
    scores.give("1", EpssDay("2026-01-01", "m"), EpssRow("CVE-2024-1111", 0.1, 0.5), is_delta=True)
    published = knowledge.load(scores)
    assert published.touches_all
    scores.give("2", EpssDay("2026-01-02", "m"), EpssRow("CVE-2024-1111", 0.2, 0.6), is_delta=True)
    knowledge.load(scores)
    intel.tidy(knowledge.database)
    facts = knowledge.facts("CVE-2024-1111")
    assert (facts.epss, facts.epss_percentile) == (0.2, 0.6)
    cut = SourceUnavailable("cut")
    scores.give("3", EpssDay("2026-01-03", "m"), EpssRow("CVE-2024-1111", 0.9, 0.9), cut, is_delta=True)
    knowledge.load(scores)
    assert knowledge.facts("CVE-2024-1111").epss == 0.2
    with knowledge.database.read() as conn:
        assert intel.epss_history(conn, "CVE-2024-1111") == [("2026-01-01", 0.1, 0.5), ("2026-01-02", 0.2, 0.6)]


def test_withdrawn_records_claim_nothing_but_stay_known(knowledge: Knowledge, source: GivenSource) -> None:
    source.give("a", advisory("CVE-2024-1111"))
    knowledge.load(source)
    source.give("a", advisory("CVE-2024-1111", modified=2, withdrawn_at=7))
    published = knowledge.load(source)
    assert published.identities == {BASH}
    assert knowledge.claims(BASH) == []
    assert knowledge.facts("CVE-2024-1111").withdrawn_at == 7


def test_severity_follows_the_vector(knowledge: Knowledge, source: GivenSource) -> None:
    vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    source.give("a", advisory("CVE-2024-1111", severities=(SeverityClaim(vector),), title="A title"))
    knowledge.load(source)
    facts = knowledge.facts("CVE-2024-1111")
    assert (facts.severity, facts.cvss_score, facts.title) == ("Critical", 9.8, "A title")


def test_a_record_that_can_no_longer_be_read_stays_as_it_was(knowledge: Knowledge, source: GivenSource) -> None:
    """Entries are told by their number here, so that the second one is the same entry in each state of the file."""
    first, second = (advisory(name, title="good") for name in ("CVE-2024-1111", "CVE-2024-2222"))
    source.give("a", first, second)
    knowledge.load(source)
    source.give("a", first, Quarantined("entry 1", "It is broken."))
    published = knowledge.load(source)
    assert (published.counts["quarantined"], published.counts["ended"]) == (1, 0)
    assert knowledge.facts("CVE-2024-2222").title == "good"
    source.give("a", first, advisory("CVE-2024-2222", title="mended"))
    knowledge.load(source)
    assert knowledge.facts("CVE-2024-2222").title == "mended"
    source.give("a", first)
    knowledge.load(source)
    assert knowledge.id_of("CVE-2024-2222") is None
    assert knowledge.differences() == []
