"""weakspot.vocabulary.kernels."""

from __future__ import annotations

import pytest

from weakspot.vocabulary.kernels import NOT_RUNNING, RUNNING_AS, is_kernel_package, unmarked


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("dpkg", "linux-image-6.1.0-29-amd64", True),
        ("dpkg", "linux-image-unsigned-6.5.0-1-generic", True),
        ("dpkg", "linux-modules-extra-5.15.0-69-generic", True),
        ("dpkg", "linux-image-amd64", False),
        ("dpkg", "linux-headers-6.1.0-29-amd64", False),
        ("dpkg", "linux-libc-dev", False),
        ("rpm", "kernel", True),
        ("rpm", "kernel-core", True),
        ("rpm", "kernel-rt-modules-extra", True),
        ("rpm", "kernel-headers", False),
        ("rpm", "kernel-tools-libs", False),
        ("rpm", "kernel-srpm-macros", False),
        ("apk", "linux-lts", True),
        ("apk", "linux-firmware", False),
        ("pypi", "kernel", False),
    ],
)
def test_which_packages_hold_a_kernel(kind: str, name: str, expected: bool) -> None:
    assert is_kernel_package(kind, name) is expected


def test_marks_are_taken_off() -> None:
    assert [unmarked(text) for text in (NOT_RUNNING, RUNNING_AS + "1", "nodejs:18", "")] == ["", "", "nodejs:18", ""]
