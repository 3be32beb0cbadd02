"""Checks for tests."""

from __future__ import annotations

from typing import Any

from weakspot.posture.contracts import Check, Expected


def check(**fields: Any) -> Check:
    """A check of one Linux setting that should be ``no``."""
    values: dict[str, Any] = {
        "id": "check-test", "title": "Test", "category": "os", "subcategory": "Kernel", "impact": 5,
        "platforms": ("linux",), "setting": "linux.test", "provided": {"linux": "somewhere"},
        "compliant": Expected(equals="no"), "rationale": "Because.", "remediation": ("Set it.",),
    }  # fmt: skip
    return Check(**(values | fields))
