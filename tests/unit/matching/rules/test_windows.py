"""weakspot.matching.rules.windows: hand-written claims about one system, in the shapes of the vendor's two sources."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.matching.support import claim
from weakspot.intel.contracts import Claim
from weakspot.matching.contracts import Verdict
from weakspot.matching.rules import windows
from weakspot.matching.rules.supersedence import NO_SUPERSEDENCE, Supersedence
from weakspot.vocabulary.windows import update_set

PRODUCT = "windows 10 version 22h2 for x64-based systems"
OLD = "windows server 2012 r2"
NAMES = {PRODUCT: "Windows 10 Version 22H2 for x64-based Systems", OLD: "Windows Server 2012 R2"}

# A month's update each: number, build.
MARCH, APRIL, MAY, JUNE = "5000003", "5000004", "5000005", "5000006"
CHAIN = Supersedence([(JUNE, MAY), (MAY, APRIL), (APRIL, MARCH)])


def fix(flaw: int, update: str, build: str = "", **fields: Any) -> Claim:
    """``update`` fixes ``flaw``, with the build that it leads to where the source says it."""
    values: dict[str, Any] = {"ecosystem": "windows", "name": PRODUCT, "vulnerability_id": flaw, "advisory_id": flaw}
    values |= {"module": f"KB{update}" if update else "", "fixed": build or None, "record_id": f"CVE-2099-{flaw:04}"}
    return claim("windows", **(values | fields))


def judged(
    version: str,
    claims: list[Claim],
    *,
    applied: tuple[str, ...] = (),
    pending: tuple[str, ...] = (),
    offered: tuple[str, ...] | None = None,
    graph: Supersedence = CHAIN,
    product: str = PRODUCT,
) -> dict[int, Verdict]:
    """Verdicts by flaw. offered None: the device does not say what it lacks; empty: it lacks nothing."""
    states = [(kb, "applied") for kb in applied] + [(kb, "pending_restart") for kb in pending]
    states += [(kb, "unapplied") for kb in (offered if offered is not None else ())]
    states += [("2267602", "unapplied")] if offered is not None else []
    group = windows.candidates(7, NAMES[product], version, "", update_set(states).to_text())
    by_identity: dict[tuple[str, str], list[Claim]] = {}
    for item in claims:
        by_identity.setdefault((item.ecosystem, item.name), []).append(item)
    return {found.vulnerability_id: found for found in windows.verdicts(group, by_identity, graph)}


def test_a_lower_build_of_the_branch_is_affected_and_the_fixed_one_is_not() -> None:
    claims = [fix(1, MAY, "10.0.19045.3000")]
    found = judged("10.0.19045.2999", claims)
    assert (found[1].status, found[1].confidence, found[1].fixed_version) == ("affected", 100, "10.0.19045.3000")
    assert judged("10.0.19045.3000", claims) == {}
    assert judged("10.0.19045.4000", claims) == {}


def test_the_build_beats_the_list_in_both_directions() -> None:
    claims = [fix(1, MAY, "10.0.19045.3000")]
    assert judged("10.0.19045.3000", claims, applied=(MARCH,), offered=(MAY,)) == {}
    found = judged("10.0.19045.2000", claims, applied=(MAY,))
    assert (found[1].status, found[1].confidence) == ("pending_restart", 100)
    assert "restart" in found[1].evidence[0].note


def test_an_installed_update_that_waits_for_a_restart_fixes_nothing_yet() -> None:
    claims = [fix(1, APRIL), fix(2, MAY)]
    found = judged("10.0.19045", claims, applied=(MARCH,), pending=(MAY,))
    assert {flaw: verdict.status for flaw, verdict in found.items()} == {1: "pending_restart", 2: "pending_restart"}


def test_an_update_fixes_what_those_that_it_replaces_fixed() -> None:
    claims = [fix(1, MARCH), fix(2, MAY), fix(3, JUNE)]
    assert set(judged("10.0.19045", claims, applied=(MAY,))) == {3}


def test_a_build_puts_the_updates_that_led_to_it_in_effect() -> None:
    """Two sources: one tells builds, the other only updates, and of flaws that the first does not know."""
    claims = [fix(1, APRIL, "10.0.19045.2500"), fix(2, MARCH), fix(3, MAY)]
    found = judged("10.0.19045.2600", claims)
    assert set(found) == {3}
    assert found[3].status == "under_investigation", "nothing tells whether May is in effect"
    assert found[3].confidence < 50


def test_what_contains_a_higher_build_is_missing_whatever_the_list_says() -> None:
    claims = [fix(1, APRIL, "10.0.19045.2500"), fix(2, JUNE)]
    for applied in ((), (JUNE,)):
        found = judged("10.0.19045.2400", claims, applied=applied)
        assert found[2].confidence == windows.BY_CHAIN
    assert found[2].status == "pending_restart"


def test_an_update_that_the_device_still_asks_for_is_not_in_effect() -> None:
    found = judged("10.0.19045", [fix(1, MAY)], applied=(MAY,), offered=(MAY,))
    assert found[1].status == "pending_restart"
    assert judged("10.0.19045", [fix(1, MAY)], applied=(MAY,), offered=()) == {}


def test_one_of_several_fixes_is_enough() -> None:
    """A month's update and the one that needs no restart lead to different builds of one branch."""
    claims = [fix(1, MAY, "10.0.19045.3000"), fix(1, "5000055", "10.0.19045.2990")]
    assert judged("10.0.19045.2990", claims) == {}
    assert judged("10.0.19045.2980", claims)[1].fixed_version == "10.0.19045.2990"


