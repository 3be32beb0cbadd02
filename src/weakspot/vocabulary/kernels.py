"""Words of Linux kernels: which packages hold one, and what a device says of it.

Several kernels are installed side by side, one runs. What a device's running kernel makes of a package stands in the
``module`` of its software version.
"""

from __future__ import annotations

import functools
import re

NOT_RUNNING = "kernel:not_running"
RUNNING_AS = "kernel:running="
"""Followed by the version that runs, where the package was replaced under the running kernel."""

DPKG_IMAGE = re.compile(
    r"^linux-(?:image|image-unsigned|image-extra|modules|modules-extra|signed-image)-(?P<release>\d\S*?)(?:-unsigned|-dbg)?$"
)
RPM_IMAGE = re.compile(
    r"^kernel(?:-(?:rt|64k|uek|debug|lt|ml|default|azure|zfcpdump|automotive|largepage|core|modules|modules-core"
    r"|modules-extra|modules-partner|modules-internal))*$|^kernel6(?:\.\d+)?$|^kernel-modules-extra-common$"
)
APK_IMAGE = re.compile(r"^linux-(?P<flavour>lts|virt|edge|stable|rpi\d?|hardened|vanilla)$")


@functools.lru_cache(maxsize=65_536)
def is_kernel_package(kind: str, name: str) -> bool:
    """Whether a package holds a kernel or its modules: not headers, tools, or a package that only depends on one.

    kind: ``dpkg``, ``rpm`` or ``apk``; others have no kernels.
    """
    if kind == "dpkg":
        return DPKG_IMAGE.match(name) is not None
    if kind == "rpm":
        return RPM_IMAGE.match(name) is not None
    return kind == "apk" and APK_IMAGE.match(name) is not None


def unmarked(module: str) -> str:
    """``module`` as it was reported."""
    return "" if module == NOT_RUNNING or module.startswith(RUNNING_AS) else module
