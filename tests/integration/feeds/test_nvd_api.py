"""NVD's API 2.0 against a stand-in over real HTTP that pages, throttles and errs as NVD does."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.feedserver import NO_TLS, Asked, FeedServer, Told, feed_server
from weakspot.intel.contracts import AdvisoryRecord
from weakspot.intel.sources import BY_NAME
from weakspot.intel.sources.base import FetchOptions
from weakspot.intel.sources.fetching import Fetched, Fetcher
from weakspot.intel.sources.nvd import api
from weakspot.intel.sources.patience import Limits
from weakspot.runtime.clock import DAY, Micros, from_iso

START = from_iso("2003-01-01T00:00:00Z")
KEY = "00000000-1111-2222-3333-444444444444"
API = "/rest/json/cves/2.0"


def item(name: str, modified: str) -> dict[str, Any]:
    texts = [{"lang": "en", "value": f"as of {modified}"}]
    return {
        "cve": {"id": name, "published": "2002-01-01T00:00:00.000", "lastModified": modified, "descriptions": texts}
    }


class Nvd:
    """Feeds of 2002 and 2003 with one record, and the API over ``records``."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str]] = []
        self.next: list[Told | dict[str, Any]] = []
        """Answers of the API instead of the true ones; a dict is laid over a true page."""

    def answer(self, asked: Asked) -> Told:
        if asked.path != API:
            feed = {
                "vulnerabilities": [item("CVE-2002-0001", "2002-06-01T00:00:00.000")] if "2002" in asked.path else []
            }
            return Told(gzip.compress(json.dumps(feed).encode(), mtime=0))
        instead = self.next.pop(0) if self.next else {}
        if isinstance(instead, Told):
            return instead
        start, end = (dt.datetime.fromisoformat(asked.query[f"lastMod{side}Date"]) for side in ("Start", "End"))
        size, first = int(asked.query["resultsPerPage"]), int(asked.query["startIndex"])
        if end - start > dt.timedelta(days=120):
            return Told(b"", 404, {"message": "Invalid date range."})
        found = [one for one in self.records if start <= dt.datetime.fromisoformat(one[1] + "+00:00") <= end]
        page = found[first : first + size]
        body: dict[str, Any] = {
            "resultsPerPage": len(page),
            "startIndex": first,
            "totalResults": len(found),
            "format": "NVD_CVE",
            "version": "2.0",
            "vulnerabilities": [item(*one) for one in page],
        }
        return Told(json.dumps(body | instead).encode())


class Client:
    """Follows NVD into a folder."""

    def __init__(self, server: FeedServer, folder: Path) -> None:
        self.folder, self.server = folder, server
        self.pauses: list[float] = []
        limits = Limits(silence_seconds=2, total_seconds=5, attempts=3)
        self.fetcher = Fetcher(folder, limits=limits, verify=NO_TLS, sleep=self.pauses.append, jitter=lambda: 0.5)

    def follow(self, at: Micros, key: str = "") -> list[Fetched]:
        source = BY_NAME["nvd"]
        assert source.follow is not None
        options = FetchOptions(
            today="2003-01-01",
            at=at,
            keys={"nvd": key} if key else {},
            base_urls={"nvd": self.server.url, "nvd_api": self.server.url + API},
        )
        return list(source.follow(self.fetcher, options, lambda *_: None))

    def asked(self) -> list[tuple[str, str, str]]:
        """(start, end, first) of each question to the API since this was last called; days only."""
        found = [one.query for one in self.server.asked if one.path == API]
        self.server.asked.clear()
        return [(q["lastModStartDate"][:10], q["lastModEndDate"][:10], q["startIndex"]) for q in found]

    def texts(self) -> dict[str, str]:
        """CVE -> description; later files win, as they do when a run reads them."""
        reader = BY_NAME["nvd"].reader(self.folder)
        records = [record for part in reader.parts() for record in reader.read(part, lambda *_: True)]
        assert all(isinstance(record, AdvisoryRecord) for record in records), records
        return {record.record_id: record.description for record in records}  # type: ignore[union-attr]


@pytest.fixture
def nvd() -> Nvd:
    return Nvd()


@pytest.fixture
def client(nvd: Nvd, tmp_path: Path) -> Iterator[Client]:
    with feed_server(nvd.answer) as server:
        found = Client(server, tmp_path)
        assert {one.status for one in found.follow(START)} == {"changed"}
        assert found.asked() == [], "feeds come first"
        found.pauses.clear()
        yield found
        found.fetcher.close()


def test_what_changed_comes_page_by_page(nvd: Nvd, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "PAGE", 2)
    nvd.records = [(f"CVE-2003-000{n}", f"2003-01-01T0{n}:00:00.000") for n in range(5)]
    assert [one.status for one in client.follow(START + DAY)] == ["changed"]
    assert client.asked() == [("2002-12-30", "2003-01-02", first) for first in ("0", "2", "4")]
    assert client.pauses == [6.0, 6.0], "5 requests in 30 seconds are allowed without a key"
    assert client.texts().keys() == {"CVE-2002-0001", *(name for name, _ in nvd.records)}
    assert [one.status for one in client.follow(START + 3 * DAY)] == ["unchanged"]
    assert client.asked() == [("2003-01-01", "2003-01-04", "0")]


def test_a_changed_record_takes_the_place_of_the_feeds(nvd: Nvd, client: Client) -> None:
    nvd.records = [("CVE-2002-0001", "2003-01-01T08:00:00.000")]
    client.follow(START + DAY)
    assert client.texts() == {"CVE-2002-0001": "as of 2003-01-01T08:00:00.000"}


