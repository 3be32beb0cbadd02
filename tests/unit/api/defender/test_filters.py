"""``$filter``: what clients write means what they mean, and nothing else gets through."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.api.defender.errors import ODataError
from weakspot.api.defender.filters import MAXIMUM_DEPTH, MAXIMUM_LENGTH, Kind, compile_filter

KINDS: dict[str, Kind] = {
    "riskScore": "word",
    "computerDnsName": "text",
    "lastSeen": "time",
    "rbacGroupId": "number",
    "isExcluded": "boolean",
    "machineTags": "list",
}
ROW: dict[str, Any] = {
    "riskScore": "High",
    "computerDnsName": "web01.Example.org",
    "lastSeen": "2024-05-02T10:00:00.000000Z",
    "rbacGroupId": 7,
    "isExcluded": False,
    "machineTags": ["front", "it's"],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("riskScore eq 'High'", True),
        ("RiskScore eq 'high'", True),
        ("riskScore ne 'High'", False),
        ("rbacGroupId gt 6 and rbacGroupId lt 8", True),
        ("rbacGroupId ge 7 and rbacGroupId le 7", True),
        ("rbacGroupId eq -7 or rbacGroupId eq 7.0", True),
        ("not (rbacGroupId eq 7)", False),
        ("not rbacGroupId eq 7 or riskScore eq 'High'", True),
        ("rbacGroupId eq 1 and riskScore eq 'Low' or riskScore eq 'High'", True),
        ("rbacGroupId eq 1 and (riskScore eq 'Low' or riskScore eq 'High')", False),
        ("lastSeen gt 2024-05-01Z", True),
        ("lastSeen ge 2024-05-02T10:00:00Z", True),
        ("lastSeen lt 2024-05-02T10:00:00.0000001Z", False),
        ("lastSeen eq 2024-05-02T12:00:00+02:00", True),
        ("lastSeen gt 2024-05-02T09:00", True),
        ("lastSeen gt '2024-05-02'", True),
        ("startswith(computerDnsName,'WEB')", True),
        ("endswith(computerDnsName, '.org')", True),
        ("contains(computerDnsName,'db')", False),
        ("computerDnsName eq 'web01.Example.org'", True),
        ("computerDnsName eq 'web01.example.org'", False),
        ("isExcluded eq false", True),
        ("isExcluded eq true", False),
        ("machineTags/any(tag: tag eq 'front')", True),
        ("machineTags/any(t:t eq 'it''s')", True),
        ("machineTags/any(tag: tag eq 'back')", False),
        ("riskScore eq null", False),
        ("riskScore ne null", True),
        ("  riskScore   eq\t'High'  ", True),
    ],
)
def test_meaning(text: str, expected: bool) -> None:
    assert compile_filter(text, KINDS)(ROW) is expected


def test_unknown_values_differ_from_everything_and_are_never_more_or_less() -> None:
    row = dict.fromkeys(ROW)
    for text, expected in [
        ("rbacGroupId gt 0", False),
        ("rbacGroupId le 0", False),
        ("rbacGroupId ne 7", True),
        ("rbacGroupId eq null", True),
        ("startswith(computerDnsName,'')", False),
        ("machineTags/any(t: t eq 'x')", False),
    ]:
        assert compile_filter(text, KINDS)(row) is expected, text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "ends too early"),
        ("riskScore", "ends too early"),
        ("riskScore eq", "ends too early"),
        ("riskScore eq High", "single quotes"),
        ("riskScore eq 'High", "cannot be read"),
        ("riskScore = 'High'", "cannot be read"),
        ("riskScore like 'High'", "is expected after"),
        ("owner eq 'x'", "known are: computerDnsName"),
        ("__class__ eq 'x'", "known are"),
        ("'High' eq riskScore", "property name is expected"),
        ("riskScore eq 'High' riskScore", "not expected"),
        ("(riskScore eq 'High'", "')' is expected"),
        ("riskScore gt null", "null can only"),
        ("rbacGroupId eq 'seven'", "not a number"),
        ("lastSeen gt 2024-13-01Z", "not a time"),
        ("lastSeen gt 'soon'", "not a time"),
        ("isExcluded eq 1", "true or false"),
        ("contains(rbacGroupId,'7')", "not text"),
        ("contains(computerDnsName 'x')", "',' is expected"),
        ("machineTags eq 'x'", "is a collection"),
        ("machineTags/all(t: t eq 'x')", "only collections take"),
        ("riskScore/any(t: t eq 'x')", "only collections take"),
        ("machineTags/any(t: u eq 'x')", "compare 't' itself"),
        ("and and and", "known are"),
        ("(" * 100 + "riskScore eq 'x'" + ")" * 100, "deep"),
        ("not " * 100 + "riskScore eq 'x'", "deep"),
        (" or ".join(["riskScore eq ''"] * 201), "terms"),
        ("x" * (MAXIMUM_LENGTH + 1), "characters"),
    ],
)
def test_refusals_say_why(text: str, reason: str) -> None:
    with pytest.raises(ODataError, match=reason.replace("(", r"\(").replace(")", r"\)")):
        compile_filter(text, KINDS)


def test_nesting_up_to_the_bound_is_fine() -> None:
    depth = MAXIMUM_DEPTH
    assert compile_filter("(" * depth + "rbacGroupId eq 7" + ")" * depth, KINDS)(ROW)


@given(st.text(max_size=200))
def test_any_text_is_a_test_or_an_odata_error(text: str) -> None:
    _never_breaks(text)


@given(
    st.lists(
        st.sampled_from(
            ["riskScore", "rbacGroupId", "lastSeen", "machineTags", "eq", "gt", "and", "or", "not", "(", ")", ",",
             "/any(", "t:", "'x'", "7", "null", "2024-05-01Z", "true", "contains("]
        ),
        max_size=25,
    ).map(" ".join)
)  # fmt: skip
def test_any_row_of_words_is_a_test_or_an_odata_error(text: str) -> None:
    _never_breaks(text)


def _never_breaks(text: str) -> None:
    try:
        test = compile_filter(text, KINDS)
    except ODataError:
        return
    assert test(ROW) in (True, False)
    assert test(dict.fromkeys(ROW)) in (True, False)
