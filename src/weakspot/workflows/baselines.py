"""Baseline profiles: written, changed and removed by people, inside their device groups, audited."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from sqlalchemy.engine import Connection

from weakspot import access, inventory
from weakspot.access import Caller
from weakspot.posture import baselines
from weakspot.posture.baselines import Baseline, Profile
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import Forbidden, InvalidField
from weakspot.workflows.corrections import author_of

OWN_GROUPS = "A profile for device groups that you do not see is for who sees them; name only groups of your own."


def add_baseline(
    database: Database, actor: Caller, profile: Profile, now: Micros, random: Callable[[int], bytes]
) -> Baseline:
    """Keep a new profile, in force at once. Raises InvalidField, Conflict, Forbidden."""
    _check_groups(actor, profile)
    ident = str(uuid.UUID(bytes=random(16), version=4))

    def unit(conn: Connection) -> Baseline:
        _check_known(conn, profile)
        made = baselines.add(conn, ident, profile, author_of(actor), now)
        _audit(conn, now, actor, "baseline.add", made)
        return made

    return database.write(unit)


def change_baseline(database: Database, actor: Caller, baseline_id: str, profile: Profile, now: Micros) -> Baseline:
    """Replace what a profile says. Raises NotFound, InvalidField, Conflict, Forbidden."""
    _check_groups(actor, profile)

    def unit(conn: Connection) -> Baseline:
        _check_groups(actor, baselines.baseline(conn, baseline_id).profile)
        _check_known(conn, profile)
        made = baselines.change(conn, baseline_id, profile, author_of(actor), now)
        _audit(conn, now, actor, "baseline.change", made)
        return made

    return database.write(unit)


def remove_baseline(database: Database, actor: Caller, baseline_id: str, now: Micros) -> None:
    """Forget a profile. Raises NotFound, Forbidden."""

    def unit(conn: Connection) -> None:
        _check_groups(actor, baselines.baseline(conn, baseline_id).profile)
        _audit(conn, now, actor, "baseline.remove", baselines.remove(conn, baseline_id, now))

    database.write(unit)


def _check_groups(actor: Caller, profile: Profile) -> None:
    seen = actor.scope.group_ids
    if seen is not None and (profile.groups is None or not seen.issuperset(profile.groups)):
        raise Forbidden(OWN_GROUPS)


def _check_known(conn: Connection, profile: Profile) -> None:
    missing = set(profile.groups or ()) - {one.id for one in inventory.groups(conn)}
    if missing:
        raise InvalidField(f"There is no device group {min(missing)}; name groups by their ids.", field="groups")


def _audit(conn: Connection, now: Micros, actor: Caller, action: str, made: Baseline) -> None:
    details = {"name": made.profile.name, "checks": str(len(made.profile.configurations))}
    access.record_audit(conn, now, actor, action, f"baseline:{made.id}", details)
