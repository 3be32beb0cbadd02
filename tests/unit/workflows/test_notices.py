"""Reports are made by schedule, with files, and every change by a person is audited."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.support.world import World
from weakspot import access, workflows
from weakspot.access.contracts import Scope
from weakspot.runtime.errors import Forbidden
from weakspot.runtime.vault import Vault
from weakspot.timeline import notices
from weakspot.timeline.notices.contracts import NewRule
from weakspot.timeline.notices.store import due

CALLER = access.internal_caller("test")
HOOK = {"url": "https://hooks.example/x", "secret": "0123456789abcdef"}


def test_a_report_is_queued_once_a_week_with_both_files(world: World, tmp_path: Path) -> None:
    """Issue 7, item 9: "the vulnerable devices report and an executive report as HTML and PDF, scheduled"."""
    vault = Vault(tmp_path)
    now = world.clock.at
    channel = workflows.add_notice_channel(world.database, vault, CALLER, "hook", "webhook", HOOK, now)
    rule = NewRule(name="weekly", channel_id=channel.id, report="executive")
    workflows.put_notice_rule(world.database, CALLER, None, rule, now)
    # Without its secret nothing is sent, so that the test needs no network.
    empty = Vault(tmp_path / "other")
    for days, waiting in ((6, 0), (1, 1), (1, 1), (6, 2)):
        at = world.clock.forward(days=days)
        workflows.send_notices(world.database, empty, world.fleet, at, base_url="https://w.example")
        with world.read() as read:
            assert len(notices.sent(read.conn, [1], 10)) == waiting
    with world.read() as read:
        assert [one.is_given_up for one in notices.sent(read.conn, [1], 10)] == [True, True]
        assert due(read.conn, world.clock.at, 10) == []
        actions = [one.action for one in access.audit_entries(read.conn)]
    assert actions[-2:] == ["notice_channel.add", "notice_rule.add"]


def test_channels_are_for_who_sees_everything(world: World, tmp_path: Path) -> None:
    narrow = msgspec.structs.replace(CALLER, scope=Scope(frozenset({1})))
    with pytest.raises(Forbidden):
        workflows.add_notice_channel(world.database, Vault(tmp_path), narrow, "h", "webhook", HOOK, world.clock.at)
