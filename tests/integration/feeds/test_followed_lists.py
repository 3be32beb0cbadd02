"""CSAF providers and the CVE List by their lists of changes, against stand-ins over real HTTP."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.feedserver import NO_TLS, Asked, FeedServer, Told, feed_server
from weakspot.intel.sources import BY_NAME, csaf_following, singles
from weakspot.intel.sources.base import FetchOptions
from weakspot.intel.sources.cve5 import following
from weakspot.intel.sources.fetching import Fetched, Fetcher
from weakspot.intel.sources.patience import Limits
from weakspot.runtime.clock import from_iso

AT = from_iso("2026-03-10T00:00:00Z")


class Client:
    """Follows one source into a folder."""

    def __init__(self, source: str, server: FeedServer, folder: Path) -> None:
        self.source, self.server, self.folder = source, server, folder
        limits = Limits(silence_seconds=2, total_seconds=5, attempts=2)
        self.fetcher = Fetcher(folder, limits=limits, verify=NO_TLS, sleep=lambda _: None)
        base = server.url + ("/main.zip" if source == "cve5" else "")
        self.options = FetchOptions(today="2026-03-10", at=AT, base_urls={source: base, "cve5_raw": server.url})

    def follow(self) -> Fetched:
        found = BY_NAME[self.source].follow
        assert found is not None
        self.server.asked.clear()
        (outcome,) = found(self.fetcher, self.options, lambda *_: None)
        return outcome

    def lines(self) -> list[dict[str, Any]]:
        files = singles.kept(self.folder / self.source)
        return [json.loads(line) for path in files for line in path.read_bytes().splitlines()]


@contextmanager
def client_of(source: str, answer: Callable[[Asked], Told], folder: Path) -> Iterator[Client]:
    with feed_server(answer) as server:
        made = Client(source, server, folder)
        with closing(made.fetcher):
            yield made


class Provider:
    """A CSAF provider: documents by place, with the moment of their release."""

    def __init__(self) -> None:
        self.documents: dict[str, str] = {}
        self.broken: dict[str, Told] = {}

    def answer(self, asked: Asked) -> Told:
        place = asked.path.lstrip("/")
        if place in self.broken:
            return self.broken[place]
        if place == "changes.csv":
            newest = sorted(self.documents.items(), key=lambda item: item[1], reverse=True)
            return Told("".join(f'"{name}","{at}"\n' for name, at in newest).encode())
        if place not in self.documents:
            return Told(b"", 404)
        name = place.rpartition("/")[2].removesuffix(".json").upper()
        return Told(json.dumps({"document": {"tracking": {"id": name}, "title": self.documents[place]}}).encode())


@pytest.fixture
def provider() -> Provider:
    found = Provider()
    found.documents = {
        "2020/cve-2020-1.json": "2020-01-01T00:00:00+00:00",
        "2026/cve-2026-1.json": "2026-03-01T00:00:00+00:00",
        "2026/cve-2026-2.json": "2026-03-02T00:00:00+00:00",
    }
    return found


@pytest.fixture
def csaf(provider: Provider, tmp_path: Path) -> Iterator[Client]:
    with client_of("redhat", provider.answer, tmp_path) as made:
        yield made


def titles(client: Client) -> dict[str, str]:
    return {one["document"]["tracking"]["id"]: one["document"]["title"] for one in client.lines()}


def test_documents_of_the_last_ninety_days_come_first_and_then_what_changed(provider: Provider, csaf: Client) -> None:
    assert csaf.follow().status == "changed"
    assert titles(csaf).keys() == {"CVE-2026-1", "CVE-2026-2"}
    assert csaf.follow().status == "unchanged"
    assert csaf.server.paths() == ["/changes.csv"]
    provider.documents["2026/cve-2026-1.json"] = "2026-03-05T00:00:00+00:00"
    provider.documents["2026/cve-2026-3.json"] = "2026-03-02T00:00:00+00:00"
    assert csaf.follow().status == "changed"
    assert sorted(csaf.server.paths()[1:]) == ["/2026/cve-2026-1.json", "/2026/cve-2026-3.json"]
    assert titles(csaf)["CVE-2026-1"] == "2026-03-05T00:00:00+00:00"


def test_a_long_way_is_gone_in_steps(provider: Provider, csaf: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csaf_following, "MAX_SINGLES", 1)
    monkeypatch.setattr(csaf_following, "MAX_FILES", 2)
    provider.documents["2026/cve-2026-4.json"] = "2026-03-02T00:00:00+00:00"
    provider.documents["2026/cve-2026-5.json"] = "2026-03-03T00:00:00+00:00"
    steps = []
    while csaf.follow().status == "changed":
        steps.append(csaf.server.paths()[1:])
    assert [sorted(step) for step in steps] == [
        ["/2026/cve-2026-1.json"],
        ["/2026/cve-2026-2.json", "/2026/cve-2026-4.json"],
        ["/2026/cve-2026-5.json"],
    ]
    assert len(singles.kept(csaf.folder / "redhat")) == 1, "many files are made into one"
    assert titles(csaf).keys() == {f"CVE-2026-{n}" for n in (1, 2, 4, 5)}


def test_merging_keeps_each_document_in_its_last_state(tmp_path: Path) -> None:
    def line(name: str, title: str) -> bytes:
        return json.dumps({"document": {"tracking": {"id": name}, "title": title}}).encode() + b"\n"

    first, second = tmp_path / "changes-1.jsonl", tmp_path / "changes-2.jsonl"
    first.write_bytes(line("A", "old") + line("B", "only"))
    second.write_bytes(line("A", "new") + line("C", "only"))
    csaf_following.merge([first, second])
    assert not first.exists()
    assert second.read_bytes() == line("B", "only") + line("A", "new") + line("C", "only")


@pytest.mark.parametrize(
    ("place", "answer", "reason"),
    [
        ("changes.csv", Told(b"", 500), "500"),
        ("changes.csv", Told(b"<html>"), "no list of changes"),
        ("changes.csv", Told(b'"../../etc/passwd","2026-03-02T00:00:00Z"\n'), "no document"),
        (
            "changes.csv",
            Told(b'"2026/a.json","2026-03-01T00:00:00Z"\n"2026/b.json","2026-03-02T00:00:00Z"\n'),
            "newest first",
        ),
        ("2026/cve-2026-1.json", Told(b"", 503), "503"),
        ("2026/cve-2026-1.json", Told(b'{"document": {"tracking": {"id": "CVE-2026-7"}}}'), "another record"),
        ("2026/cve-2026-1.json", Told(b'{"document": ', length=90), "peer closed"),
    ],
)
def test_a_fault_of_the_provider_is_told_and_asked_for_again(
    provider: Provider, csaf: Client, place: str, answer: Told, reason: str
) -> None:
    provider.broken[place] = answer
    outcome = csaf.follow()
    assert (outcome.status, reason in outcome.reason) == ("failed", True), outcome
    assert "CVE-2026-1" not in titles(csaf)
    provider.broken.clear()
    assert csaf.follow().status == "changed"
    assert titles(csaf).keys() == {"CVE-2026-1", "CVE-2026-2"}


class CveList:
    """The repository: records, and a log of what changed when."""

    def __init__(self) -> None:
        self.log: list[tuple[str, list[str]]] = [
            ("2026-02-01T00:00:00.000Z", ["CVE-2025-0001"]),
            ("2026-03-01T00:00:00.000Z", ["CVE-2026-0001"]),
        ]

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/main.zip":
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as file:
                file.writestr("cvelistV5-main/cves/deltaLog.json", "[]")
                file.writestr("cvelistV5-main/cves/2026/0xxx/CVE-2026-0001.json", record("CVE-2026-0001"))
            return Told(out.getvalue())
        if asked.path == "/cves/deltaLog.json":
            body = json.dumps(
                [
                    {"fetchTime": at, "new": [{"cveId": name} for name in names], "updated": [], "error": []}
                    for at, names in reversed(self.log)
                ]
            ).encode()
            etag = f'"{len(self.log)}"'
            same = asked.headers.get("If-None-Match") == etag
            return Told(b"" if same else body, 304 if same else 200, {"ETag": etag})
        return Told(record(asked.path.rpartition("/")[2].removesuffix(".json")))


def record(name: str) -> bytes:
    return json.dumps({"cveMetadata": {"cveId": name}, "containers": {"cna": {}}}).encode()


def test_the_cve_list_comes_whole_and_then_by_its_log(tmp_path: Path) -> None:
    cves = CveList()
    with client_of("cve5", cves.answer, tmp_path) as client:
        assert client.follow().status == "changed"
        assert client.server.paths() == ["/cves/deltaLog.json", "/main.zip"]
        reader = BY_NAME["cve5"].reader(tmp_path)
        (part,) = reader.parts()
        assert [one.record_id for one in reader.read(part, lambda *_: True)] == ["CVE-2026-0001"]  # type: ignore[union-attr]

        cves.log.append(("2026-03-02T00:00:00.000Z", ["CVE-2026-12345", "CVE-2026-0002"]))
        client.follow()
        assert {"/cves/2026/12xxx/CVE-2026-12345.json", "/cves/2026/0xxx/CVE-2026-0002.json"} <= set(
            client.server.paths()
        )
        assert client.follow().status == "unchanged"
        assert client.server.paths() == ["/cves/deltaLog.json"]
        assert {one["cveMetadata"]["cveId"] for one in client.lines()} >= {"CVE-2026-12345", "CVE-2026-0002"}

        cves.log = [("2026-05-01T00:00:00.000Z", ["CVE-2026-0009"])] * 5
        assert client.follow().remote.url.endswith("main.zip")
        assert client.server.paths() == ["/cves/deltaLog.json", "/main.zip"], "the log no longer reaches back"


@pytest.mark.parametrize("body", [b"<html>", b'[{"fetchTime": "soon"}]', b'[{"fetchTime": 3}]'])
def test_a_log_that_is_none_changes_nothing(tmp_path: Path, body: bytes) -> None:
    with client_of("cve5", lambda _: Told(body), tmp_path) as client:
        outcome = client.follow()
        assert (outcome.status, "not the log of changes" in outcome.reason) == ("failed", True)
        assert not (tmp_path / "cve5").exists()


def test_only_cve_ids_have_a_place() -> None:
    assert following.place("CVE-2024-3094") == "cves/2024/3xxx/CVE-2024-3094.json"
    with pytest.raises(ValueError, match="not a CVE id"):
        following.place("../CVE-2024-3094")
