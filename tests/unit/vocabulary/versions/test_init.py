"""The facade: every scheme at once."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.versions.generate import SCHEMES as GENERATED
from tests.tools.versions.generate import pairs
from tests.tools.versions.references import REFERENCES
from weakspot.vocabulary.versions import (
    MAX_VERSION_BYTES,
    SCHEMES,
    Order,
    UnknownScheme,
    compare,
    exact,
    is_comparable,
    key,
)
from weakspot.vocabulary.versions.table import summarise

_NAMES = (
    "dpkg rpm apk pep440 semver npm go cargo maven nuget gem composer hex pub cran hackage homebrew"
    " generic windows java"
)
_TABLES = sorted(Path(__file__).with_name("tables").glob("*.txt"))
_OPPOSITE = {Order.LESS: Order.GREATER, Order.GREATER: Order.LESS, Order.EQUAL: Order.EQUAL}
_COMPILED = frozenset({"go", "cargo"})

_schemes = st.sampled_from(sorted(SCHEMES))
_versionish = st.text("0123456789.-+~^_:!abrcuvxpZ ", max_size=24)
_anything = st.one_of(_versionish, st.text(max_size=40), st.text(st.characters(), max_size=40))


def test_names() -> None:
    assert list(SCHEMES) == _NAMES.split()


def test_unknown_schemes_name_the_known_ones() -> None:
    for call in (lambda: key("nope", "1"), lambda: compare("nope", "1", "2"), lambda: exact("nope")):
        with pytest.raises(UnknownScheme, match=r"nope.*dpkg, rpm, apk"):
            call()
    assert issubclass(UnknownScheme, ValueError)


def test_exactness() -> None:
    assert {name for name in SCHEMES if not exact(name)} == {"maven", "windows"}


def test_the_empty_key_is_not_comparable() -> None:
    assert not is_comparable(b"")


@given(_schemes, _anything)
def test_every_string_has_a_bounded_key(scheme: str, version: str) -> None:
    encoded = key(scheme, version)
    assert encoded
    assert len(encoded) <= 4 * MAX_VERSION_BYTES
    own = compare(scheme, version, version)
    assert own is (Order.EQUAL if is_comparable(encoded) else Order.UNKNOWN)


@given(_schemes, _versionish, _versionish)
def test_verdicts_turn_round(scheme: str, a: str, b: str) -> None:
    verdict = compare(scheme, a, b)
    assert compare(scheme, b, a) == _OPPOSITE.get(verdict, Order.UNKNOWN)


@given(_schemes.filter(lambda name: name != "maven"), _versionish, _versionish)
def test_verdicts_are_the_order_of_keys(scheme: str, a: str, b: str) -> None:
    verdict = compare(scheme, a, b)
    if verdict is not Order.UNKNOWN:
        left, right = key(scheme, a), key(scheme, b)
        assert verdict == (Order.LESS if left < right else Order.GREATER if left > right else Order.EQUAL)


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_hostile_input_is_refused_quickly(scheme: str) -> None:
    hostile = [
        "1." * 5_000_000, "." * 5000, "1.0\x00", "\u202e1.0", "-1", "1" * 513, "é" * 300, "\ud800", "", "\n",
        "1" + "\u0661", "1.0\u00a0",
    ]  # fmt: skip
    started = time.process_time()
    for version in hostile:
        assert key(scheme, version)
    assert not is_comparable(key(scheme, "1." * 5_000_000))
    assert not is_comparable(key(scheme, "1.0\x00"))
    assert not is_comparable(key(scheme, "\u202e1.0"))
    assert time.process_time() - started < 3.0


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_no_pattern_is_quadratic(scheme: str) -> None:
    """Repeats that make careless expressions backtrack; 512 bytes each, so quadratic would show."""
    pieces = ("1", "0", "a", ".", "-", "1.", "0.", "a1", "-a", "~", "_p", ".1-", "+1", "0a", "x.", "9 ", "1-", "b.")
    started = time.process_time()
    for piece in pieces:
        for head, tail in (("", ""), ("1", "!"), ("1.0-", "\u00e9"), ("1:", "~")):
            text = (head + piece * 512)[: 511 - len(head)] + tail
            key(scheme, text)
            compare(scheme, text, text[:-1])
    assert time.process_time() - started < 3.0


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_long_numbers_order(scheme: str) -> None:
    head = "10.0.22631." if scheme == "windows" else "2."
    assert compare(scheme, head + "9" * 400, head + "1" + "0" * 400) is Order.LESS


@pytest.mark.parametrize("table", _TABLES, ids=[table.stem for table in _TABLES])
def test_verdicts_of_the_reference_comparators(table: Path) -> None:
    summary = summarise(table.stem, table.read_text().splitlines())
    assert summary.lines > 900
    assert not summary.disagreements, "\n".join(map(str, summary.first))


def test_there_is_a_table_for_every_generated_scheme() -> None:
    assert {table.stem for table in _TABLES} == set(GENERATED)


@pytest.mark.parametrize(
    "scheme", [pytest.param(name, marks=[pytest.mark.full] * (name in _COMPILED)) for name in REFERENCES]
)
def test_agreement_with_the_tool_itself(scheme: str) -> None:
    reference = REFERENCES[scheme]
    if reason := reference.missing():
        pytest.skip(reason)
    asked = list(pairs(scheme, 300, seed=7))
    for (a, b), theirs in zip(asked, reference.verdicts(asked), strict=True):
        ours = compare(scheme, a, b)
        if theirs != "?" and ours is not Order.UNKNOWN:
            assert (a, ours, b) == (a, theirs, b)
