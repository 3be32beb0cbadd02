"""weakspot.matching.rules.identities."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.matching.support import software_version
from weakspot.matching.contracts import Candidate
from weakspot.matching.rules.identities import candidates, reason_without


def only(**fields: Any) -> Candidate:
    """The one identity of a software version."""
    (found,) = candidates(software_version(**fields))
    return found


def test_debian_is_looked_up_by_source_package() -> None:
    found = only()
    assert (found.ecosystem, found.name, found.version) == ("Debian:12", "openssl", "3.0.11-1")
    assert (found.method, found.confidence) == ("source_package", 100)


@pytest.mark.parametrize(
    ("fields", "name", "version"),
    [
        ({"source_name": "", "source_version": "", "version": "1.2-1+b3"}, "libssl3", "1.2-1"),
        ({"source_name": "foo", "source_version": "", "version": "1.2-1+b3"}, "foo", "1.2-1"),
        ({"source_name": "linux-signed-amd64", "source_version": "6.1.76+1"}, "linux", "6.1.76-1"),
        ({"source_name": "linux", "source_version": "6.1.76-1"}, "linux", "6.1.76-1"),
        ({"source_name": "linux-signed-image-tools-x", "source_version": "1+2"}, "linux", "1-2"),
    ],
)
def test_what_is_compared_for_debian(fields: dict[str, str], name: str, version: str) -> None:
    found = only(**fields)
    assert (found.name, found.version) == (name, version)


def test_without_a_source_package_confidence_is_lower() -> None:
    assert only(source_name="").confidence < only().confidence


def test_rpm_is_looked_up_by_its_own_name_with_its_module() -> None:
    found = only(
        type="rpm",
        name="nodejs",
        version="1:18.19.0-1.module",
        platform="Rocky Linux:9",
        module="nodejs:18:9030:ab:x86",
    )
    assert (found.ecosystem, found.name, found.version) == ("Rocky Linux:9", "nodejs", "1:18.19.0-1.module")
    assert found.module == "nodejs:18"


@pytest.mark.parametrize(
    ("kind", "name", "ecosystem", "normalised"),
    [("pypi", "Zope.Interface", "PyPI", "zope-interface"), ("npm", "@babel/core", "npm", "@babel/core")],
)
def test_registries_have_one_ecosystem(kind: str, name: str, ecosystem: str, normalised: str) -> None:
    found = only(type=kind, name=name, version="1.0", platform="", source_name="", source_version="")
    assert (found.ecosystem, found.name, found.version) == (ecosystem, normalised, "1.0")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"version": ""}, "version is not known"),
        ({"owned_by": "dpkg:python3-requests"}, "belongs to python3-requests"),
        ({"platform": ""}, "release is not known"),
        ({"version": "18.19.0-1nodesource1"}, "third-party repository"),
        ({"type": "some_type", "platform": ""}, "no source describes"),
    ],
)
def test_what_is_not_looked_up_says_why(fields: dict[str, str], why: str) -> None:
    given = software_version(**fields)
    assert why in reason_without(given)
    assert candidates(given) == []


def test_what_is_looked_up_has_no_reason() -> None:
    assert reason_without(software_version()) == ""
