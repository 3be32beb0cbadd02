"""One spelling for each ecosystem, its names and its version order."""

from __future__ import annotations

import pytest

from weakspot.vocabulary import ecosystems
from weakspot.vocabulary.platforms import platform_of
from weakspot.vocabulary.versions import SCHEMES


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Ubuntu:22.04:LTS", "Ubuntu:22.04"),
        ("Ubuntu:Pro:18.04:LTS", "Ubuntu:Pro:18.04"),
        ("Debian:12", "Debian:12"),
        ("openSUSE:Leap 15.6", "openSUSE:Leap:15.6"),
        ("SUSE:Linux Enterprise Server 15 SP5", "SUSE:Linux Enterprise Server:15.5"),
        ("Red Hat:enterprise_linux:9::baseos", "Red Hat:9"),
        (" npm ", "npm"),
        ("Something New:1", "Something New:1"),
    ],
)
def test_one_spelling_a_release(given: str, expected: str) -> None:
    assert ecosystems.canonical(given) == expected


@pytest.mark.parametrize(
    ("distribution", "version", "published"),
    [
        ("debian", "12", "Debian:12"),
        ("ubuntu", "22.04", "Ubuntu:22.04:LTS"),
        ("alpine", "3.18.4", "Alpine:v3.18"),
        ("almalinux", "9.3", "AlmaLinux:9"),
        ("rocky", "8.9", "Rocky Linux:8"),
        ("opensuse-leap", "15.6", "openSUSE:Leap 15.6"),
        ("sles", "15.5", "SUSE:Linux Enterprise Server 15 SP5"),
        ("rhel", "9.3", "Red Hat:enterprise_linux:9::baseos"),
    ],
)
def test_a_devices_platform_is_spelled_as_the_advisories(distribution: str, version: str, published: str) -> None:
    assert platform_of(distribution, version) == ecosystems.canonical(published)


def test_every_scheme_exists() -> None:
    for name in ("Debian:12", "PyPI", "npm", "Go", "Alpine:v3.18", "Rocky Linux:9", "Maven", "cpe", "windows", "Odd"):
        assert ecosystems.scheme(name) in SCHEMES
    assert set(ecosystems._SCHEMES.values()) <= set(SCHEMES)
    assert ecosystems.scheme("Odd:1") == "generic"
    assert not ecosystems.is_known("Odd:1")


@pytest.mark.parametrize(
    ("ecosystem", "name", "expected"),
    [
        ("PyPI", "Foo.Bar__baz", "foo-bar-baz"),
        ("npm", "JSONStream", "JSONStream"),
        ("NuGet", "Newtonsoft.Json", "newtonsoft.json"),
        ("Debian:12", "g++", "g++"),
        ("cpe", "Acme:Reader", "acme:reader"),
        ("Go", "github.com/Masterminds/goutils", "github.com/Masterminds/goutils"),
    ],
)
def test_names_compare_as_the_ecosystem_does(ecosystem: str, name: str, expected: str) -> None:
    assert ecosystems.normalise_name(ecosystem, name) == expected
