"""Plain pairwise comparators for ecosystems whose tool cannot be installed here.

They walk two versions side by side as the tools' documentation describes it, share no code with the keys,
and take no care of speed: a second, independent reading of the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import zip_longest

Pair = tuple[str, str]


def _sign(a: object, b: object) -> int:
    return (a > b) - (a < b)  # type: ignore[operator]


# apk-tools 3 ---------------------------------------------------------------------------------------------

_APK_SUFFIXES = ("alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p")
_APK_KINDS = ("first", "digit", "letter", "suffix", "suffix number", "hash", "revision", "end")


def _apk_tokens(version: str) -> list[tuple[str, str]] | None:
    kinds = {".": "digit", "_": "suffix", "~": "hash", "-r": "revision"}
    tokens = []
    rest = version
    if not (match := re.match(r"[0-9]+", rest)):
        return None
    tokens.append(("first", match[0]))
    rest = rest[match.end() :]
    while rest:
        last = _APK_KINDS.index(tokens[-1][0])
        match = re.match(r"(\.|-r)([0-9]+)|(_)([a-z]+)|(~)([0-9a-f]+)|()([0-9]+)|()([a-z])", rest)
        if not match:
            return None
        lead, value = next((a, b) for a, b in zip(*[iter(match.groups())] * 2, strict=True) if b is not None)
        kind = kinds.get(lead) or ("suffix number" if value.isdigit() else "letter")
        allowed = {
            "digit": last <= 1, "letter": last <= 1, "suffix": last <= 4, "suffix number": last == 3,
            "hash": last < 5, "revision": last < 6,
        }  # fmt: skip
        if not allowed[kind] or (kind == "suffix" and value not in _APK_SUFFIXES):
            return None
        tokens.append((kind, value))
        rest = rest[match.end() :]
    return [*tokens, ("end", "")]


def _apk_same_kind(kind: str, a: str, b: str) -> int:
    if kind == "suffix":
        return _sign(_APK_SUFFIXES.index(a), _APK_SUFFIXES.index(b))
    if kind in ("letter", "hash") or (kind == "digit" and "0" in (a[0], b[0])):
        return _sign(a, b)
    return _sign(int(a), int(b))


def _apk_rank(kind: str, value: str) -> int:
    if kind == "suffix" and _APK_SUFFIXES.index(value) < 4:
        return -100
    return -_APK_KINDS.index(kind)


def _apk(a: str, b: str) -> str:
    x, y = _apk_tokens(a), _apk_tokens(b)
    if x is None or y is None:
        return "?"
    for (kind_a, value_a), (kind_b, value_b) in zip(x, y, strict=False):
        if kind_a != kind_b:
            return "<=>"[_sign(_apk_rank(kind_a, value_a), _apk_rank(kind_b, value_b)) + 1]
        if kind_a != "end" and (sign := _apk_same_kind(kind_a, value_a, value_b)):
            return "<=>"[sign + 1]
    return "="


# NuGet, pub, Hackage -------------------------------------------------------------------------------------


def _labels(a: list[str], b: list[str], *, limit: int | None, fold: bool) -> int:
    for x, y in zip_longest(a, b):
        if x is None or y is None:
            return -1 if x is None else 1
        numeric = [part.isdigit() and (limit is None or int(part) <= limit) for part in (x, y)]
        if all(numeric):
            sign = _sign(int(x), int(y))
        elif any(numeric):
            sign = -1 if numeric[0] else 1
        else:
            sign = _sign(x.upper(), y.upper()) if fold else _sign(x, y)
        if sign:
            return sign
    return 0


def _cut(version: str) -> tuple[list[int], list[str], list[str]] | None:
    match = re.fullmatch(r"([0-9.]+?)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?", version)
    if not match:
        return None
    lists = [part.split(".") if part is not None else [] for part in match.groups()]
    if any("" in part for part in lists):
        return None
    return [int(part) for part in lists[0]], lists[1], lists[2]


def _nuget(a: str, b: str) -> str:
    x, y = _cut(a), _cut(b)
    if x is None or y is None or max(len(x[0]), len(y[0])) > 4:
        return "?"
    numbers = [cut[0] + [0] * (4 - len(cut[0])) for cut in (x, y)]
    sign = _sign(numbers[0], numbers[1]) or _sign(not x[1], not y[1])
    return "<=>"[(sign or _labels(x[1], y[1], limit=2**31 - 1, fold=True)) + 1]


def _pub(a: str, b: str) -> str:
    x, y = _cut(a), _cut(b)
    if x is None or y is None or len(x[0]) != 3 or len(y[0]) != 3:
        return "?"
    sign = _sign(x[0], y[0]) or _sign(not x[1], not y[1]) or _labels(x[1], y[1], limit=None, fold=False)
    return "<=>"[(sign or _labels(x[2], y[2], limit=None, fold=False)) + 1]


def _hackage(a: str, b: str) -> str:
    if not all(re.fullmatch(r"[0-9]+(\.[0-9]+)*", version) for version in (a, b)):
        return "?"
    return "<=>"[_sign([int(x) for x in a.split(".")], [int(x) for x in b.split(".")]) + 1]


# Homebrew ------------------------------------------------------------------------------------------------

_BREW_TOKENS = (
    ("alpha", r"alpha[0-9]*|a[0-9]+"),
    ("beta", r"beta[0-9]*|b[0-9]+"),
    ("pre", r"pre[0-9]*"),
    ("rc", r"rc[0-9]*"),
    ("patch", r"p[0-9]*"),
    ("post", r".post[0-9]+"),
    ("number", r"[0-9]+"),
    ("word", r"[a-z]+"),
)
_BREW_STAGES = ("alpha", "beta", "pre", "rc")


def _brew_tokens(version: str) -> list[tuple[str, str]]:
    pattern = "|".join(f"(?P<{name}>{text})" for name, text in _BREW_TOKENS)
    return [(str(match.lastgroup), match[0]) for match in re.finditer(pattern, version, re.IGNORECASE)]


def _brew_number(value: str) -> int:
    found = re.search(r"[0-9]+", value)
    return int(found[0]) if found else 0


def _brew_order(a: tuple[str, str] | None, b: tuple[str, str] | None) -> int:
    """Two tokens at one place, neither a number beside a word; None is a missing one."""
    if a is None or b is None:
        if a is None and b is None:
            return 0
        if a is None:
            return -_brew_order(b, a)
        if a[0] == "number":
            return int(_brew_number(a[1]) > 0)
        return -1 if a[0] in _BREW_STAGES else 1
    ranks = [_BREW_STAGES.index(kind) if kind in _BREW_STAGES else 9 for kind, _ in (a, b)]
    if ranks[0] != ranks[1]:
        return _sign(*ranks)
    if a[0] == b[0] and a[0] != "word":
        return _sign(_brew_number(a[1]), _brew_number(b[1]))
    return _sign(a[1], b[1])


def _brew(a: str, b: str) -> str:
    cut = [re.fullmatch(r"(.+?)(?:_([0-9]+))?", version) for version in (a, b)]
    assert cut[0]
    assert cut[1]
    x, y = _brew_tokens(cut[0][1]), _brew_tokens(cut[1][1])
    if not x or not y:
        return "?"
    i = j = 0
    while i < len(x) or j < len(y):
        left = x[i] if i < len(x) else None
        right = y[j] if j < len(y) else None
        numeric = [token is not None and token[0] == "number" for token in (left, right)]
        if numeric[0] and not numeric[1]:
            if _brew_number(x[i][1]):
                return ">"
            i += 1
        elif numeric[1] and not numeric[0]:
            if _brew_number(y[j][1]):
                return "<"
            j += 1
        elif sign := _brew_order(left, right):
            return "<=>"[sign + 1]
        else:
            i, j = i + 1, j + 1
    return "<=>"[_sign(int(cut[0][2] or 0), int(cut[1][2] or 0)) + 1]


def _all(verdict: Callable[[str, str], str]) -> Callable[[Sequence[Pair]], list[str]]:
    return lambda lines: [verdict(a, b) for a, b in lines]


PAIRWISE: dict[str, Callable[[Sequence[Pair]], list[str]]] = {
    "apk": _all(_apk),
    "nuget": _all(_nuget),
    "pub": _all(_pub),
    "hackage": _all(_hackage),
    "homebrew": _all(_brew),
}
