"""SSVC: the leaves of both trees that matter most, monotony of all of them, and where points come from."""

from __future__ import annotations

from itertools import product

import pytest

from weakspot.threats import ssvc
from weakspot.threats.ssvc import CISA, DEPLOYER, Facts, Surroundings

NETWORK = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
LOCAL = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:L"
EXPLOITATION = ("none", "public poc", "active")
LEVELS = ("low", "medium", "high", "very high")
FACING = (False, None, True)


def facts(points: dict[str, str] | None = None, vector: str | None = NETWORK, level: str = "none", kev: bool = False):
    return Facts(points=points or {}, cvss_vector=vector, exploit_level=level, is_known_exploited=kev)


def there(detected: bool = False, worst: str | None = "medium", facing: bool | None = None) -> Surroundings:
    return Surroundings(is_detected=detected, worst=worst, internet_facing=facing)  # type: ignore[arg-type]


def of(exploitation: str, automatable: str, impact: str, worst: str, facing: bool | None) -> ssvc.Decided:
    level = {"none": "none", "public poc": "public", "active": "known_exploited"}[exploitation]
    points = {"automatable": automatable, "technical impact": impact}
    return ssvc.decide(facts(points, level=level, kev=exploitation == "active"), there(False, worst, facing))


@pytest.mark.parametrize(
    ("exploitation", "automatable", "impact", "worst", "cisa"),
    [
        ("none", "no", "partial", "low", "track"), ("none", "no", "total", "high", "track*"),
        ("none", "yes", "partial", "high", "attend"), ("public poc", "no", "total", "medium", "track*"),
        ("public poc", "yes", "total", "high", "attend"), ("active", "no", "total", "medium", "attend"),
        ("active", "no", "total", "high", "act"), ("active", "yes", "partial", "low", "attend"),
        ("active", "yes", "total", "medium", "act"),
    ],
)  # fmt: skip
def test_leaves_of_cisas_tree(exploitation: str, automatable: str, impact: str, worst: str, cisa: str) -> None:
    """CISA Coordinator 2.0.3, as CERT/CC publishes it."""
    assert of(exploitation, automatable, impact, worst, None).cisa == cisa


@pytest.mark.parametrize(
    ("exploitation", "facing", "automatable", "worst", "deployer"),
    [
        ("none", False, "no", "medium", "defer"), ("none", None, "no", "medium", "scheduled"),
        ("none", True, "yes", "very high", "out-of-cycle"), ("public poc", None, "yes", "very high", "out-of-cycle"),
        ("public poc", True, "no", "low", "scheduled"), ("active", False, "yes", "medium", "out-of-cycle"),
        ("active", None, "no", "medium", "scheduled"), ("active", True, "no", "very high", "immediate"),
        ("active", True, "yes", "high", "immediate"),
    ],
)  # fmt: skip
def test_leaves_of_the_deployers_tree(
    exploitation: str, facing: bool | None, automatable: str, worst: str, deployer: str
) -> None:
    """Deployer Patch Application Priority 1.0.0, as CERT/CC publishes it."""
    assert of(exploitation, automatable, "total", worst, facing).deployer == deployer


def test_worse_never_means_later() -> None:
    axes = (EXPLOITATION, ("no", "yes"), ("partial", "total"), LEVELS, FACING)
    for at in product(*(range(len(axis)) for axis in axes)):
        here = of(*(axis[i] for axis, i in zip(axes, at, strict=True)))
        for axis in range(len(axes)):
            if at[axis] + 1 < len(axes[axis]):
                worse = [i + (n == axis) for n, i in enumerate(at)]
                then = of(*(values[i] for values, i in zip(axes, worse, strict=True)))
                assert CISA.index(then.cisa) >= CISA.index(here.cisa)
                assert DEPLOYER.index(then.deployer) >= DEPLOYER.index(here.deployer)


def test_a_detection_here_is_active_exploitation() -> None:
    decided = ssvc.decide(facts(vector=LOCAL), there(detected=True))
    assert decided.points[0].value == "active"
    assert "detection" in decided.points[0].reason


def test_what_a_publisher_gave_counts_before_what_is_worked_out() -> None:
    decided = ssvc.decide(facts({"automatable": "no", "technical impact": "partial"}), there())
    assert [(p.value, p.is_assumed) for p in decided.points[1:3]] == [("no", False), ("partial", False)]
    worked_out = ssvc.decide(facts(), there()).points[1:3]
    assert [(p.value, p.is_assumed) for p in worked_out] == [("yes", True), ("total", True)]


def test_not_known_is_said_and_taken_for_the_worse() -> None:
    points = ssvc.decide(facts(vector=None), there(worst=None)).points
    assert [p.value for p in points[1:3]] == ["yes", "total"]
    assert all(p.is_assumed for p in points[1:])
