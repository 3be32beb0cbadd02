"""Under which identities a desktop program is looked up: its CPE names, and Microsoft's own names for its products."""

from __future__ import annotations

from weakspot.inventory.contracts import SoftwareVersion
from weakspot.matching import normalise
from weakspot.matching.contracts import Candidate
from weakspot.matching.rules.configurations import ECOSYSTEMS, module_for
from weakspot.vocabulary.ecosystems import CPE, MICROSOFT

TYPES = normalise.TYPES
VENDOR_NAME = "vendor_name"
_NO_CODE = "no product code is known for it"


def candidates(version: SoftwareVersion) -> list[Candidate]:
    """Identities of a program, its own first; empty when ``reason_without`` has a reason."""
    product = _product(version)
    if product is None or not product.version:
        return []
    platform = normalise.platform_of_type(version.type)
    found = [
        Candidate(
            version.id,
            CPE,
            identity,
            product.version,
            product.method,
            product.confidence,
            # An edition with a CPE name of its own needs no narrowing.
            module_for(platform, "" if identity.endswith("_" + product.edition) else product.edition),
        )
        for identity in dict.fromkeys(product.identities)
    ]
    return found + [
        Candidate(version.id, MICROSOFT, name, product.version, VENDOR_NAME, product.confidence)
        for name in product.microsoft
    ]


def reason_without(version: SoftwareVersion) -> str:
    """Why a program is not looked up; empty when it is."""
    product = _product(version)
    if product is None:
        return _NO_CODE if version.version else "no product code is known for it, and neither is its version"
    if not product.version:
        return f"it is {product.code}, of which the inventory gives no version that advisories compare"
    return ""


def reason_unnamed(candidates: list[Candidate]) -> str:
    """Why a program whose identities no source names is not assessed; empty for what is no program."""
    if not all(candidate.ecosystem in ECOSYSTEMS for candidate in candidates):
        return ""
    if candidates[0].method == normalise.METHOD:
        return _NO_CODE
    return f"no loaded source describes {candidates[0].name.replace(':', '-_-', 1)}"


def _product(version: SoftwareVersion) -> normalise.Product | None:
    return normalise.identify(version.name, version.vendor, version.version, version.type)
