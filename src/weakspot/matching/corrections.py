"""Corrections: what people say about matches. Proposed by "Report inaccuracy", in force once an administrator approves.

Each use case runs inside a unit of work that the caller gives; approval and withdrawal judge again exactly the software
that the correction names.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy.engine import Connection

from weakspot import intel
from weakspot.intel.contracts import Claim
from weakspot.matching import corrections_store as store
from weakspot.matching.contracts import Correction, CorrectionState, ProposedCorrection
from weakspot.matching.rules import corrections as rules
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound
from weakspot.vocabulary import ecosystems

Identity = tuple[str, str]
MAX_LISTED = 1_000
_FROM: dict[CorrectionState, tuple[CorrectionState, ...]] = {
    "approved": ("proposed",), "refused": ("proposed",), "withdrawn": ("proposed", "approved"),
}  # fmt: skip


def propose(conn: Connection, proposed: ProposedCorrection, author: str, at: Micros) -> Correction:
    """Keep a proposal for review; nothing changes yet.

    Raises InvalidField, and NotFound for a vulnerability that no source names.
    """
    ecosystem = ecosystems.canonical(proposed.ecosystem)
    name = ecosystems.normalise_name(ecosystem, proposed.name)
    if not ecosystem or not name:
        raise InvalidField("Name the software: its ecosystem and its name there.", field="name")
    if problem := rules.problem_of(proposed):
        raise InvalidField(problem, field="reason")
    if intel.find(conn, proposed.vulnerability) is None:
        raise NotFound(f"No source names a vulnerability {proposed.vulnerability[:60]!r}; check its id.")
    if proposed.replaces_id is not None:
        get(conn, proposed.replaces_id)
    kept = msgspec.structs.replace(proposed, ecosystem=ecosystem, name=name)
    return get(conn, store.insert(conn, kept, author, at))


def decide(
    conn: Connection, correction_id: int, state: CorrectionState, by: str, note: str, at: Micros
) -> tuple[Correction, frozenset[Identity]]:
    """Approve, refuse or withdraw. Returns the correction and the identities that are to be judged again.

    Approving one that replaces another withdraws that. Raises NotFound, Conflict when it was decided already.
    """
    before = get(conn, correction_id)
    if before.state not in _FROM.get(state, ()):
        raise Conflict(f"Correction {correction_id} is {before.state} and cannot become {state}.")
    store.decide(conn, correction_id, state, by, note[: rules.MAX_REASON], at)
    touched = set()
    if "approved" in (state, before.state):
        touched.add((before.ecosystem, before.name))
    if state == "approved" and before.replaces_id is not None:
        replaced = get(conn, before.replaces_id)
        if replaced.state in ("approved", "proposed"):
            store.decide(conn, replaced.id, "withdrawn", by, f"replaced by correction {correction_id}", at)
            touched.add((replaced.ecosystem, replaced.name))
    return get(conn, correction_id), frozenset(touched)


def get(conn: Connection, correction_id: int) -> Correction:
    """One correction. Raises NotFound."""
    found = store.get(conn, correction_id)
    if found is None:
        raise NotFound(f"There is no correction {correction_id}.")
    return found


def listed(conn: Connection, state: CorrectionState | None = None, limit: int = MAX_LISTED) -> list[Correction]:
    """Corrections, newest first, at most 1,000."""
    return store.listed(conn, state, min(limit, MAX_LISTED))


def with_corrections(
    conn: Connection, claims: dict[Identity, list[Claim]], identities: Iterable[Identity]
) -> dict[Identity, list[Claim]]:
    """The claims of sources, and those that approved corrections make about the same software."""
    found = store.in_force(conn, identities)
    if not found:
        return claims
    joined = dict(claims)
    for correction in found:
        vulnerability_id = intel.find(conn, correction.vulnerability)
        if vulnerability_id is not None:  # a name that no source gives any more: nothing to correct
            identity = correction.ecosystem, correction.name
            joined[identity] = [*joined.get(identity, ()), rules.to_claim(correction, vulnerability_id)]
    return joined
