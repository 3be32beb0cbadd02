"""Settings of simulated devices: the same from the same seed, and something of every result for every check."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from weakspot import posture
from weakspot.simulate.catalogue import FAMILIES, Catalogue
from weakspot.simulate.configuration import UNTOLD, Configuration
from weakspot.simulate.population import Population

DEVICES = 300


def population(seed: int = 3) -> Population:
    return Population(seed, DEVICES, Catalogue(seed, size=400), per_device=5)


def test_the_same_seed_gives_the_same_settings_on_any_day_in_any_order() -> None:
    one, other = Configuration(population()), Configuration(population())
    asked = [(7, 90), (3, 0), (250, 30)]
    assert [one.told(*each) for each in asked] == [other.told(*each) for each in reversed(asked)][::-1]
    assert any(one.told(number, 0) != Configuration(population(4)).told(number, 0) for number in range(5))


def test_many_devices_at_once_have_what_each_has() -> None:
    made = population()
    configuration = Configuration(made)
    mine = np.array([one for one in range(DEVICES) if made.family(one) == 1], np.int64)
    codes = configuration.codes(1, mine, 60)
    choices = configuration.choices[1]
    for device, row in zip(mine.tolist(), codes.tolist(), strict=True):
        told = [choice.values[code] for choice, code in zip(choices, row, strict=True) if code != UNTOLD]
        assert configuration.told(device, 60) == tuple(told)
        assert len({one.name for one in told}) == len(told)


def test_every_check_of_its_systems_has_devices_that_comply_and_that_do_not() -> None:
    made = population()
    configuration = Configuration(made)
    results: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for device in range(DEVICES):
        told = {one.name: one.value for one in configuration.told(device, 0)}
        system = FAMILIES[made.family(device)].os.platform.lower()
        for check in posture.checks().values():
            if system in check.platforms:
                results[check.id][posture.evaluate(check, told.get(check.setting))] += 1
    assert len(results) > 50
    for check_id, found in results.items():
        assert min(found[one] for one in ("compliant", "non_compliant", "unknown")) > 0, (check_id, found)
    whole = sum(results.values(), Counter())
    assert 0.5 < whole["compliant"] / whole.total() < 0.85


def test_sites_harden_their_devices_with_time() -> None:
    configuration = Configuration(population())
    checks = {one.setting: one for one in posture.checks().values()}

    def complying(day: int) -> int:
        return sum(
            posture.evaluate(checks[one.name], one.value) == "compliant"
            for device in range(DEVICES)
            for one in configuration.told(device, day)
        )

    assert complying(0) < complying(200) < complying(600)
