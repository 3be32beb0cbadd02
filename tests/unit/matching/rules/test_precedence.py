"""weakspot.matching.rules.precedence: each test quotes the rule that it holds to."""

from __future__ import annotations

import re

import pytest

from tests.unit.matching.support import candidate, outcome
from weakspot.matching.contracts import ClaimOutcome, Verdict
from weakspot.matching.rules import precedence


def judged(*outcomes: ClaimOutcome, confidence: int = 100) -> Verdict | None:
    """The verdict on openssl 1.0-1."""
    return precedence.verdict(candidate("1.0-1", confidence=confidence), 1, outcomes)


def quotes(rule: str) -> None:
    """The rule stands word for word in the module's description."""
    assert precedence.__doc__ is not None
    told = re.sub(r"\s+", " ", precedence.__doc__)
    assert rule in told, rule


def test_a_record_of_the_flaw_itself_decides_over_a_notice_about_several() -> None:
    quotes(
        "A source's own record of the vulnerability (``self``, or an ``alias`` of it) decides over notices that "
        "cover several"
    )
    notice = outcome("affected", record_id="DSA-1", relation="about", fixed="2.0-1")
    own = outcome("affected", fixed="1.5-1")
    found = judged(notice, own)
    assert found is not None
    assert found.fixed_version == "1.5-1"
    assert judged(notice, outcome("outside_range", fixed="0.9-1")) is None
    assert [o.outcome for o in found.evidence if o.record_id == "DSA-1"] == ["superseded"]


def test_an_alias_describes_the_flaw_as_its_own_record_does() -> None:
    quotes(
        "A source's own record of the vulnerability (``self``, or an ``alias`` of it) decides over notices that "
        "cover several"
    )
    found = judged(
        outcome("affected", relation="alias", record_id="GHSA-1", fixed="1.5-1"),
        outcome("outside_range", relation="about", record_id="DSA-1"),
    )
    assert found is not None


def test_a_notice_speaks_where_nothing_better_does() -> None:
    found = judged(outcome("affected", relation="about", record_id="DSA-1", fixed="2.0-1"))
    assert found is not None
    assert (found.fixed_version, found.confidence) == ("2.0-1", 100)


@pytest.mark.parametrize("relation", ["self", "about"])
def test_starter_knowledge_gives_way(relation: str) -> None:
    quotes("Starter knowledge speaks only where no other source does.")
    starter = outcome("affected", source="starter", record_id="CVE-2099-0001", fixed="9.0")
    assert judged(starter) is not None
    assert judged(starter, outcome("outside_range", relation=relation)) is None
    found = judged(starter, outcome("affected", relation=relation, fixed="1.5-1"))
    assert found is not None
    assert (found.source, found.fixed_version) == ("osv", "1.5-1")


def test_not_affected_beats_affected_of_a_less_specific_source() -> None:
    quotes("Among those that decide, ``not_affected`` wins")
    assert judged(outcome("not_affected"), outcome("affected", relation="about", record_id="DSA-1")) is None
    assert judged(outcome("not_affected"), outcome("affected", record_id="CVE-2099-0001b")) is None


def test_one_affected_is_enough_and_disagreement_costs_confidence() -> None:
    quotes("one ``affected`` is enough, and where sources of the same rank disagree, confidence falls by 20.")
    agreed = judged(outcome("affected"), outcome("affected", source="debian"))
    disputed = judged(outcome("affected"), outcome("outside_range", source="debian"))
    assert agreed is not None
    assert disputed is not None
    assert (agreed.confidence, disputed.confidence) == (100, 80)


def test_two_ranges_of_one_source_are_no_disagreement() -> None:
    found = judged(outcome("affected"), outcome("outside_range", record_id="CVE-2099-0001b"))
    assert found is not None
    assert found.confidence == 100


def test_confidence_never_falls_to_nothing() -> None:
    found = judged(outcome("affected"), outcome("outside_range", source="debian"), confidence=10)
    assert found is not None
    assert found.confidence == 1


