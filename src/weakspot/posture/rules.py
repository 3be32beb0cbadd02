"""What a check says of a value. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from weakspot.posture.contracts import Check, Expected, Result

ABSENT = "absent"
"""Spelling of "there is no such thing on this device, or nobody set it"."""
_NUMBER = re.compile(r"-?[0-9]{1,18}")


def evaluate(check: Check, value: str | None) -> Result:
    """What a device with this value of the check's setting is, where the check's platforms include the device's.

    value: None where the device did not tell the setting. Where whole numbers are compared, ``absent`` does not comply,
    and any other text that is no number is unknown.
    """
    if value is None:
        return "unknown"
    if value in check.not_applicable:
        return "not_applicable"
    complies = _complies(check.compliant, value)
    return "unknown" if complies is None else "compliant" if complies else "non_compliant"


def problem_of(check: Check) -> str | None:
    """Why a check cannot be used, in words; None when it can."""
    expected = check.compliant
    told = [name for name in expected.__struct_fields__ if getattr(expected, name) is not None]
    if len(told) != 1:
        return "compliant needs exactly one of equals, one_of, at_least, at_most"
    if len(set(check.platforms)) != len(check.platforms):
        return "a platform is named twice"
    if any(evaluate(check, value) != "not_applicable" for value in check.not_applicable):
        return "a value of not_applicable is judged otherwise"
    named = set(expected.one_of or ()) | {expected.equals}
    if named & set(check.not_applicable):
        return "a value cannot comply and be not applicable"
    return None


def expected_text(expected: Expected) -> str:
    """``Equals 'enabled'``, ``One of 'no', 'forced-commands-only'``, ``Greater than or equal '14'`` (spec 17.1)."""
    if expected.equals is not None:
        return f"Equals '{expected.equals}'"
    if expected.one_of is not None:
        return "One of " + ", ".join(f"'{one}'" for one in expected.one_of)
    if expected.at_least is not None:
        return f"Greater than or equal '{expected.at_least}'"
    return f"Less than or equal '{expected.at_most}'"


def blunted(check: Check, techniques: Iterable[str]) -> list[str]:
    """Those of some ATT&CK techniques that a check makes harder, sorted. One that it names stands for its parts too:
    ``T1021`` for ``T1021.004``, but not the other way round.
    """
    named = set(check.attack)
    return sorted(one for one in set(techniques) if one in named or one.partition(".")[0] in named)


def _complies(expected: Expected, value: str) -> bool | None:
    if expected.equals is not None:
        return value == expected.equals
    if expected.one_of is not None:
        return value in expected.one_of
    return _numbered(expected, value)


def _numbered(expected: Expected, value: str) -> bool | None:
    if value == ABSENT:
        return False
    if _NUMBER.fullmatch(value) is None:
        return None
    number = int(value)
    if expected.at_least is not None:
        return number >= expected.at_least
    return expected.at_most is not None and number <= expected.at_most
