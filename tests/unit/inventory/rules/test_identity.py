"""weakspot.inventory.rules.identity."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weakspot.inventory.contracts import (
    DescribedDevice,
    HardwareId,
    InstalledSoftware,
    OperatingSystem,
    SoftwareIdentity,
)
from weakspot.inventory.rules import identity

hashes = st.integers(min_value=0, max_value=2**256 - 1)
NOTHING = "0" * 64


def device(distribution: str = "debian", version: str = "12", **fields: str) -> DescribedDevice:
    """A Linux device."""
    return DescribedDevice(
        name="d", os=OperatingSystem(platform="Linux", distribution=distribution, version=version, **fields)
    )


def item(**fields: str) -> InstalledSoftware:
    """An installation."""
    values = {
        "type": "dpkg", "name": "libssl3", "version": "3.0.11-1", "architecture": "amd64",
        "source_name": "openssl", "source_version": "3.0.11-1",
    }  # fmt: skip
    return InstalledSoftware(**(values | fields))  # type: ignore[arg-type]


@given(st.sets(hashes), st.sets(hashes), st.data())
def test_the_digest_after_a_change_equals_the_digest_of_the_result(
    before: set[int], added: set[int], data: st.DataObject
) -> None:
    removed = data.draw(st.sets(st.sampled_from(sorted(before)))) if before else set()
    after = (before - removed) | added
    fresh = added - (before - removed)
    assert identity.digest_after(identity.digest_of(before), fresh, removed) == identity.digest_of(after)


@given(st.lists(hashes), st.randoms())
def test_the_digest_knows_no_order(values: list[int], random: object) -> None:
    shuffled = values[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert identity.digest_of(values) == identity.digest_of(shuffled)


@given(st.lists(hashes, min_size=1))
def test_removing_everything_gives_the_digest_of_nothing(values: list[int]) -> None:
    assert identity.digest_after(identity.digest_of(values), [], values) == NOTHING == identity.digest_of([])


def test_the_wire_hash_is_the_documented_one() -> None:
    """docs/sensor.md: SHA-256 of the six strings joined by the unit separator, as a big-endian number."""
    text = "\x1f".join(("dpkg", "libssl3", "3.0.11-1", "amd64", "openssl", "3.0.11-1"))
    expected = int(hashlib.sha256(text.encode()).hexdigest(), 16)
    assert identity.wire_hash(item()) == expected
    assert identity.digest_of([expected]) == f"{expected:064x}"


def test_an_identity_and_the_installation_it_names_have_one_wire_hash() -> None:
    named = SoftwareIdentity(
        type="dpkg", name="libssl3", version="3.0.11-1", architecture="amd64",
        source_name="openssl", source_version="3.0.11-1",
    )  # fmt: skip
    assert identity.wire_hash(named) == identity.wire_hash(item(vendor="Debian", module="x", owned_by="y"))


@pytest.mark.parametrize("field", ["module", "owned_by"])
def test_what_changes_the_judgement_makes_another_software_version(field: str) -> None:
    assert identity.identity_hash(item(), "Debian:12") != identity.identity_hash(item(**{field: "x"}), "Debian:12")
    assert identity.identity_hash(item(), "Debian:12") != identity.identity_hash(item(), "Debian:11")
    assert identity.identity_hash(item(), "Debian:12") == identity.identity_hash(item(vendor="x"), "Debian:12")


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        (device(), "Debian:12"),
        (device("debian", "12.5"), "Debian:12"),
        (device("Debian", "", codename="trixie"), "Debian:13"),
        (device("debian", ""), ""),
        (device("ubuntu", "22.04"), "Ubuntu:22.04"),
        (device("alpine", "3.18.4"), "Alpine:v3.18"),
        (device("rocky", "9.3"), "Rocky Linux:9"),
        (device("", "12"), ""),
    ],
)
def test_the_release_is_named_as_advisories_name_it(described: DescribedDevice, expected: str) -> None:
    assert identity.release_of(described) == expected
    assert identity.platform_for("dpkg", described) == expected


def test_software_of_no_distribution_has_no_platform() -> None:
    assert identity.platform_for("pypi", device()) == ""


@pytest.mark.parametrize(
    ("installed", "described", "vendor"),
    [
        (item(), device(), "debian"),
        (item(), device("", ""), "unknown"),
        (item(type="pypi", name="requests"), device(), "pypi"),
        (item(type="windows", vendor="Igor Pavlov"), device(), "Igor Pavlov"),
        (item(type="windows"), device(), "unknown"),
    ],
)
def test_the_vendor_of_software(installed: InstalledSoftware, described: DescribedDevice, vendor: str) -> None:
    assert identity.vendor_for(installed, described) == vendor


@pytest.mark.parametrize(
    ("vendor", "product", "expected"),
    [
        ("Igor Pavlov", "7-Zip  19.00", "igor_pavlov-_-7-zip_19.00"),
        ("debian", "openssl", "debian-_-openssl"),
        ("  ", "x", "unknown-_-x"),
    ],
)
def test_the_public_id_of_software(vendor: str, product: str, expected: str) -> None:
    assert identity.public_software_id(vendor, product) == expected


def test_types_have_their_own_order_and_others_the_generic_one() -> None:
    assert identity.scheme_for("dpkg") == "dpkg"
    assert identity.scheme_for("pypi") == "pep440"
    assert identity.scheme_for("something_else") == "generic"


def test_what_makers_left_as_a_placeholder_identifies_nothing() -> None:
    ids = [HardwareId("serial", "To be filled by O.E.M."), HardwareId("serial", "S1"), HardwareId("mac", "02:00")]
    assert identity.strong_ids(ids) == [HardwareId("serial", "S1")]
