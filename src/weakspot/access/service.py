"""Use cases of access, one unit of work each.

Every change is written to the audit log and announced in ``changes`` (kind ``access.changed``) in the same
transaction, so that open event streams are re-checked in commit order.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from weakspot.access import rules, store
from weakspot.access.contracts import (
    ApiTokenRow,
    AuditEntry,
    Caller,
    IssuedApiToken,
    IssuedLink,
    IssuedSession,
    Role,
    Scope,
    User,
)
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import AccessError, Conflict, Forbidden, InvalidField, NotFound
from weakspot.runtime.secrets import (
    API_TOKEN,
    MAXIMUM_SECRET_LENGTH,
    SESSION,
    SIGN_IN_LINK,
    RandomBytes,
    derive,
    hash_secret,
    new_secret,
    system_random,
)

CHANGED = "access.changed"
"""Kind of the change that says: sessions, roles, scopes or tokens are not what they were. Payload:
{"action"}.
"""

FIRST_ADMINISTRATOR = "administrator"
MAXIMUM_NAME_LENGTH = 100
MAXIMUM_DESCRIPTION_LENGTH = 500


def internal_caller(name: str) -> Caller:
    """The product itself (a job, the command line of the owner): an administrator of all groups."""
    permissions = rules.effective_permissions(rules.ADMINISTRATOR)
    return Caller("internal", 0, name, "administrator", permissions, Scope(None))


def record_audit(
    connection: Connection,
    at: Micros,
    actor: Caller,
    action: str,
    target: str,
    details: dict[str, str] | None = None,
) -> None:
    """Add a line to the audit log inside the caller's unit of work. ``details`` must not hold secrets."""
    store.append_audit(connection, at, f"{actor.kind}:{actor.id}:{actor.name}", action, target, details or {})


def create_first_administrator(database: Database, now: Micros) -> User:
    """The first active administrator; made when there is none. Also brings the built-in roles up to date."""

    def unit(connection: Connection) -> User:
        roles = store.ensure_roles(connection)
        found = store.first_user_with_role(connection, "administrator")
        if found is not None:
            return found
        name = _free_name(connection, FIRST_ADMINISTRATOR)
        user_id = store.add_user(connection, name, roles["administrator"], None, now)
        _note(
            connection,
            now,
            internal_caller("setup"),
            "user.create",
            f"user:{user_id}",
            {"role": "administrator"},
        )
        return _existing(store.user_by_id(connection, user_id), name)

    return database.write(unit)


def create_user(
    database: Database, actor: Caller, name: str, role: str, group_ids: frozenset[int] | None, now: Micros
) -> User:
    """Add a person. ``group_ids`` None for all groups. Raises InvalidField, Conflict when the name is
    taken.
    """
    cleaned = _clean_name(name)

    def unit(connection: Connection) -> User:
        role_id = _role_id(connection, role)
        if store.user_by_name(connection, cleaned) is not None:
            raise Conflict("There is a user of that name already; choose another name.", field="name")
        user_id = store.add_user(connection, cleaned, role_id, group_ids, now)
        _note(connection, now, actor, "user.create", f"user:{user_id}", {"role": role})
        return _existing(store.user_by_id(connection, user_id), cleaned)

    return database.write(unit)


def put_role(
    database: Database, actor: Caller, name: str, description: str, permissions: Iterable[str], now: Micros
) -> Role:
    """Make or change a role; in force from the next request of whoever has it.

    Raises InvalidField, Conflict for a built-in one, Forbidden for what the actor may not do.
    """
    cleaned, chosen = _clean_name(name), frozenset(permissions)
    if len(description) > MAXIMUM_DESCRIPTION_LENGTH:
        raise InvalidField(f"A description has at most {MAXIMUM_DESCRIPTION_LENGTH} characters.", field="description")
    unknown = chosen - rules.ROLE_PERMISSIONS
    if unknown:
        known = ", ".join(sorted(rules.ROLE_PERMISSIONS))
        raise InvalidField(f"A role cannot have {min(unknown)[:80]!r}; it can have: {known}.", field="permissions")
    if not chosen <= actor.permissions:
        raise Forbidden("A role cannot be given a permission that you do not have.", field="permissions")

    def unit(connection: Connection) -> Role:
        if cleaned in rules.BUILT_IN_ROLES:
            raise Conflict("Built-in roles cannot be changed; choose another name.", field="name")
        store.put_role(connection, cleaned, description, chosen)
        details = {"permissions": ",".join(sorted(chosen))[:1000]}
        _note(connection, now, actor, "role.put", f"role:{cleaned}", details)
        return next(one for one in store.roles(connection) if one.name == cleaned)

    return database.write(unit)


