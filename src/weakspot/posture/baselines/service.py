"""Use cases of the baseline profiles, each inside a unit of work that the caller gives."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from weakspot.posture import catalogue
from weakspot.posture.baselines import rules, store
from weakspot.posture.baselines.contracts import Baseline, Profile
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound

BASELINES_CHANGED = "posture.baselines"
"""Kind of change; payload {"id": UUID of the profile, "action": "add", "change" or "remove"}."""
MAX_BASELINES = 200


def baseline(conn: Connection, baseline_id: str) -> Baseline:
    """One profile. Raises NotFound."""
    found = store.one(conn, baseline_id[:64].strip().lower())
    if found is None:
        raise NotFound("There is no such baseline profile; open it from the list, or see `weakspot baselines list`.")
    return found


def baselines(conn: Connection) -> list[Baseline]:
    """All profiles, by name."""
    return store.every(conn)


def add(conn: Connection, baseline_id: str, profile: Profile, by: str, now: Micros) -> Baseline:
    """Keep a new profile. baseline_id: a new UUID. Raises InvalidField, NotFound for a check, Conflict."""
    if store.count(conn) >= MAX_BASELINES:
        raise Conflict(f"There are {MAX_BASELINES} baseline profiles already; remove one that is not needed.")
    made = Baseline(
        id=baseline_id, profile=_checked(conn, profile, None), created_by=by, created_at=now, changed_by=None,
        changed_at=None,
    )  # fmt: skip
    store.insert(conn, made)
    _tell(conn, baseline_id, "add", now)
    return made


def change(conn: Connection, baseline_id: str, profile: Profile, by: str, now: Micros) -> Baseline:
    """Replace what a profile says; in force at once. Raises NotFound, InvalidField, Conflict."""
    known = baseline(conn, baseline_id)
    store.change(conn, known.id, _checked(conn, profile, known.id), by, now)
    _tell(conn, known.id, "change", now)
    return baseline(conn, known.id)


def remove(conn: Connection, baseline_id: str, now: Micros) -> Baseline:
    """Forget a profile; its checks and what devices told stay. Returns what it was. Raises NotFound."""
    known = baseline(conn, baseline_id)
    store.delete(conn, known.id)
    _tell(conn, known.id, "remove", now)
    return known


def _checked(conn: Connection, profile: Profile, own_id: str | None) -> Profile:
    clean = rules.cleaned(profile)
    if problem := rules.problem_of(clean, catalogue.checks()):
        field, why = problem
        raise InvalidField(why, field=field)
    if store.id_of(conn, clean.name) not in (None, own_id):
        raise Conflict("There is a baseline profile of this name; choose another name, or change that one.")
    return clean


def _tell(conn: Connection, baseline_id: str, action: str, now: Micros) -> None:
    changes.append(conn, now, BASELINES_CHANGED, {"id": baseline_id, "action": action})
