"""weakspot.matching.rules.assess."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.matching.support import candidate, claim
from weakspot.matching.rules.assess import incomparable, verdicts

OPENSSL = ("Debian:12", "openssl")


def test_each_software_version_is_judged_by_its_own_version() -> None:
    found = verdicts(
        [candidate("1.0-1", 1), candidate("1.0-1", 2), candidate("2.0-1", 3)], {OPENSSL: [claim(fixed="1.5-1")]}
    )
    assert {(v.software_version_id, v.fixed_version) for v in found} == {(1, "1.5-1"), (2, "1.5-1")}


def test_software_that_no_claim_names_has_no_verdict() -> None:
    assert verdicts([candidate("1.0-1")], {}) == []
    assert verdicts([candidate("1.0-1")], {("Debian:11", "openssl"): [claim()]}) == []


def test_a_claim_about_another_module_does_not_apply() -> None:
    streams = [claim(module="nodejs:18"), claim(module="nodejs:20", vulnerability_id=2, advisory_id=2)]
    found = verdicts([candidate("1.0-1", module="nodejs:18")], {OPENSSL: streams})
    assert [v.vulnerability_id for v in found] == [1]
    assert verdicts([candidate("1.0-1")], {OPENSSL: streams}) == []


def test_a_claim_that_holds_beside_other_software_is_not_judged_here() -> None:
    assert verdicts([candidate("1.0-1")], {OPENSSL: [claim(running_on=("microsoft:windows_10",))]}) == []


def test_the_evidence_names_every_advisory_that_was_looked_at_once() -> None:
    claims = [
        claim(fixed="1.5-1", advisory_id=1, record_id="A"),
        claim(introduced="2.0-1", fixed="2.5-1", advisory_id=1, record_id="A"),
        claim(introduced="3.0-1", fixed="3.5-1", advisory_id=2, record_id="B", source="debian"),
        claim(introduced="4.0-1", fixed="4.5-1", advisory_id=2, record_id="B", source="debian"),
    ]
    (found,) = verdicts([candidate("1.0-1")], {OPENSSL: claims})
    assert [(o.record_id, o.outcome) for o in found.evidence] == [("B", "outside_range"), ("A", "affected")]


def test_a_software_version_keeps_the_verdict_of_its_surest_identity() -> None:
    claims = {OPENSSL: [claim(fixed="1.5-1")], ("PyPI", "openssl"): [claim("pep440", fixed="1.9")]}
    unsure = candidate("1.0", ecosystem="PyPI", confidence=60, method="guess")
    for order in ([candidate("1.0-1"), unsure], [unsure, candidate("1.0-1")]):
        (found,) = verdicts(order, claims)
        assert (found.method, found.fixed_version) == ("source_package", "1.5-1")


def test_bounds_that_cannot_be_compared_are_reported_for_every_version() -> None:
    bad = claim("pep440", fixed="no version")
    found = verdicts([candidate("1.0", 1, name="x"), candidate("2.0", 2, name="x")], {("Debian:12", "x"): [bad]})
    assert {(v.software_version_id, v.status) for v in found} == {
        (1, "under_investigation"),
        (2, "under_investigation"),
    }


def test_versions_that_cannot_be_compared_are_named() -> None:
    given_candidates = [candidate("1.0", 1, ecosystem="PyPI"), candidate("what", 2, ecosystem="PyPI")]
    assert incomparable(given_candidates, {"PyPI": "pep440"}) == {2}


texts = st.builds("{}.{}-1".format, st.integers(0, 5), st.integers(0, 5))
claims_strategy = st.lists(
    st.builds(
        lambda introduced, fixed, vulnerability, source, relation, status: claim(
            introduced=introduced, fixed=fixed, vulnerability_id=vulnerability, source=source, relation=relation,
            status=status, advisory_id=vulnerability * 10 + len(source), record_id=f"{source}-{vulnerability}",
        ),
        st.one_of(st.just("0"), texts), st.one_of(st.none(), texts), st.integers(1, 3),
        st.sampled_from(["osv", "debian", "starter"]), st.sampled_from(["self", "about"]),
        st.sampled_from(["affected", "not_affected", "unimportant"]),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(texts, max_size=6), claims_strategy)
def test_judging_together_and_one_by_one_is_the_same(installed: list[str], claims: list[object]) -> None:
    """So a new software version can be judged alone, when it comes, and a rebuild can judge all at once."""
    group = [candidate(text, number) for number, text in enumerate(installed)]
    given_claims = {OPENSSL: claims}
    together = {(v.software_version_id, v.vulnerability_id): v for v in verdicts(group, given_claims)}  # type: ignore[arg-type]
    alone = {
        (v.software_version_id, v.vulnerability_id): v
        for one in group
        for v in verdicts([one], given_claims)  # type: ignore[arg-type]
    }
    assert together == alone
