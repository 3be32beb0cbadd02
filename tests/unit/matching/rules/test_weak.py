"""weakspot.matching.rules.weak"""

from __future__ import annotations

from typing import Any

from weakspot.matching.contracts import ClaimOutcome
from weakspot.matching.rules.weak import why_weak


def claim(**changed: Any) -> ClaimOutcome:
    given: dict[str, Any] = {
        "advisory_id": 1, "source": "nvd", "record_id": "CVE-2099-1", "relation": "self", "ecosystem": "cpe",
        "name": "a:b", "version": "1", "introduced": "0", "fixed": "2", "end_kind": "fixed", "status": "affected",
        "outcome": "affected",
    }  # fmt: skip
    return ClaimOutcome(**(given | changed))


def test_what_made_the_match_weak_is_said() -> None:
    assert "does not run" in why_weak("kernel_not_running", "affected", [claim()])
    assert "no impact" in why_weak("source_package", "unimportant", [claim()])
    assert "looked into" in why_weak("source_package", "under_investigation", [claim()])
    assert "disagree" in why_weak("catalogue", "affected", [claim()])
    assert "No update" in why_weak("windows_build", "affected", [claim(fixed=None, end_kind="none")])


def test_an_open_condition_is_quoted_before_the_status() -> None:
    noted = claim(outcome="not_comparable", note="holds only together with b c, which is not checked")
    assert why_weak("catalogue", "under_investigation", [claim(outcome="outside_range"), noted]) == (
        "What nvd says holds only together with b c, which is not checked."
    )
    bare = claim(outcome="not_comparable")
    assert "cannot be compared" in why_weak("purl", "under_investigation", [bare])
