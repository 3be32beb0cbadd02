"""weakspot.matching.normalise.patterns."""

from __future__ import annotations

import time

import pytest

from weakspot.matching.normalise.patterns import compile_pattern, is_pattern


def test_places_stand_for_numbers_versions_and_words() -> None:
    assert is_pattern("java {n} update {n}")
    assert not is_pattern("java")
    java = compile_pattern("java {n} update {n}")
    found = java.fullmatch("java 8 update 202")
    assert found is not None
    assert found.groups() == ("8", "202")
    assert java.fullmatch("java 8 update 202 plug-in") is None
    assert compile_pattern("imagemagick {v} q16").fullmatch("imagemagick 7.1.0-25 q16") is not None
    assert compile_pattern("visual studio {w} 2022").fullmatch("visual studio community 2022") is not None
    assert compile_pattern("visual studio {w} 2022").fullmatch("visual studio build tools 2022") is None


def test_everything_else_stands_for_itself() -> None:
    assert compile_pattern("c++ (x) {n}").fullmatch("c++ (x) 1") is not None
    assert compile_pattern("a.b {n}").fullmatch("axb 1") is None


@pytest.mark.parametrize("wrong", ["a {x}", "a {n}{v}", "a {", "} a {n}", "{n} " * 7])
def test_a_wrong_pattern_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="place"):
        compile_pattern(wrong)


def test_no_pattern_costs_time() -> None:
    pattern = compile_pattern("{w} {w} {w} {v} {v} {v}x")
    started = time.process_time()
    assert pattern.fullmatch("1 " * 5000) is None
    assert time.process_time() - started < 1.0
