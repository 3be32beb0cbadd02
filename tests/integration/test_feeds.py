"""One new advisory file in a mirror reaches a device's list at once, and touches nothing that it does not name."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.device import RealDevice, package
from tests.support.server import ServerProcess, running
from weakspot import inventory, matching
from weakspot.matching.contracts import Match
from weakspot.runtime import changes
from weakspot.runtime.database import Database, sqlite_url
from weakspot.workflows import Services, feeds


def advisory(name: str, source: str, fixed: str) -> dict[str, Any]:
    """An advisory of our own about a Debian 12 source package, in OSV's form."""
    events = [{"introduced": "0"}, {"fixed": fixed}]
    affected = {
        "package": {"ecosystem": "Debian:12", "name": source},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    return {"id": name, "modified": "2026-01-01T00:00:00Z", "summary": f"flaw of {source}", "affected": [affected]}


def drop(mirror: Path, name: str, source: str, fixed: str = "9.0-1") -> None:
    """Put an advisory file into the mirror folder."""
    (mirror / "own").mkdir(parents=True, exist_ok=True)
    (mirror / "own" / f"{name}.json").write_text(json.dumps(advisory(name, source, fixed)), "utf-8")


def wait_until(condition: Callable[[], bool], seconds: float) -> float:
    """How long it took. Fails after ``seconds``."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - began


def matches(server: ServerProcess) -> dict[str, list[Match]]:
    """Software name -> its matches, ended ones too, read from the database file beside the running server."""
    with closing(Database(server.database_url, readers=1)) as database, database.read() as conn:
        versions = inventory.software_versions(conn, None)
        found: dict[str, list[Match]] = {version.name: [] for version in versions.values()}
        for one in matching.matches_of(conn, None, open_only=False):
            found[versions[one.software_version_id].name].append(one)
        return found


def rejudged(server: ServerProcess, after: int) -> set[str]:
    """Names of the software that followers were told about since a change."""
    with closing(Database(server.database_url, readers=1)) as database, database.read() as conn:
        versions = inventory.software_versions(conn, None)
        return {
            versions[number].name
            for change in changes.since(conn, after)
            if change.kind == matching.MATCHES_CHANGED
            for number in change.payload["software_version_ids"]
        }


def kinds(server: ServerProcess, after: int) -> set[str]:
    """Kinds of change since one; followers may tell of other things at any time."""
    with closing(Database(server.database_url, readers=1)) as database, database.read() as conn:
        return {change.kind for change in changes.since(conn, after)}


def last_seq(server: ServerProcess) -> int:
    """Newest change in the database file."""
    with closing(Database(server.database_url, readers=1)) as database, database.read() as conn:
        return changes.last_seq(conn)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, module_dialect: str) -> Iterator[ServerProcess]:
    """One server for the tests of this file, on either database."""
    with running(tmp_path_factory.mktemp("server") / "data") as found:
        yield found


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror folder with one advisory."""
    drop(tmp_path / "mirror", "TEST-2099-0001", "alpha")
    return tmp_path / "mirror"


def test_a_new_advisory_is_on_the_devices_list(server: ServerProcess, mirror: Path) -> None:
    device = RealDevice(server, "feeds")
    device.report(package("alpha-bin", source="alpha"), package("beta-bin", source="beta"), package("gamma"))
    assert [o["status"] for o in server.sync(mirror, "own")] == ["succeeded"]
    wait_until(lambda: device.weaknesses() == {"TEST-2099-0001"}, 60)
    before, seq = matches(server), last_seq(server)

    drop(mirror, "TEST-2099-0002", "beta")
    (outcome,) = server.sync(mirror, "own")
    # ``make story`` holds the two seconds.
    wait_until(lambda: device.weaknesses() == {"TEST-2099-0001", "TEST-2099-0002"}, 60)
    assert (outcome["counts"]["added"], outcome["software_versions_changed"]) == (1, 1)
    assert rejudged(server, seq) == {"beta-bin"}
    after = matches(server)
    assert after["alpha-bin"] == before["alpha-bin"], "an advisory about beta judged alpha again"
    assert [m.knowledge_version for m in after["beta-bin"]] == [outcome["version"]]


def test_an_advisory_that_goes_away_closes_what_it_opened(server: ServerProcess, mirror: Path) -> None:
    device = RealDevice(server, "feeds-removed")
    device.report(package("alpha-bin", source="alpha"))
    server.sync(mirror, "own")
    wait_until(lambda: device.weaknesses() == {"TEST-2099-0001"}, 60)
    (mirror / "own" / "TEST-2099-0001.json").unlink()
    drop(mirror, "TEST-2099-0003", "gamma")
    server.sync(mirror, "own")
    wait_until(lambda: device.weaknesses() == set(), 10)
    assert device.weaknesses("closed") == {"TEST-2099-0001"}


def test_the_same_folder_again_changes_nothing(server: ServerProcess, mirror: Path) -> None:
    server.sync(mirror, "own")
    seq, version = last_seq(server), server.get("/api/v1/knowledge")["version"]
    (outcome,) = server.sync(mirror, "own")
    assert (outcome["status"], outcome["version"]) == ("succeeded", version)
    assert not kinds(server, seq) & {"intel.knowledge", matching.MATCHES_CHANGED}
    assert server.cli("check").returncode == 0


def test_keys_of_sources_are_read_from_their_files_and_told_to_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "good").write_text("key-of-nvd\nremark\n", "ascii")
    (tmp_path / "long").write_text("x" * 5_000, "ascii")
    (tmp_path / "odd").write_bytes(b"\xff\x00")
    with closing(Database(sqlite_url(tmp_path / "empty.db"), readers=1)) as database:
        for name, expected in (("good", {"nvd": "key-of-nvd"}), ("long", {}), ("odd", {}), ("missing", {})):
            services = Services(database, tmp_path, feed_key_files={"nvd": tmp_path / name})
            assert feeds.keys_of(services) == expected
    assert "key-of-nvd" not in caplog.text
    assert caplog.text.count("holds none that can be used") == 3
