"""weakspot.cli.checks: a check on a terminal."""

from __future__ import annotations

from typing import Any

from weakspot.cli.checks import facts_of
from weakspot.cli.main import COMMANDS

FOUND: dict[str, Any] = {
    "check": {
        "id": "check-linux-aslr", "title": "Place programs at random addresses", "is_enabled": False, "impact": 7,
        "related_component": "Operating system > Kernel", "secure_score_impact": 3.5, "compliant_devices": 1,
        "exposed_devices": 1, "unknown_devices": 4,
    },
    "reason": "Not here.", "setting": "linux.sysctl.kernel.randomize_va_space", "expected": "Equals '2'",
    "values": [{"value": "", "result": "non_compliant", "devices": 1}], "rationale": "Because.",
    "remediation": ["One.", "Two."], "user_impact": "", "references": [],
}  # fmt: skip


def test_a_check_in_facts() -> None:
    facts = facts_of(FOUND)
    assert facts["counts"] == "no: Not here."
    assert facts["devices"] == "1 compliant, 1 exposed, 4 unknown"
    assert facts["values"] == "(empty): 1 (non_compliant)"
    assert facts["what to do"] == "(1) One. (2) Two."
    assert facts["people notice"] == "nothing is expected"


def test_it_is_a_command() -> None:
    assert COMMANDS["checks"] == ("weakspot.cli.checks", "checks")
