"""Settings of simulated devices, so that every check has devices that comply, that do not, and that do not say.

As all of the fleet they are a hash of the seed, the device and the day. What real fleets do is in it: a site hardens
one setting after the other, some devices drift from what their site decided, some things are not there to be set, and
some are not told.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec
import numpy as np

from weakspot import posture
from weakspot.inventory.detail_contracts import Setting
from weakspot.posture import Check
from weakspot.simulate.catalogue import FAMILIES, Floats, Ints
from weakspot.simulate.population import Population

_POLICY, _DRIFT, _EASE, _THERE, _TOLD, _VALUE = range(20, 26)  # what a hash is for, as in ``population``
_ROLLOUT_DAYS = 1_200
_DRIFTED, _BY_CHANCE = 0.04, 0.3
_NOT_THERE, _NOT_TOLD, _MUTE = 0.15, 0.02, 0.03
_OPPOSITES = {
    "enabled": "disabled", "disabled": "enabled", "yes": "no", "no": "yes", "on": "off", "off": "on",
    "active": "inactive", "inactive": "active", "true": "false", "false": "true",
}  # fmt: skip
UNTOLD = -1
_BLOCK, _BLOCKS = 512, 256


class Choice(msgspec.Struct, frozen=True):
    """One setting with the values that it may have. values: those that comply, the others, those of nothing to set."""

    name: str
    subcategory: int
    values: tuple[Setting, ...]
    good: int
    bad: int


class _Columns(msgspec.Struct, frozen=True):
    """The choices of one family as rows of one line."""

    number: Ints
    kind: Ints
    good: Ints
    bad: Ints
    gone: Ints
    ease: Floats


class Configuration:
    """The settings of a population. The same population gives the same settings on any day."""

    def __init__(self, population: Population) -> None:
        self._population = population
        every = [one for one in posture.checks().values() if not one.is_own]
        kinds = sorted({one.subcategory for one in every})
        self.choices: list[list[Choice]] = [
            _choices([one for one in every if family.os.platform.lower() in one.platforms], kinds)
            for family in FAMILIES
        ]

        self._block = lru_cache(maxsize=_BLOCKS)(self._in_block)
        self._columns = [self._column(number, some) for number, some in enumerate(self.choices)]

    def _column(self, family: int, some: Sequence[Choice]) -> _Columns:
        number = np.arange(len(some), dtype=np.int64)[None, :] + family * 1_000
        kind, good, bad, whole = (
            np.array([values], np.int64)
            for values in zip(*((one.subcategory, one.good, one.bad, len(one.values)) for one in some), strict=True)
        )
        ease = 0.25 + 0.7 * self._population.share(_EASE, number)
        return _Columns(number, kind, good, bad, whole - good - bad, ease)

    def told(self, device: int, day: int) -> tuple[Setting, ...]:
        """What a device tells on a day, by name."""
        return self.settings(*self._block(device // _BLOCK, day)[device % _BLOCK])

    def settings(self, family: int, codes: Iterable[int]) -> tuple[Setting, ...]:
        """A row of ``codes`` as settings."""
        return tuple(
            choice.values[code] for choice, code in zip(self.choices[family], codes, strict=True) if code != UNTOLD
        )

    def _in_block(self, block: int, day: int) -> list[tuple[int, array[int]]]:
        """(family, codes) of some devices with numbers in a row: as dear as one of them."""
        devices = np.arange(block * _BLOCK, (block + 1) * _BLOCK, dtype=np.int64)
        families = self._population.families(devices)
        found: dict[int, tuple[int, array[int]]] = {}
        for family in range(len(FAMILIES)):
            mine = devices[families == family]
            for device, row in zip(mine.tolist(), self.codes(family, mine, day).tolist(), strict=True):
                found[device] = family, array("b", row)
        return [found[one] for one in devices.tolist()]

    def codes(self, family: int, devices: Ints, day: int) -> Ints:
        """For each device of one family (rows) and each of its choices (columns): which value it has, or UNTOLD."""
        of = self._columns[family]
        owner, share = devices[:, None], self._population.share
        pick = share(_VALUE, owner, of.number)
        found = np.where(self._complies(of, devices, day), _nth(pick, of.good), of.good + _nth(pick, of.bad))
        is_gone = (share(_THERE, owner, of.kind) < _NOT_THERE) & (of.gone > 0)
        found = np.where(is_gone, of.good + of.bad + _nth(pick, of.gone), found)
        is_mute = share(_TOLD, owner) < _MUTE
        return np.where(is_mute | (share(_TOLD, owner, of.number) < _NOT_TOLD), UNTOLD, found)

    def _complies(self, of: _Columns, devices: Ints, day: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        population = self._population
        site, image = population.sites(devices)[:, None], population.incarnations(devices, day)[:, None]
        is_hardened = day >= (population.share(_POLICY, site, of.number) - of.ease) * _ROLLOUT_DAYS
        chance = population.share(_DRIFT, devices[:, None], image, of.number)
        return np.where(is_hardened, chance >= _DRIFTED, chance < _BY_CHANCE)


def _nth(pick: Floats, of: Ints) -> Ints:
    """One of so many, evenly."""
    return np.floor(pick * of).astype(np.int64)


def _choices(checks: Sequence[Check], kinds: Sequence[str]) -> list[Choice]:
    found = {}
    for check in checks:
        good, bad = _values(check)
        if check.setting not in found and good and bad:
            texts = (*good, *bad, *check.not_applicable)
            values = tuple(Setting(check.setting, text) for text in texts)
            found[check.setting] = Choice(
                check.setting, kinds.index(check.subcategory), values, len(good), len(bad)
            )  # fmt: skip
    return [found[name] for name in sorted(found)]


def _values(check: Check) -> tuple[list[str], list[str]]:
    """(values that comply, values that do not), at most three of each."""
    expected = check.compliant
    tried = ["absent", "0", "1", "2"]
    if expected.equals is not None:
        tried = [expected.equals, _OPPOSITES.get(expected.equals, "absent"), *tried]
    elif expected.one_of is not None:
        tried = [*expected.one_of, *(_OPPOSITES.get(one, "absent") for one in expected.one_of), *tried]
    else:
        limit = expected.at_least if expected.at_least is not None else expected.at_most or 0
        tried = [str(limit), str(limit * 2), str(limit // 2), str(limit + 1), str(max(0, limit - 1))]
    results = {text: posture.evaluate(check, text) for text in tried}
    good = [text for text, result in results.items() if result == "compliant"]
    bad = [text for text, result in results.items() if result == "non_compliant"]
    return good[:3], bad[:2]