def test_the_build_of_a_sister_branch_counts_for_an_update_of_the_chain() -> None:
    claims = [fix(1, APRIL, "10.0.19045.2500"), fix(2, MAY, "10.0.19041.3000")]
    assert set(judged("10.0.19045.2600", claims)) == {2}
    assert judged("10.0.19045.3000", claims) == {}
    alone = [fix(1, APRIL, "10.0.19045.2500"), fix(2, "5000077", "10.0.19041.3000")]
    assert set(judged("10.0.19045.3000", alone, applied=(APRIL,))) == {2}, "an update outside the chain has no build"


def test_a_build_of_another_branch_says_nothing() -> None:
    found = judged("10.0.19045.9999", [fix(1, MAY, "10.0.22631.3000")])
    assert found[1].status == "under_investigation"


def test_before_windows_10_a_build_proves_a_fix_but_not_the_lack_of_one() -> None:
    claims = [fix(1, MAY, "6.3.9600.2000", name=OLD)]
    assert judged("6.3.9600.2000", claims, product=OLD) == {}
    assert judged("6.3.9600.1000", claims, applied=(MAY,), product=OLD) == {}
    assert judged("6.3.9600.1000", claims, applied=(MARCH,), product=OLD)[1].confidence == windows.BY_LIST


def test_without_full_build_and_updates_nothing_follows() -> None:
    found = judged("10.0.19045", [fix(1, MAY)])
    assert (found[1].status, found[1].confidence) == ("under_investigation", windows.UNCLEAR)


def test_a_separate_update_that_the_device_does_not_ask_for_is_doubtful() -> None:
    claims = [fix(1, APRIL, "10.0.19045.2500"), fix(2, "5000099")]
    assert judged("10.0.19045.2500", claims, applied=(APRIL,), offered=())[2].confidence == windows.WEAK
    assert judged("10.0.19045.2500", claims, applied=(APRIL,), offered=("5000099",))[2].confidence == windows.BY_LIST
    assert judged("10.0.19045.2500", claims, applied=(APRIL,))[2].confidence == windows.BY_LIST


def test_an_update_of_the_chain_that_nothing_replaces_is_replaced_by_the_next() -> None:
    many = [fix(flaw, JUNE) for flaw in range(10, 16)] + [fix(flaw, MAY) for flaw in range(20, 26)]
    found = judged("10.0.19045", many, applied=(JUNE,), graph=NO_SUPERSEDENCE)
    assert found == {}
    few = [fix(1, JUNE), fix(2, MAY)]
    assert set(judged("10.0.19045", few, applied=(JUNE,), graph=NO_SUPERSEDENCE)) == {2}


