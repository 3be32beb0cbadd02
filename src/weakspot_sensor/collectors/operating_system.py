"""Operating system: release (os-release(5)), kernels, boot time, pending restart; and the device's name."""

from __future__ import annotations

import os
import re
from typing import Dict, List, Optional, Tuple

from weakspot_sensor import items, limits
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

_RELEASES = ("/etc/os-release", "/usr/lib/os-release")
_RESTART_FLAGS = ("/run/reboot-required", "/var/run/reboot-required")
_PARTS = re.compile("[-.+~]")


def applies(_root: Root) -> bool:
    return True


def watched(_root: Root) -> Tuple[str, ...]:
    return (*_RELEASES, "/etc/hostname", "/boot", "/lib/modules", *_RESTART_FLAGS[:1])


def read(root: Root) -> Findings:
    found = Findings()
    release = _release(root, found)
    kernels = installed_kernels(root)
    kernel = kernel_version = architecture = ""
    if root.is_live:
        facts = os.uname()
        kernel, kernel_version, architecture = facts.release, facts.version, facts.machine
    flagged = any(root.is_file(path) for path in _RESTART_FLAGS)
    found.facts["name"], found.facts["domain"] = _names(root)
    found.facts["os"] = {
        "platform": "Linux",
        "distribution": items.short(release.get("ID", "linux")),
        "version": items.short(release.get("VERSION_ID", "")),
        "version_full": items.short(_point_release(root, release)),
        "codename": items.short(release.get("VERSION_CODENAME", "")),
        "build": items.short(release.get("BUILD_ID", "")) or None,
        "kernel": items.short(kernel),
        "kernel_version": items.text(kernel_version),
        "architecture": items.short(architecture),
        "pending_restart": flagged or newer_kernel_waits(kernel, kernels),
        "boot_at": _boot_at(root),
        "kernels_installed": [items.short(name) for name in kernels],
    }
    return found


def _release(root: Root, found: Findings) -> Dict[str, str]:
    for path in _RELEASES:
        if root.is_file(path):
            return parse_release(root.head(path, limits.SMALL_FILE_BYTES).decode("utf-8", "replace"))
    found.problems.append("there is no os-release file")
    return {}


def parse_release(text: str) -> Dict[str, str]:
    """The variables of an os-release file; quotes and the escapes of a shell string are taken off."""
    found: Dict[str, str] = {}
    for line in text.split("\n"):
        name, equals, value = line.strip().partition("=")
        if not equals or name.startswith("#"):
            continue
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found[name] = re.sub(r"\\(.)", r"\1", value)
    return found


def _point_release(root: Root, release: Dict[str, str]) -> str:
    """Debian's own file knows the point release ("12.5"); on its testing branch it holds a name instead."""
    if release.get("ID") == "debian":
        point = root.line("/etc/debian_version")
        if point[:1].isdigit():
            return point
    return release.get("VERSION_ID", "")


def installed_kernels(root: Root) -> List[str]:
    """Releases of the kernels that could be started next, sorted from old to new."""
    found = {name[len("vmlinuz-") :] for name in root.names("/boot") if name.startswith("vmlinuz-")}
    for name in root.names("/lib/modules"):
        if root.is_file("/lib/modules/{}/vmlinuz".format(name)):
            found.add(name)
    kernels = [name for name in found if name[:1].isdigit() and "rescue" not in name]
    return sorted(kernels, key=lambda name: (_order(name), name))[-limits.KERNELS :]


def newer_kernel_waits(running: str, installed: List[str]) -> bool:
    """Whether a newer kernel of the running one's flavour is installed."""
    if not running:
        return False
    flavour = _flavour(running)
    return any(_flavour(name) == flavour and _order(name) > _order(running) for name in installed)


def _flavour(release: str) -> List[str]:
    """The words of a release, digits taken off: ["el", "x"] of 5.14.0-70.el9.x86_64."""
    return [re.sub(r"[\d_]", "", part) for part in _PARTS.split(release) if part[:1].isalpha()]


def _order(release: str) -> Tuple[int, ...]:
    return tuple(int(part[:9]) for part in _PARTS.split(release) if part.isdigit())


def _boot_at(root: Root) -> Optional[str]:
    if not root.is_live:
        return None
    try:
        data = root.head("/proc/stat", limits.MANIFEST_BYTES)
    except OSError:
        return None
    match = re.search(rb"^btime (\d{1,12})$", data, re.MULTILINE)
    return (items.instant(int(match.group(1))) or None) if match else None


def _names(root: Root) -> Tuple[str, str]:
    """(name, domain) without asking any name server."""
    full = os.uname().nodename if root.is_live else root.line("/etc/hostname").split("\n")[0]
    name, _, domain = full.strip().partition(".")
    return items.short(name), items.short(domain or _domain(root, name))


def _domain(root: Root, name: str) -> str:
    for line in root.line("/etc/hosts").split("\n"):
        names = line.partition("#")[0].split()[1:]
        for candidate in names:
            if name and candidate.startswith(name + "."):
                return candidate[len(name) + 1 :]
    for line in root.line("/etc/resolv.conf").split("\n"):
        words = line.split()
        if len(words) == 2 and words[0] == "domain":
            return words[1].rstrip(".")
    return ""


COLLECTOR = Collector("os", ("linux",), False, (), applies, read, watched)
