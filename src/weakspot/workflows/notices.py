"""Notifications and reports: managed by people, sent by the schedule."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.engine import Connection

from weakspot import access
from weakspot.access import Caller, Scope
from weakspot.fleet import Fleet
from weakspot.queries import reports
from weakspot.queries.base import ReadContext
from weakspot.runtime.clock import Micros, to_iso
from weakspot.runtime.database import Database
from weakspot.runtime.errors import Forbidden
from weakspot.runtime.vault import Vault
from weakspot.timeline import notices
from weakspot.timeline.notices import Channel, ChannelKind, Message, NewRule, Rule


def add_notice_channel(
    database: Database,
    vault: Vault,
    actor: Caller,
    name: str,
    kind: ChannelKind,
    settings: Mapping[str, str],
    now: Micros,
) -> Channel:
    """Connect a way to send, for who sees all device groups; audited. Raises Forbidden, InvalidField, Conflict."""
    _needs_everything(actor)

    def unit(conn: Connection) -> Channel:
        made = notices.add_channel(conn, vault, name, kind, settings, now)
        access.record_audit(conn, now, actor, "notice_channel.add", str(made.id), {"kind": kind, "name": name})
        return made

    return database.write(unit)


def remove_notice_channel(database: Database, actor: Caller, channel_id: int, now: Micros) -> None:
    """Forget one; audited. Raises Forbidden, NotFound, Conflict."""
    _needs_everything(actor)

    def unit(conn: Connection) -> None:
        notices.remove_channel(conn, channel_id)
        access.record_audit(conn, now, actor, "notice_channel.remove", str(channel_id))

    database.write(unit)


def put_notice_rule(database: Database, actor: Caller, rule_id: int | None, made: NewRule, now: Micros) -> Rule:
    """Add a rule (None) or change one; audited. Raises NotFound, Forbidden, InvalidField, Conflict."""

    def unit(conn: Connection) -> Rule:
        if rule_id is None:
            kept = notices.add_rule(conn, made, actor.scope, f"{actor.kind}:{actor.id}:{actor.name}", now)
        else:
            kept = notices.change_rule(conn, rule_id, made, actor.scope)
        what = "add" if rule_id is None else "change"
        access.record_audit(conn, now, actor, f"notice_rule.{what}", str(kept.id), {"name": made.name})
        return kept

    return database.write(unit)


def remove_notice_rule(database: Database, actor: Caller, rule_id: int, now: Micros) -> None:
    """Forget a rule; audited. Raises NotFound."""

    def unit(conn: Connection) -> None:
        gone = notices.remove_rule(conn, rule_id, actor.scope)
        access.record_audit(conn, now, actor, "notice_rule.remove", str(rule_id), {"name": gone.made.name})

    database.write(unit)


def try_notice_rule(database: Database, actor: Caller, rule_id: int, base_url: str, now: Micros) -> None:
    """Queue a message that only says that it arrives; audited. Raises NotFound."""

    def unit(conn: Connection) -> None:
        notices.queue_test(conn, notices.rule(conn, rule_id, actor.scope), base_url, now)
        access.record_audit(conn, now, actor, "notice_rule.test", str(rule_id))

    database.write(unit)


def send_notices(
    database: Database, vault: Vault, fleet: Fleet, now: Micros, *, base_url: str, organisation: str = ""
) -> int:
    """Gather events into messages, make the reports that are due, and deliver. Returns the number of messages sent."""
    database.write(lambda conn: notices.gather(conn, now, organisation=organisation, base_url=base_url))
    with database.read() as conn:
        read = ReadContext(conn, fleet, now)
        made = [(one, _report(read, one, organisation)) for one in notices.reports_due(conn, now)]
    for one, message in made:

        def unit(conn: Connection, one: Rule = one, message: Message = message) -> None:
            notices.queue_report(conn, one, message, now)

        database.write(unit)
    return notices.deliver(database, vault, now)


def _report(read: ReadContext, one: Rule, organisation: str) -> Message:
    from weakspot.queries import report_files  # the PDF library is loaded where a report is made

    assert one.made.report is not None, "asked of rules with a report alone"
    scope = Scope(None if one.made.group_ids is None else frozenset(one.made.group_ids))
    report = reports.make(read, scope, one.made.report, organisation if one.made.include_organisation else "")
    name = f"{one.made.report}-{to_iso(read.now)[:10]}"
    return Message(
        subject=f"{report.title}, {to_iso(read.now)[:10]}",
        text=f"{report.title}\n{report.subtitle}\n\n"
        + "\n".join(text for section in report.sections for text in section.paragraphs),
        data={"rule": one.made.name, "report": one.made.report, "subtitle": report.subtitle},
        recipients=one.made.recipients,
        attachments=(
            notices.Attachment(name=f"{name}.html", media_type="text/html", content=report_files.to_html(report)),
            notices.Attachment(name=f"{name}.pdf", media_type="application/pdf", content=report_files.to_pdf(report)),
        ),
    )


def _needs_everything(actor: Caller) -> None:
    if actor.scope.group_ids is not None:
        raise Forbidden("Channels are for everybody; managing them needs the sight of all device groups.")
