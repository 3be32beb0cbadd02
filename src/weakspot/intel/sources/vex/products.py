"""From a product of a VEX document to the software that it names."""

from __future__ import annotations

import re

import msgspec

from weakspot.intel.contracts import AffectedStatus, Range
from weakspot.vocabulary import cpe, ecosystems, purl
from weakspot.vocabulary.platforms import platform_of
from weakspot.vocabulary.purl import Purl

_DISTRIBUTION = frozenset({"deb", "rpm", "apk"})
_DISTRO = re.compile(r"^(?P<name>[a-z][a-z0-9_.-]*?)-(?P<version>\d[\w.]*)$")
_SOURCE_RPM = re.compile(r"-[^-]+-[^-]+(?:\.src\.rpm)?$")


class Product(msgspec.Struct, frozen=True):
    """A software as advisories name it; ``version`` empty: all versions."""

    ecosystem: str
    name: str
    version: str


def product_of(text: str) -> Product:
    """The software that a package URL or a CPE name stands for. Raises ValueError with the reason."""
    if text.startswith("cpe:"):
        named = cpe.parse(text)
        return Product(ecosystems.CPE, named.identity, named.full_version)
    if not text.startswith("pkg:"):
        raise ValueError(f"names a product by neither a package URL nor a CPE name: {text[:80]!r}")
    parsed = purl.parse(text)
    if parsed.type in _DISTRIBUTION:
        return _distribution_package(parsed)
    identity = purl.identity(parsed)
    if identity is None:
        raise ValueError(f"names a product of a type that is not looked up here: {parsed.type!r}")
    return Product(*identity, parsed.version)


def range_of(product: Product, status: AffectedStatus) -> Range:
    """A product's own version, or all of it."""
    if product.version:
        return Range(product.ecosystem, product.name, "0", None, "versions", (product.version,), status)
    return Range(product.ecosystem, product.name, status=status)


def _distribution_package(parsed: Purl) -> Product:
    """By its source where the URL names one, as the distributions' advisories do."""
    match = _DISTRO.match(parsed.qualifiers.get("distro", ""))
    platform = platform_of(match["name"], match["version"]) if match else ""
    if not platform:
        raise ValueError(f"names a {parsed.type} package without the release that it is of (distro=debian-12)")
    upstream = parsed.qualifiers.get("upstream", "").partition("@")[0]
    name = _SOURCE_RPM.sub("", upstream) if parsed.type == "rpm" else upstream
    epoch = parsed.qualifiers.get("epoch", "0")
    version = f"{epoch}:{parsed.version}" if epoch not in ("", "0") and ":" not in parsed.version else parsed.version
    return Product(platform, name or parsed.name, version)
