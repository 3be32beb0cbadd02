"""Remediation: requests of those who handle it, completed by hand or by what the devices show."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy.engine import Connection

from weakspot import access, remediation
from weakspot.access import Caller, Permission
from weakspot.remediation import Activity, Mitigated, NewActivity, SlaRule
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import Forbidden, NotFound
from weakspot.runtime.secrets import RandomBytes, system_random
from weakspot.workflows.corrections import author_of

NOT_YOURS = "Say so for device groups that you may see."
OTHER_GROUPS = "This activity was made for device groups that you do not manage."


def request_activities(
    database: Database,
    actor: Caller,
    wanted: Iterable[NewActivity],
    tracker_id: int | None,
    now: Micros,
    random: RandomBytes = system_random,
) -> list[Activity]:
    """Keep requests, all or none. Raises InvalidField, Conflict, NotFound, and Forbidden for block and warn."""

    def unit(conn: Connection) -> list[Activity]:
        made = []
        for new in wanted:
            if new.mitigation != "None" and not actor.may(Permission.REMEDIATION_APPLICATIONS):
                raise Forbidden(f"To block or warn needs the permission {Permission.REMEDIATION_APPLICATIONS}.")
            one = remediation.create(conn, new, author_of(actor), now, random, tracker_id)
            details = {"recommendation": new.recommendation_id[:200], "devices": str(len(new.targets))}
            access.record_audit(conn, now, actor, "remediation.request", one.public_id, details)
            made.append(one)
        return made

    return database.write(unit)


def complete_activity(database: Database, actor: Caller, public_id: str, now: Micros) -> Activity:
    """Mark as completed, though devices may not show it. Raises NotFound, Conflict, Forbidden."""

    def unit(conn: Connection) -> Activity:
        found = remediation.get(conn, public_id)
        if actor.scope.group_ids is not None and not actor.scope.group_ids.issuperset(found.group_ids):
            raise Forbidden(OTHER_GROUPS)
        done = remediation.complete(conn, public_id, author_of(actor), now)
        access.record_audit(conn, now, actor, "remediation.complete", public_id)
        return done

    return database.write(unit)


def set_sla_rules(database: Database, actor: Caller, rules: tuple[SlaRule, ...], now: Micros) -> tuple[SlaRule, ...]:
    """Choose how long remediation may take, for requests made from now on. Raises InvalidField."""

    def unit(conn: Connection) -> tuple[SlaRule, ...]:
        remediation.set_sla_rules(conn, rules)
        access.record_audit(conn, now, actor, "remediation.sla", f"{len(rules)} rules")
        return rules

    return database.write(unit)


def state_mitigated(database: Database, actor: Caller, made: Iterable[Mitigated], now: Micros) -> list[Mitigated]:
    """Keep a person's word that a mitigation is applied in device groups. Raises InvalidField, Conflict, Forbidden."""

    def unit(conn: Connection) -> list[Mitigated]:
        wanted = [msgspec.structs.replace(one, stated_by=author_of(actor), stated_at=now) for one in made]
        if not all(actor.scope.includes(one.device_group_id) for one in wanted):
            raise Forbidden(NOT_YOURS)
        kept = remediation.state_mitigated(conn, wanted)
        for one in kept:
            details = {"weakness": one.weakness, "group": str(one.device_group_id), "evidence": one.evidence[:500]}
            access.record_audit(conn, now, actor, "mitigation.state", one.recommendation_id[:200], details)
        return kept

    return database.write(unit)


def withdraw_mitigated(database: Database, actor: Caller, statement_id: int, now: Micros) -> Mitigated:
    """Take such a word back. Raises NotFound, Conflict; what belongs to other device groups is not there."""

    def unit(conn: Connection) -> Mitigated:
        if not actor.scope.includes(remediation.mitigation_statement(conn, statement_id).device_group_id):
            raise NotFound("There is no such statement.")
        done = remediation.withdraw_mitigated(conn, statement_id, author_of(actor), now)
        access.record_audit(conn, now, actor, "mitigation.withdraw", str(statement_id), {"weakness": done.weakness})
        return done

    return database.write(unit)


def delete_old_activities(database: Database, now: Micros) -> int:
    """Delete activities 180 days after their completion; how many."""
    return database.write(lambda conn: remediation.delete_old(conn, now))
