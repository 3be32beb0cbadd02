"""Targets as people write them."""

from __future__ import annotations

import pytest

from weakspot.inventory.scans.rules import MAX_ADDRESSES, addresses_of
from weakspot.runtime.errors import InvalidField


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("10.0.0.7", ["10.0.0.7"]),
        ("10.0.0.0/30", ["10.0.0.1", "10.0.0.2"]),
        ("10.0.0.9 - 10.0.0.11", ["10.0.0.9", "10.0.0.10", "10.0.0.11"]),
        ("fd00::1-fd00::2", ["fd00::1", "fd00::2"]),
        ("WEB01.Example.org.", ["web01.example.org"]),
        ("web-01", ["web-01"]),
        ("10.0.0.5/32", ["10.0.0.5"]),
    ],
)
def test_what_a_target_is(target: str, expected: list[str]) -> None:
    assert addresses_of([target]) == expected


def test_each_address_is_asked_once() -> None:
    assert addresses_of(["10.0.0.1", "10.0.0.0/30", "10.0.0.1-10.0.0.2"]) == ["10.0.0.1", "10.0.0.2"]


@pytest.mark.parametrize(
    "target",
    ["", "a b", "10.0.0.0/8", "10.0.0.9-10.0.0.1", "10.0.0.1-fd00::1", "999.1.1.1", "-x", "web..org", "x" * 300,
     "::-ffff::", "1.2.3.4/99", "http://web", "user@web", "$(id)"],
)  # fmt: skip
def test_what_is_none_is_refused(target: str) -> None:
    with pytest.raises(InvalidField):
        addresses_of([target])


def test_too_many_are_refused() -> None:
    with pytest.raises(InvalidField, match=f"{MAX_ADDRESSES:,}"):
        addresses_of(["10.0.0.0/20", "10.1.0.0/20"])
