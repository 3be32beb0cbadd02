"""Statements per page: they must not grow with the fleet. A page that needs more than its budget reads row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from tests.unit.queries.fleet import SmallFleet
from weakspot.queries import (
    ListQuery,
    ReadContext,
    certificates,
    dashboard,
    devices,
    explain,
    groups,
    knowledge,
    search,
    software,
    software_weaknesses,
    weaknesses,
)

BUDGET = 12
DASHBOARD_BUDGET = 30
"""The first page is several pages in one."""

EVERY = ListQuery()

PAGES: dict[str, Callable[[ReadContext, SmallFleet], Any]] = {
    "weaknesses": lambda read, f: weaknesses.page(read, f.everything, EVERY),
    "weaknesses in a group": lambda read, f: weaknesses.page(read, f.only_servers, EVERY),
    "all known weaknesses": lambda read, f: weaknesses.page(
        read, f.everything, ListQuery(filters={"exposed": ("any",)}, search="ghsa-aaaa-bbbb-cccc")
    ),
    "a weakness": lambda read, f: weaknesses.detail(read, f.everything, "CVE-2099-0001"),
    "devices of a weakness": lambda read, f: weaknesses.devices(read, f.everything, "CVE-2099-0001", EVERY),
    "software": lambda read, f: software.page(read, f.everything, EVERY),
    "one software": lambda read, f: software.detail(read, f.everything, "debian-_-libssl3"),
    "devices of software": lambda read, f: software.devices(read, f.everything, "debian-_-libssl3", EVERY),
    "weaknesses of software": lambda read, f: software_weaknesses.page(read, f.everything, "debian-_-libssl3", EVERY),
    "devices": lambda read, f: devices.page(read, f.everything, EVERY),
    "devices by contact": lambda read, f: devices.page(read, f.everything, ListQuery(sort="-last_seen_at")),
    "a device": lambda read, f: devices.detail(read, f.everything, f.desk.public_id),
    "software of a device": lambda read, f: devices.software(read, f.everything, f.desk.public_id, EVERY),
    "weaknesses of a device": lambda read, f: devices.weaknesses(read, f.everything, f.desk.public_id, EVERY),
    "changes of a device": lambda read, f: devices.changes(read, f.everything, f.desk.public_id, EVERY),
    "certificates": lambda read, f: certificates.page(read, f.everything, EVERY),
    "card of certificates": lambda read, f: certificates.summary(read, f.everything),
    "search": lambda read, f: search.search(read, f.everything, "e"),
    "groups": lambda read, f: groups.visible(read, f.everything),
    "knowledge": lambda read, f: knowledge.state(read),
}


@contextmanager
def counted(read: ReadContext) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    sa.event.listen(read.conn, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(read.conn, "before_cursor_execute", note)


@pytest.mark.parametrize("name", PAGES)
def test_pages_stay_within_their_budget(fleet: SmallFleet, name: str) -> None:
    with fleet.world.read() as read:
        PAGES[name](read, fleet)  # what is remembered between requests is read by the first one
        with counted(read) as statements:
            PAGES[name](read, fleet)
    assert len(statements) <= BUDGET, "\n".join(statements)


def test_dashboard_stays_within_its_budget(fleet: SmallFleet) -> None:
    with fleet.world.read() as read:
        dashboard.show(read, fleet.everything)
        with counted(read) as statements:
            dashboard.show(read, fleet.everything)
    assert len(statements) <= DASHBOARD_BUDGET, "\n".join(statements)


def test_an_explanation_is_bounded_too(fleet: SmallFleet) -> None:
    with fleet.world.read() as read, counted(read) as statements:
        explain.finding(read, fleet.everything, fleet.web.public_id, "CVE-2099-0001")
    assert len(statements) <= 30, "\n".join(statements)
