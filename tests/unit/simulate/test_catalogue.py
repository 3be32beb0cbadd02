"""The simulated software: real names where there are some, releases in order, numbers that mean one thing."""

from __future__ import annotations

import numpy as np

from weakspot.simulate.catalogue import FAMILIES, RELEASES, Catalogue
from weakspot.vocabulary import versions

KNOWN = {"Debian:12": {"openssl": ["3.0.11-1~deb12u2", "3.0.9-1", "3.0.14-1~deb12u1"], "nothing": []}}


def numbered(catalogue: Catalogue, name: str) -> int:
    """Number of the product of that name."""
    return next(one for one in range(len(catalogue)) if catalogue.software(one * RELEASES + 4000).name == name)


def test_known_software_has_its_known_versions_and_then_newer_ones() -> None:
    catalogue = Catalogue(1, size=400, known=KNOWN)
    product = numbered(catalogue, "openssl")
    newest, oldest = int(catalogue.newest[product]), int(catalogue.oldest[product])
    texts = [catalogue.software(product * RELEASES + release).version for release in range(oldest, newest + 2)]
    assert texts == ["3.0.9-1", "3.0.11-1~deb12u2", "3.0.14-1~deb12u1", "3.0.14-1~deb12u1+u1"]


def test_programs_of_windows_that_exist_have_their_name_publisher_and_versions() -> None:
    known = {"cpe": {"7-zip:7-zip": ["24.09", "9.20", "23.01"], "nobody:nothing": ["1.0"]}}
    catalogue = Catalogue(1, size=400, known=known)
    product = 0  # the most popular one
    newest, oldest = int(catalogue.newest[product]), int(catalogue.oldest[product])
    found = [catalogue.software(product * RELEASES + release) for release in range(oldest, newest + 1)]
    assert [(one.name, one.version) for one in found] == [
        ("7-Zip 9.20 (x64)", "9.20"),
        ("7-Zip 23.01 (x64)", "23.01"),
        ("7-Zip 24.09 (x64)", "24.09"),
    ]
    assert {(one.type, one.vendor) for one in found} == {("windows_program", "Igor Pavlov")}


def test_releases_of_every_family_are_in_the_order_of_their_scheme() -> None:
    catalogue = Catalogue(1, size=400)
    for number, family in enumerate(FAMILIES):
        scheme = family.kind if family.kind in versions.SCHEMES else "generic"
        first = catalogue.starts[number] * RELEASES
        keys = [versions.key(scheme, catalogue.software(first + release).version) for release in range(40)]
        assert keys == sorted(set(keys))


def test_time_only_brings_newer_releases() -> None:
    catalogue = Catalogue(1, size=400)
    products = np.arange(len(catalogue))
    before = catalogue.releases(products, np.full(len(products), -30.0))
    after = catalogue.releases(products, np.full(len(products), 365.0))
    assert (before <= after).all()
    assert (before < after).mean() > 0.5


def test_names_are_distinct_within_a_family() -> None:
    catalogue = Catalogue(1, size=4_000)
    for start, end in zip(catalogue.starts, catalogue.starts[1:], strict=False):
        names = {catalogue.software(product * RELEASES).name for product in range(start, end)}
        assert len(names) == end - start
