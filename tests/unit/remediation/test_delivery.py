"""The outbox: nothing is lost and nothing is told twice, whatever the tracker does."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from tests.support import trackers as support
from tests.support.world import World
from tests.unit.remediation.trackers.test_trackers import signed
from weakspot import remediation, workflows
from weakspot.access import internal_caller
from weakspot.remediation import Deliverer, NewActivity, store, tickets_store
from weakspot.remediation.delivery import CHECK_EVERY
from weakspot.runtime.clock import SECOND
from weakspot.runtime.database import Database
from weakspot.runtime.errors import AccessError, Conflict, NotFound, Unavailable
from weakspot.runtime.vault import Vault

ADMIN = internal_caller("test")
SETTINGS = {"repository": "acme/fixes", "token": support.StandIn.secret, "webhook_secret": support.StandIn.secret}


def new(recommendation_id: str = "va-_-debian-_-curl", groups: tuple[int, ...] = (1,), **fields: Any) -> NewActivity:
    values: dict[str, Any] = {
        "recommendation_id": recommendation_id, "title": "Update curl", "description": "why",
        "remediation_type": "Update", "category": "Software", "component": "curl", "vendor": "debian",
        "product": "curl", "recommended_version": "8", "priority": "High", "notes": "", "due_at": None,
        "due_reason": "", "mitigation": "None", "is_without_user_impact": False, "group_ids": groups,
        "targets": BitMap([1]), "vulnerabilities": BitMap([1]), "versions": BitMap([1]), "predicted_impact": 0.0,
    }  # fmt: skip
    return NewActivity(**(values | fields))


class Connected(World):
    """A world with a tracker."""

    def __init__(self, folder: Path, stand_in: support.StandIn) -> None:
        super().__init__(folder)
        self.stand_in = stand_in
        self.vault = Vault(folder)
        self.tracker = workflows.add_tracker(
            self.database, self.vault, ADMIN, "fixes", "github", {**SETTINGS, "url": stand_in.url}, self.clock.at
        )
        self.deliverer = self.restarted()

    def restarted(self, database: Database | None = None) -> Deliverer:
        """A new process of ours: nothing but the database is left of what the one before knew."""
        self.deliverer = Deliverer(database or self.database, self.vault, self.clock)
        return self.deliverer

    def ask(self, *wanted: NewActivity) -> list[remediation.Activity]:
        return workflows.request_activities(self.database, ADMIN, wanted, self.tracker.id, self.clock.at)

    def deliver(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            self.deliverer.step()
            self.clock.forward(seconds=4_000)

    def tickets(self, *activities: remediation.Activity) -> list[remediation.Ticket]:
        with self.database.read() as conn:
            return remediation.tickets_of(conn, [one.id for one in activities])


class EndsBeforeNoting:
    """The database of a server that ends at its ``last``-th write: what the tracker has answered is not noted."""

    def __init__(self, database: Database, last: int) -> None:
        self.read = database.read
        self._database = database
        self._left = last
        self._lock = threading.Lock()

    def write(self, unit: Callable[[Connection], Any]) -> Any:
        with self._lock:
            self._left -= 1
            if self._left < 0:
                raise Unavailable("This server has ended.")
        return self._database.write(unit)


@pytest.fixture
def connected(tmp_path: Path) -> Iterator[Connected]:
    stand_in = support.GitHubStandIn()
    made = Connected(tmp_path, stand_in)
    yield made
    made.close()
    stand_in.stop()


@pytest.mark.parametrize("count", [60, pytest.param(1_000, marks=pytest.mark.full)])
def test_many_requests_through_a_failing_tracker(connected: Connected, count: int) -> None:
    """One call in five fails, some after they were carried out; both sides end in the middle of their work, again and
    again; every ticket is there once, and what was said of it twice is heard once.
    """
    kinds = ("before", "after", "after", "before", "after", "before", "after", "before", "after", "before", "limit")
    connected.stand_in.fault = lambda n: kinds[n // 5 % 11] if n % 5 == 0 else ""
    made = connected.ask(*(new(f"va-_-debian-_-p{n}") for n in range(count)))
    ended = 0
    for turn in range(200):
        if turn % 4 == 1:  # this side ends while answers are on their way
            connected.restarted(EndsBeforeNoting(connected.database, last=10 + turn))  # type: ignore[arg-type]
        try:
            connected.deliver()
        except Unavailable:
            ended += 1
            connected.restarted()
        if turn % 6 == 2:  # the other side is away for a while
            connected.stand_in.stop()
            connected.deliver()
            connected.stand_in.start()
        with connected.database.read() as conn:
            if tickets_store.next_time(conn) is None:
                break
    assert ended > 0
    labels = Counter(label["name"] for one in connected.stand_in.tickets.values() for label in one["labels"])
    del labels["weakspot"]
    assert len(labels) == count
    assert set(labels.values()) == {1}
    tickets = connected.tickets(*made)
    assert {one.key for one in tickets} == set(labels)
    assert {one.remote_id for one in tickets} == set(connected.stand_in.tickets)
    for ticket in tickets[::10]:
        assert [heard(connected, str(ticket.remote_id)) for _ in range(2)] == [1, 0]


def heard(connected: Connected, remote_id: str) -> int:
    """What is news in a callback that says who has the ticket now."""
    body = b'{"issue": {"number": %s, "state": "open", "assignees": [{"login": "x"}]}}' % remote_id.encode()
    headers = {"x-hub-signature-256": signed(body)}
    tracker = connected.tracker.id
    return workflows.hear_tracker(connected.database, connected.deliverer, tracker, headers, body, connected.clock.at)


def test_one_ticket_a_recommendation_and_group(connected: Connected) -> None:
    (made,) = connected.ask(new(groups=(1, 2)))
    connected.deliver()
    assert sorted(one.group_id for one in connected.tickets(made)) == [1, 2]
    assert len(connected.stand_in.tickets) == 2
    with pytest.raises(Conflict, match="device groups 2"):
        connected.ask(new(groups=(2, 3)))
    connected.ask(new(groups=(3,)))
    with pytest.raises(NotFound):
        workflows.request_activities(connected.database, ADMIN, [new("other")], 99, connected.clock.at)


def test_completion_closes_and_regression_opens_the_ticket_again(connected: Connected) -> None:
    """spec/features.md 7.4: "completion updates both sides"."""
    (made,) = connected.ask(new())
    connected.deliver()
    workflows.complete_activity(connected.database, ADMIN, made.public_id, connected.clock.at)
    connected.deliver()
    (ticket,) = connected.stand_in.tickets.values()
    assert (ticket["state"], connected.tickets(made)[0].state) == ("closed", "Completed")
    assert "Completed: test." in connected.stand_in.notes[0][1]


def test_what_is_asked_for_comes_back(connected: Connected) -> None:
    """spec/features.md 7.4: "Pending -> Accepted | Rejected -> Completed; accept and reject carry notes back"."""
    (made,) = connected.ask(new())
    connected.deliver()
    connected.stand_in.tickets["1"]["assignees"] = [{"login": "ben"}]
    connected.clock.forward(seconds=CHECK_EVERY / SECOND + 1)
    assert connected.deliverer.check() == 1
    assert connected.tickets(made)[0].state == "Accepted"
    assert connected.deliverer.check() == 0  # not before its time
    connected.stand_in.tickets["1"] |= {"state": "closed", "state_reason": "not_planned"}
    connected.clock.forward(seconds=CHECK_EVERY / SECOND + 1)
    connected.deliverer.check()
    rejected = connected.tickets(made)[0]
    assert (rejected.state, rejected.note) == ("Rejected", "not_planned")
    with connected.database.read() as conn:
        assert store.get(conn, made.id).state == "Active"  # type: ignore[union-attr]  # only devices complete it


def test_a_ticket_that_was_opened_by_hand_is_closed_again(connected: Connected) -> None:
    (made,) = connected.ask(new())
    connected.deliver()
    connected.stand_in.fault = lambda _: ""
    workflows.complete_activity(connected.database, ADMIN, made.public_id, connected.clock.at)
    connected.deliver()
    with connected.database.read() as conn:
        assert tickets_store.next_time(conn) is None
    connected.database.write(
        lambda conn: tickets_store.set_state(conn, connected.tickets(made)[0].id, "Pending", "", 1)
    )
    connected.stand_in.tickets["1"]["state"] = "open"
    connected.clock.forward(seconds=CHECK_EVERY / SECOND + 1)
    connected.deliverer.check()
    connected.deliver()
    assert connected.stand_in.tickets["1"]["state"] == "closed"


def test_retry_after_is_respected_for_the_whole_tracker(connected: Connected) -> None:
    connected.stand_in.fault = lambda n: "limit" if n == 1 else ""
    connected.ask(new())
    connected.deliverer.step()
    connected.ask(new("va-_-debian-_-zlib"))
    before = connected.stand_in.requests
    connected.deliverer.step()
    assert connected.stand_in.requests == before
    connected.clock.forward(seconds=4)
    connected.deliverer.step()
    connected.deliverer.step()
    assert len(connected.stand_in.tickets) == 2


def test_wrong_credentials_wait_and_are_shown_without_the_secret(connected: Connected) -> None:
    connected.database.write(
        lambda conn: tickets_store.change_tracker(
            conn,
            connected.tracker.id,
            secrets=connected.vault.seal({"token": "wrong-one"}, f"tracker:{connected.tracker.id}"),
        )
    )
    (made,) = connected.ask(new())
    connected.deliver(2)
    with connected.database.read() as conn:
        (tracker,) = remediation.listed_trackers(conn)
        (waiting, failure) = remediation.backlog(conn)[connected.tickets(made)[0].id]
    assert tracker.failing_since is not None
    assert "401" in tracker.failure
    assert (waiting, "401" in failure, "wrong-one" in f"{failure}{tracker}") == (1, True, False)


def test_a_switched_off_tracker_keeps_what_waits(connected: Connected) -> None:
    connected.ask(new())
    workflows.switch_tracker(connected.database, ADMIN, connected.tracker.id, False, connected.clock.at)
    connected.deliver(2)
    assert connected.stand_in.requests == 0
    workflows.switch_tracker(connected.database, ADMIN, connected.tracker.id, True, connected.clock.at)
    connected.deliver()
    assert len(connected.stand_in.tickets) == 1


def test_callbacks_are_taken_from_the_tracker_alone(connected: Connected) -> None:
    """spec/features.md 7.4: "a generic outbound connector ... with these states and a signed inbound callback"."""
    (made,) = connected.ask(new())
    connected.deliver()
    body = b'{"issue": {"number": 1, "state": "open", "assignees": [{"login": "x"}]}}'

    def hear(tracker_id: int, signature: str) -> int:
        headers = {"x-hub-signature-256": signature}
        return workflows.hear_tracker(
            connected.database, connected.deliverer, tracker_id, headers, body, connected.clock.at
        )

    for tracker_id, signature in ((connected.tracker.id, signed(body, "x")), (99, signed(body))):
        with pytest.raises(AccessError):
            hear(tracker_id, signature)
    assert hear(connected.tracker.id, signed(body)) == 1
    assert hear(connected.tracker.id, signed(body)) == 0  # said again: no news
    assert connected.tickets(made)[0].state == "Accepted"


def test_a_removed_tracker_leaves_nothing_behind(connected: Connected) -> None:
    (made,) = connected.ask(new())
    workflows.remove_tracker(connected.database, ADMIN, connected.tracker.id, connected.clock.at)
    connected.deliver()
    assert connected.tickets(made) == []
    assert connected.stand_in.requests == 0
