"""Output of the commands to an inventory."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from weakspot.inventory.contracts import Hardware, OperatingSystem
from weakspot.inventory.protocols import hardware as own_hardware
from weakspot.inventory.protocols.apk_database import reader as apk
from weakspot.inventory.protocols.base import Gathering, ReadInventory, device_named, printable
from weakspot.inventory.protocols.documents import Document
from weakspot.inventory.protocols.rpm_list.reader import with_epoch
from weakspot.runtime.errors import InputError

_DPKG = (
    r"${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\t"
    r"${source:Package}\t${source:Version}\t${Maintainer}\n"
)
_RPM = r"%{NAME}\t%{EPOCH}\t%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{VENDOR}\t%{MODULARITYLABEL}\n"
COMMANDS: dict[str, str] = {
    "release": "cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release",
    "name": "uname -n",
    "kernel": "uname -r",
    "kernel_version": "uname -v",
    "machine": "uname -m",
    "machine_id": "cat /etc/machine-id",
    "product_uuid": "cat /sys/class/dmi/id/product_uuid",
    "serial": "cat /sys/class/dmi/id/product_serial",
    "vendor": "cat /sys/class/dmi/id/sys_vendor",
    "model": "cat /sys/class/dmi/id/product_name",
    "dpkg": f"dpkg-query -W -f '{_DPKG}'",
    "rpm": f"rpm -qa --qf '{_RPM}'",
    "apk": "cat /lib/apk/db/installed",
}
"""Name -> what is run, by the login's own shell. Nothing in them comes from anywhere else."""
_SOURCE_RPM = re.compile(r"^(?P<name>.+)-(?P<version>[^-]+-[^-]+?)\.(?:no)?src\.rpm$")
_NONE = "(none)"


def inventory_of(outputs: Mapping[str, str]) -> ReadInventory:
    """The device and its software; commands that a device does not have gave nothing.

    Raises InputError where the device is no Linux, or no package manager answered.
    """
    release = _release(outputs.get("release", ""))
    if not release.get("ID"):
        raise InputError("The device has no os-release file: it is no Linux that is known here.")
    gathering = Gathering()
    for line in outputs.get("dpkg", "").splitlines():
        _dpkg(gathering, line.split("\t"))
    for line in outputs.get("rpm", "").splitlines():
        _rpm(gathering, line.split("\t"))
    if text := outputs.get("apk", ""):
        for one in apk.read(Document(text.encode(), "apk"))[0].software:
            gathering.add("apk", one.name, one.version, architecture=one.architecture, source_name=one.source_name)
    if not gathering.items:
        raise InputError("Neither dpkg nor rpm nor apk answered on the device; the login may lack a shell.")
    system = OperatingSystem(
        platform="Linux",
        distribution=release["ID"][:256],
        version=release.get("VERSION_ID", "")[:256],
        version_full=release.get("PRETTY_NAME", "")[:256],
        codename=release.get("VERSION_CODENAME", "")[:256],
        kernel=_line(outputs, "kernel"),
        kernel_version=_line(outputs, "kernel_version"),
        architecture=_line(outputs, "machine"),
    )
    kinds = [(kind, _line(outputs, kind)) for kind in ("machine_id", "product_uuid", "serial")]
    described = Hardware(
        vendor=own_hardware.text_of(_line(outputs, "vendor")),
        model=own_hardware.text_of(_line(outputs, "model")),
        serial=own_hardware.text_of(_line(outputs, "serial")),
    )
    device = device_named(_line(outputs, "name"), system, hardware=described, hardware_ids=own_hardware.ids_of(kinds))
    return gathering.inventory(device)


def _dpkg(gathering: Gathering, fields: list[str]) -> None:
    if len(fields) != 7:
        gathering.refuse("\t".join(fields)[:200], "", "is no line of dpkg-query")
        return
    status, name, version, architecture, source, source_version, maintainer = fields
    if status[1:2] != "i":
        gathering.refuse(name, version, f"is not installed (status {status.strip()})")
        return
    # As dpkg itself has it: a source package is named only where it is another one.
    is_own = (source, source_version) == (name, version)
    gathering.add(
        "dpkg", name, version, architecture=architecture, vendor=maintainer,
        source_name="" if is_own else source, source_version="" if is_own else source_version,
    )  # fmt: skip


def _rpm(gathering: Gathering, fields: list[str]) -> None:
    if len(fields) != 7:
        gathering.refuse("\t".join(fields)[:200], "", "is no line of rpm")
        return
    name, epoch, version, architecture, source, vendor, module = fields
    if name == "gpg-pubkey":
        gathering.refuse(name, version, "is a signing key of rpm's database, no software")
        return
    found = _SOURCE_RPM.match(source)
    gathering.add(
        "rpm", name, with_epoch(epoch, version), architecture="" if architecture == _NONE else architecture,
        vendor="" if vendor == _NONE else vendor, module="" if module == _NONE else module,
        source_name=found["name"] if found else "",
        source_version=with_epoch(epoch, found["version"]) if found else "",
    )  # fmt: skip


def _release(text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines()[:200]:
        name, equals, value = line.partition("=")
        if equals and name.isidentifier():
            try:
                found[name] = printable(" ".join(shlex.split(value)))
            except ValueError:
                found[name] = ""
    return found


def _line(outputs: Mapping[str, str], name: str) -> str:
    return printable(outputs.get(name, "").strip().partition("\n")[0])[:256]
