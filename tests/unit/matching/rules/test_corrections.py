"""weakspot.matching.rules.corrections."""

from __future__ import annotations

from typing import Any

import pytest

from weakspot.matching.contracts import Correction, ProposedCorrection
from weakspot.matching.rules.corrections import problem_of, to_claim


def proposed(**fields: Any) -> ProposedCorrection:
    """That CVE-2099-0001 does not affect openssl of Debian 12."""
    values: dict[str, Any] = {
        "ecosystem": "Debian:12", "name": "openssl", "vulnerability": "CVE-2099-0001", "status": "not_affected",
        "reason": "built without it",
    }  # fmt: skip
    return ProposedCorrection(**(values | fields))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"reason": " "}, "Say why"),
        ({"reason": "x" * 3_000}, "at most 2,000"),
        ({"end_version": "1"}, "end_kind"),
        ({"end_kind": "fixed"}, "end_kind"),
        ({"introduced": "not a version\x00"}, "no version that Debian:12 can compare"),
    ],
)
def test_what_cannot_be_taken_says_why(fields: dict[str, Any], why: str) -> None:
    assert why in (problem_of(proposed(**fields)) or "")


def test_what_can_be_taken() -> None:
    assert problem_of(proposed()) is None
    assert problem_of(proposed(introduced="3.0", end_version="3.1", end_kind="last_affected")) is None


def test_the_claim_that_it_makes() -> None:
    given = proposed(introduced="3.0", end_version="3.1", end_kind="fixed")
    fields = {name: getattr(given, name) for name in given.__struct_fields__}
    kept = Correction(**fields, id=7, state="approved", author="a", created_at=1, decided_by="b", decided_at=2, note="")
    claim = to_claim(kept, 5)
    assert (claim.source, claim.record_id, claim.advisory_id) == ("correction", "correction-7", -7)
    assert (claim.vulnerability_id, claim.introduced, claim.fixed, claim.status) == (5, "3.0", "3.1", "not_affected")
