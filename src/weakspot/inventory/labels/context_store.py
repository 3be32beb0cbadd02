"""All SQL about business context: sensitive data, sign-ins, high-value users, business software, automatic rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.inventory.labels.tables import business_software, context_rule, high_value_user, sensitive_data, sign_in
from weakspot.inventory.tables import device
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks


class SensitiveData(msgspec.Struct, frozen=True, kw_only=True):
    """So many items with a sensitivity label on one device."""

    device_id: int
    source: str
    label: str
    items: int
    observed_at: Micros


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A name on one of the lists (high-value users, business software), and why."""

    name: str
    reason: str
    added_at: Micros


def automatic_rules(conn: Connection) -> set[str]:
    """Rules whose proposals need nobody's consent."""
    return set(conn.execute(sa.select(context_rule.c.name).where(context_rule.c.is_automatic)).scalars())


def write_rule(conn: Connection, name: str, is_automatic: bool, now: Micros) -> None:
    """Keep whether a rule is automatic."""
    conn.execute(context_rule.delete().where(context_rule.c.name == name))
    conn.execute(context_rule.insert().values(name=name, is_automatic=is_automatic, decided_at=now))


def replace_sensitive(conn: Connection, source: str, rows: Sequence[SensitiveData]) -> None:
    """Make all that one tool found these rows; what it no longer finds goes."""
    conn.execute(sensitive_data.delete().where(sensitive_data.c.source == source))
    if rows:
        conn.execute(sensitive_data.insert(), [msgspec.structs.asdict(one) for one in rows])


def sensitive(conn: Connection, device_id: int | None = None) -> list[SensitiveData]:
    """What tools found, on one device or on all."""
    query = sa.select(sensitive_data).order_by(
        sensitive_data.c.device_id, sensitive_data.c.source, sensitive_data.c.label
    )
    if device_id is not None:
        query = query.where(sensitive_data.c.device_id == device_id)
    return [SensitiveData(**row._mapping) for row in conn.execute(query)]


def add_sign_ins(conn: Connection, users: Mapping[int, Iterable[str]], at: Micros) -> None:
    """Device id -> names of users who signed in there; known ones get the later time."""
    rows = [{"of": one, "user": name, "at": at} for one, names in users.items() for name in sorted(set(names))]
    if not rows:
        return
    table = sign_in
    later = table.update().where(table.c.device_id == sa.bindparam("of"), table.c.user_name == sa.bindparam("user"))
    known: set[tuple[int, str]] = set()
    for chunk in in_chunks(users):
        query = sa.select(table.c.device_id, table.c.user_name).where(table.c.device_id.in_(chunk))
        known.update((row.device_id, row.user_name) for row in conn.execute(query))
    old = [row for row in rows if (row["of"], row["user"]) in known]
    new = [row for row in rows if (row["of"], row["user"]) not in known]
    if old:
        conn.execute(later.values(observed_at=sa.bindparam("at")), old)
    if new:
        values = [{"device_id": row["of"], "user_name": row["user"], "observed_at": row["at"]} for row in new]
        conn.execute(table.insert(), values)


def sign_ins(conn: Connection, device_id: int) -> list[tuple[str, Micros]]:
    """Who signs in on a device, latest first."""
    query = sa.select(sign_in.c.user_name, sign_in.c.observed_at).where(sign_in.c.device_id == device_id)
    return [(row.user_name, row.observed_at) for row in conn.execute(query.order_by(sign_in.c.observed_at.desc()))]


def devices_of_high_value_users(conn: Connection) -> BitMap:
    """Devices where somebody on the list signs in."""
    query = sa.select(sign_in.c.device_id).join(high_value_user, high_value_user.c.user_name == sign_in.c.user_name)
    return BitMap(list(conn.execute(query).scalars()))


def high_value_users(conn: Connection) -> list[Listed]:
    """The list, by name."""
    table = high_value_user
    return [
        Listed(name=row.user_name, reason=row.reason, added_at=row.added_at)
        for row in conn.execute(sa.select(table).order_by(table.c.user_name))
    ]


def write_high_value_users(conn: Connection, users: Sequence[Listed]) -> None:
    """Replace the list."""
    conn.execute(high_value_user.delete())
    if users:
        rows = [{"user_name": one.name, "reason": one.reason, "added_at": one.added_at} for one in users]
        conn.execute(high_value_user.insert(), rows)


def business(conn: Connection) -> list[Listed]:
    """Software that the business depends on, by its public id."""
    table = business_software
    return [
        Listed(name=row.software, reason=row.reason, added_at=row.added_at)
        for row in conn.execute(sa.select(table).order_by(table.c.software))
    ]


def mark_business(conn: Connection, software: str, reason: str | None, now: Micros) -> None:
    """Mark software as business-critical; None: it is not."""
    conn.execute(business_software.delete().where(business_software.c.software == software))
    if reason is not None:
        conn.execute(business_software.insert().values(software=software, reason=reason, added_at=now))


def device_ids(conn: Connection, words: Iterable[str]) -> dict[str, int]:
    """Public ids or names, in lower case -> internal ids; a name that several devices have is left out."""
    wanted = sorted({word.casefold() for word in words})
    found: dict[str, list[int]] = {}
    for chunk in in_chunks(wanted):
        lowered = sa.func.lower(device.c.name)
        query = sa.select(device.c.id, device.c.public_id, lowered.label("name")).where(
            device.c.public_id.in_(chunk) | lowered.in_(chunk)
        )
        asked = set(chunk)
        for row in conn.execute(query):
            for word in {row.public_id, row.name} & asked:
                found.setdefault(word, []).append(row.id)
    return {word: ids[0] for word, ids in found.items() if len(ids) == 1}
