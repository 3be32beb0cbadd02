"""Under which identities a desktop program is looked up: its CPE names, and Microsoft's own names for its products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from weakspot.intel.contracts import Claim
from weakspot.inventory.contracts import SoftwareVersion
from weakspot.matching import normalise
from weakspot.matching.contracts import Candidate, Verdict
from weakspot.matching.rules import branches, windows
from weakspot.matching.rules.configurations import ECOSYSTEMS, module_for
from weakspot.vocabulary.ecosystems import CPE, MICROSOFT

VENDOR_NAME = "vendor_name"
_VENDOR_WORD = 5
"""The vendor's own advisory is surer than a CPE name for the same product."""
_NO_CODE = "no product code is known for it"


def candidates(version: SoftwareVersion) -> list[Candidate]:
    """Identities of a program, its own first; empty when ``reason_without`` has a reason."""
    product = _product(version)
    if product is None or not product.version:
        return []
    platform = normalise.platform_of_type(version.type)
    branch = branches.mark(product.branch, is_channel=product.is_channel)
    found = [
        Candidate(
            version.id,
            CPE,
            identity,
            product.version,
            product.method,
            product.confidence,
            # An edition with a CPE name of its own needs no narrowing.
            module_for(platform, "" if identity.endswith("_" + product.edition) else product.edition, branch),
        )
        for identity in dict.fromkeys(product.identities)
    ]
    return found + [
        Candidate(
            version.id,
            MICROSOFT,
            name,
            product.version,
            VENDOR_NAME,
            min(100, product.confidence + _VENDOR_WORD),
            branch,
        )
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
    """Why a program or system whose identities no source names is not assessed; empty for what is neither."""
    if candidates[0].method == windows.SYSTEM:
        return f"no loaded source describes {windows.display_name(candidates[0].name)}"
    if not all(candidate.ecosystem in ECOSYSTEMS for candidate in candidates):
        return ""
    if candidates[0].method == normalise.METHOD:
        return _NO_CODE
    return f"no loaded source describes {candidates[0].name.replace(':', '-_-', 1)}"


def reason_of_channel(candidates: Iterable[Candidate], claims: Mapping[tuple[str, str], Sequence[Claim]]) -> str:
    """Why a program that is installed from a channel is not assessed; empty where a source names a build of it."""
    channelled = [(own, c) for c in candidates if (own := branches.channel(c))]
    for _, candidate in channelled:
        about = claims.get((candidate.ecosystem, candidate.name), ())
        if any(branches.is_of_channel(claim, candidate) for claim in about):
            return ""
    if not channelled:
        return ""
    own, first = channelled[0]
    return f"no loaded source names a fixed build of {first.name.replace(':', '-_-', 1)} in its channel {own}"


def without_refuted(
    found: Mapping[tuple[int, int], Verdict],
    candidates: Iterable[Candidate],
    claims: Mapping[tuple[str, str], Sequence[Claim]],
) -> dict[tuple[int, int], Verdict]:
    """The verdicts without those by CPE name where the vendor's own advisory names a range that leaves the version out.

    found: by software version and vulnerability.
    """
    spoken: set[tuple[int, int]] = set()
    for candidate in candidates:
        if candidate.method == VENDOR_NAME:
            about = claims.get((candidate.ecosystem, candidate.name), ())
            spoken.update((candidate.software_version_id, claim.vulnerability_id) for claim in about if claim.end_key)
    return {key: verdict for key, verdict in found.items() if key not in spoken or _is_of_vendor(verdict)}


def _is_of_vendor(verdict: Verdict) -> bool:
    return any(outcome.ecosystem == MICROSOFT for outcome in verdict.evidence)


def _product(version: SoftwareVersion) -> normalise.Product | None:
    return normalise.identify(version.name, version.vendor, version.version, version.type)
