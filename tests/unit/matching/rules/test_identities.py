"""weakspot.matching.rules.identities."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.matching.support import software_version
from weakspot.matching.contracts import DEFAULT_THRESHOLD, Candidate
from weakspot.matching.rules.identities import candidates, needs_source, reason_without
from weakspot.vocabulary.kernels import NOT_RUNNING, RUNNING_AS

IMAGE = "linux-image-6.1.0-18-amd64"


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
        ({"name": IMAGE, "source_name": "linux-signed-amd64", "source_version": "6.1.76+1"}, "linux", "6.1.76-1"),
        ({"name": IMAGE, "source_name": "linux", "source_version": "6.1.76-1"}, "linux", "6.1.76-1"),
        (
            {"name": IMAGE, "source_name": "linux-signed-hwe", "source_version": "5.4.0-1.2~16.04.1+1"},
            "linux-hwe",
            "5.4.0-1.2~16.04.1",
        ),
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
        platform="AlmaLinux:9",
        module="nodejs:18:9030:ab:x86",
    )
    assert (found.ecosystem, found.name, found.version) == ("AlmaLinux:9", "nodejs", "1:18.19.0-1.module")
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
        ({"name": "linux-libc-dev", "source_name": "linux"}, "holds no kernel"),
        ({"name": "linux-image-amd64", "source_name": "linux-signed-amd64"}, "holds no kernel"),
        ({"type": "rpm", "name": "kernel-headers", "platform": "AlmaLinux:9", "source_name": ""}, "holds no kernel"),
    ],
)
def test_what_is_not_looked_up_says_why(fields: dict[str, str], why: str) -> None:
    given = software_version(**fields)
    assert why in reason_without(given)
    assert candidates(given) == []


def test_what_is_looked_up_has_no_reason() -> None:
    assert reason_without(software_version()) == ""


def test_rocky_is_looked_up_by_source_with_the_epoch_of_its_binary() -> None:
    fields = {"type": "rpm", "name": "bind-libs", "version": "32:9.16-1.el9", "platform": "Rocky Linux:9"}
    same = only(**fields, source_name="bind", source_version="9.16-1.el9")
    assert (same.name, same.version, same.method) == ("bind", "32:9.16-1.el9", "source_package")
    other = only(**fields, source_name="bind", source_version="9.18-1.el9")
    assert other.version == "9.18-1.el9"


def test_a_source_that_other_devices_report_is_taken_with_less_confidence() -> None:
    given = software_version(source_name="", source_version="", version="3.0.11-1+b2")
    assert needs_source(given)
    (found,) = candidates(given, "openssl")
    assert (found.name, found.version, found.method) == ("openssl", "3.0.11-1", "learned_source_package")
    assert 50 <= found.confidence < only().confidence
    assert not needs_source(software_version())
    assert not needs_source(software_version(type="rpm", platform="AlmaLinux:9", source_name=""))


def test_what_is_built_from_a_kernel_without_being_one_is_none_by_a_learned_source_either() -> None:
    version = software_version(name="linux-libc-dev", version="6.1.0-1", source_name="")
    assert candidates(version, learned_source="linux") == []
    assert candidates(version, indexed_source="linux") == []


def test_a_kernel_that_does_not_run_does_not_count() -> None:
    fields = {"name": IMAGE, "source_name": "linux-signed-amd64", "source_version": "6.1.76+1"}
    found = only(**fields, module=NOT_RUNNING)
    assert (found.method, found.module) == ("kernel_not_running", "")
    assert found.confidence < DEFAULT_THRESHOLD
    replaced = only(**fields, module=RUNNING_AS + "6.1.69-1")
    assert (replaced.version, replaced.method) == ("6.1.69-1", "running_kernel")


@pytest.mark.parametrize(
    ("owned_by", "is_judged"),
    [
        ("dpkg:nodejs=18.19.0-1nodesource1", True),
        ("dpkg:nodejs=18.19.0+dfsg-6~deb12u2", False),
        ("dpkg:nodejs", False),
        ("rpm:gitlab-ee=17.0.0-ee.0.el9.gitlab", True),
    ],
)
def test_what_a_third_partys_package_installed_is_judged_by_its_own_ecosystem(owned_by: str, is_judged: bool) -> None:
    given = software_version(type="npm", name="undici", version="5.0.0", platform="", owned_by=owned_by)
    assert bool(candidates(given)) is is_judged
