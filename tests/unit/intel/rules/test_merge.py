"""The merged row: trust, dates, severity, exploitation; independent of the order of what was said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from weakspot.intel.contracts import AdvisoryRecord, Evidence, Mitigation, Reference, Relation, SeverityClaim
from weakspot.intel.rules import merge as rules
from weakspot.intel.rules.merge import Said, merge

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V31_LOW = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L"
V40 = "CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N"
V20 = "AV:N/AC:L/Au:N/C:P/I:P/A:P"
CVE = "CVE-2024-1111"


def said(precedence: int = 10, relation: Relation = "self", covered: int = 1, **fields: object) -> Said:
    record = AdvisoryRecord(**{"record_id": CVE, **fields})  # type: ignore[arg-type]
    return Said(f"s{precedence}", precedence, relation, record, covered)


def vectors(*given: tuple[str, str]) -> tuple[SeverityClaim, ...]:
    return tuple(SeverityClaim(vector, by) for vector, by in given)


def test_the_most_trusted_own_record_decides() -> None:
    one, two = said(10, title="ten", severities=vectors((V31_LOW, ""))), said(20, severities=vectors((V31, "")))
    row = merge([CVE], [one, two], [])
    assert (row.title, row.cvss_score) == ("ten", 9.8)


def test_nvd_counts_before_the_cna_and_3_before_4_before_2_in_one_record() -> None:
    assert merge([CVE], [said(severities=vectors((V31, "cna"), (V31_LOW, "nvd")))], []).cvss_vector == V31_LOW
    assert merge([CVE], [said(severities=vectors((V20, ""), (V40, "")))], []).cvss_vector == V40
    assert merge([CVE], [said(severities=vectors((V40, ""), (V31, "")))], []).cvss_vector == V31


def test_cvss_2_gives_way_to_any_newer_one() -> None:
    row = merge([CVE], [said(90, severities=vectors((V20, ""))), said(1, severities=vectors((V31_LOW, "")))], [])
    assert row.cvss_vector == V31_LOW


def test_a_notice_gives_a_severity_only_when_it_covers_one_flaw() -> None:
    notice = {"record_id": "RLSA-1:1", "severities": vectors((V31, ""))}
    assert merge([CVE], [said(relation="about", covered=1, **notice)], []).severity == "Critical"
    assert merge([CVE], [said(relation="about", covered=3, **notice)], []).severity == "Unknown"


def test_words_count_where_no_vector_can_be_read() -> None:
    row = merge([CVE], [said(severities=vectors(("CVSS:3.1/odd", "")), vendor_severity="Important")], [])
    assert (row.severity, row.cvss_score, row.cvss_vector) == ("High", None, None)


def test_withdrawn_only_when_all_own_records_are() -> None:
    gone = said(20, withdrawn_at=5, published_at=1)
    assert merge([CVE], [gone], []).withdrawn_at == 5
    assert merge([CVE], [gone, said(10)], []).withdrawn_at is None
    assert merge([CVE], [said(relation="about")], []).withdrawn_at is None


def test_dates_span_the_live_records() -> None:
    row = merge([CVE], [said(1, published_at=5, modified_at=6), said(2, published_at=3, modified_at=9)], [])
    assert (row.published_at, row.modified_at) == (3, 9)


def test_exploitation_is_the_highest_level() -> None:
    def level(*kinds: str) -> tuple[str, bool, bool]:
        return rules.exploitation(Evidence(source="x", kind=kind, since=None, details={}) for kind in kinds)

    assert level() == ("none", False, False)
    assert level("technique") == ("none", False, False)
    assert level("proof_of_concept", "verified", "public") == ("verified", False, False)
    assert level("known_exploited", "kit") == ("known_exploited", True, False)
    assert level("ransomware", "known_exploited") == ("known_exploited", True, True)


def test_titles_are_one_line_and_fall_back() -> None:
    assert merge([CVE], [said(title="a\n b" + "x" * 300)], []).title.startswith("a bx")
    assert len(merge([CVE], [said(title="x" * 300)], []).title) == rules.MAX_TITLE
    assert (
        merge([CVE], [said(description="A flaw in the parser of things. More.")], []).title
        == "A flaw in the parser of things"
    )
    assert merge([CVE], [], []).title == CVE


def test_lists_are_united_without_repeats() -> None:
    links = tuple(Reference(f"https://example.org/{n}") for n in range(80))
    ordered = rules.in_order(
        [said(1, references=links, cwes=("CWE-79",)), said(2, references=links[40:], cwes=("CWE-79", "CWE-1000"))]
    )
    assert len(rules.references(ordered)) == 80
    assert rules.cwes(ordered) == ("CWE-79", "CWE-1000")
    note = Mitigation("workaround", "Turn it off.")
    assert rules.mitigations([said(1, mitigations=(note,)), said(2, mitigations=(note,))]) == (note,)
    assert rules.decision_points([said(decision_points={"a": "1"}), said(decision_points={"a": "2", "b": "3"})]) == {
        "a": "1",
        "b": "3",
    }


@given(
    st.lists(
        st.builds(
            said,
            st.integers(0, 3),
            st.sampled_from(["self", "alias", "about"]),
            st.integers(1, 2),
            record_id=st.sampled_from(["CVE-2024-1111", "GHSA-1", "DSA-1"]),
            title=st.sampled_from(["", "a", "b"]),
            severities=st.sampled_from([(), vectors((V31, "")), vectors((V20, "nvd"))]),
            withdrawn_at=st.sampled_from([None, 4]),
        ),
        unique_by=lambda s: (s.source, s.record.record_id),
    ),
    st.randoms(),
)
def test_the_order_of_loading_does_not_matter(records: list[Said], random: object) -> None:
    turned = list(records)
    random.shuffle(turned)  # type: ignore[attr-defined]
    assert merge([CVE], turned, []) == merge([CVE], records, [])
