"""The starter knowledge: whole, plausible, and of lowest precedence."""

from __future__ import annotations

from tests.unit.intel.conftest import GivenSource, Knowledge
from weakspot import intel
from weakspot.intel.contracts import AdvisoryRecord, EpssDay, EpssRow, Range
from weakspot.intel.rules.names import is_cve
from weakspot.intel.sources import PRECEDENCE
from weakspot.intel.sources.starter.reader import load
from weakspot.runtime.clock import from_iso
from weakspot.vocabulary import cvss, ecosystems
from weakspot.vocabulary.versions import is_comparable, key


def test_entries_are_whole_and_plausible() -> None:
    entries = load().entries
    assert 150 <= len(entries) <= 300
    assert len({entry.id for entry in entries}) == len(entries)
    for entry in entries:
        assert is_cve(entry.id)
        assert 10 <= len(entry.title) <= 120
        assert entry.url.startswith("https://")
        assert entry.affected
        if entry.cvss:
            cvss.parse(entry.cvss)
        if entry.epss:
            assert all(0 <= value <= 1 for value in entry.epss)
        for ecosystem, _, introduced, fixed in entry.affected:
            scheme = ecosystems.scheme(ecosystem)
            assert ecosystems.is_known(ecosystem)
            assert fixed is not None
            assert is_comparable(key(scheme, fixed))
            assert introduced == "0" or key(scheme, introduced) < key(scheme, fixed), entry.id
    assert from_iso(load().date)


def test_it_loads_alone_and_says_so(knowledge: Knowledge) -> None:
    with knowledge.database.read() as conn:
        assert intel.is_starter_only(conn)
    published = knowledge.load(intel.starter_reader())
    assert published.counts["quarantined"] == 0
    facts = knowledge.facts("CVE-2023-38545")
    assert facts.cvss_score == 9.8
    assert facts.epss is not None
    assert {claim.fixed for claim in knowledge.claims(("Debian:12", "curl")) if claim.vulnerability_id == facts.id}
    with knowledge.database.read() as conn:
        assert intel.is_starter_only(conn)
        assert "Debian:12" in intel.covered_ecosystems(conn)
    assert knowledge.differences() == []


def test_real_sources_come_before_it(knowledge: Knowledge, source: GivenSource) -> None:
    knowledge.load(intel.starter_reader())
    fix = Range("Debian:12", "curl", "0", "9", "fixed")
    source.give("a", AdvisoryRecord(record_id="CVE-2023-38545", title="Real title", ranges=(fix,)))
    knowledge.load(source)
    assert knowledge.facts("CVE-2023-38545").title == "Real title"
    assert {claim.source for claim in knowledge.claims(("Debian:12", "curl"))} == {"osv", "starter"}
    assert PRECEDENCE["osv"] > PRECEDENCE["starter"]
    scores = GivenSource(source._folder, "epss")
    scores.give("d", EpssDay("2020-01-01", "m"), EpssRow("CVE-2023-38545", 0.25, 0.5), is_delta=True)
    knowledge.load(scores)
    assert knowledge.facts("CVE-2023-38545").epss == 0.25
    with knowledge.database.read() as conn:
        assert not intel.is_starter_only(conn)
