"""weakspot.matching.rules.branches: a fixed build counts inside its own branch."""

from __future__ import annotations

import pytest

from tests.unit.matching.support import candidate, claim
from weakspot.intel.contracts import Claim
from weakspot.matching.contracts import Verdict
from weakspot.matching.rules import assess, branches

EDGE = ("microsoft", "microsoft edge (chromium-based)")
APPS = ("microsoft", "microsoft 365 apps for enterprise for 64-bit systems")


def judged(identity: tuple[str, str], version: str, module: str, *fixed: str | None) -> list[Verdict]:
    """What comes of a version and one flaw with these fixed builds; None: an advisory that names none."""
    ecosystem, name = identity
    installed = candidate(version, ecosystem=ecosystem, name=name, method="vendor_name", module=module)

    def one(number: int, build: str | None) -> Claim:
        return claim("generic", ecosystem=ecosystem, name=name, advisory_id=number, source="msrc", fixed=build)

    return assess.verdicts([installed], {identity: [one(n, build) for n, build in enumerate(fixed, 1)]})


@pytest.mark.parametrize(
    ("version", "fixed_version"),
    [
        ("111.0.1661.30", "111.0.1661.41"),
        ("111.0.1661.41", None),
        ("110.0.1587.57", "110.0.1587.78"),
        ("110.0.1587.78", None),  # Extended Stable is fixed, though Stable's fixed build is higher
        ("112.0.1722.34", None),
    ],
)
def test_the_own_branch_decides_where_it_is_named(version: str, fixed_version: str | None) -> None:
    found = judged(EDGE, version, branches.mark(1, is_channel=False), "111.0.1661.41", "110.0.1587.78")
    assert [one.fixed_version for one in found] == ([fixed_version] if fixed_version else [])


def test_branches_that_no_advisory_names_are_compared_as_they_are() -> None:
    found = judged(EDGE, "104.0.1293.47", branches.mark(1, is_channel=False), "111.0.1661.41")
    assert [(one.fixed_version, one.status, one.confidence) for one in found] == [("111.0.1661.41", "affected", 100)]
    (older,) = judged(EDGE, "104.0.1293.47", branches.mark(1, is_channel=False), "110.0.1587.78", "111.0.1661.41")
    assert older.fixed_version == "111.0.1661.41"
    assert judged(EDGE, "113.0.1774.35", branches.mark(1, is_channel=False), "111.0.1661.41") == []


@pytest.mark.parametrize(
    ("version", "confidences"),
    [
        ("16.0.17328.20162", [100]),  # below its own channel's build
        ("16.0.17328.20206", []),
        ("16.0.17231.20300", [20]),  # a channel that no advisory names: below every build, and still not known
        ("16.0.18025.20104", []),
    ],
)
def test_a_build_of_another_channel_says_nothing(version: str, confidences: list[int]) -> None:
    channel = branches.mark(3, is_channel=True)
    found = judged(APPS, version, channel, "16.0.17328.20206", "16.0.17425.20176", None)
    assert [one.confidence for one in found] == confidences
    if confidences == [20]:
        notes = {outcome.note for one in found for outcome in one.evidence}
        assert f"names no fixed build of its channel {version[:10]}" in notes


def test_an_advisory_without_builds_says_nothing_about_a_channel() -> None:
    channel = branches.mark(3, is_channel=True)
    assert judged(APPS, "16.0.17328.20162", channel, None) == []
    assert judged(APPS, "16.0.17328.20162", channel, "https://example.org/releases") == []


def test_products_without_branches_are_left_alone() -> None:
    assert branches.mark(0, is_channel=True) == ""
    plain = candidate("1.2.3", module="target_sw=windows")
    hits = [(claim("generic", fixed="2.0"), "affected")]
    assert branches.channel(plain) == ""
    assert branches.narrowed(plain, hits, []) == (hits, [])  # type: ignore[arg-type]
