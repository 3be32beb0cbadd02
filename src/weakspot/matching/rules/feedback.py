"""What feedback can say (spec/features.md 6.8, 11.3)."""

from __future__ import annotations

from weakspot.matching.contracts import GivenFeedback

MAX_SUBJECT = 2_100
MAX_TEXT = 2_000


def problem_of(given: GivenFeedback) -> tuple[str, str] | None:
    """(field, what is wrong in a sentence); None: it can be kept."""
    if not 0 < len(given.subject) <= MAX_SUBJECT:
        return "subject", "Name what it is about: a vulnerability, or the id of a software or a recommendation."
    if given.kind == "support_wish" and given.subject_kind != "vulnerability":
        return "kind", "A wish for support is about a vulnerability."
    if given.kind != "support_wish" and not given.text.strip():
        return "text", "Say what is wrong, so that somebody can look for it."
    if len(given.text) > MAX_TEXT:
        return "text", f"The text has {len(given.text):,} characters; at most {MAX_TEXT:,} are kept."
    return None
