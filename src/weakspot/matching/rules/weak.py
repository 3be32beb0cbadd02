"""Why a match has too little confidence to be counted, in words that can stand alone."""

from __future__ import annotations

from collections.abc import Sequence

from weakspot.matching.contracts import ClaimOutcome, MatchStatus

_BY_METHOD = {
    "kernel_not_running": "The kernel is installed and does not run.",
    "name_index": "The product is guessed from its name and publisher, and sources disagree about it.",
    "binary_package_name": "The source package is not known, and sources disagree about the package's own name.",
}


def why_weak(method: str, status: MatchStatus, evidence: Sequence[ClaimOutcome]) -> str:
    """One sentence. evidence: the claims of the match, the one that decided among them."""
    if method in _BY_METHOD:
        return _BY_METHOD[method]
    if status == "unimportant":
        return "The distribution sees no impact on security."
    for one in evidence:
        if one.outcome == "not_comparable":
            if one.note:
                return f"What {one.source} says {one.note}."
            return f"The versions that {one.source} names cannot be compared with the installed one."
    if status == "under_investigation":
        return "Whether it is affected is still being looked into."
    if any(one.fixed is None and one.end_kind == "none" for one in evidence):
        return "No update is known that would fix it, and the device does not ask for one."
    return "The sources disagree, or the software is not known for certain."
