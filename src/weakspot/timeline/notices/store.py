"""All SQL of the notifications."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.runtime.clock import Micros
from weakspot.timeline.notices.contracts import Channel, ChannelKind, Message, NewRule, Queued, Rule
from weakspot.timeline.notices.tables import channel, outbox, rule

_rule = msgspec.msgpack.Decoder(NewRule)
_message = msgspec.msgpack.Decoder(Message)
_QUEUED = [outbox.c[name] for name in Queued.__struct_fields__]


def channels(conn: Connection) -> list[Channel]:
    """All channels, by name."""
    return [_channel(row) for row in conn.execute(sa.select(channel).order_by(channel.c.name))]


def sealed(conn: Connection, channel_id: int) -> tuple[Channel, bytes | None] | None:
    """A channel with its sealed secrets."""
    row = conn.execute(sa.select(channel).where(channel.c.id == channel_id)).first()
    return None if row is None else (_channel(row), row.sealed)


def insert_channel(conn: Connection, name: str, kind: ChannelKind, settings: dict[str, str], at: Micros) -> int:
    """A new channel, its secrets still to be sealed under its id."""
    values = {"name": name, "kind": kind, "settings": json.dumps(settings).encode(), "created_at": at}
    return int(conn.execute(channel.insert().values(values).returning(channel.c.id)).scalar_one())


def write_sealed(conn: Connection, channel_id: int, secrets: bytes) -> None:
    """Keep a channel's sealed secrets."""
    conn.execute(channel.update().where(channel.c.id == channel_id).values(sealed=secrets))


def delete_channel(conn: Connection, channel_id: int) -> bool:
    """Whether there was one."""
    return conn.execute(channel.delete().where(channel.c.id == channel_id)).rowcount > 0


def note_failure(conn: Connection, channel_id: int, failure: str, at: Micros | None) -> None:
    """How the last try went; empty: well."""
    conn.execute(channel.update().where(channel.c.id == channel_id).values(failure=failure[:500], failed_at=at))


def rules(conn: Connection) -> list[Rule]:
    """All rules, by name."""
    rows = conn.execute(sa.select(rule).order_by(rule.c.name))
    return [Rule(id=r.id, made=_rule.decode(r.document), author=r.author, created_at=r.created_at, position=r.position,
                 sent_at=r.sent_at) for r in rows]  # fmt: skip


def insert_rule(conn: Connection, made: NewRule, author: str, position: int, at: Micros) -> int:
    """A new rule."""
    values = _rule_values(made) | {"author": author, "created_at": at, "position": position}
    return int(conn.execute(rule.insert().values(values).returning(rule.c.id)).scalar_one())


def update_rule(conn: Connection, rule_id: int, made: NewRule) -> None:
    """Change a rule; what it dealt with stays."""
    conn.execute(rule.update().where(rule.c.id == rule_id).values(_rule_values(made)))


def delete_rule(conn: Connection, rule_id: int) -> None:
    """Forget a rule; what waits for it is not sent."""
    conn.execute(outbox.delete().where(outbox.c.rule_id == rule_id, outbox.c.sent_at.is_(None)))
    conn.execute(rule.delete().where(rule.c.id == rule_id))


def advance(conn: Connection, rule_id: int, position: int, sent_at: Micros | None) -> None:
    """A rule has dealt with events up to ``position``; sent_at None: nothing was sent."""
    values: dict[str, Any] = {"position": position}
    if sent_at is not None:
        values["sent_at"] = sent_at
    conn.execute(rule.update().where(rule.c.id == rule_id).values(values))


def queue(conn: Connection, rule_id: int, channel_id: int, key: str, message: Message, at: Micros) -> None:
    """Put a message into the outbox; once under a key."""
    known = conn.execute(sa.select(outbox.c.id).where(outbox.c.key == key)).first()
    if known is None:
        values = {
            "rule_id": rule_id, "channel_id": channel_id, "key": key, "subject": message.subject,
            "message": msgspec.msgpack.encode(message), "created_at": at, "next_at": at, "tries": 0,
            "is_given_up": False,
        }  # fmt: skip
        conn.execute(outbox.insert().values(values))


def due(conn: Connection, now: Micros, limit: int) -> list[tuple[Queued, Message]]:
    """Messages to be sent now, oldest first."""
    waiting = sa.and_(outbox.c.sent_at.is_(None), ~outbox.c.is_given_up, outbox.c.next_at <= now)
    query = sa.select(*_QUEUED, outbox.c.message).where(waiting).order_by(outbox.c.id).limit(limit)
    return [(_queued(row), _message.decode(row.message)) for row in conn.execute(query)]


def outcome(conn: Connection, one: Queued) -> None:
    """How a try went."""
    values = {name: getattr(one, name) for name in ("next_at", "tries", "sent_at", "failure", "is_given_up")}
    conn.execute(outbox.update().where(outbox.c.id == one.id).values(values))


def sent(conn: Connection, rule_ids: list[int], limit: int) -> list[Queued]:
    """The newest messages of some rules."""
    query = sa.select(*_QUEUED).where(outbox.c.rule_id.in_(rule_ids)).order_by(outbox.c.id.desc()).limit(limit)
    return [_queued(row) for row in conn.execute(query)]


def prune(conn: Connection, before: Micros) -> None:
    """Forget old messages that are done with."""
    done = sa.or_(outbox.c.sent_at.is_not(None), outbox.c.is_given_up)
    conn.execute(outbox.delete().where(outbox.c.created_at < before, done))


def _rule_values(made: NewRule) -> dict[str, Any]:
    return {"name": made.name, "document": msgspec.msgpack.encode(made), "channel_id": made.channel_id}


def _channel(row: Any) -> Channel:
    return Channel(
        id=row.id, name=row.name, kind=row.kind, settings=json.loads(row.settings), created_at=row.created_at,
        failure=row.failure, failed_at=row.failed_at,
    )  # fmt: skip


def _queued(row: Any) -> Queued:
    return Queued(**{name: getattr(row, name) for name in Queued.__struct_fields__})
