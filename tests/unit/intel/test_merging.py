"""Names come together, split, and are renamed; ids stay with the flaw, and the tables equal a fresh merge."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.intel.conftest import GivenSource, Knowledge
from weakspot import intel
from weakspot.intel.contracts import AdvisoryRecord, EvidenceRecord, Range, SeverityClaim

FIX = (Range("PyPI", "x", "0", "2.0", "fixed"),)
PACKAGE = ("PyPI", "x")


def test_an_alias_joins_two_known_flaws_and_the_cve_keeps_its_id(knowledge: Knowledge, source: GivenSource) -> None:
    source.give(
        "a", AdvisoryRecord(record_id="GHSA-2234-fmw7-43wr", ranges=FIX), AdvisoryRecord(record_id="CVE-2024-1111")
    )
    knowledge.load(source)
    ghsa, cve = knowledge.id_of("GHSA-2234-fmw7-43wr"), knowledge.id_of("CVE-2024-1111")
    assert ghsa is not None
    assert cve is not None
    assert ghsa != cve
    joined = AdvisoryRecord(record_id="GHSA-2234-fmw7-43wr", aliases=("CVE-2024-1111",), ranges=FIX)
    source.give("a", joined, AdvisoryRecord(record_id="CVE-2024-1111"))
    published = knowledge.load(source)
    assert knowledge.id_of("GHSA-2234-fmw7-43wr") == cve
    assert published.identities == {PACKAGE}
    assert published.vulnerability_ids == {ghsa, cve}
    assert [claim.vulnerability_id for claim in knowledge.claims(PACKAGE)] == [cve]
    with knowledge.database.read() as conn:
        assert intel.detail(conn, ghsa).merged_into == "CVE-2024-1111"
        assert ghsa not in intel.facts(conn, None)
    source.give(
        "a", AdvisoryRecord(record_id="GHSA-2234-fmw7-43wr", ranges=FIX), AdvisoryRecord(record_id="CVE-2024-1111")
    )
    knowledge.load(source)
    assert knowledge.id_of("GHSA-2234-fmw7-43wr") == ghsa
    assert knowledge.differences() == []


@pytest.mark.parametrize("name", ["TEMP-2024-1", "TVM-2024-0001", "WS-2024-0001"])
def test_a_flaw_that_gets_a_cve_later_keeps_its_id(knowledge: Knowledge, source: GivenSource, name: str) -> None:
    source.give("a", AdvisoryRecord(record_id=name, ranges=FIX))
    knowledge.load(source)
    before = knowledge.id_of(name)
    source.give("a", AdvisoryRecord(record_id=name, aliases=("CVE-2024-1111",), ranges=FIX))
    knowledge.load(source)
    assert knowledge.id_of("CVE-2024-1111") == before
    assert knowledge.id_of(name) == before
    assert knowledge.facts(name).name == "CVE-2024-1111"
    assert [claim.vulnerability_id for claim in knowledge.claims(PACKAGE)] == [before]
    assert knowledge.differences() == []


def test_a_notice_claims_each_flaw_it_covers(knowledge: Knowledge, source: GivenSource) -> None:
    notice = AdvisoryRecord(
        record_id="DSA-1-1", title="x - update", about=("CVE-2024-1111", "CVE-2024-2222"), ranges=FIX
    )
    source.give("a", notice)
    knowledge.load(source)
    claims = knowledge.claims(PACKAGE)
    assert sorted(claim.vulnerability_id for claim in claims) == sorted(
        [knowledge.id_of("CVE-2024-1111"), knowledge.id_of("CVE-2024-2222")]  # type: ignore[type-var]
    )
    assert {claim.relation for claim in claims} == {"about"}
    assert knowledge.id_of("DSA-1-1") is None
    assert knowledge.facts("CVE-2024-1111").title == "CVE-2024-1111, covered by DSA-1-1: x - update"


def test_sources_stay_apart_and_the_more_trusted_decides(knowledge: Knowledge, source: GivenSource) -> None:
    high = SeverityClaim("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
    low = SeverityClaim("CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L")
    source.give("a", AdvisoryRecord(record_id="CVE-2024-1111", severities=(low,), title="from osv"))
    knowledge.load(source)
    other = GivenSource(source._folder, "nvd")
    other.give("n", AdvisoryRecord(record_id="CVE-2024-1111", severities=(high,), title="from nvd"))
    knowledge.load(other)
    detail = knowledge.detail("CVE-2024-1111")
    assert detail.facts.title == "from osv"
    assert detail.facts.severity == "Low"
    assert [(claim.source, claim.severity) for claim in detail.claims] == [("osv", "Low"), ("nvd", "Critical")]
    source.remove("a")
    knowledge.load(source)
    assert knowledge.facts("CVE-2024-1111").severity == "Critical"
    assert knowledge.differences() == []


def test_evidence_that_came_before_the_flaw_counts(knowledge: Knowledge, source: GivenSource) -> None:
    kev = GivenSource(source._folder, "kev")
    kev.give(
        "k",
        EvidenceRecord(
            name="CVE-2024-1111", kind="known_exploited", since="2024-05-01", details={"due_on": "2024-06-01"}
        ),
    )
    knowledge.load(kev)
    assert knowledge.id_of("CVE-2024-1111") is None
    source.give("a", AdvisoryRecord(record_id="CVE-2024-1111"))
    knowledge.load(source)
    facts, detail = knowledge.facts("CVE-2024-1111"), knowledge.detail("CVE-2024-1111")
    assert (facts.exploit_level, facts.is_known_exploited) == ("known_exploited", True)
    assert (detail.known_exploited_since, detail.due_on) == ("2024-05-01", "2024-06-01")


IDS = ["CVE-2024-1111", "CVE-2024-2222", "GHSA-2234-fmw7-43wr", "GHSA-2234-fmw7-43wx", "PYSEC-2024-1", "DSA-1-1"]
RECORDS = st.builds(
    lambda own, aliases, about, gone: AdvisoryRecord(
        record_id=own, aliases=tuple(aliases), about=tuple(about), withdrawn_at=5 if gone else None, ranges=FIX
    ),
    st.sampled_from(IDS),
    st.lists(st.sampled_from(IDS), max_size=2),
    st.lists(st.sampled_from(IDS), max_size=2),
    st.booleans(),
)
STATES = st.lists(st.lists(RECORDS, max_size=5, unique_by=lambda r: r.record_id), min_size=1, max_size=4)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STATES)
def test_any_history_ends_in_what_a_fresh_merge_gives(
    knowledge: Knowledge, source: GivenSource, states: list[list[AdvisoryRecord]]
) -> None:
    for records in states:
        source.give("a", *records)
        knowledge.load(source)
        assert knowledge.differences() == []
