"""rpm lists to inventories."""

from __future__ import annotations

import re

from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.protocols.base import Gathering, ReadInventory, device_named, stem
from weakspot.inventory.protocols.documents import Document
from weakspot.inventory.protocols.releases import inferred

_ARCHITECTURES = (
    "x86_64", "noarch", "i386", "i486", "i586", "i686", "aarch64", "armv7hl", "ppc64le", "ppc64", "s390x", "riscv64",
    "loongarch64",
)  # fmt: skip
_PACKAGE = re.compile(
    r"^(?:(?P<lead>\d+|\(none\)):)?(?P<name>[A-Za-z0-9_][\w.+-]*)-(?:(?P<epoch>\d+|\(none\)):)?"
    rf"(?P<version>[^\s:-]+)-(?P<release>[^\s:-]+?)\.(?P<arch>{'|'.join(_ARCHITECTURES)})(?:\.rpm)?$"
)
_SOURCE = re.compile(r"^(?P<name>.+)-(?P<version>[^-]+-[^-]+?)\.(?:no)?src\.rpm$")
_KEY = re.compile(r"^gpg-pubkey-[0-9a-f]+-[0-9a-f]+")
_TABBED = re.compile(r"^[A-Za-z0-9_][\w.+-]*\t(?:(?:\d+|\(none\)):)?[^\s:-]+-[^\s:-]+(?:\t|$)")
_NO_EPOCH = ("", "0", "(none)")
_ENOUGH = 0.6


def recognises(document: Document) -> bool:
    """Most of the first lines are packages."""
    head = [line.strip() for line in document.text[:100_000].splitlines()[:200] if line.strip()]
    hits = sum(bool(_PACKAGE.match(line) or _TABBED.match(line) or _KEY.match(line)) for line in head)
    return bool(head) and hits >= _ENOUGH * len(head)


def read(document: Document) -> list[ReadInventory]:
    """One device, named as the file."""
    gathering = Gathering()
    for line in document.lines:
        text = line.strip("\r\n ")
        if text:
            _add(gathering, text)
    told = inferred(gathering.items)
    system = OperatingSystem(platform="Linux")
    if told is not None:
        system, by = told
        gathering.notes.append(f"the release was concluded from {by}")
    return [gathering.inventory(device_named(stem(document.name), system))]


def _add(gathering: Gathering, text: str) -> None:
    if _KEY.match(text):
        gathering.refuse(text[:200], "", "is a signing key of rpm's database, no software")
    elif _TABBED.match(text):
        _add_fields(gathering, [field.strip() for field in text.split("\t")])
    elif match := _PACKAGE.match(text):
        epoch = match["lead"] or match["epoch"] or ""
        version = f"{match['version']}-{match['release']}"
        gathering.add("rpm", match["name"], with_epoch(epoch, version), architecture=match["arch"])
    else:
        gathering.refuse(text[:200], "", "is no line of the form name-version-release.arch")


def _add_fields(gathering: Gathering, fields: list[str]) -> None:
    name, version, architecture, source, vendor, module = (*fields, "", "", "", "")[:6]
    epoch, _, rest = version.rpartition(":")
    found = _SOURCE.match(source)
    gathering.add(
        "rpm",
        name,
        with_epoch(epoch, rest),
        architecture=_known(architecture),
        source_name=found["name"] if found else "",
        source_version=found["version"] if found else "",
        vendor=_known(vendor),
        module=_known(module),
    )


def with_epoch(epoch: str, version: str) -> str:
    """``[epoch:]version-release`` without an epoch of 0."""
    return version if epoch in _NO_EPOCH else f"{epoch}:{version}"


def _known(text: str) -> str:
    return "" if text == "(none)" else text
