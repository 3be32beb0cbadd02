"""Which ids are flaws, which are notices, and what a record's lists mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.intel.contracts import AdvisoryRecord
from weakspot.intel.rules import names

FLAWS = [
    "CVE-2024-3094",
    "GHSA-2234-fmw7-43wr",
    "PYSEC-2024-1",
    "GO-2020-0001",
    "RUSTSEC-2016-0001",
    "MAL-2024-1",
    "BIT-python-2023-1",
    "PSF-2023-5",
    "OSV-2021-1",
    "ACME-2026-1",
    "TVM-2020-0002",
    "UBUNTU-CVE-2024-1234",
    "ALPINE-CVE-2024-1234",
    "ADV240002",
]
NOTICES = [
    "DSA-4956-1",
    "DLA-4050-1",
    "USN-3186-1",
    "RHSA-2024:0001",
    "RHBA-2019:2819",
    "ALSA-2019:2925",
    "ALBA-2019:0973",
    "RLSA-2019:0975",
    "RXSA-2024:1",
    "ELSA-2024-1",
    "openSUSE-SU-2024:10867-1",
    "SUSE-SU-2019:14246-1",
    "SUSE-RU-2020:1-1",
    "FEDORA-2024-abc",
    "MGASA-2024-0001",
    "ALAS2-2024-1",
    "ALAS-2024-1",
    "GLSA-202401-01",
    "BREW-augeas-CVE-2025-2588",
    "ASB-A-299477569",
    "A-299477569",
    "PUB-A-1",
    "MS08-067",
    "MFSA-2024-1",
]


def about(record_id: str, aliases: tuple[str, ...] = (), covers: tuple[str, ...] = ()) -> dict[str, str]:
    return dict(names.relations(AdvisoryRecord(record_id=record_id, aliases=aliases, about=covers)))


@pytest.mark.parametrize("name", FLAWS)
def test_ids_of_flaws_are_no_notices(name: str) -> None:
    assert not names.is_notice(name)


@pytest.mark.parametrize("name", NOTICES)
def test_ids_of_notices_are(name: str) -> None:
    assert names.is_notice(name)


def test_one_to_one_ids_are_aliases() -> None:
    found = about("GHSA-2234-fmw7-43wr", ("CVE-2024-48913", "PYSEC-2024-1", "DSA-1-1"))
    assert found == {"GHSA-2234-fmw7-43wr": "self", "CVE-2024-48913": "alias", "PYSEC-2024-1": "alias"}


def test_a_notice_is_about_each_cve_and_never_an_alias() -> None:
    found = about("DSA-4956-1", ("CVE-2021-1111",), ("CVE-2021-2222", "GHSA-2234-fmw7-43wr"))
    assert found == {"DSA-4956-1": "notice", "CVE-2021-1111": "about", "CVE-2021-2222": "about"}


def test_a_security_notice_without_a_cve_is_a_flaw_by_its_own_name_a_bug_fix_is_none() -> None:
    assert about("DSA-1000-1") == {"DSA-1000-1": "self"}
    assert about("ALBA-2019:0973") == {"ALBA-2019:0973": "notice"}


def test_other_distributions_notices_of_a_cve_record_are_no_claims() -> None:
    assert about("CVE-2024-1111", (), ("USN-1-1",)) == {"CVE-2024-1111": "self"}


def test_a_cve_record_drops_other_cves_from_its_transitive_aliases() -> None:
    found = about("CVE-2019-9514", ("CVE-2019-9512", "GO-2022-0536"))
    assert found == {"CVE-2019-9514": "self", "GO-2022-0536": "alias"}


def test_a_record_that_claims_two_cves_is_about_each() -> None:
    found = about("GHSA-39qc-96h7-956f", ("CVE-2019-9512", "CVE-2019-9514"))
    assert found == {"GHSA-39qc-96h7-956f": "notice", "CVE-2019-9512": "about", "CVE-2019-9514": "about"}


def test_a_distributions_id_is_the_cve_inside() -> None:
    assert about("UBUNTU-CVE-2024-1234", ("CVE-2024-9999",)) == {
        "UBUNTU-CVE-2024-1234": "self",
        "CVE-2024-1234": "alias",
    }


def test_the_name_counts_where_the_record_id_says_more() -> None:
    record = AdvisoryRecord(record_id="CVE-2024-1111 v3.18/main", name="CVE-2024-1111")
    assert names.relations(record) == [("CVE-2024-1111", "self")]


def test_unusable_ids_are_dropped() -> None:
    assert about("RUSTSEC-2023-1", ("https://example.org/1", "", "x" * 300, "CVE-2023-1111")) == {
        "RUSTSEC-2023-1": "self",
        "CVE-2023-1111": "alias",
    }


@given(st.text(max_size=200))
def test_any_text_is_judged(text: str) -> None:
    name = names.canonical_name(text)
    assert names.canonical_name(name) == name
    names.is_notice(name)
    names.is_usable(name)
    if names.is_cve(name):
        assert not names.is_notice(name)
