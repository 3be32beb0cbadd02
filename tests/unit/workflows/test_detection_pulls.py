"""Alerts that are asked for, against a stand-in of the documented API with its faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.alerts import AlertStandIn, DefenderAlertStandIn
from tests.support.world import World
from weakspot import access, threats, workflows
from weakspot.runtime.clock import SECOND, from_iso, to_iso
from weakspot.runtime.errors import Conflict, InvalidField
from weakspot.runtime.vault import Vault
from weakspot.threats import pulls
from weakspot.threats.pulls import Pull, PullState, rules

ACTOR = access.internal_caller("test")


class Connected:
    """A world with a stand-in, and one connection to it."""

    def __init__(self, world: World, folder: Path, stand_in: AlertStandIn, kind: str = "graph") -> None:
        self.world, self.stand_in = world, stand_in
        self.vault = Vault(folder)
        self.device = world.enrol("web01")
        settings = {
            "tenant": "t1", "client_id": "c1", "client_secret": stand_in.secret, "url": stand_in.url,
            "login_url": stand_in.url,
        }  # fmt: skip
        self.made = workflows.add_detection_pull(
            world.database, self.vault, ACTOR, "tenant", kind, settings, world.clock.at
        )
        self.puller = self.restarted()

    def restarted(self) -> workflows.DetectionPuller:
        """As after a restart of the server: nothing is remembered."""
        self.puller = workflows.DetectionPuller(self.world.database, self.vault, self.world.clock)
        return self.puller

    def put(self, number: int, *, minutes: float = 0, status: str = "new") -> None:
        at = self.world.clock.at + int(minutes * 60) * SECOND
        self.stand_in.put(number, to_iso(at)[:19] + "Z", device="web01", status=status)

    def later(self, seconds: float = 60) -> int:
        self.world.clock.at += int(seconds * SECOND)
        return self.puller.run_due()

    @property
    def now(self) -> Pull:
        with self.world.read() as read:
            return pulls.listed(read.conn)[0]

    def detections(self) -> dict[str, str]:
        with self.world.read() as read:
            heads = [one[0] for one in threats.heads(read.conn)]
            return {one.observed.source_id: one.status for one in threats.some(read.conn, heads).values()}


@pytest.fixture
def graph(world: World, tmp_path: Path) -> Iterator[Connected]:
    stand_in = AlertStandIn()
    yield Connected(world, tmp_path, stand_in)
    stand_in.stop()


def test_alerts_are_taken_page_by_page_and_then_by_their_last_update(graph: Connected) -> None:
    # 22: "an alert counts while status is New or InProgress"
    for number in range(8):
        graph.put(number, minutes=-60 + number)
    assert graph.later() == 8
    assert len(graph.detections()) == 8
    assert [query.get("$skip") for query in graph.stand_in.asked] == [None, "3", "6"]
    state = graph.now.state
    assert (state.failures, state.next_link, state.last_success_at) == (0, "", graph.world.clock.at)
    assert graph.puller.run_due() == 0  # a minute has not passed
    graph.put(3, status="resolved")
    graph.put(20)
    graph.later()
    assert graph.detections()["a3"] == "resolved"
    assert "a20" in graph.detections()
    first, again = graph.stand_in.asked[0]["$filter"], graph.stand_in.asked[3]["$filter"]
    assert from_iso(again.split()[-1]) - from_iso(first.split()[-1]) > 29 * 24 * 3600 * SECOND
    with graph.world.read() as read:
        assert threats.risk_levels(read.conn) == {graph.device.id: "High"}
    assert graph.stand_in.tokens == 1


def test_the_older_api_is_read_as_well(world: World, tmp_path: Path) -> None:
    stand_in = DefenderAlertStandIn()
    connected = Connected(world, tmp_path, stand_in, "defender")
    connected.put(1, minutes=-5)
    assert connected.later() == 1
    assert stand_in.asked[0]["$expand"] == "evidence"
    stand_in.stop()


def test_it_waits_as_long_as_it_is_asked_to(graph: Connected) -> None:
    graph.put(1, minutes=-5)
    graph.stand_in.fault = lambda n: "limit" if n == 2 else ""  # the first request is for the token
    assert graph.later() == 0
    failed = graph.now.state
    assert (failed.failures, failed.not_before_at) == (1, graph.world.clock.at + SECOND)  # Retry-After: 1
    assert "429" in failed.failure
    assert graph.puller.run_due() == 0
    assert graph.stand_in.requests == 2
    assert graph.later(1) == 1
    assert (graph.now.state.failures, graph.now.state.failure) == (0, "")


def test_pauses_grow_to_an_hour() -> None:
    assert [rules.pause(n, None) // SECOND for n in (1, 2, 3, 8, 100)] == [30, 60, 120, 3600, 3600]
    assert rules.pause(1, 900.0) == 900 * SECOND
    assert rules.pause(9, 0.0) == SECOND


def test_one_call_in_four_fails_and_the_server_restarts_and_nothing_is_lost_or_doubled(graph: Connected) -> None:
    faults = ("before", "limit", "after")
    graph.stand_in.fault = lambda n: faults[n // 4 % 3] if n % 4 == 0 else ""
    for number in range(40):
        graph.put(number, minutes=-100 + number)
    for turn in range(60):
        graph.later(3600)
        if turn % 3 == 0:
            graph.restarted()
        if len(graph.detections()) == 40 and not graph.now.state.next_link:
            break
    assert sorted(graph.detections()) == sorted(graph.stand_in.alerts)
    assert graph.now.state.failures == 0


def test_a_token_that_was_withdrawn_is_asked_for_again(graph: Connected) -> None:
    graph.put(1, minutes=-5)
    assert graph.later() == 1
    graph.stand_in.token = "token-2"
    graph.put(2)
    assert graph.later() >= 1
    assert graph.stand_in.tokens == 2
    graph.stand_in.secret = "another"  # type: ignore[misc]
    graph.stand_in.token = "token-3"
    graph.later()
    assert "401" in graph.now.state.failure
    assert graph.stand_in.secret not in graph.now.state.failure


def test_a_next_page_elsewhere_is_not_followed(graph: Connected) -> None:
    graph.stand_in.link_to = "http://127.0.0.1:9"
    for number in range(5):
        graph.put(number, minutes=-10)
    assert graph.later() == 3
    assert "another address" in graph.now.state.failure
    assert graph.now.state.next_link == ""  # the next walk begins anew
    graph.stand_in.link_to = ""
    graph.later(3600)
    assert len(graph.detections()) == 5


def test_its_age_is_told(graph: Connected) -> None:
    graph.later()
    state, created = graph.now.state, graph.made.created_at
    assert not rules.is_stale(state, created, graph.world.clock.at)
    assert rules.is_stale(state, created, graph.world.clock.at + rules.STALE_AFTER + 1)
    assert rules.is_stale(PullState(), created, created + rules.STALE_AFTER + 1)


def test_what_is_off_is_not_asked_and_goes_on_where_it_was(graph: Connected) -> None:
    workflows.switch_detection_pull(graph.world.database, ACTOR, graph.made.id, False, graph.world.clock.at)
    graph.later()
    assert graph.stand_in.requests == 0
    workflows.switch_detection_pull(graph.world.database, ACTOR, graph.made.id, True, graph.world.clock.at)
    graph.put(1, minutes=-1)
    assert graph.later() == 1
    workflows.remove_detection_pull(graph.world.database, ACTOR, graph.made.id, graph.world.clock.at)
    assert graph.later() == 0
    assert len(graph.detections()) == 1


def test_connections_are_checked(graph: Connected) -> None:
    def add(name: str, kind: str = "graph", **values: str) -> None:
        whole = {"tenant": "t", "client_id": "c", "client_secret": "s", **values}
        workflows.add_detection_pull(graph.world.database, graph.vault, ACTOR, name, kind, whole, 0)

    with pytest.raises(Conflict):
        add("tenant")
    with pytest.raises(InvalidField, match="there are"):
        add("x", kind="other")
    with pytest.raises(InvalidField, match="needs https"):
        add("x", url="http://graph.example.org")
    with pytest.raises(InvalidField, match="no setting"):
        add("x", tennant="t")


def test_a_trial_tells_what_would_come_and_keeps_nothing(graph: Connected) -> None:
    graph.put(1)
    told = workflows.try_detection_pull(graph.world.database, graph.vault, ACTOR, graph.made.id, graph.world.clock.at)
    assert (told.is_good, told.alerts, told.is_more, told.failure) == (True, 1, False, "")
    assert graph.detections() == {}
    assert graph.now.state == graph.made.state
