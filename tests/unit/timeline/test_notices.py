"""Notifications: who is told what and when, and that a message arrives once or is given up in the open."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from tests.support.world import EVERYTHING, Scope, World, advisory, debian
from tests.unit.queries.fleet import MEDIUM
from tests.unit.timeline.test_following import EXIM, OPENSSL, Feed
from weakspot.intel.contracts import EvidenceRecord
from weakspot.runtime.clock import SECOND
from weakspot.runtime.errors import Conflict, Forbidden, InvalidField, NotFound
from weakspot.runtime.vault import Vault
from weakspot.timeline import notices
from weakspot.timeline.notices import sending
from weakspot.timeline.notices.contracts import Message, NewRule, Rule
from weakspot.timeline.notices.sending import SendBusy, SendRefused

HOOK = {"url": "https://hooks.example/x", "secret": "0123456789abcdef"}
NEW = NewRule(name="new", channel_id=1, events=("new_vulnerability",))


class Sent:
    """A sender that remembers, and fails as told."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, Message]] = []
        self.failures: list[Exception] = []

    def make(self, _: str, settings: Mapping[str, str], secrets: Mapping[str, str]) -> Sent:
        assert secrets == {"secret": HOOK["secret"]}
        return self

    def send(self, key: str, message: Message) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.messages.append((key, message))


class Notifying:
    """A feed with rules."""

    def __init__(self, world: World, folder: Path) -> None:
        self.feed = Feed(world)
        self.world = world
        self.vault = Vault(folder)
        self.out = Sent()
        self.write(lambda conn: notices.add_channel(conn, self.vault, "hook", "webhook", HOOK, world.clock.at))

    def write(self, unit: Any) -> Any:
        return self.world.database.write(unit)

    def rule(self, made: NewRule, scope: Scope = EVERYTHING) -> Rule:
        return self.write(lambda conn: notices.add_rule(conn, made, scope, "user:1:a", self.world.clock.at))

    def gather(self) -> int:
        return self.write(
            lambda conn: notices.gather(conn, self.world.clock.at, organisation="Acme", base_url="https://w.example")
        )

    def deliver(self) -> int:
        return notices.deliver(self.world.database, self.vault, self.world.clock.at, self.out.make)  # type: ignore[arg-type]


@pytest.fixture
def notifying(world: World, tmp_path: Path) -> Notifying:
    return Notifying(world, tmp_path)


def test_a_new_vulnerability_is_told_once_with_facts_and_links(notifying: Notifying) -> None:
    """spec/features.md 19: "Mail has basic event facts plus links to filtered recommendations and weaknesses pages"."""
    notifying.rule(NEW)
    notifying.feed.know("osv", OPENSSL, EXIM)
    assert (notifying.gather(), notifying.deliver(), notifying.deliver()) == (1, 1, 0)
    ((key, message),) = notifying.out.messages
    assert message.subject == "Acme: 2 events changed the risk"
    assert "A new vulnerability was found in openssl on 2 devices." in message.text
    assert "CVE-2099-0001" in message.text
    assert "https://w.example/recommendations" in message.text
    assert key.startswith("events-1-")
    assert notifying.gather() == 0


def test_there_is_no_storm_on_first_load_and_nothing_of_before(world: World, tmp_path: Path) -> None:
    """spec/features.md 19: "New recipients get only later events"."""
    notifying = Notifying(world, tmp_path)
    notifying.rule(NEW)
    notifying.feed.know("debian", OPENSSL)
    notifying.feed.know("alpine", advisory("CVE-2099-0007", debian("exim4", fixed="9")))
    assert notifying.gather() == 0
    notifying.feed.know("osv", EXIM)
    notifying.rule(msgspec.structs.replace(NEW, name="late"))
    assert notifying.gather() == 1


def test_severity_events_and_groups_decide(notifying: Notifying) -> None:
    """spec/features.md 19: "Rule: ... device groups, events"; "new vulnerability found (with severity threshold)"."""
    servers = (notifying.feed.servers,)
    notifying.rule(msgspec.structs.replace(NEW, name="critical", min_severity="Critical"))
    notifying.rule(msgspec.structs.replace(NEW, name="exploits", events=("exploit_verified",)))
    notifying.rule(msgspec.structs.replace(NEW, name="servers", group_ids=servers, include_organisation=False))
    notifying.feed.know("exploitdb", EvidenceRecord(name="CVE-2099-0009", kind="public"))
    notifying.feed.know("osv", EXIM)
    assert (notifying.gather(), notifying.deliver()) == (1, 1)
    assert notifying.out.messages[0][1].subject == "A new vulnerability was found in exim4"
    assert "on 1 device." in notifying.out.messages[0][1].text
    notifying.world.clock.forward(seconds=600)
    notifying.feed.know("exploitdb", EvidenceRecord(name="CVE-2099-0003", kind="verified"))
    assert notifying.gather() == 1