def test_the_key_is_sent_and_allows_more(nvd: Nvd, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "PAGE", 1)
    nvd.records = [(f"CVE-2003-000{n}", "2003-01-01T00:00:00.000") for n in range(2)]
    client.follow(START + DAY, KEY)
    assert {one.headers["apiKey"] for one in client.server.asked} == {KEY}
    assert client.pauses == [0.6]
    assert not any(KEY in path.read_text("latin-1") for path in client.folder.rglob("*") if path.is_file())


def test_the_key_follows_no_redirect_and_is_in_no_text(nvd: Nvd, client: Client) -> None:
    nvd.next = [Told(b"", 302, {"Location": f"{client.server.url}/elsewhere"})]
    (failed, _) = client.follow(START + DAY, KEY)
    assert failed.status == "failed"
    assert KEY not in failed.reason
    assert "/elsewhere" not in [one.path for one in client.server.asked]


@pytest.mark.parametrize(("status", "pauses"), [(403, [30.0, 30.0]), (429, [1.0, 2.0]), (503, [1.0, 2.0])])
def test_too_fast_is_waited_for(nvd: Nvd, client: Client, status: int, pauses: list[float]) -> None:
    nvd.records = [("CVE-2003-0001", "2003-01-01T00:00:00.000")]
    nvd.next = [Told(b"", status), Told(b"", status)]
    assert [one.status for one in client.follow(START + DAY)] == ["changed"]
    assert client.pauses == pauses
    nvd.next = [Told(b"", status, {"Retry-After": "45"})]
    client.follow(START + 2 * DAY)
    assert client.pauses[-1] == 45.0


def test_a_long_absence_is_caught_up_in_windows_and_resumed(nvd: Nvd, client: Client) -> None:
    nvd.records = [("CVE-2003-0001", "2003-02-01T00:00:00.000"), ("CVE-2003-0002", "2003-11-01T00:00:00.000")]
    nvd.next = [{}, {}, Told(b"no", 500), Told(b"no", 500), Told(b"no", 500)]
    failed, recent = client.follow(START + 400 * DAY)
    assert (failed.status, "500" in failed.reason, recent.status) == ("failed", True, "unchanged")
    assert "modified" in recent.remote.path, "the feed of recent changes is asked instead"
    windows = [("2002-12-30", "2003-04-29"), ("2003-04-28", "2003-08-26"), ("2003-08-25", "2003-12-23")]
    assert [one[:2] for one in client.asked()] == [*windows, windows[2], windows[2]]
    assert "CVE-2003-0001" in client.texts()
    assert [one.status for one in client.follow(START + 400 * DAY)] == ["changed"]
    assert [one[:2] for one in client.asked()] == [windows[2], ("2003-12-22", "2004-02-05")]
    assert "CVE-2003-0002" in client.texts()


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([{"totalResults": 3}, {"totalResults": 3, "vulnerabilities": []}], "announced 3 records and gave 1"),
        ([{"startIndex": 7}], "another page"),
        ([{"vulnerabilities": [item("CVE-2003-0001", "2003-01-01T00:00:00.000")] * 2, "totalResults": 2}], "different"),
        ([{"totalResults": n} for n in (5, 6, 7, 8, 9, 10)], "another number of results"),
        ([{"totalResults": "many"}], "did not answer as the API does"),
        ([{"vulnerabilities": [{"cve": {}}]}], "without an id"),
        ([Told(b"<html>", 200)], "did not answer as the API does"),
        ([Told(b"", 404, {"message": "Invalid apiKey."})], "Invalid apiKey"),
        ([Told(b'{"startIndex": 0', length=400)] * 3, "peer closed"),
    ],
)
def test_a_wrong_answer_is_never_taken(
    nvd: Nvd, client: Client, monkeypatch: pytest.MonkeyPatch, answers: list[Any], reason: str
) -> None:
    monkeypatch.setattr(api, "PAGE", 1)
    nvd.records = [("CVE-2003-0001", "2003-01-01T00:00:00.000")]
    nvd.next = list(answers)
    failed, _ = client.follow(START + DAY)
    assert (failed.status, reason in failed.reason) == ("failed", True), failed
    assert client.texts().keys() == {"CVE-2002-0001"}
    assert not list(client.folder.glob("nvd/.*")), "half a window stays"
    nvd.next.clear()
    assert [one.status for one in client.follow(START + DAY)] == ["changed"]
    assert "CVE-2003-0001" in client.texts()


def test_records_that_move_while_they_are_read_are_read_again(
    nvd: Nvd, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PAGE", 1)
    nvd.records = [(f"CVE-2003-000{n}", "2003-01-01T00:00:00.000") for n in range(2)]
    nvd.next = [{"totalResults": 3}]
    assert [one.status for one in client.follow(START + DAY)] == ["changed"]
    assert {"CVE-2003-0000", "CVE-2003-0001"} <= client.texts().keys()


def test_after_many_windows_the_feeds_are_fetched_anew(
    nvd: Nvd, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "MAX_FILES", 1)
    nvd.records = [("CVE-2003-0001", "2003-01-01T00:00:00.000")]
    client.follow(START + DAY)
    assert list(client.folder.glob("nvd/*-api-*"))
    client.server.asked.clear()
    client.follow(START + 2 * DAY)
    assert client.asked() == []
    assert not list(client.folder.glob("nvd/*-api-*"))
