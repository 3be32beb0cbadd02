from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.sensor import http_support
from tests.unit.sensor.support import KEY, body, item, make_journal
from weakspot_sensor import delivery, limits
from weakspot_sensor.errors import RevokedError, UnreachableError
from weakspot_sensor.journal import Journal
from weakspot_sensor.storage import Storage
from weakspot_sensor.transport import Client, Server


@pytest.fixture
def loopback() -> Iterator[http_support.LoopbackServer]:
    with http_support.running() as server:
        yield server


@pytest.fixture
def client(loopback: http_support.LoopbackServer) -> Client:
    return Client(Server(loopback.url), KEY)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    journal = make_journal(Storage(str(tmp_path / "state")))
    journal.record(body(item("a"), item("b")))
    return journal


@pytest.mark.parametrize("fault", ["drop after", "500", "late", "html"])
def test_a_fault_leaves_the_report_waiting_and_the_next_try_has_effect_once(
    loopback: http_support.LoopbackServer,
    client: Client,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    loopback.plan = [fault]
    with monkeypatch.context() as patch:
        if fault == "late":
            patch.setattr(limits, "ANSWER_SECONDS", 0.2)
        outcome = delivery.deliver(journal, client)
    assert not outcome.delivered
    assert not outcome.needs_full
    assert journal.waiting == 1
    assert delivery.deliver(journal, client).delivered
    assert len(loopback.model.applied) == 1
    assert journal.waiting == 0


def test_the_servers_waiting_time_is_kept(
    loopback: http_support.LoopbackServer, client: Client, journal: Journal
) -> None:
    loopback.plan, loopback.retry_after = ["500"], "17"
    assert delivery.deliver(journal, client).wait == 17.0


def test_another_inventory_on_the_server_asks_for_everything(
    loopback: http_support.LoopbackServer, client: Client, journal: Journal
) -> None:
    assert delivery.deliver(journal, client).delivered
    loopback.model.inventory = {}
    journal.record(body(item("a"), item("c")))
    outcome = delivery.deliver(journal, client)
    assert outcome.needs_full
    assert journal.needs_full
    assert journal.record(body(item("a"), item("c"))) == 3
    assert delivery.deliver(journal, client).delivered
    assert {key[1] for key in loopback.model.inventory} == {"a", "c"}


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_refused_report_is_set_aside(
    loopback: http_support.LoopbackServer, client: Client, journal: Journal, tmp_path: Path, status: int
) -> None:
    loopback.model.refuse_next = status
    assert delivery.deliver(journal, client).needs_full
    assert journal.waiting == 0
    assert len(list((tmp_path / "state/spool/refused").iterdir())) == 2


def test_a_revoked_key_ends_it_and_keeps_the_reports(
    loopback: http_support.LoopbackServer, client: Client, journal: Journal
) -> None:
    loopback.model.key = "another"
    with pytest.raises(RevokedError, match="enrol the device again"):
        delivery.deliver(journal, client)
    assert journal.waiting == 1
    with pytest.raises(RevokedError):
        delivery.heartbeat(journal, client)


def test_a_digest_that_differs_in_the_answer_to_a_delta_heals(
    loopback: http_support.LoopbackServer, client: Client, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert delivery.deliver(journal, client).delivered
    journal.record(body(item("a")))
    honest = loopback.model._accepted

    def drifted(report: dict, duplicate: bool) -> object:  # type: ignore[type-arg]
        answer = honest(report, duplicate)
        answer.document["digest"] = "0" * 64
        return answer

    monkeypatch.setattr(loopback.model, "_accepted", drifted)
    assert delivery.deliver(journal, client).needs_full
    journal.record(body(item("a")))
    # The same answer to a full report does not start an endless series of them.
    assert delivery.deliver(journal, client).delivered


def test_heartbeats_find_drift(loopback: http_support.LoopbackServer, client: Client, journal: Journal) -> None:
    assert delivery.deliver(journal, client).delivered
    assert delivery.heartbeat(journal, client) is False
    loopback.model.inventory = {}
    assert delivery.heartbeat(journal, client) is True
    assert journal.needs_full
    loopback.plan = ["500"]
    with pytest.raises(UnreachableError, match="500"):
        delivery.heartbeat(journal, client)
