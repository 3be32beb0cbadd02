"""Live changes: what a stream tells, to whom, and when it ends."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.served import Served
from weakspot import access, exceptions, posture, remediation
from weakspot.api import streaming
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY

EVENTS = "/api/v1/events"
ROOT = access.internal_caller("test")


def last_seq(served: Served) -> int:
    with served.application.database.read() as connection:
        return changes.last_seq(connection)


def move(served: Served, device_id: str, group_id: int) -> None:
    """Put a device into a group, as a decision would."""
    import sqlalchemy as sa

    from weakspot import inventory
    from weakspot.inventory.tables import device_decision, device_group

    def unit(conn: sa.Connection) -> None:
        if conn.execute(sa.select(device_group.c.id).where(device_group.c.id == group_id)).first() is None:
            values = {"id": group_id, "name": f"group {group_id}", "rank": group_id, "rule": b"{}"}
            conn.execute(device_group.insert().values(values))
        number = inventory.device_id_of(conn, device_id)
        assert number is not None
        conn.execute(device_decision.update().where(device_decision.c.device_id == number).values(group_id=group_id))
        changes.append(conn, served.clock(), inventory.FACTS_CHANGED, {"device_id": number})

    served.application.database.write(unit)


def test_a_report_is_told_and_can_be_fetched_at_once(own: Served) -> None:
    sensor = own.enrol()
    own.settle()
    with own.client.stream(EVENTS, own.admin) as stream:
        assert stream.status == 200
        assert stream.block().startswith("retry: 2000\nid: ")
        sensor.report(("bash", "5.2.15-2"))
        while True:
            event, data, seq = stream.event()
            assert event == "changed"
            assert data["devices"] == [sensor.device_id]
            assert data["topics"] == ["dashboard", "devices", "software", "weaknesses"]
            if seq == last_seq(own):
                break
        assert own.call("GET", "/api/v1/devices").json["items"][0]["software"] == 1


@pytest.mark.parametrize(
    ("kind", "topics"),
    [
        (exceptions.CHANGED, ["checks", "dashboard", "devices", "exceptions", "software", "weaknesses"]),
        (remediation.CHANGED, ["remediation"]),
        (posture.CHECKS_CHANGED, ["checks"]),
    ],
)
def test_what_people_decide_is_told_without_saying_what(own: Served, kind: str, topics: list[str]) -> None:
    own.settle()
    with own.client.stream(EVENTS, own.admin) as stream:
        stream.block()
        payload = {"what": "made", "subject_kind": "vulnerability", "subject": "CVE-2099-0001"}
        own.application.database.write(lambda conn: changes.append(conn, own.clock(), kind, payload))
        event, data, _ = stream.event()
    assert (event, data["topics"], data["devices"]) == ("changed", topics, [])


def test_a_stream_begins_after_what_nobody_heard(own: Served) -> None:
    sensor = own.enrol()
    move(own, sensor.device_id, 5)
    own.settle()
    position = last_seq(own)
    with own.client.stream(EVENTS, own.token(groups=[5])) as stream:
        assert int(stream.block().rpartition("id: ")[2]) >= position
        move(own, sensor.device_id, 6)
        event, data, _ = stream.event()
        assert (event, data["removed"]) == ("changed", [sensor.device_id])


def test_a_stream_resumes_where_it_ended(own: Served) -> None:
    sensor = own.enrol()
    own.settle()
    position = own.call("GET", "/api/v1/devices").headers["weakspot-seq"]
    with own.client.stream(EVENTS, own.admin) as stream:  # until it is told, what follows is not missed but to come
        sensor.report(("bash", "5.2.15-2"))
        while sensor.device_id not in stream.event()[1].get("devices", ()):
            pass
    for target, headers in ((EVENTS, {"last-event-id": position}), (f"{EVENTS}?since={position}", {})):
        with own.client.stream(target, {**own.admin, **headers}) as stream:
            event, data, _ = stream.event()
            assert (event, data["devices"]) == ("changed", [sensor.device_id])


@pytest.mark.parametrize("position", ["999999", "-1", "x", "0" * 30])
def test_an_impossible_position_fetches_everything_again(own: Served, position: str) -> None:
    with own.client.stream(EVENTS, {**own.admin, "last-event-id": position}) as stream:
        assert stream.event()[0] == "reset"


def test_a_position_that_was_pruned_fetches_everything_again(own: Served) -> None:
    own.enrol().report(("bash", "5.2.15-2"))
    own.application.database.write(lambda conn: changes.prune(conn, last_seq(own)))
    with own.client.stream(EVENTS, {**own.admin, "last-event-id": "0"}) as stream:
        assert stream.event()[0] == "reset"


def test_other_groups_are_silent_and_leaving_is_told(own: Served) -> None:
    inside, outside = own.enrol("inside"), own.enrol("outside")
    move(own, inside.device_id, 5)
    own.settle()
    scoped = own.token(groups=[5])
    with own.client.stream(EVENTS, scoped) as stream:
        stream.block()
        outside.report(("bash", "5.2.15-2"))
        inside.report(("bash", "5.2.15-2"))
        event, data, _ = stream.event()
        assert (event, data["devices"], data.get("removed")) == ("changed", [inside.device_id], None)
        move(own, inside.device_id, 6)
        while not data.get("removed"):
            event, data, _ = stream.event()
        assert (data["devices"], data["removed"]) == ([], [inside.device_id])
        move(own, outside.device_id, 5)
        event, data, _ = stream.event()
        assert (event, data["devices"]) == ("changed", [outside.device_id])


def test_a_scoped_stream_that_missed_a_move_fetches_everything_again(own: Served) -> None:
    sensor = own.enrol()
    move(own, sensor.device_id, 5)
    own.settle()
    position = last_seq(own)
    scoped = own.token(groups=[5])
    move(own, sensor.device_id, 6)
    own.settle()
    with own.client.stream(EVENTS, {**scoped, "last-event-id": str(position)}) as stream:
        event, data, _ = stream.event()
        # The hub may not have passed the move yet; then it is told as it happens, and nothing was missed.
        assert event == "reset" or data["removed"] == [sensor.device_id]


def test_the_stream_ends_with_its_session(own: Served) -> None:
    headers = own.sign_in()
    with own.client.stream(EVENTS, headers) as stream:
        stream.block()
        assert own.client.request("DELETE", "/api/v1/session", headers=headers).status == 204
        assert stream.event()[0] == "closed"
        assert stream.block() == ""
    assert own.application.hub.open_streams == 0


def test_a_changed_scope_starts_over_and_a_changed_role_ends(own: Served) -> None:
    database, now = own.application.database, own.clock()
    access.create_user(database, ROOT, "Ada", "reader", frozenset({5}), now)
    sensor = own.enrol()
    with own.client.stream(EVENTS, own.sign_in("Ada")) as stream:
        stream.block()
        access.set_user_scope(database, ROOT, "Ada", frozenset({1}), now)
        assert stream.event()[0] == "reset"
        sensor.report(("bash", "5.2.15-2"))
        assert stream.event()[1]["devices"] == [sensor.device_id]
        access.set_user_role(database, ROOT, "Ada", "administrator", now)
        assert stream.event()[0] == "closed"


def test_a_revoked_token_ends_its_stream(own: Served) -> None:
    made = own.call("POST", "/api/v1/admin/api-tokens", {"name": "t"}).json
    with own.client.stream(EVENTS, {"authorization": f"Bearer {made['token']}"}) as stream:
        stream.block()
        access.revoke_api_token(own.application.database, ROOT, made["id"], own.clock())
        assert stream.event()[0] == "closed"


def test_keep_alives_notice_what_expired(own: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "KEEP_ALIVE_SECONDS", 0.05)
    headers = own.sign_in()
    with own.client.stream(EVENTS, headers) as stream:
        stream.block()
        assert stream.block().endswith(": still here")
        own.clock.forward(8 * DAY / 1_000_000)
        while (block := stream.block()).endswith(": still here"):
            pass
        assert block == "event: closed\ndata: {}"


def test_streams_are_limited_for_each_user(own: Served) -> None:
    token, other = own.token(), own.token()
    open_streams = [own.client.stream(EVENTS, token) for _ in range(8)]
    for stream in open_streams:
        assert stream.__enter__().status == 200
    refused = own.client.get(EVENTS, **token)
    assert refused.status == 429
    assert refused.headers["retry-after"] == "30"
    with own.client.stream(EVENTS, other) as stream:
        assert stream.status == 200
    for stream in open_streams:
        stream.__exit__(None, None, None)
    with own.client.stream(EVENTS, token) as stream:
        assert stream.status == 200


def test_a_slow_reader_gets_one_merged_event(own: Served) -> None:
    sensors = [own.enrol(f"host{number}") for number in range(3)]
    own.settle()
    subscriber = own.client.run(own.application.hub.subscribe(ROOT, lambda: ROOT, None))
    for sensor in sensors:
        sensor.report(("bash", "5.2.15-2"))
    position = last_seq(own)
    while subscriber._seq < position:
        own.client.run(subscriber.wait(5))
    text = own.client.run(_taken(subscriber))
    assert text.count(b"event:") == 1
    assert all(sensor.device_id.encode() in text for sensor in sensors)


async def _taken(subscriber: streaming.Subscriber) -> bytes:
    return subscriber.take()


def test_streams_end_though_something_is_committed_at_that_moment(own: Served) -> None:
    """Both come in one turn of the loop, where the end must not be lost."""
    own.settle()
    hub = own.application.hub

    async def end() -> None:
        await asyncio.sleep(0)
        hub._committed.set()
        async with asyncio.timeout(5) as patience:
            await hub.close()
        assert not patience.expired()

    own.client.run(end())
