"""What may be excepted, and what is in force: no database, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from weakspot.exceptions.contracts import Justification, KeptException, NewException, State, Status
from weakspot.runtime.clock import DAY, Micros

MAX_CONTEXT = 4_000
MAX_SUBJECT = 2_100
MAX_DAYS = 366
MAX_GROUPS = 10_000
MAX_TAGS = 100
MAX_TAG = 200
MAX_DEVICES = 10_000
MAX_SOFTWARE = 100
_SHOWN: Mapping[State, Status] = {
    "requested": "Requested", "approved": "Active", "refused": "Refused", "cancelled": "Cancelled",
    "expired": "Expired",
}  # fmt: skip

_IMPORTED: Mapping[str, Justification] = {
    "third party control": "third_party_control",
    "alternate mitigation": "alternate_mitigation",
    "compensating alternate control": "alternate_mitigation",
    "compensating control": "alternate_mitigation",
    "alternate control": "alternate_mitigation",
    "risk accepted": "risk_accepted",
    "accept risk": "risk_accepted",
    "accepted risk": "risk_accepted",
    "productivity business need": "risk_accepted",
    "productivity need": "risk_accepted",
    "business need": "risk_accepted",
    "planned remediation": "planned_remediation",
    "planned remediation grace": "planned_remediation",
    "no patch": "no_patch",
    "cve with no patch": "no_patch",
}
"""Justifications as others write them, those of 2020 included (spec/features.md 9.3)."""
_LONGEST_IMPORTED = 100


def imported_justification(text: str) -> Justification | None:
    """What a justification from elsewhere amounts to; None: none of ours (``other``, ``false positive``)."""
    return _IMPORTED.get(" ".join(re.findall("[a-z]+", text[:_LONGEST_IMPORTED].casefold())))


def problem_of(new: NewException, at: Micros) -> tuple[str, str] | None:
    """(field, what is wrong in a sentence); None: it can be kept (spec/features.md 9.2, 9.3)."""
    if not new.context.strip():
        return "context", "Say why: the context of an exception is required."
    if len(new.context) > MAX_CONTEXT:
        return "context", f"The context has at most {MAX_CONTEXT:,} characters."
    if not 0 < len(new.subject) <= MAX_SUBJECT:
        return "subject", "Name a recommendation (its id) or a vulnerability."
    if new.justification == "no_patch" and new.subject_kind != "vulnerability":
        return "justification", "'no_patch' is for exceptions of single vulnerabilities only."
    if not at < new.until_at <= at + MAX_DAYS * DAY:
        return "until", f"An exception ends in the future, at most {MAX_DAYS} days ahead."
    return _scope_problem(new)


def _scope_problem(new: NewException) -> tuple[str, str] | None:
    scope = new.scope
    given: dict[str, Sequence[object]] = {
        "device_group": scope.group_ids, "tag": scope.tags, "device": scope.device_ids, "software": scope.software_ids,
    }  # fmt: skip
    limits = {"device_group": MAX_GROUPS, "tag": MAX_TAGS, "device": MAX_DEVICES, "software": MAX_SOFTWARE}
    for kind, values in given.items():
        if kind == scope.kind and not 0 < len(values) <= limits[kind]:
            return "scope", f"An exception by {kind.replace('_', ' ')} names from 1 to {limits[kind]:,} of them."
        if kind != scope.kind and values:
            return "scope", f"An exception of scope {scope.kind} names no {kind.replace('_', ' ')}."
    if any(not tag or len(tag) > MAX_TAG for tag in scope.tags):
        return "scope", f"A tag has 1 to {MAX_TAG} characters."
    if scope.kind == "software" and new.subject_kind != "vulnerability":
        return "scope", "A recommendation is about one product already; use scope software for a vulnerability."
    return None


def is_running(one: KeptException, at: Micros) -> bool:
    """Whether it is approved and its time is not over, suspended or not."""
    return one.state == "approved" and one.since is not None and one.since <= at < one.until_at


def statuses(kept: Sequence[KeptException], at: Micros) -> dict[int, Status]:
    """Status of each, where ``kept`` has all that are about the same things.

    A global exception suspends the others of its subject while it lasts, whenever they were made (spec 9.4, rule 1).
    """
    ruled = {(one.subject_kind, one.subject) for one in kept if one.scope.kind == "global" and is_running(one, at)}
    found: dict[int, Status] = {}
    for one in kept:
        status = _SHOWN[one.state]
        if one.state in ("approved", "requested") and one.until_at <= at:
            status = "Expired"
        elif status == "Active" and one.scope.kind != "global" and (one.subject_kind, one.subject) in ruled:
            status = "Suspended"
        found[one.id] = status
    return found


def in_force(kept: Sequence[KeptException], at: Micros) -> list[KeptException]:
    """Those that hold now, by id."""
    found = statuses(kept, at)
    return sorted((one for one in kept if found[one.id] == "Active"), key=lambda one: one.id)


def taken_groups(kept: Iterable[KeptException], at: Micros) -> frozenset[int]:
    """Device groups that have an exception (or a request for one) of this subject already (spec 9.2)."""
    open_ = (one for one in kept if one.state in ("approved", "requested") and at < one.until_at)
    return frozenset(group for one in open_ for group in one.group_ids)


def is_other_person(one: str, other: str) -> bool:
    """Whether two ``kind:id:name`` are two different people; a changed name does not make another person."""
    return one.split(":", 2)[:2] != other.split(":", 2)[:2]
