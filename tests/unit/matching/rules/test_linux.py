"""weakspot.matching.rules.linux."""

from __future__ import annotations

import pytest

from tests.unit.matching.support import software_version
from weakspot.matching.rules import linux


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("linux", True), ("linux-signed-amd64", True), ("linux-hwe-5.15", True), ("linux-meta", True),
        ("linux-aws", True), ("linux-signed-hwe", True), ("linux-meta-hwe-5.15", True), ("linux-6.8", True),
        ("linux-firmware", False), ("linux-base", False), ("linux-atm", False), ("util-linux", False),
    ],
)  # fmt: skip
def test_sources_of_kernels(name: str, expected: bool) -> None:
    assert linux.kernel_source(name) is expected


@pytest.mark.parametrize(
    ("source", "version", "expected"),
    [
        ("linux-signed-amd64", "6.1.123+1", ("linux", "6.1.123-1")),
        ("linux-signed-amd64", "6.1.76+1~bpo11+1", ("linux", "6.1.76-1~bpo11+1")),
        ("linux-signed", "5.15.0-69.76", ("linux", "5.15.0-69.76")),
        ("linux-signed-hwe", "4.15.0-142.146~16.04.1+1", ("linux-hwe", "4.15.0-142.146~16.04.1")),
        ("linux-signed-aws-5.15", "5.15.0-1.2", ("linux-aws-5.15", "5.15.0-1.2")),
        ("openssl", "3.0", None),
    ],
)
def test_signed_kernels(source: str, version: str, expected: tuple[str, str] | None) -> None:
    assert linux.signed_source(source, version) == expected


@pytest.mark.parametrize(
    ("installed", "claimed", "version", "agree"),
    [
        ("", "", "1-1", True),
        ("", "nodejs:18", "1-1", False),
        ("nodejs:18", "", "1:18.1-1", False),
        ("nodejs:18", "nodejs:18", "1:18.1-1", True),
        ("nodejs:18", "nodejs:20", "1:18.1-1", False),
        ("nodejs:18", "module", "1:18.1-1", True),
        ("?", "nodejs:18", "1:18.1-1.module_el8", True),
        ("?", "nodejs:20", "1:18.1-1.module_el8", False),
        ("?", "container-tools:rhel8", "1.2-1.module_el8", True),
        ("?", "postgresql:1", "15.2-1", False),
    ],
)
def test_module_streams(installed: str, claimed: str, version: str, agree: bool) -> None:
    assert linux.streams_agree(installed, claimed, version) is agree


def test_the_module_of_a_package() -> None:
    def module(**fields: str) -> str:
        return linux.module_of(software_version(type="rpm", **fields))

    assert module(module="nodejs:18:809:ab", version="1") == "nodejs:18"
    assert module(version="18.1-1.module_el8.9.0+1+ab") == "?"
    assert module(version="18.1-1.module+el8.4.0+557+ab") == "?"
    assert module(version="18.1-1.el8") == ""
    assert module(module="kernel:not_running", version="1") == ""
    assert linux.module_of(software_version(module="a:b")) == ""


def test_kernel_companions() -> None:
    def companion(**fields: str) -> bool:
        return linux.is_kernel_companion(software_version(**fields))

    assert companion(name="linux-headers-generic", source_name="linux-meta")
    assert not companion(name="linux-image-6.1.0-1-amd64", source_name="linux-signed-amd64")
    assert not companion(name="linux-base", source_name="linux-base")
    assert companion(type="rpm", name="bpftool", source_name="")
    assert companion(type="rpm", name="kernel-tools", source_name="kernel")
    assert not companion(type="rpm", name="kernel-core", source_name="kernel")
    assert not companion(type="apk", name="linux-headers", source_name="linux-headers")
