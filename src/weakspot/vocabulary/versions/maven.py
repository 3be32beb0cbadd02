"""Maven versions: `ComparableVersion` of Maven 3.8, the Maven POM reference, "Version Order Specification".

A version is a list of numbers and qualifiers, cut at dots; a hyphen, each change between digits and letters,
and a dot before a qualifier that ends the version or that digits follow, open a list inside the list.
Missing items are empty: zero for a number, the release for a qualifier. alpha < beta < milestone < rc (cr)
< snapshot < release (also ga and final) < sp < any other word, in alphabetical order; a qualifier sorts
before a list, a list before a number.

That relation has no finite key: it even contains circles (`1.sp.1` > `1` > `1-rc` > `1.sp.1`). So `key` is
coarse: the leading numbers without zeros at the end. Keys that differ decide, and decide right: at the first
difference one side has a larger number, and whatever the other has there (a smaller number, nothing, a
qualifier, a list) is less. Keys that are equal leave the decision to `compare`.

Range tests: `introduced <= version < fixed` by keys with both ends included finds all candidates; those
whose key equals an end need `compare`.

Maven takes any string for a version. Refused here: anything but printable ASCII without blanks, and
placeholders (`${revision}`), ranges and wildcards, which name no version.
"""

import re
from functools import lru_cache
from itertools import zip_longest
from typing import TypeAlias

from weakspot.vocabulary.versions.encoding import NUMBERS, is_graphic, refused

_END = b"\x01"
_ZERO = NUMBERS["0"]

_leading_numbers = re.compile(r"[0-9]*(?:\.[0-9]*)*").match
_no_version = re.compile(r"[$(){}\[\]<>*,;|\\\"]").search
_pieces = re.compile(r"[0-9]+|[^0-9.-]+|[.-]").findall

# Java compares the ranks of qualifiers as text; an unknown one is "7-" and its name.
_RANKS = {"alpha": "0", "beta": "1", "milestone": "2", "rc": "3", "snapshot": "4", "": "5", "sp": "6"}
_RELEASE = "5"
_ALIASES = {"ga": "", "final": "", "release": "", "cr": "rc"}
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}

_Item: TypeAlias = bytes | str
"""An encoded number (bytes), or the rank of a qualifier (str)."""

_Levels: TypeAlias = tuple[tuple[_Item, ...], ...]
"""The nested lists from outside in: each holds the next as its last item, so depth is only length."""


def _qualifier(word: str, followed_by_digit: bool) -> str:
    if followed_by_digit:
        word = _SHORT.get(word, word)
    word = _ALIASES.get(word, word)
    return _RANKS.get(word) or "7-" + word


def _is_empty(item: _Item) -> bool:
    return item in (_ZERO, _RELEASE)


def _normalised(levels: list[list[_Item]]) -> _Levels:
    """Drop empty items at the end of each list, and lists that are left with nothing, from the inside."""
    kept: list[tuple[_Item, ...]] = []
    for level in reversed(levels):
        while level and _is_empty(level[-1]):
            level.pop()
        if level or kept:
            kept.append(tuple(level))
    return tuple(reversed(kept))


@lru_cache(maxsize=8_192)
def _parse(text: str) -> _Levels:
    levels: list[list[_Item]] = [[]]
    previous = "."
    pieces = _pieces(text)
    for index, piece in enumerate(pieces):
        if piece in ".-":
            if previous in ".-":
                levels[-1].append(_ZERO)
            if piece == "-":
                levels.append([])
        elif piece.isdigit():
            if previous not in ".-":
                levels.append([])
            levels[-1].append(NUMBERS[piece])
        else:
            following = pieces[index + 1] if index + 1 < len(pieces) else ""
            if previous not in ".-" or (levels[-1] and following not in (".", "-")):
                levels.append([])
            levels[-1].append(_qualifier(piece, following.isdigit()))
        previous = piece
    return _normalised(levels)


def _compare_items(a: _Item | None, b: _Item | None) -> int:
    """Two plain items; None is a missing one."""
    if a is None or b is None:
        if a is None and b is None:
            return 0
        return -_against_nothing(b) if a is None else _against_nothing(a)
    if isinstance(a, bytes):
        return 1 if isinstance(b, str) else (a > b) - (a < b)
    return -1 if isinstance(b, bytes) else (a > b) - (a < b)


def _against_nothing(item: _Item | None) -> int:
    if item is None:
        return 0
    if isinstance(item, bytes):
        return int(item != _ZERO)
    return (item > _RELEASE) - (item < _RELEASE)


def _list_against(levels: _Levels, item: _Item | None) -> int:
    """An inner list against a plain item: before a number, after a qualifier, item by item against none."""
    if isinstance(item, bytes):
        return -1
    if isinstance(item, str):
        return 1
    return next((sign for level in levels for item in level if (sign := _against_nothing(item))), 0)


def compare(a: str, b: str) -> int:
    """Exactly Maven's answer: negative, zero or positive. Both must be comparable (see `key`)."""
    left, right = _parse(a.lower()), _parse(b.lower())
    while left or right:
        a_items, b_items = (left[0] if left else ()), (right[0] if right else ())
        shared = min(len(a_items) if left[1:] else 1024, len(b_items) if right[1:] else 1024)
        for x, y in zip_longest(a_items[:shared], b_items[:shared]):
            if result := _compare_items(x, y):
                return result
        left, right = left[1:], right[1:]
        a_open, b_open = bool(left) and len(a_items) == shared, bool(right) and len(b_items) == shared
        if a_open and b_open:
            continue
        if a_open:
            return _list_against(left, b_items[shared] if len(b_items) > shared else None)
        if b_open:
            return -_list_against(right, a_items[shared] if len(a_items) > shared else None)
        return 0
    return 0


def key(version: str) -> bytes:
    """The leading numbers: a coarse key, exact only where two keys differ (see the module)."""
    if not is_graphic(version) or _no_version(version):
        return refused(version)
    match = _leading_numbers(version)
    numbers = [NUMBERS[digits] for digits in match[0].split(".")] if match else []
    while numbers and numbers[-1] == _ZERO:
        numbers.pop()
    return b"\x01" + b"".join(numbers) + _END
