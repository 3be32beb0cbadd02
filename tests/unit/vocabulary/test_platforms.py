"""weakspot.vocabulary.platforms."""

from __future__ import annotations

import pytest

from weakspot.vocabulary import ecosystems
from weakspot.vocabulary.platforms import platform_of


@pytest.mark.parametrize(
    ("distribution", "version", "codename", "expected"),
    [
        ("debian", "12", "", "Debian:12"),
        ("debian", "12.5", "bookworm", "Debian:12"),
        ("debian", "", "trixie", "Debian:13"),
        ("debian", "", "no-such-name", ""),
        ("raspbian", "11", "", "Debian:11"),
        ("ubuntu", "22.04", "jammy", "Ubuntu:22.04"),
        ("ubuntu", "22.04.3", "", "Ubuntu:22.04"),
        ("alpine", "3.18.4", "", "Alpine:v3.18"),
        ("almalinux", "9.3", "", "AlmaLinux:9"),
        ("rocky", "8.9", "", "Rocky Linux:8"),
        ("rhel", "9.2", "", "Red Hat:9"),
        ("opensuse-leap", "15.5", "", "openSUSE:Leap:15.5"),
        ("DEBIAN ", " 12 ", "", "Debian:12"),
        ("unheard-of", "1.2.3", "", "unheard-of:1.2"),
        ("", "12", "", ""),
        ("debian", "sid", "", "Debian:sid"),
    ],
)
def test_a_release_is_named_as_advisories_name_it(
    distribution: str, version: str, codename: str, expected: str
) -> None:
    assert platform_of(distribution, version, codename) == expected
    assert ecosystems.canonical(expected) == expected