def remove_role(database: Database, actor: Caller, name: str, now: Micros) -> None:
    """Delete a role that nobody has. Raises NotFound, Conflict."""

    def unit(connection: Connection) -> None:
        if store.role_id(connection, name) is None:
            raise NotFound(f"There is no role {name[:MAXIMUM_NAME_LENGTH]!r}.", field="name")
        if name in rules.BUILT_IN_ROLES or store.is_role_used(connection, name):
            raise Conflict("A role that is built in, or that a user or token has or had, cannot be deleted.")
        store.delete_role(connection, name)
        _note(connection, now, actor, "role.remove", f"role:{name}")

    database.write(unit)


def roles(connection: Connection) -> list[Role]:
    """All roles, by name."""
    return store.roles(connection)


def users(connection: Connection) -> list[User]:
    """All users, by name."""
    return store.users(connection)


def set_user_scope(
    database: Database, actor: Caller, user_name: str, group_ids: frozenset[int] | None, now: Micros
) -> None:
    """Change which device groups a user sees; open streams follow at once."""

    def unit(connection: Connection) -> None:
        user = _existing(store.user_by_name(connection, user_name), user_name)
        store.set_user_groups(connection, user.id, group_ids)
        groups = "all" if group_ids is None else ",".join(str(group) for group in sorted(group_ids))
        _note(connection, now, actor, "user.set_scope", f"user:{user.id}", {"groups": groups[:1000]})

    database.write(unit)


def set_user_role(database: Database, actor: Caller, user_name: str, role: str, now: Micros) -> None:
    """Change a user's role; in force from the next request. The last administrator keeps the role."""

    def unit(connection: Connection) -> None:
        user = _existing(store.user_by_name(connection, user_name), user_name)
        store.set_user(connection, user.id, role_id=_role_id(connection, role))
        _keep_an_administrator(connection)
        _note(connection, now, actor, "user.set_role", f"user:{user.id}", {"role": role})

    database.write(unit)


def deactivate_user(database: Database, actor: Caller, user_name: str, now: Micros) -> None:
    """Shut a user out: sessions end at once, links stop working. The last administrator cannot be shut
    out.
    """

    def unit(connection: Connection) -> None:
        user = _existing(store.user_by_name(connection, user_name), user_name)
        store.set_user(connection, user.id, is_active=False)
        _keep_an_administrator(connection)
        ended = store.end_sessions_of(connection, user.id, now)
        _note(connection, now, actor, "user.deactivate", f"user:{user.id}", {"sessions_ended": str(ended)})

    database.write(unit)


def issue_sign_in_link(
    database: Database, actor: Caller, user_name: str | None, now: Micros, random: RandomBytes = system_random
) -> IssuedLink:
    """A single-use secret that signs a user in within ten minutes; None for the first administrator."""
    secret = new_secret(SIGN_IN_LINK, random)

    def unit(connection: Connection) -> IssuedLink:
        if user_name is None:
            user = _existing(store.first_user_with_role(connection, "administrator"), "administrator")
        else:
            user = _existing(store.user_by_name(connection, user_name), user_name)
        if not user.is_active:
            raise Conflict("That user is not active; no link was made.", field="user")
        expires_at = now + rules.SIGN_IN_LINK_LIFE
        store.add_link(connection, user.id, hash_secret(secret), now, expires_at)
        _note(connection, now, actor, "sign_in_link.issue", f"user:{user.id}", announce=False)
        return IssuedLink(secret=secret, user_name=user.name, expires_at=expires_at)

    return database.write(unit)


