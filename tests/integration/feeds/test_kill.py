"""Kill -9 in the middle of a sync: the knowledge is the old version or the new one, whole, and goes on from there."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import threading
import time
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.device import RealDevice, package
from tests.support.server import ServerProcess
from weakspot import intel
from weakspot.runtime.database import Database

RECORDS = 2_000
GENERATIONS = ("odd", "even")
# Anything that a connection may end with when the other side dies.
GONE = (OSError, http.client.HTTPException)


def number_of(generation: str) -> range:
    """Which flaws a generation knows: most of them both, some only one."""
    first = GENERATIONS.index(generation) * 200
    return range(first, first + RECORDS)


def record(generation: str, number: int) -> dict[str, Any]:
    """A Debian advisory in OSV's form that says of which generation it is."""
    versions = {"odd": "2.0-1", "even": "3.0-1"}
    events = [{"introduced": "0"}, {"fixed": versions[generation]}]
    package_name = {"ecosystem": "Debian:12", "name": f"source{number % 500}"}
    return {
        "id": f"CVE-2099-{10_000 + number}",
        "modified": "2099-01-01T00:00:00Z",
        "summary": generation,
        "affected": [{"package": package_name, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    }


def lay_out(folder: Path, generation: str) -> Path:
    """A mirror folder of one generation."""
    mirror = folder / generation
    (mirror / "osv" / "Debian").mkdir(parents=True)
    with zipfile.ZipFile(mirror / "osv" / "Debian" / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in number_of(generation):
            archive.writestr(f"{number}.json", json.dumps(record(generation, number)))
    return mirror


def generation_in_force(server: ServerProcess) -> str:
    """The one generation that all of the knowledge is of; fails where it is mixed or not whole."""
    with closing(Database(server.database_url, readers=1)) as database, database.read() as conn:
        found = {facts.name: facts.title for facts in intel.facts(conn, None).values() if facts.title in GENERATIONS}
    (generation,) = set(found.values())
    assert set(found) == {f"CVE-2099-{10_000 + number}" for number in number_of(generation)}, "not whole"
    return generation


def other(generation: str) -> str:
    return GENERATIONS[1 - GENERATIONS.index(generation)]


def timed(server: ServerProcess, mirror: Path) -> float:
    """Sync whole; how many seconds it took."""
    began = time.monotonic()
    (outcome,) = server.sync(mirror, "osv")
    assert (outcome["status"], outcome["counts"]["added"]) == ("succeeded", 200), outcome
    return time.monotonic() - began


class Run(threading.Thread):
    """One sync, of which nobody knows how it will end."""

    def __init__(self, server: ServerProcess, mirror: Path) -> None:
        super().__init__(daemon=True)
        self._server, self._mirror = server, mirror

    def run(self) -> None:
        with contextlib.suppress(*GONE):
            self._server.sync(self._mirror, "osv")


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kills", [4, pytest.param(10, marks=pytest.mark.full)])
def test_a_sync_survives_kill_9_at_random_moments(folder: Path, tmp_path: Path, kills: int) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")
    rng = random.Random(seed)
    mirrors = {generation: lay_out(tmp_path / "mirrors", generation) for generation in GENERATIONS}
    server = ServerProcess(folder)
    server.start()
    try:
        device = RealDevice(server, "killed")
        device.report(*(package(f"binary{n}", "2.5-1", source=f"source{n}") for n in range(20)))
        server.sync(mirrors["odd"], "osv")
        before, lasts = "even", timed(server, mirrors["even"])
        seen: list[bool] = []
        for kill in range(kills):
            after = other(before)
            run = Run(server, mirrors[after])
            run.start()
            # One in each stretch of the run and of what follows it, so that every phase has its turn.
            threading.Event().wait(lasts * 1.3 * (kill + rng.random()) / kills)
            server.kill()
            run.join(30)
            assert not run.is_alive()
            server.start()
            found = generation_in_force(server)
            seen.append(found == after)
            before, lasts = other(found), timed(server, mirrors[other(found)])
            assert generation_in_force(server) == before
        print(f"a sync takes {lasts:.2f} s; killed ones that were done: {seen.count(True)} of {kills}")
        checked = server.get("/api/v1/admin/check")
        assert checked["is_exact"], checked["differences"]
        # Versions 2.5 are fixed by what the one generation knows, and not by what the other knows.
        weak = {f"CVE-2099-{10_000 + number}" for number in number_of("even") if number % 500 < 20}
        server.settle()
        assert device.weaknesses() == (weak if before == "even" else set())
    finally:
        server.kill()
