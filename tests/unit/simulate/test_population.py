"""A population is a function: the same answer for any device on any day, however it is asked."""

from __future__ import annotations

import numpy as np
import pytest

from weakspot.simulate.catalogue import FAMILIES, RELEASES, Catalogue
from weakspot.simulate.population import Population

CATALOGUE = Catalogue(7, size=2_000)


def population(devices: int = 300, seed: int = 7) -> Population:
    return Population(seed, devices, CATALOGUE)


def test_one_device_and_the_whole_fleet_give_the_same() -> None:
    fleet = population()
    whole = [(owners, numbers) for owners, numbers in fleet.installations(10)]
    owners, numbers = (np.concatenate(parts) for parts in zip(*whole, strict=True))
    for device in (0, 1, 150, 299):
        assert numbers[owners == device].tolist() == fleet.installed(device, 10).tolist()


def test_a_larger_fleet_begins_with_the_smaller_one() -> None:
    assert population(10).installed(3, 5).tolist() == population(1_000).installed(3, 5).tolist()
    assert population(10).described(3) == population(1_000).described(3)


def test_another_seed_is_another_fleet() -> None:
    assert population(seed=7).installed(3, 5).tolist() != population(seed=8).installed(3, 5).tolist()


def test_devices_have_software_of_their_own_family_about_as_much_as_real_ones() -> None:
    fleet = population()
    sizes = []
    for device in range(100):
        numbers = fleet.installed(device, 0)
        sizes.append(len(numbers))
        products = numbers // RELEASES
        assert len(np.unique(products)) == len(products)
        assert {CATALOGUE.family_of(one) for one in numbers.tolist()} == {fleet.family(device)}
    assert 110 < sum(sizes) / len(sizes) < 170


def test_days_bring_few_changes_and_patch_days_many() -> None:
    fleet = population()
    changes = [
        len(np.setxor1d(fleet.installed(device, day), fleet.installed(device, day + 1)))
        for device in range(20)
        for day in range(30)
    ]
    assert sum(count == 0 for count in changes) > len(changes) / 2
    assert max(changes) > 20


def test_every_family_and_many_sites_occur() -> None:
    fleet = population()
    assert {fleet.family(device) for device in range(300)} == set(range(len(FAMILIES)))
    assert len({fleet.site(device) for device in range(300)}) > 10


def test_laptops_are_away_at_times_and_others_never() -> None:
    fleet = population()
    for device in range(60):
        away = sum(fleet.is_away(device, day) for day in range(0, 700, 14))
        assert away == 0 or fleet.is_laptop(device)
    assert any(fleet.is_away(device, 0) for device in range(300))


def test_hardware_ids_are_unique_and_a_device_keeps_its_serial_when_it_is_installed_anew() -> None:
    fleet = population()
    ids = [(h.kind, h.value) for device in range(300) for h in fleet.described(device).hardware_ids if h.kind != "mac"]
    assert len(set(ids)) == len(ids)
    before, after = fleet.described(5, 0), fleet.described(5, 4_000)
    assert before.hardware_ids[0] != after.hardware_ids[0]
    assert before.hardware_ids[1] == after.hardware_ids[1]


def test_an_empty_fleet_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one device"):
        Population(1, 0, CATALOGUE)
