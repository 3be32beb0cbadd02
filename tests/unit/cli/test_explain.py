"""weakspot.cli.explain: the explanation on a terminal."""

from __future__ import annotations

from weakspot.cli.explain import render


def test_the_steps_are_numbered_and_aligned() -> None:
    step = {
        "module": "range", "title": "Range test", "text": "word " * 60, "url": "https://example.org/a",
        "facts": [["installed", "3.0.11-1"], ["fixed in", "3.0.15-1"]],
    }  # fmt: skip
    answer = {
        "vulnerability": "CVE-2099-0001", "device_name": "web01", "conclusion": "It is present.",
        "steps": [step, step | {"title": "Score", "facts": [], "url": None}],
    }  # fmt: skip
    lines = render(answer).splitlines()
    assert lines[:2] == ["CVE-2099-0001 on web01", "It is present."]
    assert "1. Range test  [range]" in lines
    assert "2. Score  [range]" in lines
    assert "      installed  3.0.11-1" in lines
    assert "      fixed in   3.0.15-1" in lines
    assert "      https://example.org/a" in lines
    assert max(map(len, lines)) <= 100
