"""The software of a simulated fleet: families of operating systems, products with their releases, popularity.

Where the loaded knowledge names software and its fixed versions (``known``), products carry those names and versions,
so that real advisories match them; the rest is made up. Everything follows from the seed.

A *software number* is ``product * RELEASES + release``: dense enough for arrays, and it says what it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from weakspot.inventory.contracts import InstalledSoftware, OperatingSystem
from weakspot.simulate.programs import ECOSYSTEM, PROGRAMS
from weakspot.vocabulary import versions

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Known = Mapping[str, Mapping[str, Sequence[str]]]
"""Ecosystem (``Debian:12``, ``cpe``) -> name -> versions that an advisory names as fixed, in any order."""

RELEASES = 4096
"""Numbers kept for the releases of one product."""
BASE = 80
"""Products that nearly every device of a family has."""
_KNOWN_SHARE = 0.6
_KNOWN_RELEASES = 24
_PROGRAM_EVERY = 10
"""Of the most popular Windows programs, one in so many exists."""
_FIRST_DAYS, _LAST_DAYS = 25.0, 420.0
_WORDS = (
    "acorn", "amber", "anvil", "atlas", "aurora", "basin", "beacon", "birch", "bridge", "canvas", "cedar", "cinder",
    "cobalt", "comet", "copper", "coral", "crane", "delta", "drift", "ember", "falcon", "fern", "flint", "forge",
    "garnet", "glade", "harbor", "hazel", "heron", "indigo", "iris", "ivory", "jasper", "juniper", "kestrel", "lagoon",
    "lantern", "larch", "linden", "lotus", "maple", "marble", "meadow", "mercury", "mosaic", "nectar", "north", "oak",
    "onyx", "opal", "orbit", "osprey", "pearl", "pine", "prism", "quartz", "quill", "raven", "reef", "ridge", "river",
    "saffron", "sage", "sierra", "silver", "slate", "sorrel", "spruce", "summit", "tarn", "thistle", "timber", "topaz",
    "umber", "valley", "velvet", "willow", "zephyr",
)  # fmt: skip
_ENDINGS = {
    "dpkg": ("", "-common", "-data", "-utils", "-dev", "-bin"),
    "rpm": ("", "-libs", "-devel", "-common", "-tools", "-selinux"),
    "windows": (" Suite", " Runtime", " Client", " Agent", " Viewer", " Desktop"),
}


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """Devices with one operating system. ``share``: of the fleet; ``weight``: of the products."""

    key: str
    share: float
    weight: float
    kind: str
    ecosystem: str
    architecture: str
    os: OperatingSystem


FAMILIES = (
    Family(
        key="win", share=0.45, weight=0.3, kind="windows", ecosystem="", architecture="x64",
        os=OperatingSystem(platform="Windows", distribution="windows", version="11", version_full="10.0.22631",
                           architecture="x86_64"),
    ),
    Family(
        key="deb", share=0.2, weight=0.25, kind="dpkg", ecosystem="Debian:12", architecture="amd64",
        os=OperatingSystem(platform="Linux", distribution="debian", version="12", codename="bookworm",
                           kernel="6.1.0-25-amd64", architecture="x86_64"),
    ),
    Family(
        key="ubu", share=0.2, weight=0.25, kind="dpkg", ecosystem="Ubuntu:22.04:LTS", architecture="amd64",
        os=OperatingSystem(platform="Linux", distribution="ubuntu", version="22.04", codename="jammy",
                           kernel="5.15.0-119-generic", architecture="x86_64"),
    ),
    Family(
        key="alma", share=0.15, weight=0.2, kind="rpm", ecosystem="AlmaLinux:9", architecture="x86_64",
        os=OperatingSystem(platform="Linux", distribution="almalinux", version="9.4",
                           kernel="5.14.0-427.el9.x86_64", architecture="x86_64"),
    ),
)  # fmt: skip


class _Product(msgspec.Struct, frozen=True):
    name: str
    """``{version}`` in it stands for the version."""
    family: int
    stem: int
    known: tuple[str, ...]
    publisher: str = ""


class Catalogue:
    """Products by number, 0 ..; see the module. ``size``: how many products in all."""

    def __init__(self, seed: int, *, size: int = 6_000, known: Known | None = None) -> None:
        rng = np.random.default_rng([seed, 0xCA7A])
        self.starts: list[int] = [0]
        self._products: list[_Product] = []
        for number, family in enumerate(FAMILIES):
            count = max(BASE * 2, int(size * family.weight))
            self._products += _with_known(family, number, count, known or {}, rng)
            self.starts.append(len(self._products))
        total = len(self._products)
        # Few products are released every month and many once a year.
        spread = np.log(_LAST_DAYS / _FIRST_DAYS)
        self.interval: Floats = _FIRST_DAYS * np.exp(rng.random(total) ** 0.6 * spread)
        self.phase: Floats = rng.random(total) * self.interval
        self.newest: Ints = rng.integers(30, 60, total)
        """Release that is out on day 0."""
        lengths = np.array([len(product.known) for product in self._products])
        self.oldest: Ints = np.where(lengths > 0, np.maximum(0, self.newest - lengths + 1), 0)
        self.popularity = [self._cumulated(number) for number in range(len(FAMILIES))]
        self._software: dict[int, InstalledSoftware] = {}

    def __len__(self) -> int:
        return len(self._products)

    def releases(self, products: Ints, days: Floats) -> Ints:
        """Newest release of each product on a day; day 0 is the fleet's first, earlier ones are negative."""
        passed = np.floor((days - self.phase[products]) / self.interval[products]).astype(np.int64) + 1
        found: Ints = np.clip(self.newest[products] + passed, self.oldest[products], RELEASES - 1)
        return found

    def family_of(self, number: int) -> int:
        """Which family a software number belongs to."""
        return self._products[number // RELEASES].family

    def software(self, number: int) -> InstalledSoftware:
        """The installation that a device reports for a software number."""
        found = self._software.get(number)
        if found is None:
            found = self._software[number] = self._made(number)
        return found

    def _made(self, number: int) -> InstalledSoftware:
        product = self._products[number // RELEASES]
        family = FAMILIES[product.family]
        text = self._version(number // RELEASES, number % RELEASES)
        if family.kind == "windows":
            return InstalledSoftware(
                type="windows_program", name=product.name.replace("{version}", text), version=text,
                architecture=family.architecture, vendor=product.publisher or f"{product.name.split()[0]} Software",
            )  # fmt: skip
        return InstalledSoftware(
            type=family.kind, name=product.name, version=text, architecture=family.architecture,
            source_name=product.name, source_version=text,
        )  # fmt: skip

    def _version(self, number: int, release: int) -> str:
        product = self._products[number]
        kind = FAMILIES[product.family].kind
        ahead = release - int(self.newest[number])
        if product.known:
            known = product.known[min(-1, ahead - 1)]
            return known if ahead <= 0 else f"{known}{'+u' if kind == 'dpkg' else '.'}{ahead}"
        text = f"{product.stem % 6}.{product.stem % 11 + release // 8}.{release % 8}"
        if kind == "windows":
            return f"{text}.{1000 + release}"
        return f"{text}-1" if kind == "dpkg" else f"{text}-1.el9"

    def _cumulated(self, family: int) -> Floats:
        """Popularity by Zipf's law, summed up to 1."""
        count = self.starts[family + 1] - self.starts[family]
        weights = 1 / np.arange(1, count + 1) ** 0.9
        summed: Floats = np.cumsum(weights / weights.sum())
        return summed


def _with_known(family: Family, number: int, count: int, known: Known, rng: np.random.Generator) -> list[_Product]:
    """A family's products, the most popular ones first."""
    if family.kind == "windows":
        return _with_programs(number, count, known.get(ECOSYSTEM, {}), rng)
    listed = known.get(family.ecosystem, {})
    names = sorted(name for name in listed if name and listed[name])
    some = [names[i] for i in sorted(rng.permutation(len(names))[: int(count * _KNOWN_SHARE)].tolist())]
    products = [_Product(name, number, 0, _sorted(family.kind, listed[name])) for name in some]
    products += _invented_ones(family, number, count - len(products), rng)
    return [products[i] for i in rng.permutation(len(products)).tolist()]


def _with_programs(
    number: int, count: int, known: Mapping[str, Sequence[str]], rng: np.random.Generator
) -> list[_Product]:
    """Programs that exist are the most popular ones, with made-up ones between them."""
    real = [
        _Product(one.name, number, 0, _sorted("generic", known[one.cpe]), one.publisher)
        for one in PROGRAMS
        if known.get(one.cpe)
    ]
    made_up = _invented_ones(FAMILIES[number], number, count - len(real), rng)
    products = [made_up[i] for i in rng.permutation(len(made_up)).tolist()]
    for place, one in enumerate(real):
        products.insert(place * _PROGRAM_EVERY, one)
    return products


def _invented_ones(family: Family, number: int, count: int, rng: np.random.Generator) -> list[_Product]:
    stems = rng.integers(0, 1 << 16, count).tolist()
    return [_Product(_invented(family, i), number, int(stem), ()) for i, stem in enumerate(stems)]


def _sorted(scheme: str, texts: Sequence[str]) -> tuple[str, ...]:
    """The newest of the distinct versions, oldest first."""
    by_key = {versions.key(scheme, text): text for text in sorted(set(texts))}
    return tuple(by_key[key] for key in sorted(by_key)[-_KNOWN_RELEASES:])


def _invented(family: Family, number: int) -> str:
    endings = _ENDINGS[family.kind]
    rest, ending = divmod(number, len(endings))
    second, first = divmod(rest, len(_WORDS))
    if family.kind == "windows":
        return f"{_WORDS[first].title()} {_WORDS[second % len(_WORDS)].title()}{endings[ending]}"
    return f"{'lib' if first % 3 == 0 else ''}{_WORDS[first]}{_WORDS[second % len(_WORDS)]}{endings[ending]}"
