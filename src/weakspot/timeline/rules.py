"""Pure decisions of the timeline: what is an event, and which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from weakspot.intel.contracts import ExploitLevel
from weakspot.timeline.contracts import EventType, Told

LEVELS: tuple[ExploitLevel, ...] = ("none", "proof_of_concept", "public", "verified", "kit", "known_exploited")
_PUBLIC, _VERIFIED, _KIT, _KNOWN = (LEVELS.index(one) for one in ("public", "verified", "kit", "known_exploited"))


ZERO_DAY_UPDATE = "zero_day_update"
"""What is told as a new vulnerability though it was known: it was exploited without a fix, and has one now
(spec/features.md 15, rule 7)."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What is not as it was told: vulnerabilities by what happened to them."""

    new: tuple[int, ...] = ()
    regressed: tuple[int, ...] = ()
    fixed: tuple[int, ...] = ()
    exploits: Mapping[EventType, tuple[int, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self.new or self.regressed or self.fixed or self.exploits)


def difference(told: Mapping[int, Told], present: Iterable[int], levels: Mapping[int, int]) -> Difference:
    """Compare what was told with what is.

    present: vulnerabilities that a counted device has now; levels: ranks of those whose facts may have moved.
    """
    here = set(present)
    exploits: dict[EventType, list[int]] = {}
    for one in sorted(levels):
        known = told.get(one)
        if known is not None and known.is_present and one in here:
            step = exploit_event(known.level, levels[one])
            if step is not None:
                exploits.setdefault(step, []).append(one)
    new = here - told.keys()
    return Difference(
        new=tuple(sorted(new)),
        regressed=tuple(sorted(one for one in here - new if not told[one].is_present)),
        fixed=tuple(sorted(one for one in told.keys() - here if told[one].is_present)),
        exploits={step: tuple(some) for step, some in exploits.items()},
    )


def exploit_event(before: int, now: int) -> EventType | None:
    """The event of a rise of the exploit evidence; None for none.

    A vulnerability that becomes known to be exploited has an exploit that works: verified (spec/features.md 24, 7).
    """
    if now <= before or now < _PUBLIC:
        return None
    if now == _KIT:
        return "exploit_kit"
    if now in (_VERIFIED, _KNOWN):
        return "exploit_verified"
    return "public_exploit"


def sentence(kind: EventType, product: str, count: int, subject: str, what: str) -> str:
    """The event in words; names are foreign text."""
    these = "a vulnerability" if count == 1 else f"{count:,} vulnerabilities"
    of = f" in {product}" if product else ""
    match kind:
        case "new_vulnerability" if what == ZERO_DAY_UPDATE:
            return f"A security update for a zero day came out{of}"
        case "new_vulnerability":
            return f"{'A new vulnerability was' if count == 1 else f'{count:,} new vulnerabilities were'} found{of}"
        case "public_exploit":
            return f"An exploit was published for {these}{of}"
        case "exploit_verified":
            return f"An exploit was verified for {these}{of}"
        case "exploit_kit":
            return f"{_large(these)}{of} became part of an exploit kit"
        case "knowledge_loaded":
            return f"Intelligence was loaded for the first time: {these} found"
        case "newly_exposed":
            return f"Newly reported software brought {these}{of}"
        case "fixed":
            return f"{_large(these)}{of} no longer affect{'s' if count == 1 else ''} any device"
        case "regressed":
            return f"{_large(these)}{of} came back"
        case "new_configuration_assessment":
            return f"New configuration assessment: {product}"
        case "end_of_support":
            return f"Support ended for {product} {subject}".rstrip()
        case "detection":
            return f"Detection: {subject}"
        case "exception":
            return f"Exception {what.replace('_', ' ')}: {subject}"
        case "remediation":
            return f"Remediation {what.replace('_', ' ')}: {subject}"


def _large(text: str) -> str:
    return text[:1].upper() + text[1:]
