"""Use cases of the posture, each inside a unit of work that the caller gives."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from weakspot.posture import catalogue, store
from weakspot.posture.contracts import Check, CheckDecision
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import InvalidField, NotFound

CHECKS_CHANGED = "posture.checks"
"""Kind of change; payload {"added": check ids that are new to this installation, "is_first": whether there were none
before, "decided": check ids that people decided about}."""
MAX_REASON = 2_000


def check(check_id: str) -> Check:
    """One check. Raises NotFound."""
    found = catalogue.checks().get(check_id[:200].strip().lower())
    if found is None:
        raise NotFound("There is no such check; open it from the list, or look at `weakspot checks list`.")
    return found


def is_any_new(conn: Connection) -> bool:
    """Whether the catalogue has checks that were not taken up yet."""
    return not catalogue.checks().keys() <= store.known_checks(conn)


def take_up(conn: Connection, now: Micros) -> list[str]:
    """Note the checks that are new in the catalogue and tell the followers. Returns their ids."""
    known = store.known_checks(conn)
    added = [one for one in catalogue.checks() if one not in known]
    if added:
        store.insert_known(conn, added, now)
        changes.append(conn, now, CHECKS_CHANGED, {"added": added, "is_first": not known, "decided": []})
    return added


def decide(conn: Connection, check_id: str, is_enabled: bool, reason: str, by: str, now: Micros) -> CheckDecision:
    """Switch a check off, or on again. Off needs a reason. Raises NotFound, InvalidField."""
    found = check(check_id)
    said = reason.strip()
    if len(said) > MAX_REASON:
        raise InvalidField(f"A reason has at most {MAX_REASON:,} characters.", field="reason")
    if not is_enabled and not said:
        raise InvalidField("Say why the check is switched off.", field="reason")
    decision = CheckDecision(check_id=found.id, is_enabled=is_enabled, reason=said, decided_by=by, decided_at=now)
    store.write_decision(conn, decision)
    changes.append(conn, now, CHECKS_CHANGED, {"added": [], "is_first": False, "decided": [found.id]})
    return decision
