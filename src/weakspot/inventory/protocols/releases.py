"""Which release of which distribution a list of packages is of, where the list itself does not say.

Distributions ship a package that says so. These are facts about their releases, not guesses from names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from weakspot.inventory.contracts import InstalledSoftware, OperatingSystem

_UBUNTU_BASE_FILES = {
    "7.2ubuntu": "14.04", "9.4ubuntu": "16.04", "10.1ubuntu": "18.04", "11ubuntu": "20.04", "12ubuntu": "22.04",
    "13ubuntu": "24.04", "14ubuntu": "26.04",
}  # fmt: skip
_RPM_RELEASE_PACKAGES = {
    "almalinux-release": "almalinux", "rocky-release": "rocky", "centos-release": "centos",
    "centos-linux-release": "centos", "centos-stream-release": "centos", "redhat-release": "rhel",
    "redhat-release-server": "rhel", "oraclelinux-release": "ol", "fedora-release-common": "fedora",
    "fedora-release": "fedora", "openSUSE-release": "opensuse-leap", "sles-release": "sles", "sled-release": "sled",
}  # fmt: skip
_DEBIAN_UPDATE = re.compile(r"\+deb(\d{1,2})u\d+|~deb(\d{1,2})u\d+|\+deb(\d{1,2})\b")
_UBUNTU_UPDATE = re.compile(
    r"ubuntu.*~(\d\d\.\d\d)(?:\.\d+)?$|-\d+ubuntu[\d.]+\.(\d\d\.\d\d)\.\d+$|~(\d\d\.04)(?:\.\d+)?$"
)
_FEDORA = re.compile(r"\.fc(\d+)$")
_AMAZON = re.compile(r"\.amzn(\d+)(?:[._]|$)")
_SYSTEM_RELEASE = "system-release"
_MOST = 0.5
FAMILIES = {
    "alma": "almalinux", "redhat": "rhel", "amazon": "amzn", "oracle": "ol", "opensuse.leap": "opensuse-leap",
    "suse.linux.enterprise.server": "sles", "suse.linux.enterprise.desktop": "sled", "red hat enterprise linux": "rhel",
    "rocky linux": "rocky", "alma linux": "almalinux", "amazon linux": "amzn", "oracle linux": "ol",
    "oracle linux server": "ol", "debian gnu/linux": "debian", "alpine linux": "alpine", "centos linux": "centos",
    "centos stream": "centos", "fedora linux": "fedora", "opensuse leap": "opensuse-leap", "linux mint": "linuxmint",
    "opensuse": "opensuse-leap", "red hat": "rhel", "photon": "photon", "raspbian gnu/linux": "raspbian",
}  # fmt: skip
"""Other names of distributions -> their os-release(5) ID."""


def distribution_id(name: str) -> str:
    """The os-release ID that a tool's name for a distribution stands for: "Red Hat Enterprise Linux" is ``rhel``."""
    text = " ".join(name.strip().lower().split())
    if text in FAMILIES:
        return FAMILIES[text]
    for known in sorted(FAMILIES, key=len, reverse=True):
        if text.startswith(known + " "):
            return FAMILIES[known]
    return text.partition(" ")[0]


def inferred(items: Sequence[InstalledSoftware]) -> tuple[OperatingSystem, str] | None:
    """The operating system that the packages are of, and which package told; None when none does."""
    ways: tuple[tuple[str, Callable[[Sequence[InstalledSoftware]], tuple[str, str, str] | None]], ...] = (
        ("dpkg", _dpkg), ("rpm", _rpm), ("apk", _apk),
    )  # fmt: skip
    for kind, way in ways:
        some = [item for item in items if item.type == kind]
        found = way(some) if some else None
        if found is not None:
            distribution, version, told_by = found
            return OperatingSystem(platform="Linux", distribution=distribution, version=version), told_by
    return None


def _dpkg(items: Sequence[InstalledSoftware]) -> tuple[str, str, str] | None:
    for item in _named(items, "base-files"):
        for start, release in _UBUNTU_BASE_FILES.items():
            if item.version.startswith(start):
                return "ubuntu", release, f"base-files {item.version}"
        if match := re.match(r"(\d+)(?:\.\d+)?(?:\+deb\d+u\d+)?$", item.version):
            return "debian", match[1], f"base-files {item.version}"
    is_ubuntu = sum("ubuntu" in item.version for item in items) > sum("+deb" in item.version for item in items)
    return _by_marks(items, "ubuntu", _UBUNTU_UPDATE) if is_ubuntu else _by_marks(items, "debian", _DEBIAN_UPDATE)


def _rpm(items: Sequence[InstalledSoftware]) -> tuple[str, str, str] | None:
    for name, distribution in _RPM_RELEASE_PACKAGES.items():
        for item in _named(items, name):
            version = item.version.rpartition(":")[2].partition("-")[0]
            return distribution, version, f"{name} {item.version}"
    for item in _named(items, _SYSTEM_RELEASE):
        if _AMAZON.search(item.version + "_") or "amzn" in item.version:
            return "amzn", item.version.partition(".")[0], f"{_SYSTEM_RELEASE} {item.version}"
    return _by_marks(items, "fedora", _FEDORA) or _by_marks(items, "amzn", _AMAZON)


def _apk(items: Sequence[InstalledSoftware]) -> tuple[str, str, str] | None:
    for name in ("alpine-release", "alpine-base"):
        for item in _named(items, name):
            return "alpine", item.version.partition("-")[0], f"{name} {item.version}"
    return None


def _named(items: Iterable[InstalledSoftware], name: str) -> list[InstalledSoftware]:
    return [item for item in items if item.name == name]


def _by_marks(
    items: Sequence[InstalledSoftware], distribution: str, pattern: re.Pattern[str]
) -> tuple[str, str, str] | None:
    """The release that most of the marked versions are marked with."""
    matches = [match for item in items if (match := pattern.search(item.version))]
    counted = Counter(next(group for group in match.groups() if group) for match in matches)
    if not counted:
        return None
    release, votes = counted.most_common(1)[0]
    if votes <= _MOST * len(matches):
        return None
    return distribution, release, f"{votes} of {len(matches)} marked versions"
