"""Facts about Linux packages that decide under which name and version they are judged."""

from __future__ import annotations

import re

from weakspot.inventory.contracts import SoftwareVersion
from weakspot.vocabulary import kernels

BINARY_REBUILD = re.compile(r"\+b\d+$")
"""A Debian binary that was built again from the same source: the suffix is no new version."""

# Sources of kernels: ``linux``, its flavours (``linux-aws-5.15``), signed images, packages that only depend on one.
_KERNEL_SOURCE = re.compile(
    r"^linux(?:-(?:signed|meta|restricted-modules|unsigned))?(?:-(?:amd64|arm64|i386|ppc64el|hwe|lts|aws|azure|gcp|gke|gkeop|kvm"
    r"|oracle|oem|raspi\d?|lowlatency|ibm|intel|nvidia|riscv|starfive|allwinner|snapdragon|bluefield|fips|iot|xilinx"
    r"|realtime|latest|generic|fde|edge|cvm|tegra|igx|zynqmp|mtk|euclid|joule|goldfish|flo|mako|manta|ti|\d)[\w.-]*)?$"
)
_SIGNED = re.compile(r"^linux-signed(?:-(?P<flavour>[\w.-]+))?$")
_DEBIAN_ARCHITECTURES = frozenset({"amd64", "arm64", "i386", "ppc64el"})
_SIGNED_REBUILD = re.compile(r"\+\d+$")
_RPM_KERNEL_COMPANION = re.compile(
    r"^(?:kernel-(?:headers|devel|tools|tools-libs|tools-libs-devel|doc|abi-\w+|cross-headers|selftests-internal|syms|macros"
    r"|source|rt-devel|64k-devel|uek-devel|uek-tools|uki-\w+|debug-devel|default-devel|modules-core-devel|rpm-macros)"
    r"|perf|python3?-perf|bpftool|rtla|rv|libperf(?:-devel)?)(?:-matched|-matched-devel)?$"
)
_MODULE_BUILD = re.compile(r"\.module[_+](?:el|f)\d+")
UNKNOWN_STREAM = "?"
"""Module of a modular package whose inventory does not say which stream it is of."""


def source_version(version: SoftwareVersion) -> str:
    """Version of the source package that a binary package was built from.

    Where it is not told it is the binary's, without a rebuild of the binary alone. A source rpm's file name has no
    epoch: the binary's stands in for it where both have the same version.
    """
    told = version.source_version
    if version.type == "dpkg":
        return told or BINARY_REBUILD.sub("", version.version)
    if version.type == "rpm" and told == version.version.rpartition(":")[2]:
        return version.version
    return told or version.version


def kernel_source(name: str) -> bool:
    """Whether a dpkg source package builds a kernel or what belongs to one."""
    return _KERNEL_SOURCE.match(name) is not None


def signed_source(name: str, version: str) -> tuple[str, str] | None:
    """Source and version that a signed kernel image was made of; None for other sources.

    Debian signs in ``linux-signed-amd64`` and writes ``6.1.123+1`` for ``6.1.123-1``; Ubuntu signs each flavour in
    ``linux-signed-<flavour>`` under the same version, a rebuild of which ends in ``+1``.
    """
    match = _SIGNED.match(name)
    if match is None:
        return None
    flavour = match["flavour"] or ""
    if flavour in _DEBIAN_ARCHITECTURES:
        return "linux", version.replace("+", "-", 1)
    return (f"linux-{flavour}" if flavour else "linux"), _SIGNED_REBUILD.sub("", version)


def is_kernel_companion(version: SoftwareVersion) -> bool:
    """Whether a package is built from a kernel's source, or depends on one, without being a kernel."""
    if kernels.is_kernel_package(version.type, version.name):
        return False
    if version.type == "dpkg":
        return kernel_source(version.source_name)
    if version.type == "rpm":
        return version.source_name in ("kernel", "kernel-rt", "kernel-uek") or bool(
            _RPM_KERNEL_COMPANION.match(version.name)
        )
    return False


def module_of(version: SoftwareVersion) -> str:
    """``name:stream`` of a modular rpm; ``?`` when only its build tells that it is modular; else empty."""
    if version.type != "rpm":
        return ""
    module = kernels.unmarked(version.module)
    if module.count(":") >= 1:
        return ":".join(module.split(":")[:2])
    return UNKNOWN_STREAM if _MODULE_BUILD.search(version.version) else ""


def streams_agree(installed: str, claimed: str, version: str) -> bool:
    """Whether an advisory's module stream is that of an installed package.

    installed, claimed: ``name:stream``; empty: not modular; ``?`` or ``module``: modular, stream not known. An unknown
    stream is taken to be the one that the package's own version begins with; streams that are no numbers agree.
    """
    if not installed or not claimed:
        return installed == claimed
    if installed != UNKNOWN_STREAM:
        return claimed in (installed, "module")
    stream = claimed.rpartition(":")[2].lstrip("v")
    if not stream[:1].isdigit():
        return True
    upstream = version.rpartition(":")[2]
    return upstream == stream or upstream.startswith((f"{stream}.", f"{stream}-"))
