"""All SQL of access: rows in, contracts out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from weakspot.access import rules
from weakspot.access.contracts import ApiTokenRow, AuditEntry, Caller, Role, Scope, User
from weakspot.access.tables import api_token, audit, role, session, sign_in_link, user, user_device_group
from weakspot.runtime.clock import Micros


class SessionState(msgspec.Struct, frozen=True):
    """A session row as far as judging it needs."""

    id: int
    user_id: int
    last_used_at: Micros
    expires_at: Micros
    ended_at: Micros | None


def ensure_roles(connection: Connection) -> dict[str, int]:
    """Ids of the built-in roles by name; they are made, or brought to what this release says, first."""
    known = {row.name: row.id for row in connection.execute(sa.select(role.c.id, role.c.name))}
    for name, permissions in rules.BUILT_IN_ROLES.items():
        values = {"permissions": msgspec.json.encode(sorted(permissions)), "is_built_in": True}
        if name in known:
            connection.execute(role.update().where(role.c.id == known[name]).values(values))
        else:
            known[name] = _inserted(connection, role.insert().values(name=name, **values))
    return known


def roles(connection: Connection) -> list[Role]:
    """All roles with the number of active users that have them, by name."""
    users = sa.select(user.c.role_id, sa.func.count().label("n")).where(user.c.is_active.is_(True))
    counts = {row.role_id: int(row.n) for row in connection.execute(users.group_by(user.c.role_id))}
    return [
        Role(
            name=row.name,
            description=row.description,
            permissions=frozenset(msgspec.json.decode(row.permissions)),
            is_built_in=bool(row.is_built_in),
            users=counts.get(row.id, 0),
        )
        for row in connection.execute(sa.select(role).order_by(role.c.name))
    ]


def put_role(connection: Connection, name: str, description: str, permissions: frozenset[str]) -> None:
    """Make or replace a role that is not built in."""
    values = {"description": description, "permissions": msgspec.json.encode(sorted(permissions))}
    mine = sa.and_(role.c.name == name, role.c.is_built_in.is_(False))
    if connection.execute(role.update().where(mine).values(values)).rowcount == 0:
        connection.execute(role.insert().values(name=name, is_built_in=False, **values))


def is_role_used(connection: Connection, name: str) -> bool:
    """Whether a user or a token, in force or not, has the role."""
    found = role_id(connection, name)
    for column in (user.c.role_id, api_token.c.role_id):
        if connection.execute(sa.select(column).where(column == found).limit(1)).first() is not None:
            return True
    return False


def delete_role(connection: Connection, name: str) -> None:
    """Delete a role."""
    connection.execute(role.delete().where(role.c.name == name))


def users(connection: Connection) -> list[User]:
    """All users, by name."""
    ids = connection.execute(sa.select(user.c.id).order_by(user.c.name)).scalars()
    return [found for one in ids if (found := user_by_id(connection, one)) is not None]


def role_id(connection: Connection, name: str) -> int | None:
    """Id of a role by its name."""
    return connection.execute(sa.select(role.c.id).where(role.c.name == name)).scalar_one_or_none()


def role_permissions(connection: Connection, name: str) -> frozenset[str]:
    """What a role may do; the role must exist."""
    return _permissions(connection.execute(sa.select(role.c.permissions).where(role.c.name == name)).scalar_one())


def add_user(connection: Connection, name: str, role: int, group_ids: frozenset[int] | None, now: Micros) -> int:
    """Insert a user; None for all groups. The name must be free."""
    values = {
        "name": name,
        "role_id": role,
        "is_all_groups": group_ids is None,
        "is_active": True,
        "created_at": now,
    }
    user_id = _inserted(connection, user.insert().values(values))
    set_user_groups(connection, user_id, group_ids)
    return user_id


def set_user_groups(connection: Connection, user_id: int, group_ids: frozenset[int] | None) -> None:
    """Replace what a user may see; None for all groups."""
    connection.execute(user.update().where(user.c.id == user_id).values(is_all_groups=group_ids is None))
    connection.execute(user_device_group.delete().where(user_device_group.c.user_id == user_id))
    if group_ids:
        rows = [{"user_id": user_id, "device_group_id": group} for group in sorted(group_ids)]
        connection.execute(user_device_group.insert(), rows)


def set_user(connection: Connection, user_id: int, **values: Any) -> None:
    """Change columns of a user."""
    connection.execute(user.update().where(user.c.id == user_id).values(values))


def user_by_name(connection: Connection, name: str) -> User | None:
    """A user by the exact name."""
    return _user(connection, user.c.name == name)


def user_by_id(connection: Connection, user_id: int) -> User | None:
    """A user by id."""
    return _user(connection, user.c.id == user_id)


def first_user_with_role(connection: Connection, name: str) -> User | None:
    """The oldest active user with the role."""
    query = (
        sa.select(user.c.id)
        .join(role, role.c.id == user.c.role_id)
        .where(role.c.name == name, user.c.is_active)
        .order_by(user.c.id)
        .limit(1)
    )
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else user_by_id(connection, found)


def user_caller(connection: Connection, user_id: int) -> Caller | None:
    """An active user as a caller, with the permissions of the role now."""
    found = user_by_id(connection, user_id)
    if found is None or not found.is_active:
        return None
    granted = rules.effective_permissions(role_permissions(connection, found.role))
    return Caller("user", found.id, found.name, found.role, granted, found.scope)


def add_link(connection: Connection, user_id: int, secret_hash: bytes, now: Micros, expires_at: Micros) -> None:
    """Store a sign-in link by its hash."""
    values = {"user_id": user_id, "secret_hash": secret_hash, "created_at": now, "expires_at": expires_at}
    connection.execute(sign_in_link.insert().values(values))


def use_link(connection: Connection, secret_hash: bytes, now: Micros) -> int | None:
    """Use a link up and give its user's id; None when it is unknown, used or expired."""
    row = connection.execute(sa.select(sign_in_link).where(sign_in_link.c.secret_hash == secret_hash)).one_or_none()
    if row is None or not rules.is_link_usable(now, expires_at=row.expires_at, used_at=row.used_at):
        return None
    connection.execute(sign_in_link.update().where(sign_in_link.c.id == row.id).values(used_at=now))
    return int(row.user_id)


