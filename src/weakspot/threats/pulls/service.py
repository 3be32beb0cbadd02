"""Use cases of the pulls: connections are made, asked when they are due, and say how far they have come."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy.engine import Connection

from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound
from weakspot.runtime.outbound import OutboundError, split_settings
from weakspot.runtime.vault import Vault
from weakspot.threats.pulls import rules, store
from weakspot.threats.pulls.asking import FIELDS, AlertSource
from weakspot.threats.pulls.contracts import Page, Pull

MAX_PULLS = 50
_SHOWN = 500


def add(conn: Connection, vault: Vault, name: str, kind: str, values: Mapping[str, str], at: Micros) -> Pull:
    """Keep a connection; its secrets are sealed and never shown again. Raises InvalidField, Conflict."""
    plain, secrets = split_settings(kind, FIELDS, values)
    try:
        AlertSource(kind, plain, secrets)
    except OutboundError as error:
        raise InvalidField(str(error), field="settings") from None
    known = store.listed(conn)
    if any(one.name == name for one in known):
        raise Conflict("There is a connection of that name already; choose another.", field="name")
    if len(known) >= MAX_PULLS:
        raise Conflict(f"There are {MAX_PULLS} connections; remove one first.")
    pull_id = store.insert(conn, name, kind, plain, at)
    store.change(conn, pull_id, secrets=vault.seal(secrets, _purpose(pull_id)))
    return get(conn, pull_id)


def switch(conn: Connection, pull_id: int, is_enabled: bool) -> Pull:
    """Switch it on or off; it goes on where it was. Raises NotFound."""
    found = get(conn, pull_id)
    store.change(conn, pull_id, is_enabled=is_enabled)
    if is_enabled:
        store.write_state(conn, pull_id, msgspec.structs.replace(found.state, not_before_at=0, failures=0, failure=""))
    return get(conn, pull_id)


def remove(conn: Connection, pull_id: int) -> Pull:
    """Forget it with its secrets; detections stay. Raises NotFound."""
    found = get(conn, pull_id)
    store.delete(conn, pull_id)
    return found


def listed(conn: Connection) -> list[Pull]:
    """All of them, by id."""
    return store.listed(conn)


def due(conn: Connection, now: Micros) -> list[Pull]:
    """Those that are to be asked now."""
    return [one for one in store.listed(conn) if one.is_enabled and one.state.not_before_at <= now]


def open_source(conn: Connection, vault: Vault, pull: Pull) -> AlertSource:
    """What asks. Raises Unavailable when the secrets do not open."""
    return AlertSource(pull.kind, pull.settings, vault.open(store.secrets(conn, pull.id), _purpose(pull.id)))


def advance(conn: Connection, pull: Pull, page: Page, started_at: Micros) -> Pull:
    """A page was recorded and there is another one: a walk that breaks off goes on there."""
    state = pull.state
    newest = max((at for at in (state.newest_at, page.newest_at) if at is not None), default=None)
    made = msgspec.structs.replace(
        state,
        walk_started_at=started_at,
        newest_at=newest,
        next_link=page.next_link,
        taken=state.taken + len(page.alerts),
    )
    store.write_state(conn, pull.id, made)
    return msgspec.structs.replace(pull, state=made)


def finish(conn: Connection, pull: Pull, page: Page, started_at: Micros, now: Micros) -> Pull:
    """The last page was recorded."""
    state = advance(conn, pull, page, started_at).state
    made = msgspec.structs.replace(
        state,
        since_at=rules.reached(state, started_at, state.newest_at),
        walk_started_at=None,
        newest_at=None,
        next_link="",
        last_success_at=now,
        not_before_at=now + rules.EVERY,
        failures=0,
        failure="",
    )
    store.write_state(conn, pull.id, made)
    return msgspec.structs.replace(pull, state=made)


def fail(conn: Connection, pull: Pull, failure: str, retry_after: float | None, now: Micros, *, anew: bool) -> Pull:
    """It did not answer as it should. anew: the walk begins again, its next page is of no use."""
    state = pull.state
    failures = state.failures + 1
    made = msgspec.structs.replace(
        state,
        failures=failures,
        failure=failure[:_SHOWN],
        not_before_at=now + rules.pause(failures, retry_after),
        next_link="" if anew else state.next_link,
    )
    store.write_state(conn, pull.id, made)
    return msgspec.structs.replace(pull, state=made)


def _purpose(pull_id: int) -> str:
    return f"detection_pull:{pull_id}"


def get(conn: Connection, pull_id: int) -> Pull:
    """One of them. Raises NotFound."""
    found = store.one(conn, pull_id)
    if found is None:
        raise NotFound("There is no such connection.")
    return found