def test_a_flaw_without_an_update_is_kept_below_what_counts() -> None:
    found = judged("10.0.19045.3000", [fix(1, "")], applied=(MAY,))
    assert (found[1].status, found[1].confidence < 50) == ("under_investigation", True)


def test_the_removal_tool_and_definitions_fix_nothing() -> None:
    found = judged("10.0.19045", [fix(1, "890830")], applied=("890830", MAY))
    assert found[1].status == "under_investigation"


def test_claims_that_it_is_not_affected_are_taken() -> None:
    assert judged("10.0.19045.1", [fix(1, MAY, "10.0.19045.3000", status="not_affected")]) == {}


def test_components_are_judged_with_the_system() -> None:
    ie = f"internet explorer 11 on {PRODUCT}"
    framework = f"microsoft .net framework 4.8 on {PRODUCT}"
    claims = [
        fix(1, MAY, "10.0.19045.3000"),
        fix(2, MAY, ecosystem="microsoft", name=ie),
        fix(3, "5000088", ecosystem="microsoft", name=framework),
    ]
    assert judged("10.0.19045.3000", claims, applied=(MAY,), offered=())[3].confidence == windows.WEAK
    found = judged("10.0.19045.2000", claims, offered=("5000088",))
    assert (found[2].confidence, found[2].method) == (100, windows.COMPONENT)
    assert found[3].confidence == windows.BY_LIST


def test_a_system_whose_edition_cannot_be_told_has_no_identity() -> None:
    assert windows.candidates(1, "Windows", "", "", "") == []
    assert windows.candidates(1, "Ubuntu", "10.0.19045.1", "", "") == []


@pytest.mark.parametrize(
    ("version", "updates", "expected"),
    [("10.0.19045.1", "", True), ("10.0.19045", "", False), ("10.0.19045", "a:5000001", True)],
)
def test_something_follows_from_a_full_build_or_from_updates(version: str, updates: str, expected: bool) -> None:
    (system, *parts) = windows.candidates(1, NAMES[PRODUCT], version, "", updates)
    assert windows.is_assessable(system) is expected
    assert all(windows.is_assessable(part) for part in parts)


def test_products_are_shown_as_people_write_them() -> None:
    assert windows.display_name(PRODUCT) == NAMES[PRODUCT]
    assert windows.display_name(f"microsoft .net framework 4.8 on {OLD}") == (
        "Microsoft .NET Framework 4.8 on Windows Server 2012 R2"
    )


UPDATES = st.sampled_from([MARCH, APRIL, MAY, JUNE])


@given(st.sets(UPDATES), st.integers(0, 5000), st.lists(st.tuples(UPDATES, st.integers(0, 5000)), max_size=8))
def test_what_is_open_on_a_build_is_open_on_every_lower_one(
    applied: set[str], revision: int, fixes: list[tuple[str, int]]
) -> None:
    claims = [fix(flaw, kb, f"10.0.19045.{build}") for flaw, (kb, build) in enumerate(fixes, 1)]
    here = judged(f"10.0.19045.{revision}", claims, applied=tuple(applied))
    lower = judged(f"10.0.19045.{max(revision - 500, 0)}", claims, applied=tuple(applied))
    assert set(here) <= set(lower)


@given(st.sets(UPDATES), UPDATES, st.lists(UPDATES, max_size=6))
def test_another_applied_update_never_opens_a_flaw(applied: set[str], more: str, fixes: list[str]) -> None:
    claims = [fix(flaw, kb) for flaw, kb in enumerate(fixes, 1)]
    before = judged("10.0.19045", claims, applied=(MARCH, *applied))
    after = judged("10.0.19045", claims, applied=(MARCH, *applied, more))
    assert set(after) <= set(before)
