"""Which installed kernel is the one that runs: a fact of the device that changes how a kernel package is judged.

A kernel package is therefore two software versions: one on devices that run it, one on devices that merely have it.
``module`` says which (``vocabulary.kernels``); where the running kernel is not known it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from weakspot.inventory.contracts import DescribedDevice, InstalledSoftware, OperatingSystem
from weakspot.vocabulary.kernels import APK_IMAGE, DPKG_IMAGE, NOT_RUNNING, RUNNING_AS, is_kernel_package

_RPM_VARIANT = re.compile(r"\+[\w-]+$")
_BUILT_FROM = re.compile(r"\b(?:Debian|Ubuntu) (?P<version>\d[\w.+~:-]*)")
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?-[\w.+~]+")


def is_kernel(item: InstalledSoftware) -> bool:
    """Whether an item holds a kernel or its modules."""
    return is_kernel_package(item.type, item.name)


def marked(items: Iterable[InstalledSoftware], device: DescribedDevice) -> list[InstalledSoftware]:
    """The same items; kernels say in ``module`` what the device's running kernel makes of them.

    A device that runs none of its installed kernels (a container on another system's kernel) has none that runs.
    """
    running = device.os.kernel
    return [_marked(item, device.os) if running and is_kernel(item) else item for item in items]


def running_version(system: OperatingSystem) -> str:
    """The package version that the running kernel says it was built from; empty where it does not say."""
    text = system.kernel_version.strip()
    if match := _BUILT_FROM.search(text):
        return match["version"]
    return text if _VERSION.fullmatch(text) else ""


def _marked(item: InstalledSoftware, system: OperatingSystem) -> InstalledSoftware:
    if not _runs(item, system.kernel):
        return msgspec.structs.replace(item, module=NOT_RUNNING)
    running = running_version(system) if item.type == "dpkg" and "debian" in system.distribution else ""
    # Debian's signed images write the revision with a plus sign; binary and source version differ by it.
    if running and running not in {_as_source(item.version), _as_source(item.source_version), item.version}:
        return msgspec.structs.replace(item, module=RUNNING_AS + running)
    return item


def _runs(item: InstalledSoftware, release: str) -> bool:
    if item.type == "dpkg":
        match = DPKG_IMAGE.match(item.name)
        return match is not None and match["release"] == release
    if item.type == "apk":
        match = APK_IMAGE.match(item.name)
        return match is not None and f"{item.version.replace('-r', '-')}-{match['flavour']}" == release
    return _rpm_runs(item, _RPM_VARIANT.sub("", release))


def _rpm_runs(item: InstalledSoftware, release: str) -> bool:
    """``4.18.0-513.9.1.el8_9.x86_64``: version, release, architecture; SUSE's ``…-default`` has no rebuild number."""
    version = item.version.rpartition(":")[2]
    if release in (version, f"{version}.{item.architecture}"):
        return True
    if not item.architecture and release.rpartition(".")[0] == version:
        return True
    base, _, flavour = release.rpartition("-")
    return flavour in ("default", "azure", "preempt", "64kb") and version.startswith(base + ".")


def _as_source(version: str) -> str:
    return version.replace("+", "-", 1)
