"""weakspot.cli.versions."""

from __future__ import annotations

import pytest

from tests.unit.cli.support import run


@pytest.mark.parametrize(
    ("scheme", "left", "right", "expected"),
    [
        ("dpkg", "1.0~rc1", "1.0", "<"),
        ("pep440", "1.0", "1.0.0", "="),
        ("rpm", "2", "1", ">"),
        ("pep440", "x y", "1", "?"),
    ],
)
def test_two_versions_are_compared(scheme: str, left: str, right: str, expected: str) -> None:
    found = run("versions", "compare", scheme, left, right)
    assert (found.status, found.out.strip()) == (0, expected)


def test_a_table_is_checked() -> None:
    good = run("versions", "compare", "dpkg", "--stdin", stdin="1 < 2 # a comment\n2 = 2\n")
    assert (good.status, good.out) == (0, "2 lines, 0 disagreements\n")
    bad = run("versions", "compare", "dpkg", "--stdin", stdin="1 > 2\n")
    assert bad.status == 1
    assert "1 lines, 1 disagreements" in bad.out


@pytest.mark.parametrize(
    "arguments", [["dpkg"], ["dpkg", "1"], ["dpkg", "1", "2", "3"], ["dpkg", "1", "2", "--stdin"], ["x"]]
)
def test_a_wrong_call_is_explained(arguments: list[str]) -> None:
    found = run("versions", "compare", *arguments)
    assert found.status == 2
    assert found.err
