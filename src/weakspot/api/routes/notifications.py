"""Notifications: channels, rules, what was sent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, delete, get, post, put

from weakspot import workflows
from weakspot.access import Caller, Permission
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import (
    ApiRequest,
    asked_of,
    body_of,
    caller_of,
    json_response,
    number_of,
    services_of,
)
from weakspot.queries.base import ReadContext
from weakspot.runtime.clock import to_iso
from weakspot.timeline import notices
from weakspot.timeline.notices import (
    Channel,
    ChannelKind,
    NewRule,
    NoticeEvent,
    Pace,
    Queued,
    ReportKind,
    Rule,
    Schedule,
    SeverityFloor,
)

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Text = Annotated[str, msgspec.Meta(max_length=2000)]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
SHOWN = 200


class ChannelRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to send. settings: ``listNotificationChannels`` tells which a kind has; secrets are never shown again."""

    name: Name
    kind: ChannelKind
    settings: Annotated[dict[Name, Text], msgspec.Meta(max_length=20)]


class ChannelRow(msgspec.Struct, frozen=True, kw_only=True):
    """A channel with how its last try went."""

    id: int
    name: str
    kind: ChannelKind
    settings: dict[str, str]
    created_at: str
    failure: str | None
    failed_at: str | None


class NotificationRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to tell what. groups null: all device groups; report: send it by schedule instead of events."""

    name: Name
    channel_id: Number
    description: Text = ""
    is_active: bool = True
    groups: Annotated[list[Number], msgspec.Meta(min_length=1, max_length=1000)] | None = None
    events: Annotated[list[NoticeEvent], msgspec.Meta(max_length=10)] = []
    min_severity: SeverityFloor = "Low"
    include_organisation: bool = True
    recipients: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=3, max_length=320)]], msgspec.Meta(max_length=100)
    ] = []
    pace: Pace = "soon"
    report: ReportKind | None = None
    schedule: Schedule = "weekly"


class NotificationRuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it is kept."""

    id: int
    rule: NotificationRule
    author: str
    created_at: str
    sent_at: str | None


class SentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A message that waits, was sent, or was given up."""

    rule_id: int
    subject: str
    state: Literal["waiting", "sent", "given_up"]
    created_at: str
    next_at: str | None
    sent_at: str | None
    tries: int
    failure: str | None


class ChannelList(msgspec.Struct, frozen=True, kw_only=True):
    """Channels, and the settings and secrets that each kind has."""

    channels: list[ChannelRow]
    settings: dict[str, list[str]]
    secrets: dict[str, list[str]]


class NotificationState(msgspec.Struct, frozen=True, kw_only=True):
    """Rules that the caller may manage, and the newest messages of them."""

    rules: list[NotificationRuleRow]
    sent: list[SentRow]


_channel = msgspec.json.Decoder(ChannelRequest)
_rule = msgspec.json.Decoder(NotificationRule)


def _declare(name: str, summary: str, answer: Any, body: Any = None, **more: Any) -> Operation:
    permission = Permission.MANAGE_SECURITY
    return Operation(
        id=name, summary=summary, tag="notifications", permission=permission, answer=answer, body=body, **more
    )


CHANNELS = _declare("listNotificationChannels", "Ways to send, and what each kind needs", ChannelList)
ADD_CHANNEL = _declare("addNotificationChannel", "Connect a way to send", ChannelRow, ChannelRequest, errors=(409, 413))
REMOVE_CHANNEL = _declare("removeNotificationChannel", "Forget a channel", None, status=204, errors=(404, 409))
RULES = _declare("listNotificationRules", "Rules and the newest messages", NotificationState)
ADD_RULE = _declare("addNotificationRule", "Add a rule; it tells what comes from now on", NotificationRuleRow,
                    NotificationRule, errors=(409, 413))  # fmt: skip
CHANGE_RULE = _declare("changeNotificationRule", "Change a rule", NotificationRuleRow, NotificationRule,
                       errors=(404, 409))  # fmt: skip
REMOVE_RULE = _declare("removeNotificationRule", "Forget a rule", None, status=204, errors=(404,))
TEST_RULE = _declare("testNotificationRule", "Send a message that only says that it arrives", None, status=204,
                     errors=(404,))  # fmt: skip


@get("/notifications/channels", opt={OPERATION: CHANNELS}, name=CHANNELS.id)
async def list_channels(request: ApiRequest) -> Response[bytes]:
    """Without anything secret."""

    def read(context: ReadContext) -> ChannelList:
        return ChannelList(
            channels=[_channel_row(one) for one in notices.channels(context.conn)],
            settings={kind: list(shown) for kind, (shown, _) in notices.FIELDS.items()},
            secrets={kind: list(secret) for kind, (_, secret) in notices.FIELDS.items()},
        )

    return json_response(await services_of(request).reads.read(read))


@post("/notifications/channels", opt={OPERATION: ADD_CHANNEL}, name=ADD_CHANNEL.id, status_code=200)
async def add_channel(request: ApiRequest) -> Response[bytes]:
    """Settings are checked, nothing is sent yet."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _channel)
    made = await services.reads.run(
        lambda: workflows.add_notice_channel(
            services.database, services.vault, actor, asked.name, asked.kind, asked.settings, services.clock()
        )
    )
    return json_response(_channel_row(made))


