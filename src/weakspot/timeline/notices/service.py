"""Use cases of the notifications: channels and rules, gathering events into messages, delivering them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

import msgspec
from sqlalchemy.engine import Connection

from weakspot import intel
from weakspot.access.contracts import Scope
from weakspot.runtime.clock import DAY, Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import Conflict, Forbidden, InvalidField, NotFound, TooLarge, Unavailable
from weakspot.runtime.vault import Vault
from weakspot.timeline import store as events_store
from weakspot.timeline.notices import rules, store
from weakspot.timeline.notices.contracts import Channel, ChannelKind, Message, NewRule, Queued, Rule
from weakspot.timeline.notices.sending import FIELDS, SendBusy, Sender, SendError, SendRefused, address, make_sender

logger = logging.getLogger(__name__)

MAX_CHANNELS = 100
MAX_RULES = 500
MAX_EVENTS = 2_000
AT_ONCE = 20
KEPT: Micros = 90 * DAY

MakeSender = Callable[[ChannelKind, Mapping[str, str], Mapping[str, str]], Sender]


def add_channel(
    conn: Connection, vault: Vault, name: str, kind: ChannelKind, values: Mapping[str, str], now: Micros
) -> Channel:
    """Connect a way to send. Raises InvalidField, Conflict, TooLarge."""
    shown, secret = FIELDS[kind]
    unknown = sorted(set(values) - {*shown, *secret})
    if unknown:
        raise InvalidField(f"A channel of kind {kind} has: {', '.join((*shown, *secret))}.", field=unknown[0][:40])
    settings = {key: values[key] for key in shown if values.get(key)}
    secrets = {key: values[key] for key in secret if values.get(key)}
    try:
        make_sender(kind, settings, secrets)
    except SendRefused as error:
        raise InvalidField(str(error), field="settings") from None
    known = store.channels(conn)
    if any(one.name == name for one in known):
        raise Conflict("There is a channel of that name; choose another.")
    if len(known) >= MAX_CHANNELS:
        raise TooLarge(f"There are {MAX_CHANNELS} channels; remove one first.")
    number = store.insert_channel(conn, name, kind, settings, now)
    if secrets:
        store.write_sealed(conn, number, vault.seal(secrets, _purpose(number)))
    return Channel(id=number, name=name, kind=kind, settings=settings, created_at=now)


def remove_channel(conn: Connection, channel_id: int) -> None:
    """Forget a channel. Raises NotFound, Conflict while a rule uses it."""
    users = [one.made.name for one in store.rules(conn) if one.made.channel_id == channel_id]
    if users:
        raise Conflict(f"The rule {users[0]!r} sends through it; change or remove the rule first.")
    if not store.delete_channel(conn, channel_id):
        raise NotFound("There is no such channel.")


def add_rule(conn: Connection, made: NewRule, scope: Scope, author: str, now: Micros) -> Rule:
    """Add a rule; it tells events from now on alone (spec/features.md 19). Raises Forbidden, InvalidField, Conflict."""
    _check(conn, made, scope, None)
    position = events_store.last_id(conn)
    number = store.insert_rule(conn, made, author, position, now)
    return Rule(id=number, made=made, author=author, created_at=now, position=position, sent_at=None)


def change_rule(conn: Connection, rule_id: int, made: NewRule, scope: Scope) -> Rule:
    """Change a rule. Raises NotFound, Forbidden, InvalidField, Conflict."""
    known = rule(conn, rule_id, scope)
    _check(conn, made, scope, rule_id)
    store.update_rule(conn, rule_id, made)
    return msgspec.structs.replace(known, made=made)


def remove_rule(conn: Connection, rule_id: int, scope: Scope) -> Rule:
    """Forget a rule. Raises NotFound."""
    known = rule(conn, rule_id, scope)
    store.delete_rule(conn, rule_id)
    return known


def rules_in(conn: Connection, scope: Scope) -> list[Rule]:
    """Rules that somebody with this scope may manage (spec/features.md 19), by name."""
    return [one for one in store.rules(conn) if _is_within(one.made, scope)]


def rule(conn: Connection, rule_id: int, scope: Scope) -> Rule:
    """One of them. Raises NotFound."""
    found = next((one for one in rules_in(conn, scope) if one.id == rule_id), None)
    if found is None:
        raise NotFound("There is no such rule among those that you may manage.")
    return found


def gather(conn: Connection, now: Micros, *, organisation: str, base_url: str) -> int:
    """Put what rules have to tell into the outbox, in the caller's unit of work. Returns the number of messages."""
    made = 0
    newest = events_store.last_id(conn)
    for one in store.rules(conn):
        if one.made.report is not None:
            continue
        if not one.made.is_active:
            store.advance(conn, one.id, newest, None)  # what happens while it is off is not told later
        elif one.position < newest and rules.is_due(one, now):
            made += _gather(conn, one, now, organisation, base_url)
    return made


def reports_due(conn: Connection, now: Micros) -> list[Rule]:
    """Rules whose report is to be sent now."""
    return [one for one in store.rules(conn) if one.made.is_active and one.made.report and rules.is_due(one, now)]


