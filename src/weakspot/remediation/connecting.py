"""Connections to trackers: added, switched off and removed by people; what they send back is verified here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy.engine import Connection

from weakspot.remediation import delivery, service, tickets_store, trackers
from weakspot.remediation.contracts import Ticket, Tracker
from weakspot.remediation.trackers.base import Signal, TrackerClient, TrackerError
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound
from weakspot.runtime.outbound import split_settings
from weakspot.runtime.vault import Vault

MAX_TRACKERS = 100


def add(conn: Connection, vault: Vault, name: str, kind: str, values: Mapping[str, str], at: Micros) -> Tracker:
    """Keep a connection; its secrets are sealed and never shown again. Raises InvalidField, Conflict."""
    plain, secrets = split_settings(kind, trackers.FIELDS, values)
    try:
        trackers.ALL[kind](plain, secrets)
    except TrackerError as error:
        raise InvalidField(str(error), field="settings") from None
    known = tickets_store.trackers(conn)
    if any(one.name == name for one in known) or len(known) >= MAX_TRACKERS:
        raise Conflict("There is a tracker of that name already; choose another.", field="name")
    tracker_id = tickets_store.add_tracker(conn, name, kind, plain, b"", at)
    sealed = vault.seal(secrets, delivery.purpose(tracker_id))
    tickets_store.change_tracker(conn, tracker_id, secrets=sealed)
    return _existing(conn, tracker_id)


def switch(conn: Connection, tracker_id: int, is_enabled: bool) -> Tracker:
    """Switch a tracker on or off; what waits for it stays. Raises NotFound."""
    _existing(conn, tracker_id)
    tickets_store.change_tracker(conn, tracker_id, is_enabled=is_enabled)
    return _existing(conn, tracker_id)


def remove(conn: Connection, tracker_id: int) -> Tracker:
    """Forget a tracker with its secrets and tickets; nothing is changed in the other system. Raises NotFound."""
    found = _existing(conn, tracker_id)
    tickets_store.remove_tracker(conn, tracker_id)
    return found


def hear(conn: Connection, tracker_id: int, signals: Iterable[Signal], at: Micros) -> int:
    """Keep what verified signals say; how many were news."""
    news = 0
    for signal in signals:
        ticket = ticket_of(conn, tracker_id, signal)
        if ticket is not None and signal.state is not None:
            news += service.hear(conn, ticket, signal.state, signal.note, at)
    return news


def ticket_of(conn: Connection, tracker_id: int, signal: Signal) -> Ticket | None:
    """The ticket that a signal is about."""
    if signal.key:
        return tickets_store.ticket_by_key(conn, tracker_id, signal.key[:200])
    return tickets_store.ticket_by_remote(conn, tracker_id, (signal.remote_id or "")[:200])


def with_state(client: TrackerClient, signal: Signal) -> Signal:
    """A signal that says which state; asked for where it does not. Raises TrackerError."""
    if signal.state is not None or not signal.remote_id:
        return signal
    remote = client.read(signal.remote_id)
    return msgspec.structs.replace(signal, state=remote.state, note=remote.note)


def _existing(conn: Connection, tracker_id: int) -> Tracker:
    found = tickets_store.tracker_of(conn, tracker_id)
    if found is None:
        raise NotFound("There is no such tracker.")
    return found[0]
