"""Who is who: software versions by what is reported of them, devices by their hardware ids."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from weakspot.inventory.contracts import DescribedDevice, HardwareId, InstalledSoftware, SoftwareIdentity
from weakspot.inventory.rules.recognition import is_placeholder
from weakspot.vocabulary import program_names
from weakspot.vocabulary.platforms import DISTRIBUTION_TYPES, platform_of

_DIGEST_MODULUS = 1 << 256
_SCHEMES = {
    "dpkg": "dpkg", "rpm": "rpm", "apk": "apk", "pypi": "pep440", "npm": "npm", "gem": "gem", "maven": "maven",
    "go": "go", "cargo": "cargo", "nuget": "nuget", "composer": "composer", "hex": "hex", "pub": "pub", "cran": "cran",
    "hackage": "hackage", "homebrew": "homebrew", "windows_os": "windows",
}  # fmt: skip
_STRONG = ("product_uuid", "machine_id", "serial", "board_serial", "cloud_instance")


def wire_hash(item: InstalledSoftware | SoftwareIdentity) -> int:
    """Hash of the six identity strings, as the sensor computes it (docs/sensor.md, "Digest")."""
    return hash_of_strings(
        (item.type, item.name, item.version, item.architecture, item.source_name, item.source_version)
    )


def hash_of_strings(strings: Iterable[str]) -> int:
    """``wire_hash`` of the six identity strings, in their order."""
    text = "\x1f".join(strings)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(), "big")


def digest_of(hashes: Iterable[int]) -> str:
    """Digest of an inventory: order-free sum of the wire hashes, 64 hex digits."""
    return f"{sum(hashes) % _DIGEST_MODULUS:064x}"


def digest_after(digest: str, added: Iterable[int], removed: Iterable[int]) -> str:
    """Digest of an inventory after a change, from the digest before it."""
    return f"{(int(digest, 16) + sum(added) - sum(removed)) % _DIGEST_MODULUS:064x}"


def platform_for(software_type: str, device: DescribedDevice) -> str:
    """Ecosystem of the device for distribution packages; empty for software that belongs to no distribution."""
    return release_of(device) if software_type in DISTRIBUTION_TYPES else ""


def release_of(device: DescribedDevice) -> str:
    """Ecosystem of the device's distribution and release (``Debian:12``); empty when either is not known."""
    return platform_of(device.os.distribution, device.os.version, device.os.codename)


def identity_hash(item: InstalledSoftware, platform: str) -> bytes:
    """Identity of a software version: the wire identity plus what changes how it is judged."""
    text = "\x1f".join(
        (
            item.type, item.name, item.version, item.architecture, item.source_name, item.source_version,
            platform, item.module, item.owned_by,
        )
    )  # fmt: skip
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def scheme_for(software_type: str) -> str:
    """Version order of a software type; ``generic`` for types without one of their own."""
    return _SCHEMES.get(software_type, "generic")


def vendor_for(item: InstalledSoftware, device: DescribedDevice) -> str:
    """Vendor half of the public software id: the distribution, the package registry, or the reported publisher."""
    if item.type in DISTRIBUTION_TYPES:
        return device.os.distribution or "unknown"
    if item.type in (
        "pypi",
        "npm",
        "gem",
        "maven",
        "go",
        "cargo",
        "nuget",
        "composer",
        "hex",
        "pub",
        "cran",
        "hackage",
    ):
        return item.type
    return item.vendor or "unknown"


def product_for(item: InstalledSoftware) -> str:
    """Product half of it: the reported name; of programs without the version and what else installers add to it, so
    that all versions are of one software.
    """
    return program_names.product_name(item.name, item.version) if item.type in program_names.TYPES else item.name


def public_software_id(vendor: str, product: str) -> str:
    """``vendor-_-product`` in lower case, blanks as underscores (spec/features.md 1)."""
    return f"{_slug(vendor)}-_-{_slug(product)}"


def strong_ids(ids: Iterable[HardwareId]) -> list[HardwareId]:
    """Those that identify a device on their own; MAC addresses are copied and shared too often to decide alone."""
    return [item for item in ids if item.kind in _STRONG and not is_placeholder(item.value)]


def _slug(text: str) -> str:
    return "_".join(text.strip().lower().split()) or "unknown"
