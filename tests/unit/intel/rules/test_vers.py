"""weakspot.intel.rules.vers."""

from __future__ import annotations

import pytest

from weakspot.intel.contracts import Range
from weakspot.intel.rules.vers import ranges


def test_constraints_become_ranges() -> None:
    found = ranges("vers:npm/1.0|>=2.0|<2.5|>3.0|<=4.0|>=5", "npm", "a", "affected")
    assert found == [
        Range("npm", "a", "2.0", "2.5", "fixed"),
        Range("npm", "a", "3.0", "4.0", "last_affected", is_introduced_excluded=True),
        Range("npm", "a", "5"),
        Range("npm", "a", "0", None, "versions", ("1.0",)),
    ]


def test_an_upper_bound_alone_and_everything() -> None:
    assert ranges("vers:npm/<2", "npm", "a", "fixed") == [Range("npm", "a", "0", "2", "fixed", status="fixed")]
    assert ranges("vers:npm/*", "npm", "a", "not_affected") == [Range("npm", "a", status="not_affected")]


@pytest.mark.parametrize(
    "text", ["", "1.0", "vers:npm", "vers:npm/", "vers:npm/!=1", "vers:npm/a b", "vers:npm/" + "1|" * 2_000]
)
def test_what_is_not_read_says_so(text: str) -> None:
    with pytest.raises(ValueError, match="has a range"):
        ranges(text, "npm", "a", "affected")