@delete("/notifications/channels/{id:str}", opt={OPERATION: REMOVE_CHANNEL}, name=REMOVE_CHANNEL.id, status_code=204)
async def remove_channel(request: ApiRequest) -> None:
    """Where no rule uses it."""
    services, actor = services_of(request), caller_of(request)
    number = number_of(asked_of(request, REMOVE_CHANNEL).path["id"])
    await services.reads.run(
        lambda: workflows.remove_notice_channel(services.database, actor, number, services.clock())
    )


@get("/notifications/rules", opt={OPERATION: RULES}, name=RULES.id)
async def list_rules(request: ApiRequest) -> Response[bytes]:
    """Those that the caller may manage."""
    actor = caller_of(request)

    def read(context: ReadContext) -> NotificationState:
        rules = notices.rules_in(context.conn, actor.scope)
        sent = notices.sent(context.conn, [one.id for one in rules], SHOWN)
        return NotificationState(rules=[_rule_row(one) for one in rules], sent=[_sent_row(one) for one in sent])

    return json_response(await services_of(request).reads.read(read))


@post("/notifications/rules", opt={OPERATION: ADD_RULE}, name=ADD_RULE.id, status_code=200)
async def add_rule(request: ApiRequest) -> Response[bytes]:
    """In force at once."""
    asked = await body_of(request, _rule)
    return await _put(request, caller_of(request), None, asked)


@put("/notifications/rules/{id:str}", opt={OPERATION: CHANGE_RULE}, name=CHANGE_RULE.id, status_code=200)
async def change_rule(request: ApiRequest) -> Response[bytes]:
    """In force at once."""
    number = number_of(asked_of(request, CHANGE_RULE).path["id"])
    asked = await body_of(request, _rule)
    return await _put(request, caller_of(request), number, asked)


@delete("/notifications/rules/{id:str}", opt={OPERATION: REMOVE_RULE}, name=REMOVE_RULE.id, status_code=204)
async def remove_rule(request: ApiRequest) -> None:
    """What waits for it is not sent."""
    services, actor = services_of(request), caller_of(request)
    number = number_of(asked_of(request, REMOVE_RULE).path["id"])
    await services.reads.run(lambda: workflows.remove_notice_rule(services.database, actor, number, services.clock()))


@post("/notifications/rules/{id:str}/test", opt={OPERATION: TEST_RULE}, name=TEST_RULE.id, status_code=204)
async def try_rule(request: ApiRequest) -> None:
    """Sent with the next round, within a minute."""
    services, actor = services_of(request), caller_of(request)
    number = number_of(asked_of(request, TEST_RULE).path["id"])
    base_url = f"{request.scope['scheme']}://{request.scope['state']['headers']['host']}"
    await services.reads.run(
        lambda: workflows.try_notice_rule(services.database, actor, number, base_url, services.clock())
    )


async def _put(request: ApiRequest, actor: Caller, number: int | None, asked: NotificationRule) -> Response[bytes]:
    services = services_of(request)
    made = NewRule(
        **{
            **{name: getattr(asked, name) for name in NewRule.__struct_fields__ if hasattr(asked, name)},
            "group_ids": None if asked.groups is None else tuple(sorted(set(asked.groups))),
            "events": tuple(asked.events),
            "recipients": tuple(asked.recipients),
        }
    )
    kept = await services.reads.run(
        lambda: workflows.put_notice_rule(services.database, actor, number, made, services.clock())
    )
    return json_response(_rule_row(kept))


def _channel_row(one: Channel) -> ChannelRow:
    failed_at = None if one.failed_at is None else to_iso(one.failed_at)
    return ChannelRow(
        id=one.id, name=one.name, kind=one.kind, settings=one.settings, created_at=to_iso(one.created_at),
        failure=one.failure or None, failed_at=failed_at,
    )  # fmt: skip


def _rule_row(one: Rule) -> NotificationRuleRow:
    made = one.made
    values = {name: getattr(made, name) for name in NotificationRule.__struct_fields__ if hasattr(made, name)}
    values |= {
        "groups": None if made.group_ids is None else list(made.group_ids),
        "events": list(made.events),
        "recipients": list(made.recipients),
    }
    return NotificationRuleRow(
        id=one.id,
        rule=NotificationRule(**values),
        author=one.author.split(":", 2)[-1],
        created_at=to_iso(one.created_at),
        sent_at=None if one.sent_at is None else to_iso(one.sent_at),
    )


def _sent_row(one: Queued) -> SentRow:
    is_done = one.sent_at is not None or one.is_given_up
    return SentRow(
        rule_id=one.rule_id,
        subject=one.subject,
        state="sent" if one.sent_at is not None else "given_up" if one.is_given_up else "waiting",
        created_at=to_iso(one.created_at),
        next_at=None if is_done else to_iso(one.next_at),
        sent_at=None if one.sent_at is None else to_iso(one.sent_at),
        tries=one.tries,
        failure=one.failure or None,
    )


ROUTES = (list_channels, add_channel, remove_channel, list_rules, add_rule, change_rule, remove_rule, try_rule)