def redeem_sign_in_link(
    database: Database, secret: str, now: Micros, random: RandomBytes = system_random
) -> IssuedSession:
    """Turn a sign-in link into a session. Raises AccessError when it is unknown, used or expired: one text
    for all three.
    """
    session_secret = new_secret(SESSION, random)

    def unit(connection: Connection) -> IssuedSession:
        user_id = store.use_link(connection, hash_secret(secret), now) if _is_plausible(secret, SIGN_IN_LINK) else None
        caller = None if user_id is None else store.user_caller(connection, user_id)
        if caller is None:
            raise AccessError(
                "This sign-in link was used already or has expired; ask for a new one with `weakspot link`."
            )
        expires_at = now + rules.SESSION_LIFE
        store.delete_stale(connection, now - rules.SESSION_LIFE)
        session_id = store.add_session(connection, caller.id, hash_secret(session_secret), now, expires_at)
        _note(connection, now, caller, "session.start", f"session:{session_id}", announce=False)
        return IssuedSession(secret=session_secret, caller=caller, expires_at=expires_at)

    return database.write(unit)


def sign_out(database: Database, session_secret: str, now: Micros) -> None:
    """End a session; no error when it is gone already."""

    def unit(connection: Connection) -> None:
        state = store.session_by_hash(connection, hash_secret(session_secret))
        if state is None or state.ended_at is not None:
            return
        store.end_session(connection, state.id, now)
        caller = store.user_caller(connection, state.user_id)
        if caller is not None:
            _note(connection, now, caller, "session.end", f"session:{state.id}")

    database.write(unit)


def csrf_token(session_secret: str) -> str:
    """The token that a page must send back with every change; it follows from the session and is stored
    nowhere.
    """
    return derive(session_secret, "csrf")


def authenticate_session(database: Database, session_secret: str, now: Micros, *, is_use: bool = True) -> Caller | None:
    """The caller behind a session cookie; None when it is not alive. Notes the use now and then, without
    waiting for it.
    """
    if not _is_plausible(session_secret, SESSION):
        return None
    with database.read() as connection:
        state = store.session_by_hash(connection, hash_secret(session_secret))
        if state is None or not rules.is_session_alive(
            now, last_used_at=state.last_used_at, expires_at=state.expires_at, ended_at=state.ended_at
        ):
            return None
        caller = store.user_caller(connection, state.user_id)
    if is_use and caller is not None and now - state.last_used_at >= rules.SESSION_TOUCH_INTERVAL:
        session_id = state.id
        database.submit(lambda writer: store.touch_session(writer, session_id, now))
    return caller


def authenticate_api_token(database: Database, secret: str, now: Micros) -> Caller | None:
    """The caller behind a bearer token; None when it is not good now."""
    if not _is_plausible(secret, API_TOKEN):
        return None
    with database.read() as connection:
        return store.api_token_caller(connection, hash_secret(secret), now)


def caller_again(connection: Connection, kind: str, ident: int, now: Micros) -> Caller | None:
    """Somebody who called before, with what they may do now; None where they may do nothing any more.

    For links that were given to a caller and are opened without credentials.
    """
    if kind == "token":
        return store.token_caller(connection, ident, now)
    if kind == "user":
        return store.user_caller(connection, ident)
    return internal_caller("link") if kind == "internal" else None