def add_session(connection: Connection, user_id: int, secret_hash: bytes, now: Micros, expires_at: Micros) -> int:
    """Store a session by its hash."""
    values = {
        "user_id": user_id,
        "secret_hash": secret_hash,
        "created_at": now,
        "last_used_at": now,
        "expires_at": expires_at,
    }
    return _inserted(connection, session.insert().values(values))


def session_by_hash(connection: Connection, secret_hash: bytes) -> SessionState | None:
    """A session, alive or not."""
    row = connection.execute(sa.select(session).where(session.c.secret_hash == secret_hash)).one_or_none()
    if row is None:
        return None
    return SessionState(row.id, row.user_id, row.last_used_at, row.expires_at, row.ended_at)


def touch_session(connection: Connection, session_id: int, now: Micros) -> None:
    """Note that a session is in use."""
    connection.execute(session.update().where(session.c.id == session_id).values(last_used_at=now))


def end_session(connection: Connection, session_id: int, now: Micros) -> None:
    """End one session; an ended one keeps its time."""
    condition = sa.and_(session.c.id == session_id, session.c.ended_at.is_(None))
    connection.execute(session.update().where(condition).values(ended_at=now))


def end_sessions_of(connection: Connection, user_id: int, now: Micros) -> int:
    """End all sessions of a user; gives how many were open."""
    condition = sa.and_(session.c.user_id == user_id, session.c.ended_at.is_(None))
    return int(connection.execute(session.update().where(condition).values(ended_at=now)).rowcount)


def delete_stale(connection: Connection, before: Micros) -> int:
    """Delete links and sessions that expired before a moment; the audit log keeps what they did."""
    links = connection.execute(sign_in_link.delete().where(sign_in_link.c.expires_at < before)).rowcount
    return int(links + connection.execute(session.delete().where(session.c.expires_at < before)).rowcount)


def add_api_token(
    connection: Connection,
    *,
    name: str,
    secret_hash: bytes,
    role: int,
    permissions: frozenset[str] | None,
    group_ids: frozenset[int] | None,
    now: Micros,
    expires_at: Micros,
) -> int:
    """Store an API token by its hash; ``group_ids`` None for all groups."""
    values = {
        "name": name,
        "secret_hash": secret_hash,
        "role_id": role,
        "permissions": None if permissions is None else msgspec.json.encode(sorted(permissions)),
        "is_all_groups": group_ids is None,
        "device_group_ids": msgspec.json.encode(sorted(group_ids or ())),
        "created_at": now,
        "expires_at": expires_at,
    }
    return _inserted(connection, api_token.insert().values(values))


