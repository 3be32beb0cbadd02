"""OSV by its list of changes, against a stand-in over real HTTP that serves archives, lists and records as OSV does."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.support.feedserver import NO_TLS, Asked, FeedServer, Told, feed_server
from weakspot.intel.sources import BY_NAME, singles
from weakspot.intel.sources.base import FetchOptions
from weakspot.intel.sources.fetching import Fetched, Fetcher
from weakspot.intel.sources.online import online_reader
from weakspot.intel.sources.osv import following
from weakspot.intel.sources.patience import Limits
from weakspot.runtime.clock import from_iso

MADE = from_iso("2026-03-01T12:00:00Z")


class Osv:
    """What the stand-in holds: records by id with the moment of their change."""

    def __init__(self) -> None:
        self.records: dict[str, str] = {}
        self.packed: dict[str, str] = {}
        self.broken: dict[str, Told] = {}
        self.listing: bytes | None = None

    def put(self, record_id: str, modified: str) -> None:
        self.records[record_id] = modified

    def pack(self) -> None:
        """Make the archive of what is there now."""
        self.packed = dict(self.records)

    def answer(self, asked: Asked) -> Told:
        name = asked.path.rpartition("/")[2]
        if asked.path in self.broken:
            return self.broken[asked.path]
        if name == "all.zip":
            return Told(self._archive(), headers={"Last-Modified": formatdate(MADE / 1e6, usegmt=True)})
        if name == "modified_id.csv":
            newest = sorted(self.records.items(), key=lambda item: (item[1], item[0]), reverse=True)
            lines = "".join(f"{moment},{record_id}\n" for record_id, moment in newest)
            return Told(lines.encode() if self.listing is None else self.listing)
        record_id = name.removesuffix(".json")
        return Told(document(record_id, self.records[record_id])) if record_id in self.records else Told(b"", 404)

    def _archive(self) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as file:
            for record_id, modified in self.packed.items():
                file.writestr(f"{record_id}.json", document(record_id, modified))
        return out.getvalue()


def document(record_id: str, modified: str) -> bytes:
    return json.dumps({"id": record_id, "modified": modified, "summary": f"as of {modified}"}, indent=2).encode()


class Client:
    """Follows one ecosystem into a folder."""

    def __init__(self, server: FeedServer, folder: Path) -> None:
        self.folder, self.server = folder, server
        limits = Limits(silence_seconds=2, total_seconds=5, attempts=2)
        self.fetcher = Fetcher(folder, limits=limits, verify=NO_TLS, sleep=lambda _: None)
        self.options = FetchOptions(today="2026-03-02", ecosystems=("PyPI",), base_urls={"osv": server.url})

    def follow(self) -> Fetched:
        source = BY_NAME["osv"]
        assert source.follow is not None
        (outcome,) = source.follow(self.fetcher, self.options, lambda *_: None)
        return outcome

    def titles(self) -> dict[str, str]:
        """Record -> title; later files win, as they do when a run reads them."""
        reader = BY_NAME["osv"].reader(self.folder)
        records = [record for part in reader.parts() for record in reader.read(part, lambda *_: True)]
        return {record.record_id: record.title for record in records}  # type: ignore[union-attr]


@pytest.fixture
def osv() -> Osv:
    found = Osv()
    found.put("PYSEC-2026-1", "2026-02-01T00:00:00Z")
    found.put("PYSEC-2026-2", "2026-02-02T00:00:00Z")
    found.pack()
    return found


@pytest.fixture
def client(osv: Osv, tmp_path: Path) -> Iterator[Client]:
    with feed_server(osv.answer) as server:
        found = Client(server, tmp_path)
        yield found
        found.fetcher.close()


def test_the_first_run_takes_the_archive_and_the_next_only_what_changed(osv: Osv, client: Client) -> None:
    assert client.follow().status == "changed"
    assert client.server.paths() == ["/PyPI/all.zip"]
    assert client.follow().status == "unchanged"
    assert client.server.paths() == ["/PyPI/modified_id.csv"]

    osv.put("PYSEC-2026-2", "2026-03-02T10:00:00.5Z")
    osv.put("PYSEC-2026-3", "2026-03-02T11:00:00Z")
    assert client.follow().status == "changed"
    asked = client.server.paths()
    assert asked[0] == "/PyPI/modified_id.csv"
    assert sorted(asked[1:]) == ["/PyPI/PYSEC-2026-2.json", "/PyPI/PYSEC-2026-3.json"]
    assert client.titles() == {
        "PYSEC-2026-1": "as of 2026-02-01T00:00:00Z",
        "PYSEC-2026-2": "as of 2026-03-02T10:00:00.5Z",
        "PYSEC-2026-3": "as of 2026-03-02T11:00:00Z",
    }
    assert client.follow().status == "unchanged"
    assert client.server.paths() == ["/PyPI/modified_id.csv"]


def test_two_changes_at_the_moment_of_the_cursor_are_both_seen(osv: Osv, client: Client) -> None:
    client.follow()
    osv.put("PYSEC-2026-3", "2026-03-02T11:00:00Z")
    client.follow()
    osv.put("PYSEC-2026-4", "2026-03-02T11:00:00Z")
    client.server.paths()
    assert client.follow().status == "changed"
    assert client.server.paths() == ["/PyPI/modified_id.csv", "/PyPI/PYSEC-2026-4.json"]


def test_what_changed_shortly_before_the_archive_was_made_is_asked_for_again(osv: Osv, client: Client) -> None:
    osv.put("PYSEC-2026-9", "2026-03-01T11:00:00Z")
    client.follow()
    assert "PYSEC-2026-9" not in client.titles()
    client.follow()
    assert "PYSEC-2026-9" in client.titles()


def test_too_many_changes_are_an_archive(osv: Osv, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MAX_SINGLES", 3)
    client.follow()
    for number in range(5):
        osv.put(f"PYSEC-2026-{100 + number}", f"2026-03-02T0{number}:00:00Z")
    client.server.paths()
    client.follow()
    assert client.server.paths() == ["/PyPI/modified_id.csv", "/PyPI/all.zip"]


def test_a_record_that_fails_is_asked_for_again_and_the_others_count(osv: Osv, client: Client) -> None:
    client.follow()
    osv.put("PYSEC-2026-3", "2026-03-02T11:00:00Z")
    osv.put("PYSEC-2026-4", "2026-03-02T12:00:00Z")
    osv.broken["/PyPI/PYSEC-2026-3.json"] = Told(b"", 503)
    outcome = client.follow()
    assert outcome.status == "failed"
    assert "1 of 2 changed records could not be fetched" in outcome.reason
    assert "503" in outcome.reason
    assert "PYSEC-2026-4" in client.titles()
    osv.broken.clear()
    assert client.follow().status == "changed"
    assert {"PYSEC-2026-3", "PYSEC-2026-4"} <= client.titles().keys()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Told(b"<html>sign in</html>"), "is not a record of its kind"),
        (Told(document("PYSEC-2026-1", "2026-03-02T11:00:00Z")), "another record"),
        (Told(document("PYSEC-2026-3", "2026-03-02T11:00:00Z")[:20], length=90), "peer closed"),
        (Told(b'{"id": "PYSEC-2026-3", "details": "' + b"x" * 3_000 + b'"}'), "more than 2000 bytes"),
        (Told(b"", 404), "404"),
    ],
)
def test_a_wrong_record_is_never_taken(
    osv: Osv, client: Client, monkeypatch: pytest.MonkeyPatch, answer: Told, reason: str
) -> None:
    monkeypatch.setattr(singles, "MAX_BYTES", 2_000)
    client.follow()
    osv.put("PYSEC-2026-3", "2026-03-02T11:00:00Z")
    osv.broken["/PyPI/PYSEC-2026-3.json"] = answer
    outcome = client.follow()
    assert (outcome.status, reason in outcome.reason) == ("failed", True), outcome
    assert client.titles().keys() == {"PYSEC-2026-1", "PYSEC-2026-2"}


@pytest.mark.parametrize(
    "listing",
    [
        b"2026-03-02T11:00:00Z,PYSEC-2026-3\n2026-03-02T12:00:00Z,PYSEC-2026-4\n",
        b"2026-03-02T11:00:00Z,../../etc/passwd\n",
        b"no list at all\n",
        b"",
    ],
)
def test_a_list_that_cannot_be_trusted_is_an_archive(osv: Osv, client: Client, listing: bytes) -> None:
    client.follow()
    osv.listing = listing
    client.server.paths()
    client.follow()
    assert client.server.paths() == ["/PyPI/modified_id.csv", "/PyPI/all.zip"]


def test_a_list_that_fails_leaves_all_as_it_was(osv: Osv, client: Client) -> None:
    client.follow()
    before = client.titles()
    osv.broken["/PyPI/modified_id.csv"] = Told(b"", 500)
    outcome = client.follow()
    assert (outcome.status, "500" in outcome.reason) == ("failed", True)
    assert client.titles() == before
    with pytest.raises(Exception, match="500"):
        online_reader("osv", client.folder, client.fetcher, client.options, lambda *_: None)


def test_files_of_changes_go_when_an_archive_is_newer(
    osv: Osv, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.follow()
    osv.put("PYSEC-2026-0", "2026-03-01T05:00:00Z")
    osv.put("PYSEC-2026-3", "2026-03-02T11:00:00Z")
    (client.folder / "osv/PyPI" / f"changes-{MADE - following.ARCHIVE_LAG}.jsonl").write_bytes(
        document("PYSEC-2026-0", "2026-03-01T05:00:00Z").replace(b"\n", b"") + b"\n"
    )
    client.follow()
    osv.pack()
    monkeypatch.setattr(following, "MAX_FILES", 2)
    client.follow()
    assert [path.name for path in (client.folder / "osv/PyPI").glob("changes-*")] == [
        f"changes-{from_iso('2026-03-02T11:00:00Z')}.jsonl"
    ]
