from __future__ import annotations

import pytest

from tests.support.world import EVERYTHING, World, advisory, debian, dpkg, pypi, python_package
from tests.unit.queries.fleet import SmallFleet
from weakspot.queries import explain
from weakspot.queries.contracts import Explanation, ExplanationStep
from weakspot.runtime.errors import NotFound


def explained(fleet: SmallFleet, device: str, name: str) -> Explanation:
    with fleet.world.read() as read:
        return explain.finding(read, fleet.everything, device, name)


def step(found: Explanation, module: str) -> ExplanationStep:
    return next(one for one in found.steps if one.module == module)


def test_follows_a_finding_through_every_module(fleet: SmallFleet) -> None:
    """spec/features.md 11.5: "Discovered vulnerabilities -> CVE: section listing the logic and source (software found,
    missing KBs...)".
    """
    found = explained(fleet, fleet.web.public_id, "cve-2099-0001")
    modules = ["report", "software", "advisory", "range", "match", "threat", "score"]
    assert [one.module for one in found.steps] == modules
    assert found.is_present
    assert found.conclusion == "web-10 has CVE-2099-0001 because libssl3 3.0.11-1 is installed; fixed in 3.0.15-1."
    assert step(found, "range").text == "3.0.11-1 < 3.0.15-1"
    assert step(found, "advisory").url == "https://advisories.example/1"
    assert ("Source package", "openssl 3.0.11-1") in step(found, "software").facts
    assert ("Confidence", "100 of 100") in step(found, "match").facts
    assert ("Known exploited", "since 2026-09-01") in step(found, "threat").facts


def test_score_step_tells_what_the_weakness_adds(fleet: SmallFleet) -> None:
    facts = dict(step(explained(fleet, fleet.web.public_id, "CVE-2099-0001"), "score").facts)
    assert float(facts["Score of the device"]) > float(facts["Score without this weakness"])
    parts = [float(value) for label, value in facts.items() if "CVSS" in label or "counted as a probability" in label]
    assert sum(parts) == pytest.approx(float(facts["Hazard"]), abs=2e-6)


def test_fixed_in_the_installed_version(fleet: SmallFleet) -> None:
    found = explained(fleet, fleet.mail.public_id, "CVE-2099-0001")
    assert not found.is_present
    assert found.conclusion == (
        "mail-9 does not have CVE-2099-0001: libssl3 3.0.15-1 is not affected "
        "(3.0.15-1 >= 3.0.15-1, which has the fix)."
    )
    assert step(found, "score").text == "It adds nothing to the device's exposure score."


def test_not_installed(fleet: SmallFleet) -> None:
    found = explained(fleet, fleet.web.public_id, "CVE-2099-0003")
    assert not found.is_present
    assert "no source says that software installed there is affected" in found.conclusion


def test_unknown_device_hidden_device_and_unknown_name(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        for scope, device, name in (
            (fleet.everything, "0" * 40, "CVE-2099-0001"),
            (fleet.only_servers, fleet.desk.public_id, "CVE-2099-0001"),
            (fleet.everything, fleet.desk.public_id, "CVE-1900-0001"),
        ):
            with pytest.raises(NotFound):
                explain.finding(read, scope, device, name)


def test_not_assessed_and_too_weak_and_removed(world: World) -> None:
    device = world.enrol("box")
    world.know(
        "osv",
        advisory("CVE-2099-0001", pypi("flask", fixed="3.0.0")),
        advisory("CVE-2099-0002", debian("bash", status="unimportant")),
        advisory("CVE-2099-0003", debian("zsh")),
    )
    world.report(
        device, python_package("flask", "2.0", owned_by="dpkg:python3-flask"), dpkg("bash", "5-1"), dpkg("zsh", "5-1")
    )
    world.clock.forward(days=1)
    world.report(device, python_package("flask", "2.0", owned_by="dpkg:python3-flask"), dpkg("bash", "5-1"))
    with world.read() as read:
        owned, weak, removed = (
            explain.finding(read, EVERYTHING, device.public_id, f"CVE-2099-000{number}") for number in (1, 2, 3)
        )
    assert [one.is_present for one in (owned, weak, removed)] == [False, False, False]
    assert "it belongs to python3-flask" in owned.conclusion
    assert "too weak (confidence 30 of 100)" in weak.conclusion
    assert [one.module for one in weak.steps][4] == "match"
    assert removed.conclusion.endswith("It was there until 2026-09-22T14:13:20.000000Z.")


def test_several_sources_are_named(world: World) -> None:
    device = world.enrol("box")
    world.know(
        "osv",
        advisory("CVE-2099-0001", debian("bash", fixed="5.2-1")),
        advisory("DSA-1-1", debian("bash", fixed="5.3-1"), about=("CVE-2099-0001",)),
    )
    world.report(device, dpkg("bash", "5.1-1"))
    with world.read() as read:
        found = explain.finding(read, EVERYTHING, device.public_id, "CVE-2099-0001")
    facts = dict(step(found, "advisory").facts)
    assert facts["Record"] == "CVE-2099-0001"
    assert "osv DSA-1-1" in facts
