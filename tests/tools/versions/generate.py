"""Pairs of versions that lie close together: the ones on which comparators differ.

A version is drawn from a small grammar of its scheme, then changed in one or two places; now and then both
of a pair are drawn apart. Everything follows from the seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

_DIGIT_WORDS = "0 1 2 3 9 10 11 19 20 99 100 00 01 07 010 20240102 2147483648"
_DIGITS = tuple(_DIGIT_WORDS.split())
_PLAIN_DIGITS = tuple(digits for digits in _DIGITS if digits == "0" or digits[0] != "0")

_WORDS = {
    scheme: tuple(words.split())
    for scheme, words in {
        "dpkg": "~ ~~ ~rc ~beta + +b +deb12u +dfsg a b z A ubuntu - . +~ build",
        "rpm": "~ ^ ~rc ^git . .. _ + el fc a b A Z beta .module_el -",
        "apk": "_alpha _beta _pre _rc _cvs _svn _git _hg _p a b z ~ -r .",
        "pep440": "a b rc .dev .post - +local + . alpha -beta c pre r rev !",
        "maven": "- . alpha -beta -rc -SNAPSHOT .Final .GA -sp .RELEASE -jre a b m x -android .SP .CR -cr _"
        " final milestone + snapshot -1-",
        "gem": ". - a b pre .pre .rc .alpha .beta -java .a. .Z",
        "composer": ". - alpha -beta -RC -rc -dev .x-dev -p -patch pl a b -stable _ +",
        "homebrew": ". - _ a b rc alpha beta p .post pre x e -p",
        "cran": ". -",
        "hackage": ".",
    }.items()
}
_IDENTIFIER_WORDS = "alpha beta rc 0 1 2 10 11 a A - x-y 1a a1 00a dev 20240102150405"
_IDENTIFIERS = tuple(_IDENTIFIER_WORDS.split())


def _joined(rng: random.Random, scheme: str) -> str:
    text = rng.choice(_DIGITS)
    for _ in range(rng.randint(1, 5)):
        text += rng.choice(_WORDS[scheme]) if rng.random() < 0.5 else "."
        if rng.random() < 0.85:
            text += rng.choice(_DIGITS)
    return text


def _with_epoch(rng: random.Random, scheme: str) -> str:
    epoch = rng.choice(("", "", "", "0:", "1:", "2:", "10:"))
    release = rng.choice(("", "-0", "-1", "-1", "-2", "-10", "-1.1"))
    return epoch + _joined(rng, scheme) + release


def _semantic(rng: random.Random, parts: int, build: float, prefix: str = "") -> str:
    text = prefix + ".".join(rng.choice(_PLAIN_DIGITS) for _ in range(parts))
    if rng.random() < 0.6:
        text += "-" + ".".join(rng.choice(_IDENTIFIERS) for _ in range(rng.randint(1, 3)))
    if rng.random() < build:
        text += "+" + ".".join(rng.choice(_IDENTIFIERS) for _ in range(rng.randint(1, 2)))
    return text


def _numbers(rng: random.Random, separators: str, most: int) -> str:
    text = rng.choice(_DIGITS[:-1])
    for _ in range(rng.randint(1, most)):
        text += rng.choice(separators) + rng.choice(_DIGITS[:-1])
    return text


_DRAW: dict[str, Callable[[random.Random], str]] = {
    "dpkg": lambda rng: _with_epoch(rng, "dpkg"),
    "rpm": lambda rng: _with_epoch(rng, "rpm"),
    "apk": lambda rng: _joined(rng, "apk"),
    "pep440": lambda rng: _joined(rng, "pep440"),
    "maven": lambda rng: _joined(rng, "maven"),
    "gem": lambda rng: _joined(rng, "gem"),
    "composer": lambda rng: rng.choice(("", "", "v")) + _joined(rng, "composer"),
    "homebrew": lambda rng: _joined(rng, "homebrew"),
    "semver": lambda rng: _semantic(rng, 3, 0.2),
    "npm": lambda rng: _semantic(rng, 3, 0.2, rng.choice(("", "", "v", "=", "v="))),
    "cargo": lambda rng: _semantic(rng, 3, 0.2),
    "hex": lambda rng: _semantic(rng, 3, 0.2),
    "pub": lambda rng: _semantic(rng, 3, 0.5),
    "go": lambda rng: _semantic(rng, 3, 0.2, "v"),
    "nuget": lambda rng: _semantic(rng, rng.randint(1, 4), 0.2),
    "cran": lambda rng: _numbers(rng, ".-", 4),
    "hackage": lambda rng: _numbers(rng, ".", 4),
}

SCHEMES = tuple(_DRAW)

Slot = Callable[[random.Random], str]


def _maybe(chance: float, *choices: str, number: bool = False, times: int = 1) -> Slot:
    """A part that is there with a chance: one of the choices, with digits behind it or not."""

    def draw(rng: random.Random) -> str:
        text = ""
        for _ in range(rng.randint(1, times) if rng.random() < chance else 0):
            text += rng.choice(choices) + (rng.choice(_DIGITS) if number and rng.random() < 0.8 else "")
        return text

    return draw


def _dotted(rng: random.Random) -> str:
    return ".".join(rng.choice(_DIGITS[:-2]) for _ in range(rng.randint(1, 4)))


_SLOTS: dict[str, tuple[Slot, ...]] = {
    "apk": (
        _dotted,
        _maybe(0.2, *"abz"),
        _maybe(0.5, *(word for word in _WORDS["apk"] if word.startswith("_")), number=True, times=2),
        _maybe(0.15, "~0a1b", "~0a1b2c", "~f00"),
        _maybe(0.6, "-r0", "-r1", "-r2", "-r10"),
    ),
    "pep440": (
        _maybe(0.15, "1!", "2!", "v", "0!"),
        _dotted,
        _maybe(0.4, "a", ".b", "-rc", "c", ".alpha", "_pre", "preview", "beta-", number=True),
        _maybe(0.3, ".post", "-r", "post", "-1", ".rev", "-2", number=True),
        _maybe(0.3, ".dev", "dev", "-dev", number=True),
        _maybe(0.3, "+1", "+a", "+a.1", "+1.a", "+deb12-u1", "+Ubuntu_2", "+a.1.0"),
    ),
    "composer": (
        _maybe(0.2, "v", "V"),
        _dotted,
        _maybe(
            0.6,
            *("-alpha", "-beta", "-RC", "-rc.", ".a", "b", "-patch", "-pl-", "p", "-stable", "_beta"),
            number=True,
        ),
        _maybe(0.15, "-dev", ".dev", ".x-dev", "dev"),
        _maybe(0.15, "+build.1", "@dev", "@stable"),
    ),
}
"""Grammars so narrow that free edits mostly leave them: these are changed part by part."""


def _slotted(rng: random.Random, scheme: str) -> tuple[str, str]:
    parts = [slot(rng) for slot in _SLOTS[scheme]]
    changed = list(parts)
    for _ in range(rng.randint(1, 2)):
        at = rng.randrange(len(parts))
        changed[at] = _SLOTS[scheme][at](rng)
    return "".join(parts), "".join(changed)


def _edited(rng: random.Random, scheme: str, text: str) -> str:
    fragments = (
        *_DIGITS,
        *_WORDS.get(scheme, ()),
        *(_IDENTIFIERS if scheme not in _WORDS else ()),
        ".",
        "0",
        ".0",
    )
    at = rng.randint(0, len(text))
    kind = rng.random()
    if kind < 0.4:
        return text[:at] + rng.choice(fragments) + text[at:]
    if kind < 0.7:
        return text[:at] + text[at + rng.randint(1, 2) :]
    return text[:at] + rng.choice(fragments) + text[at + 1 :]


def pairs(scheme: str, count: int, seed: int = 1, real: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """`count` pairs for a scheme; with `real` versions, half of the pairs start from these."""
    rng = random.Random(seed)
    draw = _DRAW[scheme]
    for _ in range(count):
        if scheme in _SLOTS and rng.random() < 0.7:
            yield _slotted(rng, scheme)
            continue
        a = rng.choice(real) if real and rng.random() < 0.5 else draw(rng)
        if rng.random() < 0.1:
            b = rng.choice(real) if real else draw(rng)
        else:
            b = a
            for _ in range(rng.randint(1, 2)):
                b = _edited(rng, scheme, b)
        if a and b and not any(character.isspace() for character in a + b):
            yield a, b