def test_what_happens_soon_after_comes_in_one_message_and_a_digest_once_a_day(notifying: Notifying) -> None:
    notifying.rule(NEW)
    notifying.rule(msgspec.structs.replace(NEW, name="daily", pace="daily"))
    notifying.feed.know("osv", OPENSSL)
    assert notifying.gather() == 2  # the digest's day is over: the feed's clock moves by days
    at = notifying.world.clock.at
    second = advisory("CVE-2099-0002", debian("exim4", fixed="9"), cvss=MEDIUM)
    notifying.world.know("osv", OPENSSL, second)
    notifying.feed.step()
    notifying.world.clock.at = at + 60 * SECOND
    assert notifying.gather() == 0
    notifying.world.clock.at = at + 301 * SECOND
    assert notifying.gather() == 1
    notifying.world.clock.forward(days=1)
    assert notifying.gather() == 1


def test_a_rule_that_is_off_tells_nothing_later(notifying: Notifying) -> None:
    off = msgspec.structs.replace(NEW, is_active=False)
    made = notifying.rule(off)
    notifying.feed.know("osv", OPENSSL)
    assert notifying.gather() == 0
    notifying.write(lambda conn: notices.change_rule(conn, made.id, NEW, EVERYTHING))
    notifying.world.clock.forward(days=1)
    assert notifying.gather() == 0


def test_who_sees_some_groups_manages_rules_about_them_alone(notifying: Notifying) -> None:
    """spec/features.md 19: "A user may manage only rules limited to their device groups"."""
    mine = Scope(frozenset({notifying.feed.servers}))
    everything = notifying.rule(NEW)
    with pytest.raises(Forbidden):
        notifying.rule(msgspec.structs.replace(NEW, name="x"), mine)
    made = notifying.rule(msgspec.structs.replace(NEW, name="x", group_ids=(notifying.feed.servers,)), mine)
    with notifying.world.read() as read:
        assert [one.id for one in notices.rules_in(read.conn, mine)] == [made.id]
    with pytest.raises(NotFound):
        notifying.write(lambda conn: notices.remove_rule(conn, everything.id, mine))


def test_a_message_that_fails_is_tried_again_and_in_the_end_given_up(notifying: Notifying) -> None:
    notifying.rule(NEW)
    notifying.feed.know("osv", OPENSSL)
    notifying.gather()
    notifying.out.failures = [SendBusy("It answered 503.", 60), SendRefused("It answered 404.")]
    assert notifying.deliver() == 0
    assert notifying.deliver() == 0
    assert len(notifying.out.failures) == 1  # not before its time
    notifying.world.clock.forward(seconds=61)
    notifying.deliver()
    with notifying.world.read() as read:
        (one,) = notices.sent(read.conn, [1], 10)
        assert (one.tries, one.is_given_up, one.failure) == (2, True, "It answered 404.")
        assert notices.channels(read.conn)[0].failure == "It answered 404."


def test_settings_are_checked_and_secrets_are_not_shown(notifying: Notifying) -> None:
    at = notifying.world.clock.at
    for kind, values in (
        ("webhook", {"url": "http://hooks.example/x", "secret": "0123456789abcdef"}), ("webhook", {"url": "https://a"}),
        ("email", {"server": "mail.example", "security": "none", "sender": "a@b.example"}), ("slack", {"server": "x"}),
    ):  # fmt: skip
        with pytest.raises(InvalidField):
            notifying.write(lambda conn, k=kind, v=values: notices.add_channel(conn, notifying.vault, "n", k, v, at))
    mail = {"server": "localhost", "security": "none", "sender": "a@b.example"}
    notifying.write(lambda conn: notices.add_channel(conn, notifying.vault, "mail", "email", mail, at))
    with pytest.raises(InvalidField, match="recipient"):
        notifying.rule(msgspec.structs.replace(NEW, channel_id=2))
    notifying.rule(NEW)
    with pytest.raises(Conflict):
        notifying.write(lambda conn: notices.remove_channel(conn, 1))
    with notifying.world.read() as read:
        assert HOOK["secret"] not in repr(notices.channels(read.conn))


def test_foreign_text_is_text_in_every_product() -> None:
    hostile = Message(subject="<!channel> [x](http://e)", text="a & <b>\n*c*", data={"rule": "r"})
    assert sending.payload("slack", hostile)["text"] == "*&lt;!channel&gt; [x](http://e)*\na &amp; &lt;b&gt;\n*c*"
    card = msgspec.json.encode(sending.payload("teams", hostile)).decode()
    assert "\\\\[x\\\\]\\\\(http" in card
    assert sending.payload("webhook", hostile)["rule"] == "r"


class _Receiver(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    answers: ClassVar[list[int]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).seen.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(type(self).answers.pop(0) if type(self).answers else 200)
        self.send_header("retry-after", "7")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    _Receiver.seen, _Receiver.answers = [], []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_webhook_is_signed_and_its_answers_understood(receiver: str) -> None:
    sender = sending.make_sender("webhook", {"url": receiver}, {"secret": HOOK["secret"]})
    message = Message(subject="s", text="t", data={})
    sender.send("key-1", message)
    headers, body = _Receiver.seen[0]
    assert headers["x-weakspot-signature"] == sending.signature(HOOK["secret"], body)
    assert headers["idempotency-key"] == "key-1"
    _Receiver.answers = [429, 503, 302, 404]
    for kind in (SendBusy, SendBusy, SendRefused, SendRefused):
        with pytest.raises(kind) as raised:
            sender.send("key-1", message)
        assert getattr(raised.value, "retry_after", 7.0) == 7.0