def queue_report(conn: Connection, one: Rule, message: Message, now: Micros) -> None:
    """Put a report into the outbox."""
    store.queue(conn, one.id, one.made.channel_id, f"report-{one.id}-{now // DAY}", message, now)
    store.advance(conn, one.id, one.position, now)


def queue_test(conn: Connection, one: Rule, base_url: str, now: Micros) -> None:
    """Put a message that only says that it arrives into the outbox."""
    text = f"The rule {one.made.name} can send. What it tells will come from {base_url}."
    message = Message(subject="Weakspot: a test", text=text, data={"rule": one.made.name, "events": []},
                      recipients=one.made.recipients)  # fmt: skip
    store.queue(conn, one.id, one.made.channel_id, f"test-{one.id}-{now}", message, now)


def deliver(database: Database, vault: Vault, now: Micros, make: MakeSender = make_sender) -> int:
    """Send what is due; what fails is tried again with growing pauses. Returns the number of messages sent."""
    with database.read() as conn:
        waiting = store.due(conn, now, AT_ONCE)
    sent = 0
    for queued, message in waiting:
        after, failure = _tried(database, vault, queued, message, now, make)
        sent += after.sent_at is not None

        def unit(conn: Connection, after: Queued = after, failure: str = failure) -> None:
            store.outcome(conn, after)
            store.note_failure(conn, after.channel_id, failure, now if failure else None)

        database.write(unit)
    return sent


def tidy(conn: Connection, now: Micros) -> None:
    """Forget what was sent long ago."""
    store.prune(conn, now - KEPT)


def _gather(conn: Connection, one: Rule, now: Micros, organisation: str, base_url: str) -> int:
    events = events_store.after(conn, one.position, MAX_EVENTS)
    facts = intel.facts(conn, sorted(rules.severities_needed(events)))
    severities = {key: known.severity for key, known in facts.items()}
    told = [event for event in events if rules.wanted(one.made, event, severities)]
    if not told:
        store.advance(conn, one.id, events[-1].id, None)
        return 0
    ids = sorted({key for event in told for key in event.vulnerabilities[:100]})
    names = {key: known.name for key, known in intel.facts(conn, ids).items()}
    message = rules.message(one.made, told, names, organisation=organisation, base_url=base_url)
    store.queue(conn, one.id, one.made.channel_id, f"events-{one.id}-{events[-1].id}", message, now)
    store.advance(conn, one.id, events[-1].id, now)
    return 1


def _tried(
    database: Database, vault: Vault, queued: Queued, message: Message, now: Micros, make: MakeSender
) -> tuple[Queued, str]:
    tries = queued.tries + 1
    retry_after: float | None = None
    try:
        with database.read() as conn:
            found = store.sealed(conn, queued.channel_id)
        if found is None:
            raise SendRefused("The channel was removed.")
        channel, sealed = found
        secrets = vault.open(sealed, _purpose(channel.id)) if sealed else {}
        make(channel.kind, channel.settings, secrets).send(queued.key, message)
    except SendBusy as error:
        failure, retry_after = str(error), error.retry_after
        next_at = rules.retry_at(tries, now, retry_after)
    except (SendError, Unavailable) as error:
        failure, next_at = str(error), None
    except Exception:
        logger.exception("a notification could not be sent", extra={"fields": {"channel": queued.channel_id}})
        failure, next_at = "It could not be sent; the server's log has the details.", rules.retry_at(tries, now, None)
    else:
        return msgspec.structs.replace(queued, tries=tries, sent_at=now, failure=""), ""
    given_up = next_at is None
    after = msgspec.structs.replace(
        queued, tries=tries, failure=failure[:500], next_at=next_at or now, is_given_up=given_up
    )
    return after, failure


def _check(conn: Connection, made: NewRule, scope: Scope, rule_id: int | None) -> None:
    if not _is_within(made, scope):
        raise Forbidden("A rule may only be about device groups that you see; all groups need all of them.")
    channel = next((one for one in store.channels(conn) if one.id == made.channel_id), None)
    if channel is None:
        raise InvalidField("There is no such channel.", field="channel_id")
    if channel.kind == "email":
        if not made.recipients:
            raise InvalidField("Name at least one recipient.", field="recipients")
        try:
            for one in made.recipients:
                address(one)
        except SendRefused as error:
            raise InvalidField(str(error), field="recipients") from None
    if made.report is None and not made.events:
        raise InvalidField("Choose at least one event, or a report.", field="events")
    others = [one for one in store.rules(conn) if one.id != rule_id]
    if any(one.made.name == made.name for one in others):
        raise Conflict("There is a rule of that name; choose another.")
    if len(others) >= MAX_RULES:
        raise TooLarge(f"There are {MAX_RULES} rules; remove one first.")


def _is_within(made: NewRule, scope: Scope) -> bool:
    if scope.group_ids is None:
        return True
    return made.group_ids is not None and all(scope.includes(one) for one in made.group_ids)


def _purpose(channel_id: int) -> str:
    return f"notification-channel:{channel_id}"
