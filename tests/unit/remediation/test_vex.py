"""Exceptions as VEX and back."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.exceptions.contracts import Justification
from weakspot.remediation import vex
from weakspot.remediation.vex import FLEET, SOFTWARE, VexStatement
from weakspot.runtime.errors import InputError

AT = "2026-01-31T00:00:00Z"


def statement(justification: Any, name: str = "CVE-2099-0001") -> VexStatement:
    return VexStatement(
        vulnerability=name, products=(FLEET, SOFTWARE + "debian-_-curl"), justification=justification, context="why"
    )


ALL = [statement(one) for one in get_args(Justification)] + [statement("risk_accepted", "GHSA-aaaa-bbbb-cccc")]


@pytest.mark.parametrize("form", list(vex.FORMATS))
def test_what_is_written_is_read_again(form: str) -> None:
    assert vex.read(vex.FORMATS[form](ALL, AT)) == ALL


def test_a_control_is_not_affected_and_the_rest_says_what_is_done() -> None:
    said = {one["status_notes"]: one for one in vex.openvex(ALL, AT)["statements"]}
    control = said["weakspot:third_party_control"]
    assert (control["status"], control["justification"]) == ("not_affected", "inline_mitigations_already_exist")
    assert said["weakspot:no_patch"]["status"] == "affected"
    assert said["weakspot:no_patch"]["action_statement"] == "why"
    states = [one["analysis"]["state"] for one in vex.cyclonedx(ALL, AT)["vulnerabilities"]]
    assert states == ["not_affected", "not_affected", *["exploitable"] * 4]
    last = vex.csaf(ALL, AT)["vulnerabilities"][-1]
    assert last["ids"][0]["text"] == "GHSA-aaaa-bbbb-cccc"


@pytest.mark.parametrize(
    ("status", "note", "justification"),
    [
        ("not_affected", "Compensating/alternate control", "alternate_mitigation"),
        ("not_affected", "Third party control", "third_party_control"),
        ("affected", "Productivity/business need", "risk_accepted"),
        ("affected", "Planned remediation (grace)", "planned_remediation"),
        ("affected", "Other (false positive)", "risk_accepted"),
        ("not_affected", "Accept risk", "alternate_mitigation"),  # the status says more than the note
    ],
)
def test_an_import_maps_what_others_wrote(status: str, note: str, justification: str) -> None:
    """spec/features.md 9.3: "map it on import"."""
    said = {"vulnerability": "CVE-2", "products": [{"@id": "x"}], "status": status, "status_notes": note}
    (found,) = vex.read({"@context": "https://openvex.dev/ns/v0.2.0", "statements": [said]})
    assert found.justification == justification


def test_other_statuses_and_odd_parts_are_passed_over() -> None:
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "statements": [
            {"vulnerability": {"name": "CVE-1"}, "products": [{"@id": "x"}], "status": "fixed"},
            {"vulnerability": "CVE-2", "products": [{"@id": "x"}, 7], "status": "not_affected"},
            {"vulnerability": {}, "products": [{"@id": "x"}], "status": "affected"},
            {"vulnerability": {"name": "CVE-4"}, "status": "affected"},
            "odd",
        ],
    }
    (found,) = vex.read(document)
    assert (found.vulnerability, found.products, found.justification) == ("CVE-2", ("x",), "alternate_mitigation")


@pytest.mark.parametrize("document", [{}, {"@context": "x"}, {"document": {}}, {"bomFormat": "SPDX"}])
def test_what_is_no_vex_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="no OpenVEX, CSAF or CycloneDX"):
        vex.read(document)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(json_values, st.sampled_from(["statements", "vulnerabilities"]))
def test_any_json_is_read_or_refused(value: Any, field: str) -> None:
    for head in (
        {"bomFormat": "CycloneDX"},
        {"document": {"csaf_version": "2.0"}},
        {"@context": "https://openvex.dev/ns"},
    ):
        assert isinstance(vex.read({**head, field: value}), list)
