"""A simulated fleet: which devices there are, what is installed on each of them on any day.

Nothing is stored: every fact is a hash of the seed, the device and the day, so that any device can be asked for on any
day, in any order, one at a time or all at once, with the same answer.

What real fleets do is in it: a patch day a month for each site, devices and single packages that lag behind, software
that comes and goes, laptops that are away for weeks, machines that are installed anew.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from weakspot.inventory.contracts import DescribedDevice, Hardware, HardwareId, Interface
from weakspot.simulate.catalogue import BASE, FAMILIES, RELEASES, Catalogue, Floats, Ints

Words = NDArray[np.uint64]

SITES = 40
PER_DEVICE = 150
PATCH_DAYS = 30
_CHUNK = 2_000
_SLOTS = 1.42
"""Slots for each installation wanted: popular products are named by several."""
_AWAY_DAYS = 14
_MODELS = (("Dell Inc.", "Latitude 7440"), ("LENOVO", "ThinkPad T14 Gen 4"), ("HP", "EliteDesk 800 G9"))
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
# What a hash is for: the same device and day give independent numbers.
_FAMILY, _SITE, _IDENTITY, _INCARNATION, _AWAY, _LAG, _KEEP, _SLOT, _PICK, _HELD, _TIME = range(1, 12)


class Population:
    """A fleet of ``devices`` devices, numbered 0 .. devices - 1. The same arguments give the same fleet."""

    def __init__(
        self, seed: int, devices: int, catalogue: Catalogue | None = None, *, per_device: int = PER_DEVICE
    ) -> None:
        """per_device: about how many installations a device has."""
        if devices < 1 or per_device < 1:
            raise ValueError("a fleet has at least one device, and a device one installation")
        self.seed = seed
        self.devices = devices
        self.catalogue = catalogue if catalogue is not None else Catalogue(seed)
        self._seed = np.uint64(seed & 0xFFFF_FFFF_FFFF_FFFF)
        self._base = min(BASE, per_device)
        self._slots = max(1, round(per_device * _SLOTS))
        self._shares: Floats = np.cumsum([family.share for family in FAMILIES])
        self._site_shares: Floats = np.cumsum(1 / np.arange(1, SITES + 1) ** 1.1)
        self._site_shares /= self._site_shares[-1]

    def family(self, device: int) -> int:
        """Index in ``FAMILIES``."""
        return int(self._families(np.array([device]))[0])

    def site(self, device: int) -> int:
        """0 .. SITES - 1; few sites hold most devices. Sites become device groups and share a patch day."""
        return int(self._sites(np.array([device]))[0])

    def is_laptop(self, device: int) -> bool:
        """Laptops are away at times."""
        return _is_laptop(int(self._hash(_IDENTITY, np.array([device]))[0]))

    def is_away(self, device: int, day: int) -> bool:
        """Whether the device does not report on that day."""
        spell = self._hash(_AWAY, np.array([device]), np.array([day // _AWAY_DAYS]))
        return self.is_laptop(device) and bool(_share(spell)[0] < 0.12)

    def families(self, devices: Ints) -> Ints:
        """As ``family``, of many devices."""
        return self._families(devices)

    def sites(self, devices: Ints) -> Ints:
        """As ``site``, of many devices."""
        return self._sites(devices)

    def incarnations(self, devices: Ints, day: int) -> Ints:
        """How often each device was installed anew up to a day."""
        return self._incarnations(devices, day)

    def share(self, purpose: int, *parts: Ints) -> Floats:
        """Numbers in [0, 1), evenly spread, that follow from the seed, what they are for and the parts together."""
        return _share(self._hash(purpose, *parts))

    def described(self, device: int, day: int = 0) -> DescribedDevice:
        """What the device says of itself; its machine id changes when it is installed anew."""
        return self.described_each(np.array([device], np.int64), day)[0]

    def described_each(self, devices: Ints, day: int = 0) -> list[DescribedDevice]:
        """As ``described``, of many devices."""
        incarnations = self._incarnations(devices, day)
        identities = self._hash(_IDENTITY, devices)
        columns = (
            devices, identities, self._hash(_IDENTITY, devices, incarnations), self._sites(devices),
            self._families(devices),
        )  # fmt: skip
        return [self._described(*row) for row in zip(*(one.tolist() for one in columns), strict=True)]

    def _described(self, device: int, identity: int, fresh: int, site: int, family: int) -> DescribedDevice:
        vendor, model = _MODELS[identity % len(_MODELS)]
        word = "lt" if _is_laptop(identity) else "pc"
        mac = ":".join(f"{byte:02x}" for byte in (2, *identity.to_bytes(8, "big")[:5]))
        return DescribedDevice(
            name=f"site{site + 1:02d}-{word}-{device:07d}",
            os=FAMILIES[family].os,
            domain="example.test",
            hardware=Hardware(vendor=vendor, model=model, serial=f"S{identity:016X}", memory_bytes=16 << 30),
            hardware_ids=(
                HardwareId("machine_id", f"{fresh:016x}{self.seed & 0xFFFFFFFF:08x}{device:08x}"),
                HardwareId("serial", f"S{identity:016X}{device:07d}"),
                HardwareId("mac", mac),
            ),
            interfaces=(
                Interface("eth0", mac, (f"10.{device >> 16 & 255}.{device >> 8 & 255}.{device & 255}",), "up"),
            ),
        )

    def installed(self, device: int, day: int) -> Ints:
        """Software numbers on a device on a day, ascending and unique."""
        return self.installed_on(np.array([device], np.int64), day)[1]

    def installations(self, day: int, start: int = 0, stop: int | None = None) -> Iterator[tuple[Ints, Ints]]:
        """(devices, software numbers) of a part of the fleet, chunk by chunk, ascending."""
        end = self.devices if stop is None else min(stop, self.devices)
        for first in range(start, end, _CHUNK):
            yield self.installed_on(np.arange(first, min(first + _CHUNK, end)), day)

    def installed_on(self, devices: Ints, day: int) -> tuple[Ints, Ints]:
        """(devices, software numbers) of some devices, ascending; memory grows with them: a few thousand at a time."""
        incarnations = self._incarnations(devices, day)
        products, keep = self._products(devices, incarnations, day)
        owners = np.repeat(devices, self._slots)[keep.ravel()]
        chosen = products.ravel()[keep.ravel()]
        since = np.repeat(self._patched(devices, incarnations, day), self._slots)[keep.ravel()]
        held = self._hash(_HELD, owners, chosen)
        late = np.where(_share(held) < 0.08, _share(self._hash(_TIME, held)) * 400, 0.0)
        numbers = chosen * RELEASES + self.catalogue.releases(chosen, since - late)
        # A product that two slots name is there once: its release follows from device and product.
        # (np.unique hashes, which takes several times as long as sorting.)
        pairs = np.sort((owners << 32) | numbers)
        pairs = pairs[np.diff(pairs, prepend=-1) != 0]
        return pairs >> 32, pairs & 0xFFFF_FFFF

    def _products(self, devices: Ints, incarnations: Ints, day: int) -> tuple[Ints, NDArray[np.bool_]]:
        """Product of every slot of every device, and whether the slot is filled."""
        slots = np.arange(self._slots)
        owner, image = devices[:, None], incarnations[:, None]
        life = self._hash(_SLOT, owner, slots[None, :])
        share = _share(life)
        days = 60 + share * 2_000
        epoch = np.floor(day / days + share * 997).astype(np.int64)
        pick = _share(self._hash(_PICK, owner, image, slots[None, :], epoch))
        products = np.empty(pick.shape, np.int64)
        families = self._families(devices)
        for number in range(len(FAMILIES)):
            mine = families == number
            found = np.searchsorted(self.catalogue.popularity[number], pick[mine], side="right")
            count = self.catalogue.starts[number + 1] - self.catalogue.starts[number]
            products[mine] = np.minimum(found, count - 1) + self.catalogue.starts[number]
            products[mine, : self._base] = np.arange(self._base) + self.catalogue.starts[number]
        keep = np.ones(products.shape, np.bool_)
        keep[:, : self._base] = _share(self._hash(_KEEP, owner, image, slots[None, : self._base])) < 0.95
        return products, keep

    def _patched(self, devices: Ints, incarnations: Ints, day: int) -> Floats:
        """The day whose releases a device has: the last patch day of its site, less what it lags behind."""
        offset = self._sites(devices) * 7 % PATCH_DAYS
        last = np.floor((day - offset) / PATCH_DAYS) * PATCH_DAYS + offset
        how = self._hash(_LAG, devices, incarnations)
        share, months = _share(how), _share(self._hash(_LAG, how))
        lag = np.where(share < 0.7, 0.0, np.where(share < 0.95, 1 + months * 5, 6 + months * 24))
        return np.asarray(last - np.floor(lag) * PATCH_DAYS, np.float64)

    def _incarnations(self, devices: Ints, day: int) -> Ints:
        share = _share(self._hash(_INCARNATION, devices))
        return np.floor(day / (500 + share * 2_500) + share * 7).astype(np.int64)

    def _families(self, devices: Ints) -> Ints:
        found = np.searchsorted(self._shares, _share(self._hash(_FAMILY, devices)), side="right")
        return np.minimum(found, len(FAMILIES) - 1)

    def _sites(self, devices: Ints) -> Ints:
        found = np.searchsorted(self._site_shares, _share(self._hash(_SITE, devices)), side="right")
        return np.minimum(found, SITES - 1)

    def _hash(self, purpose: int, *parts: NDArray[np.int64] | Words) -> Words:
        mixed: Words = _mixed(np.array([self._seed]) ^ (np.array([purpose], np.uint64) * _MIX[1]))
        for part in parts:
            mixed = _mixed(mixed ^ (part.astype(np.uint64) * _MIX[0]))
        return mixed


def _is_laptop(identity: int) -> bool:
    return identity % 10 < 4


def _mixed(values: Words) -> Words:
    """The finishing step of splitmix64; arithmetic is modulo 2**64."""
    values = values + _MIX[0]
    values = (values ^ (values >> np.uint64(30))) * _MIX[1]
    values = (values ^ (values >> np.uint64(27))) * _MIX[2]
    return values ^ (values >> np.uint64(31))


def _share(hashed: Words) -> Floats:
    """Uniform in [0, 1)."""
    return (hashed >> np.uint64(11)).astype(np.float64) * 2.0**-53
