"""A correction as one more claim: the source ``correction``, which decides over every other where it applies."""

from __future__ import annotations

from weakspot.intel.contracts import Claim
from weakspot.matching.contracts import Correction, ProposedCorrection
from weakspot.vocabulary import ecosystems, versions

SOURCE = "correction"
FIRST = "0"
MAX_REASON = 2_000


def problem_of(proposed: ProposedCorrection) -> str | None:
    """Why a correction cannot be taken, as a sentence; None when it can."""
    if not proposed.reason.strip():
        return "Say why: a correction without a reason cannot be reviewed."
    if len(proposed.reason) > MAX_REASON:
        return f"The reason has {len(proposed.reason):,} characters; at most {MAX_REASON:,} are kept."
    if (proposed.end_version is None) != (proposed.end_kind == "none"):
        return "An end version goes with end_kind 'fixed' or 'last_affected', and only with these."
    scheme = ecosystems.scheme(proposed.ecosystem)
    for text in (proposed.introduced, proposed.end_version):
        if text not in (None, FIRST) and not versions.is_comparable(versions.key(scheme, text or "")):
            return f"{text!r} is no version that {proposed.ecosystem} can compare."
    return None


def to_claim(correction: Correction, vulnerability_id: int) -> Claim:
    """The claim that an approved correction makes. Its advisory id is negative: no advisory has it."""
    scheme = ecosystems.scheme(correction.ecosystem)
    end = correction.end_version
    return Claim(
        advisory_id=-correction.id,
        source=SOURCE,
        record_id=f"correction-{correction.id}",
        relation="self",
        vulnerability_id=vulnerability_id,
        ecosystem=correction.ecosystem,
        name=correction.name,
        scheme=scheme,
        introduced=correction.introduced,
        introduced_key=b"" if correction.introduced == FIRST else versions.key(scheme, correction.introduced),
        fixed=end if correction.end_kind == "fixed" else None,
        last_affected=end if correction.end_kind == "last_affected" else None,
        end_key=None if end is None else versions.key(scheme, end),
        end_kind=correction.end_kind,
        versions=None,
        status=correction.status,
        module="",
        vendor_severity=None,
    )
