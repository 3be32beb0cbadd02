"""weakspot.matching.rules.configurations."""

from __future__ import annotations

import pytest

from tests.unit.matching.support import candidate, claim
from weakspot.intel.contracts import Claim
from weakspot.matching.contracts import Candidate
from weakspot.matching.rules import configurations
from weakspot.matching.rules.assess import verdicts

WINDOWS = configurations.module_for("windows", "")


def program(module: str = WINDOWS, version: str = "1.0") -> Candidate:
    return candidate(version, ecosystem="cpe", name="vendor:product", method="catalogue", confidence=90, module=module)


def about(**fields: object) -> Claim:
    return claim("generic", **({"ecosystem": "cpe", "name": "vendor:product", "fixed": "2.0"} | fields))


@pytest.mark.parametrize(
    ("narrowed", "module", "applies"),
    [
        ("", WINDOWS, True),
        ("target_sw=windows", WINDOWS, True),
        ("target_sw=macos", WINDOWS, False),
        ("target_sw=wordpress", WINDOWS, False),
        ("target_sw=windows", "", True),
        ("target_sw=android", "", False),
        ("sw_edition=esr", WINDOWS, False),
        ("sw_edition=esr", "sw_edition=esr;target_sw=windows", True),
        ("", "sw_edition=esr;target_sw=windows", False),
        ("sw_edition=enterprise;target_sw=windows", WINDOWS, True),
    ],
)
def test_a_narrowed_name_is_about_its_platform_and_edition(narrowed: str, module: str, applies: bool) -> None:
    assert configurations.applies(about(module=narrowed), program(module)) is applies


@pytest.mark.parametrize(
    ("running_on", "platform", "expected"),
    [
        (None, "", "met"),
        (("microsoft:windows_10",), "windows", "met"),
        (("apple:mac_os_x", "microsoft:windows"), "macos", "met"),
        (("apple:macos",), "windows", "unmet"),
        (("google:android",), "", "unmet"),
        (("microsoft:windows",), "", "open"),
        (("microsoft:internet_explorer",), "windows", "open"),
    ],
)
def test_what_a_product_runs_on_is_told_by_the_type_of_software(
    running_on: tuple[str, ...] | None, platform: str, expected: str
) -> None:
    assert configurations.condition(running_on, platform) == expected


def test_a_condition_that_stays_open_is_shown_and_not_counted() -> None:
    """spec/features.md 11.5: "shown when the CVE applies only if a given OS component is enabled": what else must be
    there is said, and where that is not known the device does not count as exposed.
    """
    (found,) = verdicts([program()], {("cpe", "vendor:product"): [about(running_on=("microsoft:internet_explorer",))]})
    assert (found.status, found.confidence < 50) == ("under_investigation", True)
    assert "microsoft internet explorer" in found.evidence[0].note
    (found,) = verdicts([program()], {("cpe", "vendor:product"): [about(running_on=("microsoft:windows",))]})
    assert (found.status, found.confidence) == ("affected", 90)


def test_a_claim_without_any_version_is_not_counted() -> None:
    (found,) = verdicts([program()], {("cpe", "vendor:product"): [about(fixed=None)]})
    assert found.status == "under_investigation"


def test_many_conditions_are_named_in_part() -> None:
    asked = tuple(f"vendor:thing_{number}" for number in range(5))
    note = configurations.open_condition(about(running_on=asked), program())
    assert "vendor thing 2 or others" in note
    assert "thing 3" not in note


def test_the_vendors_own_word_decides_over_a_cpe_name() -> None:
    vendor = candidate("1.0", ecosystem="microsoft", name="the product", method="vendor_name", confidence=95)
    claims = {
        ("cpe", "vendor:product"): [about(), about(vulnerability_id=2, advisory_id=2)],
        ("microsoft", "the product"): [
            claim("generic", ecosystem="microsoft", name="the product", fixed="1.0", advisory_id=3)
        ],
    }
    assert {v.vulnerability_id for v in verdicts([program(), vendor], claims)} == {2}


def test_an_update_that_no_version_shows_gives_no_verdict() -> None:
    item = candidate("1.0", ecosystem="microsoft", name="the product", method="vendor_name", confidence=95)
    only_update = claim("generic", ecosystem="microsoft", name="the product", module="KB5000001")
    assert verdicts([item], {("microsoft", "the product"): [only_update]}) == []


def test_of_several_conditions_each_must_be_able_to_hold() -> None:
    windows = ("microsoft:windows",)
    asked = about(running_on=windows, also_running_on=(("mozilla:firefox",), ("linux:linux_kernel", "google:chrome")))
    note = configurations.open_condition(asked, program())
    assert (
        note == "holds only together with mozilla firefox and linux linux kernel, google chrome, which is not checked"
    )
    never = about(running_on=windows, also_running_on=(("apple:macos",),))
    assert not configurations.applies(never, program())
