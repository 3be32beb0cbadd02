"""Figures of loading intelligence. ``python -m bench.feeds [--mirror DIR]``

The whole of a mirror folder (``build/mirror``, or one made of DATA) into an empty database, then the same again, then
one more advisory. The memory is the greatest of the process, interpreter and all. Without such a folder there are no
figures, and one line on standard error says so.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench._lines import emit, progress
from weakspot.runtime import migrate
from weakspot.runtime.database import Database, sqlite_url
from weakspot.workflows import Services, SyncOutcome, sync_feeds

ROOT = Path(__file__).parent.parent
MIRROR = ROOT / "build" / "mirror"
COLD_SECONDS, AGAIN_SECONDS, ONE_SECONDS = 360.0, 10.0, 2.0
PEAK_MIB = DATABASE_MIB = 1536.0
ADVISORY = {
    "id": "BENCH-2026-1",
    "modified": "2026-01-01T00:00:00Z",
    "summary": "an advisory of our own",
    "affected": [
        {
            "package": {"ecosystem": "Debian:12", "name": "openssl"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}],
        }
    ],
}


def mirror_of(given: str | None) -> Path | None:
    """The folder to read: made of the data in DATA where it is not there yet; None where there is no data either."""
    folder = Path(given) if given else MIRROR
    data = Path(os.environ.get("DATA", ROOT / ".." / "shared" / "data"))
    if not folder.is_dir() and not given and data.is_dir():
        progress("laying out build/mirror")
        command = [sys.executable, "-m", "tests.tools.mirror", str(data), str(folder)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)  # standard output is for figures alone
    return folder if folder.is_dir() else None


def sync(services: Services, mirror: Path) -> tuple[float, list[SyncOutcome]]:
    """Seconds, and how each source went. Raises RuntimeError when one failed."""
    began = time.perf_counter()
    outcomes = []
    for outcome in sync_feeds(services, (), mirror, lambda _: None):
        if outcome.status == "failed":
            raise RuntimeError(f"{outcome.source}: {outcome.reason}")
        outcomes.append(outcome)
        progress(f"  {outcome.source}: {time.perf_counter() - began:.0f} s")
    return time.perf_counter() - began, outcomes


def peak_mib() -> float:
    """Greatest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def with_one_more(mirror: Path, folder: Path) -> Path:
    """A folder with everything of the mirror and an advisory of our own."""
    (folder / "own").mkdir()
    for path in mirror.iterdir():
        if path.name != "own":
            (folder / path.name).symlink_to(path.resolve())
    (folder / "own" / "BENCH-2026-1.json").write_text(json.dumps(ADVISORY), "utf-8")
    return folder


def run(mirror: Path) -> None:
    """All figures."""
    with tempfile.TemporaryDirectory(prefix="weakspot-bench-") as name:
        folder = Path(name)
        url = sqlite_url(folder / "feeds.db")
        migrate.upgrade(url)
        with contextlib.closing(Database(url, readers=2)) as database:
            services = Services(database, folder)
            processor = time.process_time()
            seconds, outcomes = sync(services, mirror)
            processor = time.process_time() - processor
            counts: Counter[str] = Counter()
            for outcome in outcomes:
                counts.update(outcome.counts)
            more = {"records": counts["records"], "sources": len(outcomes), "processor_seconds": round(processor, 1)}
            emit("feeds.cold", 0, seconds, "s", budget=COLD_SECONDS, **more)
            emit("feeds.cold.memory", 0, peak_mib(), "MiB", budget=PEAK_MIB)
            size = sum(path.stat().st_size for path in folder.glob("feeds.db*")) / 1024**2
            emit("feeds.database", 0, size, "MiB", budget=DATABASE_MIB)
            emit("feeds.again", 0, sync(services, mirror)[0], "s", budget=AGAIN_SECONDS)
            (folder / "mirror").mkdir()
            seconds, outcomes = sync(services, with_one_more(mirror, folder / "mirror"))
            added = sum(outcome.counts.get("added", 0) for outcome in outcomes)
            emit("feeds.one", 0, seconds, "s", budget=ONE_SECONDS, added=added)
            emit("feeds.memory", 0, peak_mib(), "MiB", budget=PEAK_MIB)


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mirror", help="read this folder instead of build/mirror")
    mirror = mirror_of(parser.parse_args().mirror)
    if mirror is None:
        progress("feeds: no figures, for there is no build/mirror and no data to make it of (`make mirror DATA=DIR`)")
        return
    run(mirror)


if __name__ == "__main__":
    main()
