"""A feed server that misbehaves, over real HTTP on loopback: the last good copy stays, and the reason is told."""

from __future__ import annotations

import gzip
import http.server
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.feedserver import NO_TLS
from weakspot.intel.sources.fetching import Fetched, Fetcher, Remote
from weakspot.intel.sources.msrc.encodings import load
from weakspot.intel.sources.osv.reader import OsvReader
from weakspot.intel.sources.patience import Limits
from weakspot.runtime.errors import SourceUnavailable

Answer = Callable[["Handler"], None]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the test says."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append(dict(self.headers))
        self.server.answers.pop(0)(self) if len(self.server.answers) > 1 else self.server.answers[0](self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def give(self, body: bytes, status: int = 200, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    """A server with a list of answers; the last one is repeated."""

    daemon_threads = True
    answers: list[Answer]
    seen: list[dict[str, str]]


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server(("127.0.0.1", 0), Handler)
    found.answers, found.seen = [], []
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


def archive(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in entries.items():
            file.writestr(f"{name}.json", body)
    return out.getvalue()


GOOD = archive(a=json.dumps({"id": "CVE-2024-1111"}).encode())


class Feed:
    """One file of one server, and the pauses that were asked for."""

    def __init__(self, server: Server, folder: Path, place: str = "osv/PyPI/all.zip", max_bytes: int = 1 << 20) -> None:
        self.folder, self.pauses = folder, list[float]()
        self.remote = Remote(f"http://127.0.0.1:{server.server_port}/{place}", place, max_bytes)
        self.fetcher = Fetcher(
            folder,
            limits=Limits(silence_seconds=0.5, total_seconds=5, attempts=3),
            sleep=self.pauses.append,
            jitter=lambda: 0.5,
        )

    def fetch(self) -> Fetched:
        (outcome,) = self.fetcher.fetch([self.remote], lambda *_: None)
        return outcome

    @property
    def path(self) -> Path:
        return self.folder / self.remote.path


@pytest.fixture
def feed(server: Server, tmp_path: Path) -> Iterator[Feed]:
    found = Feed(server, tmp_path)
    yield found
    found.fetcher.close()


def test_the_second_request_is_conditional(server: Server, feed: Feed) -> None:
    server.answers = [
        lambda h: h.give(GOOD, ETag='"1"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT"),
        lambda h: h.give(b"", 304),
    ]
    assert feed.fetch().status == "changed"
    assert feed.fetch().status == "unchanged"
    assert server.seen[1]["If-None-Match"] == '"1"'
    assert "If-Modified-Since" in server.seen[1]
    feed.path.unlink()
    server.answers = [lambda h: h.give(GOOD)]
    assert feed.fetch().status == "changed"
    assert "If-None-Match" not in server.seen[2]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_faults_that_may_pass_are_tried_again(server: Server, feed: Feed, status: int) -> None:
    server.answers = [
        lambda h: h.give(b"", status, Retry_After="7"),
        lambda h: h.give(b"", status),
        lambda h: h.give(GOOD),
    ]
    assert feed.fetch().status == "changed"
    assert feed.pauses == [7.0, 2.0]


def test_a_server_that_stays_broken_is_told_and_the_last_good_copy_stays(server: Server, feed: Feed) -> None:
    server.answers = [lambda h: h.give(GOOD)]
    feed.fetch()
    server.answers = [lambda h: h.give(b"no", 500)]
    outcome = feed.fetch()
    assert outcome.status == "failed"
    assert "500" in outcome.reason
    assert feed.path.read_bytes() == GOOD


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda h: h.give(GOOD[:-40]), "not a whole zip"),
        (lambda h: h.give(b"<html>sign in</html>", Content_Type="text/html"), "not a whole zip"),
        (lambda h: h.give(b"", 404), "404"),
        (lambda h: h.give(b"", 200, 1 << 30), "at most"),
        (lambda h: h.give(gzip.compress(GOOD), Content_Encoding="gzip"), "encoding"),
    ],
)
def test_bad_answers_never_replace_a_good_copy(server: Server, feed: Feed, answer: Answer, reason: str) -> None:
    server.answers = [lambda h: h.give(GOOD)]
    feed.fetch()
    server.answers = [answer]
    outcome = feed.fetch()
    assert (outcome.status, reason in outcome.reason) == ("failed", True), outcome
    assert feed.path.read_bytes() == GOOD
    assert [path.name for path in feed.path.parent.iterdir()] == ["all.zip"]


def test_an_answer_that_is_cut_off_is_tried_again(server: Server, feed: Feed) -> None:
    def cut(handler: Handler) -> None:
        handler.give(GOOD[:50], length=len(GOOD))
        handler.close_connection = True

    server.answers = [cut, lambda h: h.give(GOOD)]
    assert feed.fetch().status == "changed"
    assert feed.path.read_bytes() == GOOD


def test_a_server_that_falls_silent_is_given_up(server: Server, feed: Feed) -> None:
    release = threading.Event()

    def stall(handler: Handler) -> None:
        handler.give(GOOD[:10], length=len(GOOD))
        handler.wfile.flush()
        release.wait(10)

    server.answers = [stall]
    outcome = feed.fetch()
    release.set()
    assert outcome.status == "failed"
    assert "ReadTimeout" in outcome.reason
    assert not feed.path.exists()


def test_a_server_that_dribbles_is_given_up(server: Server, tmp_path: Path) -> None:
    def dribble(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        try:
            for _ in range(400):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                threading.Event().wait(0.02)
        except OSError:
            return

    server.answers = [dribble]
    feed = Feed(server, tmp_path)
    feed.fetcher.close()
    limits = Limits(silence_seconds=1, total_seconds=0.1, attempts=1)
    fetcher = Fetcher(tmp_path, limits=limits, verify=NO_TLS)
    (outcome,) = fetcher.fetch([feed.remote], lambda *_: None)
    fetcher.close()
    assert "too slow" in outcome.reason
    assert list(feed.path.parent.iterdir()) == []


def test_an_entry_with_a_wrong_checksum_is_refused_and_the_others_count(tmp_path: Path) -> None:
    body = archive(bad=b'{"id": "CVE-2024-1111"}', good=b'{"id": "CVE-2024-2222"}')
    place = body.index(b"bad.json") + len(b"bad.json")
    (tmp_path / "PyPI").mkdir()
    (tmp_path / "PyPI" / "all.zip").write_bytes(body[:place] + b"\xff" + body[place + 1 :])
    reader = OsvReader(tmp_path)
    (part,) = reader.parts()
    refused, good = reader.read(part, lambda *_: True)
    assert "cannot be unpacked" in refused.reason  # type: ignore[union-attr]
    assert good.record_id == "CVE-2024-2222"  # type: ignore[union-attr]


def test_a_gzip_file_with_a_wrong_checksum_never_replaces_a_good_one(server: Server, tmp_path: Path) -> None:
    feed = Feed(server, tmp_path, "kev/known.json.gz")
    good = gzip.compress(b'{"vulnerabilities": []}')
    server.answers = [lambda h: h.give(good)]
    assert feed.fetch().status == "changed"
    server.answers = [lambda h: h.give(good[:-8] + b"\0" * 8)]
    outcome = feed.fetch()
    feed.fetcher.close()
    assert (outcome.status, "damaged" in outcome.reason) == ("failed", True), outcome
    assert feed.path.read_bytes() == good


def test_an_endless_answer_is_stopped(server: Server, tmp_path: Path) -> None:
    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
        except OSError:
            return

    server.answers = [endless]
    feed = Feed(server, tmp_path, max_bytes=300_000)
    assert "more than 300000 bytes" in feed.fetch().reason
    feed.fetcher.close()


def test_a_host_that_cannot_be_reached_is_not_asked_for_every_file(tmp_path: Path) -> None:
    asked: list[str] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        raise httpx.ConnectError("refused", request=request)

    fetcher = Fetcher(tmp_path, transport=httpx.MockTransport(refuse), sleep=lambda _: None)
    remotes = [Remote(f"https://feed.example/{n}", f"x/{n}.json") for n in range(10)]
    outcomes = fetcher.fetch(remotes, lambda *_: None)
    first = len(asked)
    assert first < 4
    assert {outcome.status for outcome in outcomes} == {"failed"}
    assert all(outcome.reason for outcome in outcomes)
    fetcher.fetch(remotes, lambda *_: None)
    assert len(asked) == first


def test_a_zip_bomb_is_refused_entry_by_entry(tmp_path: Path) -> None:
    folder = tmp_path / "PyPI"
    folder.mkdir()
    (folder / "all.zip").write_bytes(archive(bomb=b" " * 30_000_000, good=b'{"id": "CVE-2024-1111"}'))
    reader = OsvReader(tmp_path)
    (part,) = reader.parts()
    refused, good = reader.read(part, lambda *_: True)
    assert "times its size" in refused.reason  # type: ignore[union-attr]
    assert good.record_id == "CVE-2024-1111"  # type: ignore[union-attr]


def test_a_billion_laughs_is_refused(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    path = tmp_path / "2024-Jan.xml"
    path.write_text(laughs, "utf-8")
    with pytest.raises(SourceUnavailable, match="safely"):
        load(path)


def test_json_that_is_nested_too_deep_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "PyPI"
    folder.mkdir()
    (folder / "deep.json").write_bytes(b'{"id": "CVE-2024-1111", "affected": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    reader = OsvReader(tmp_path)
    (part,) = reader.parts()
    (refused,) = reader.read(part, lambda *_: True)
    assert "deep" in refused.reason or "format" in refused.reason  # type: ignore[union-attr]
