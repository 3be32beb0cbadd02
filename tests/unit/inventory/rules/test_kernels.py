"""weakspot.inventory.rules.kernels."""

from __future__ import annotations

import pytest

from weakspot.inventory.contracts import DescribedDevice, InstalledSoftware, OperatingSystem
from weakspot.inventory.rules.kernels import marked, running_version
from weakspot.vocabulary.kernels import NOT_RUNNING, RUNNING_AS


def _device(kernel: str, kernel_version: str = "", distribution: str = "debian") -> DescribedDevice:
    system = OperatingSystem(
        platform="Linux", distribution=distribution, version="12", kernel=kernel, kernel_version=kernel_version
    )
    return DescribedDevice(name="d", os=system)


def _mark(item: InstalledSoftware, device: DescribedDevice) -> str:
    return marked([item], device)[0].module


def _image(release: str, version: str) -> InstalledSoftware:
    source = version.replace("-", "+", 1)
    return InstalledSoftware(type="dpkg", name=f"linux-image-{release}", version=version, source_version=source)


def test_only_the_running_image_counts() -> None:
    device = _device("6.1.0-29-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.123-1 (2025-01-02)")
    assert _mark(_image("6.1.0-29-amd64", "6.1.123-1"), device) == ""
    assert _mark(_image("6.1.0-25-amd64", "6.1.106-3"), device) == NOT_RUNNING


def test_a_package_replaced_under_the_running_kernel_is_judged_by_what_runs() -> None:
    device = _device("6.1.0-29-amd64", "6.1.123-1")
    assert _mark(_image("6.1.0-29-amd64", "6.1.124-1"), device) == RUNNING_AS + "6.1.123-1"


def test_without_a_known_kernel_nothing_is_said() -> None:
    assert _mark(_image("6.1.0-29-amd64", "6.1.123-1"), _device("")) == ""


def test_other_packages_are_left_alone() -> None:
    item = InstalledSoftware(type="rpm", name="nodejs", version="1", module="nodejs:18")
    assert _mark(item, _device("5.14.0-1.el9.x86_64")) == "nodejs:18"


@pytest.mark.parametrize(
    ("kind", "name", "version", "architecture", "kernel", "runs"),
    [
        ("rpm", "kernel-core", "4.18.0-513.9.1.el8_9", "x86_64", "4.18.0-513.9.1.el8_9.x86_64", True),
        ("rpm", "kernel-core", "4.18.0-513.5.1.el8_9", "x86_64", "4.18.0-513.9.1.el8_9.x86_64", False),
        ("rpm", "kernel-core", "0:4.18.0-513.9.1.el8_9", "", "4.18.0-513.9.1.el8_9.x86_64", True),
        ("rpm", "kernel-rt-core", "5.14.0-1.el9", "x86_64", "5.14.0-1.el9.x86_64+rt", True),
        ("rpm", "kernel-default", "5.14.21-150500.55.19.1", "x86_64", "5.14.21-150500.55.19-default", True),
        ("rpm", "kernel-default", "5.14.21-150500.55.28.1", "x86_64", "5.14.21-150500.55.19-default", False),
        ("apk", "linux-lts", "6.6.7-r0", "x86_64", "6.6.7-0-lts", True),
        ("apk", "linux-virt", "6.6.7-r0", "x86_64", "6.6.7-0-lts", False),
        ("dpkg", "linux-modules-5.15.0-69-generic", "5.15.0-69.76", "amd64", "5.15.0-69-generic", True),
    ],
)
def test_how_releases_name_packages(  # one row a distribution
    kind: str, name: str, version: str, architecture: str, kernel: str, runs: bool
) -> None:
    item = InstalledSoftware(type=kind, name=name, version=version, architecture=architecture)
    assert _mark(item, _device(kernel, distribution="other")) == ("" if runs else NOT_RUNNING)


def test_what_the_kernel_says_it_was_built_from() -> None:
    texts = ["#1 SMP Debian 6.1.123-1 (2025-01-02)", "6.1.123-1", "#76-Ubuntu SMP Fri Mar 17", ""]
    systems = [OperatingSystem(platform="Linux", kernel_version=text) for text in texts]
    assert [running_version(system) for system in systems] == ["6.1.123-1", "6.1.123-1", "", ""]
