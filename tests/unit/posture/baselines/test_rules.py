"""What a profile may say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.unit.posture.support import check
from weakspot.posture.baselines.contracts import Configuration, Profile
from weakspot.posture.baselines.rules import asked, cleaned, is_customised, problem_of
from weakspot.posture.contracts import Expected

CHECKS = {"check-test": check(), "check-mac": check(id="check-mac", platforms=("macos",))}


def profile(**fields: Any) -> Profile:
    values = {"name": "P", "platform": "linux", "configurations": [{"check_id": "check-test"}]} | fields
    return msgspec.convert(values, Profile)


@pytest.mark.parametrize(
    ("fields", "field", "why"),
    [
        ({"name": "  "}, "name", "needs a name"),
        ({"tags": [" "]}, "tags", "not empty"),
        ({"configurations": [{"check_id": "check-none"}]}, "configurations", "no check check-none"),
        ({"configurations": [{"check_id": "check-test"}] * 2}, "configurations", "named twice"),
        ({"configurations": [{"check_id": "check-mac"}]}, "configurations", "not for linux"),
        ({"configurations": [{"check_id": "check-test", "expected": {}}]}, "configurations", "exactly one of"),
    ],
)
def test_what_cannot_be_used_is_told(fields: dict[str, Any], field: str, why: str) -> None:
    found = problem_of(cleaned(profile(**fields)), CHECKS)
    assert found is not None
    assert found[0] == field
    assert why in found[1]


def test_a_clean_profile_stays_as_it_is() -> None:
    made = cleaned(
        profile(name=" a  b ", tags=["x", " x"], groups=[2, 1, 2], distribution=" Debian ", os_version="12 ")
    )
    assert (made.name, made.tags, made.groups, made.distribution, made.os_version) == (
        "a b", ("x",), (1, 2), "debian", "12",
    )  # fmt: skip
    assert cleaned(made) == made
    assert problem_of(made, CHECKS) is None


def test_only_another_threshold_is_a_custom_one() -> None:
    own = Configuration(check_id="check-test", expected=Expected(equals="yes"))
    same = Configuration(check_id="check-test", expected=Expected(equals="no"))
    plain = Configuration(check_id="check-test")
    assert [is_customised(one, check()) for one in (own, same, plain)] == [True, False, False]
    assert asked(own, check()).compliant == Expected(equals="yes")
    assert asked(plain, check()) == check()
