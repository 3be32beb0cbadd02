"""Vectors of every version, and what is none."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.vocabulary.cvss import parse, version_of


@pytest.mark.parametrize(
    ("vector", "version", "score", "severity"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "3.1", 9.8, "Critical"),
        ("CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", "3.0", 7.8, "High"),
        ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O/RC:C", "3.1", 7.8, "High"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "3.1", 6.1, "Medium"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "4.0", 9.3, "Critical"),
        (" AV:N/AC:L/Au:N/C:P/I:P/A:P ", "2.0", 7.5, "High"),
        ("(AV:L/AC:H/Au:N/C:N/I:N/A:P)", "2.0", 1.2, "Low"),
    ],
)
def test_vectors_are_scored(vector: str, version: str, score: float, severity: str) -> None:
    found = parse(vector)
    assert (found.version, found.base_score, found.severity) == (version, score, severity)
    assert found.vector == vector.strip()


@pytest.mark.parametrize("vector", ["", "7.5", "CVSS:3.1/AV:N", "CVSS:5.0/AV:N", "CVSS:3.1/AV:N/" + "X" * 500])
def test_what_is_no_vector_is_refused(vector: str) -> None:
    with pytest.raises(ValueError, match=r"CVSS (3\.1 )?vector"):
        parse(vector)


@given(st.text(max_size=60).map(lambda tail: "CVSS:3.1/" + tail) | st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    version_of(text)
    with contextlib.suppress(ValueError):
        assert 0.0 <= parse(text).base_score <= 10.0