def create_api_token(
    database: Database,
    actor: Caller,
    *,
    name: str,
    role: str,
    life: Micros,
    now: Micros,
    permissions: Iterable[str] | None = None,
    group_ids: frozenset[int] | None = None,
    random: RandomBytes = system_random,
) -> IssuedApiToken:
    """A credential for a program.

    ``life`` in microseconds, at most 366 days. ``permissions`` restricts it to some of the role's
    (application permissions of the compatible API included); ``group_ids`` to some device groups, and never
    beyond the actor's own scope.
    """
    cleaned = _clean_name(name)
    if not 0 < life <= rules.MAXIMUM_TOKEN_LIFE:
        raise InvalidField("A token lives for more than zero and at most 366 days.", field="days")
    chosen = None if permissions is None else frozenset(permissions)
    _check_permissions(actor, chosen)
    scope = actor.scope.narrowed(group_ids)
    secret = new_secret(API_TOKEN, random)

    def unit(connection: Connection) -> IssuedApiToken:
        role_id = _role_id(connection, role)
        if not store.role_permissions(connection, role) <= actor.permissions:
            raise Forbidden("A token cannot have a role above your own.", field="role")
        token_id = store.add_api_token(
            connection,
            name=cleaned,
            secret_hash=hash_secret(secret),
            role=role_id,
            permissions=chosen,
            group_ids=scope.group_ids,
            now=now,
            expires_at=now + life,
        )
        _note(
            connection,
            now,
            actor,
            "api_token.create",
            f"api_token:{token_id}",
            {"name": cleaned, "role": role},
        )
        return IssuedApiToken(id=token_id, secret=secret, name=cleaned, expires_at=now + life)

    return database.write(unit)


def revoke_api_token(database: Database, actor: Caller, token_id: int, now: Micros) -> None:
    """Stop a token from working at once. Raises NotFound when there is none to revoke."""

    def unit(connection: Connection) -> None:
        if not store.revoke_api_token(connection, token_id, now):
            raise NotFound("There is no such API token, or it is revoked already.")
        _note(connection, now, actor, "api_token.revoke", f"api_token:{token_id}")

    database.write(unit)


def api_tokens(connection: Connection) -> list[ApiTokenRow]:
    """All API tokens, without their secrets."""
    return store.api_tokens(connection)


def audit_entries(connection: Connection, *, after_id: int = 0, limit: int = 1000) -> list[AuditEntry]:
    """Lines of the audit log, oldest first."""
    return store.audit_entries(connection, after_id=after_id, limit=limit)


def audit_break(connection: Connection) -> int | None:
    """Id of the first line of the audit log that was tampered with; None when the chain holds."""
    previous = b""
    for entry, digest in store.audit_chain(connection):
        expected = rules.audit_digest(previous, entry.at, entry.actor, entry.action, entry.target, entry.details)
        if digest != expected:
            return entry.id
        previous = digest
    return None


def _note(
    connection: Connection,
    now: Micros,
    actor: Caller,
    action: str,
    target: str,
    details: dict[str, str] | None = None,
    *,
    announce: bool = True,
) -> None:
    record_audit(connection, now, actor, action, target, details)
    if announce:
        changes.append(connection, now, CHANGED, {"action": action})


def _check_permissions(actor: Caller, chosen: frozenset[str] | None) -> None:
    unknown = (chosen or frozenset()) - rules.KNOWN_PERMISSIONS
    if unknown:
        known = ", ".join(sorted(rules.KNOWN_PERMISSIONS))
        raise InvalidField(f"Unknown permission {min(unknown)[:80]!r}; known are: {known}.", field="permissions")
    if chosen is not None and not chosen <= actor.permissions:
        raise Forbidden("A token cannot be given a permission that you do not have.", field="permissions")


def _keep_an_administrator(connection: Connection) -> None:
    if store.first_user_with_role(connection, "administrator") is None:
        raise Conflict("This is the last active administrator; make another one first.", field="user")


def _free_name(connection: Connection, wanted: str) -> str:
    name, number = wanted, 1
    while store.user_by_name(connection, name) is not None:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _role_id(connection: Connection, name: str) -> int:
    found = store.role_id(connection, name)
    if found is None:
        known = ", ".join(one.name for one in store.roles(connection))
        raise InvalidField(f"There is no such role; known are: {known[:500]}.", field="role")
    return found


def _existing(user: User | None, name: str) -> User:
    if user is None:
        raise NotFound(f"There is no user {name[:MAXIMUM_NAME_LENGTH]!r}; names are case-sensitive.", field="user")
    return user


def _clean_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > MAXIMUM_NAME_LENGTH or not cleaned.isprintable():
        raise InvalidField(f"A name has 1 to {MAXIMUM_NAME_LENGTH} printable characters.", field="name")
    return cleaned


def _is_plausible(secret: str, prefix: str) -> bool:
    return secret.startswith(prefix) and len(secret) <= MAXIMUM_SECRET_LENGTH