def test_bounds_that_cannot_be_compared_are_seen_and_never_counted() -> None:
    quotes("A range whose bounds cannot be compared gives ``under_investigation`` with low confidence")
    found = judged(outcome("not_comparable"))
    assert found is not None
    assert found.status == "under_investigation"
    assert found.confidence < 50
    sure = judged(outcome("not_comparable", source="debian"), outcome("affected"))
    assert sure is not None
    assert sure.status == "affected"


def test_an_impact_outvotes_no_impact() -> None:
    unimportant = outcome("affected", source="debian", status="unimportant")
    alone = judged(unimportant)
    assert alone is not None
    assert (alone.status, alone.confidence) == ("unimportant", 30)
    found = judged(unimportant, outcome("affected"))
    assert found is not None
    assert (found.status, found.confidence) == ("affected", 100)


@pytest.mark.parametrize("status", ["wont_fix", "end_of_life"])
def test_the_status_of_the_claim_is_kept(status: str) -> None:
    found = judged(outcome("affected", status=status))
    assert found is not None
    assert (found.status, found.confidence) == (status, 100)


def test_a_known_fix_is_preferred() -> None:
    found = judged(outcome("affected", source="a"), outcome("affected", source="b", fixed="1.5-1"))
    assert found is not None
    assert found.fixed_version == "1.5-1"


def test_nothing_that_says_affected_gives_no_verdict() -> None:
    assert judged(outcome("outside_range")) is None
    assert judged(outcome("not_affected")) is None


def test_the_order_of_the_claims_does_not_matter() -> None:
    outcomes = [
        outcome("affected", fixed="1.5-1"),
        outcome("affected", source="debian", fixed="1.4-1"),
        outcome("outside_range", source="zz"),
        outcome("affected", relation="about", record_id="DSA-1"),
    ]
    assert judged(*outcomes) == judged(*reversed(outcomes))


def by_rank(source: str) -> int:
    """debian before osv."""
    return {"debian": 65, "osv": 60, "vex": 90}.get(source, 0)


def ranked(*outcomes: ClaimOutcome) -> Verdict | None:
    """The verdict where sources differ in precedence."""
    return precedence.verdict(candidate("1.0-1"), 1, outcomes, by_rank)


def test_the_source_of_the_highest_precedence_decides_alone() -> None:
    quotes("the source of the highest precedence decides alone")
    assert ranked(outcome("affected"), outcome("outside_range", source="debian", fixed="0.9-1")) is None
    found = ranked(outcome("affected", fixed="2.0-1"), outcome("affected", source="debian", fixed="1.5-1"))
    assert found is not None
    assert (found.source, found.fixed_version, found.confidence) == ("debian", "1.5-1", 100)
    assert ranked(outcome("affected"), outcome("affected", source="debian", relation="about")) is not None


def test_what_is_not_known_outranks_nothing() -> None:
    quotes('"Under investigation" never hides an ``affected``, and alone it does not count.')
    unknown = outcome("affected", source="vex", status="under_investigation")
    found = ranked(unknown, outcome("affected", fixed="1.5-1"))
    assert found is not None
    assert (found.status, found.source, found.confidence) == ("affected", "osv", 100)
    unclear = ranked(outcome("not_comparable", source="debian"), outcome("affected"))
    assert unclear is not None
    assert unclear.status == "affected"
    alone = ranked(unknown)
    assert alone is not None
    assert alone.status == "under_investigation"
    assert alone.confidence < 50


@pytest.mark.parametrize("source", ["vex", "correction"])
def test_a_statement_about_other_versions_says_nothing(source: str) -> None:
    found = ranked(outcome("outside_range", source=source), outcome("affected"))
    assert found is not None
    assert found.confidence == 100
    assert ranked(outcome("not_affected", source=source), outcome("affected")) is None
    elsewhere = outcome("outside_range", source="debian", status="not_affected")
    assert ranked(elsewhere, outcome("affected")) is not None


def test_a_correction_decides_before_every_source() -> None:
    quotes("A correction (what a person decided) speaks before every source")
    decided = outcome("affected", source="correction", status="wont_fix")
    found = ranked(decided, outcome("not_affected", source="vex"), outcome("affected", source="debian"))
    assert found is not None
    assert (found.source, found.status) == ("correction", "wont_fix")
