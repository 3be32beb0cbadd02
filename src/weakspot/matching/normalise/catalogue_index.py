"""The catalogue as it is asked: by bare name, in one look-up, then by the few patterns that begin alike."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from weakspot.matching.normalise.patterns import compile_pattern, is_pattern
from weakspot.matching.normalise.rules import Rule
from weakspot.vocabulary.program_names import BareName, bare, clean, words

_FIRST_NUMBER = re.compile(r"(\d{1,9})(?!\d)")

UNVERIFIED_PUBLISHER = 10
"""Taken off the confidence where an inventory names no publisher to agree with."""


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """What a program is. ``version`` is the one to compare, empty where none can be compared."""

    identities: tuple[str, ...]
    """CPE identities, the product's own first."""
    version: str
    microsoft: tuple[str, ...]
    """Names under which Microsoft's own advisories speak of it."""
    edition: str
    method: str
    confidence: int
    branch: int = 0
    is_channel: bool = False

    @property
    def code(self) -> str:
        """``vendor-_-product``."""
        return self.identities[0].replace(":", "-_-", 1)


class Catalogue:
    """Rules, ready to be asked. A later rule for the same name and platform comes before earlier ones."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._exact: dict[str, list[Rule]] = defaultdict(list)
        self._patterns: dict[str, list[tuple[re.Pattern[str], Rule]]] = defaultdict(list)
        self.size = 0
        for rule in rules:
            self.size += 1
            for name in rule.names:
                if is_pattern(name):
                    self._patterns[_first_word(name)].insert(0, (compile_pattern(name), rule))
                else:
                    self._exact[name].insert(0, rule)

    def find(self, name: str, publisher: str, version: str, platform: str) -> Product | None:
        """The product of a program as an inventory names it, or None. ``platform``: windows, macos, linux or empty."""
        name_found = bare(name, version)
        by = set(words(publisher)) if publisher.strip() else None
        for rule, places in self._candidates(name_found, name):
            if rule.platforms and platform not in rule.platforms:
                continue
            if by is not None and rule.by and by.isdisjoint(rule.by):
                continue
            return _product(rule, places, name_found, version, is_verified=by is not None)
        return None

    def _candidates(self, found: BareName, name: str) -> Iterator[tuple[Rule, tuple[str, ...]]]:
        for rule in self._exact.get(found.text, ()):
            yield rule, ()
        # A place of a pattern may be what would count as a decoration at the end: both forms are tried.
        forms = dict.fromkeys((bare(name, "").text, found.text, clean(name)))
        for text in forms:
            for pattern, rule in self._patterns.get(_first_word(text), ()):
                if match := pattern.fullmatch(text):
                    yield rule, match.groups()


def _first_word(text: str) -> str:
    return text.split(" ", 1)[0]


def _product(rule: Rule, places: tuple[str, ...], found: BareName, reported: str, *, is_verified: bool) -> Product:
    version = _version(rule, places, found, reported.strip())
    if rule.parts:
        version = ".".join(version.split(".")[: rule.parts])
    if rule.first is not None and not _is_within(version, rule.first):
        version = ""
    numbers = version.split(".") + ["0"] * 4
    return Product(
        identities=(rule.product, *rule.also),
        version=version,
        microsoft=tuple(name.format(*numbers, n=places[0] if places else "") for name in rule.microsoft)
        if version
        else (),
        edition=rule.edition,
        method="catalogue",
        confidence=rule.confidence if is_verified or not rule.by else max(1, rule.confidence - UNVERIFIED_PUBLISHER),
        branch=rule.branch,
        is_channel=rule.is_channel,
    )


def _is_within(version: str, span: tuple[int, int]) -> bool:
    match = _FIRST_NUMBER.match(version)
    return match is not None and span[0] <= int(match[1]) <= span[1]


def _version(rule: Rule, places: tuple[str, ...], found: BareName, reported: str) -> str:
    if rule.version == "none":
        return ""
    if rule.version == "reported":
        return reported or found.version
    if rule.version == "name":
        named = next((place for place in places if "." in place), "") or found.version
        # The reported one counts where it only says the same more exactly.
        return reported if not named or reported.startswith(named + ".") else named
    return rule.version.format(*places) if places else reported
