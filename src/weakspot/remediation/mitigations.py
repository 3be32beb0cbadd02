"""Alternate mitigations, tracked as far as people say: in which device groups one is applied, who says so and why.

No inventory shows a workaround. So a statement is a person's word, with evidence, and is kept when it is taken back; it
lowers no score (that is what an exception for an alternate mitigation is for) and completes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

from sqlalchemy.engine import Connection

from weakspot.remediation import mitigations_store
from weakspot.remediation.contracts import Mitigated
from weakspot.remediation.service import CHANGED
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound

MAX_STATEMENTS = 10_000
MAX_EVIDENCE = 4_000


def mitigation_id(weakness: str, kind: str, text: str) -> str:
    """The id of a mitigation: the same as long as its source says the same of the weakness."""
    return hashlib.sha256("\x1f".join((weakness, kind, text)).encode()).hexdigest()[:16]


def state(conn: Connection, made: Iterable[Mitigated]) -> list[Mitigated]:
    """Keep statements, one for each device group. Raises InvalidField without evidence, Conflict where one holds."""
    kept = []
    for one in made:
        if not one.evidence.strip() or len(one.evidence) > MAX_EVIDENCE:
            raise InvalidField(f"Say how it is known, in at most {MAX_EVIDENCE:,} letters.", field="evidence")
        known = mitigations_store.of_recommendation(conn, one.recommendation_id)
        if len(known) >= MAX_STATEMENTS:
            raise Conflict(f"There are {MAX_STATEMENTS:,} statements about this recommendation already.")
        if any(other.is_about_the_same(one) for other in known if other.withdrawn_at is None):
            raise Conflict(f"Device group {one.device_group_id} has this mitigation already.", field="group_ids")
        kept.append(_told(conn, mitigations_store.insert(conn, one), one.stated_at))
    return kept


def withdraw(conn: Connection, statement_id: int, by: str, at: Micros) -> Mitigated:
    """Take a statement back. Raises NotFound, Conflict."""
    if existing(conn, statement_id).withdrawn_at is not None:
        raise Conflict("This statement was taken back already.")
    mitigations_store.withdraw(conn, statement_id, by, at)
    return _told(conn, statement_id, at)


def existing(conn: Connection, statement_id: int) -> Mitigated:
    """One statement. Raises NotFound."""
    found = mitigations_store.one(conn, statement_id)
    if found is None:
        raise NotFound("There is no such statement.")
    return found


def in_force(conn: Connection, recommendation_id: str, weaknesses: Collection[str]) -> list[Mitigated]:
    """Statements that hold about some weaknesses of a recommendation, oldest first."""
    known = mitigations_store.of_recommendation(conn, recommendation_id)
    return [one for one in known if one.withdrawn_at is None and one.weakness in weaknesses]


def listed(conn: Connection) -> list[Mitigated]:
    """The newest MAX_STATEMENTS statements, newest first, those that were taken back included."""
    return mitigations_store.newest(conn, MAX_STATEMENTS)


def _told(conn: Connection, statement_id: int, at: Micros) -> Mitigated:
    found = existing(conn, statement_id)
    payload = {"activity_id": 0, "what": "mitigated", "recommendation_id": found.recommendation_id}
    changes.append(conn, at, CHANGED, payload)
    return found