def api_tokens(connection: Connection) -> list[ApiTokenRow]:
    """All API tokens, oldest first."""
    return [_token(row) for row in connection.execute(_tokens().order_by(api_token.c.id))]


def api_token_caller(connection: Connection, secret_hash: bytes, now: Micros) -> Caller | None:
    """The caller behind an API token; None when it is unknown, revoked or expired."""
    return _token_caller(connection, api_token.c.secret_hash == secret_hash, now)


def token_caller(connection: Connection, token_id: int, now: Micros) -> Caller | None:
    """The same by the token's id."""
    return _token_caller(connection, api_token.c.id == token_id, now)


def _token_caller(connection: Connection, condition: sa.ColumnElement[bool], now: Micros) -> Caller | None:
    row = connection.execute(_tokens().where(condition)).one_or_none()
    if row is None or not rules.is_token_usable(now, expires_at=row.expires_at, revoked_at=row.revoked_at):
        return None
    token = _token(row)
    granted = rules.effective_permissions(_permissions(row.role_permissions), token.permissions)
    return Caller("token", token.id, token.name, token.role, granted, token.scope)


def revoke_api_token(connection: Connection, token_id: int, now: Micros) -> bool:
    """Revoke a token; False when there is none that is not revoked yet."""
    condition = sa.and_(api_token.c.id == token_id, api_token.c.revoked_at.is_(None))
    return bool(connection.execute(api_token.update().where(condition).values(revoked_at=now)).rowcount)


def append_audit(
    connection: Connection, at: Micros, actor: str, action: str, target: str, details: dict[str, str]
) -> None:
    """Add a line to the audit log, chained to the last one."""
    previous = connection.execute(sa.select(audit.c.digest).order_by(audit.c.id.desc()).limit(1)).scalar_one_or_none()
    values = {
        "at": at,
        "actor": actor,
        "action": action,
        "target": target,
        "details": msgspec.json.encode(details, order="sorted"),
        "digest": rules.audit_digest(previous or b"", at, actor, action, target, details),
    }
    connection.execute(audit.insert().values(values))


def audit_entries(connection: Connection, *, after_id: int = 0, limit: int = 1000) -> list[AuditEntry]:
    """Lines of the audit log, oldest first."""
    query = sa.select(audit).where(audit.c.id > after_id).order_by(audit.c.id).limit(limit)
    return [_entry(row) for row in connection.execute(query)]


def audit_chain(connection: Connection) -> Iterator[tuple[AuditEntry, bytes]]:
    """All lines with their chain value, oldest first."""
    for row in connection.execute(sa.select(audit).order_by(audit.c.id)):
        yield _entry(row), row.digest


def _entry(row: Row[Any]) -> AuditEntry:
    details = msgspec.json.decode(row.details, type=dict[str, str])
    return AuditEntry(id=row.id, at=row.at, actor=row.actor, action=row.action, target=row.target, details=details)


def _tokens() -> sa.Select[Any]:
    columns = (*api_token.c, role.c.name.label("role_name"), role.c.permissions.label("role_permissions"))
    return sa.select(*columns).join(role, role.c.id == api_token.c.role_id)


def _token(row: Row[Any]) -> ApiTokenRow:
    groups = frozenset(msgspec.json.decode(row.device_group_ids, type=list[int]))
    return ApiTokenRow(
        id=row.id,
        name=row.name,
        role=row.role_name,
        permissions=None if row.permissions is None else _permissions(row.permissions),
        scope=rules.scope_of(row.is_all_groups, groups),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _user(connection: Connection, condition: sa.ColumnElement[bool]) -> User | None:
    query = sa.select(user, role.c.name.label("role_name")).join(role, role.c.id == user.c.role_id).where(condition)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    scope = Scope(None) if row.is_all_groups else _user_scope(connection, row.id)
    return User(id=row.id, name=row.name, role=row.role_name, is_active=row.is_active, scope=scope)


def _user_scope(connection: Connection, user_id: int) -> Scope:
    query = sa.select(user_device_group.c.device_group_id).where(user_device_group.c.user_id == user_id)
    return rules.scope_of(False, frozenset(connection.execute(query).scalars()))


def _permissions(document: bytes) -> frozenset[str]:
    return frozenset(msgspec.json.decode(document, type=list[str]))


def _inserted(connection: Connection, statement: sa.Insert) -> int:
    key = connection.execute(statement).inserted_primary_key
    assert key is not None
    return int(key[0])
