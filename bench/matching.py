"""The matching on one core, beside the same work done by comparing every version with every range.

    python -m bench.matching [--versions N] [--ranges N] [--fleet N]

`full rematch`: the verdicts of N distinct software versions under N ranges from cold, reading both from the database
and making the keys of the versions included; `without_reading` is the part of the rules alone.
`new advisory`: one advisory against a table of N software versions, from the look-up of those that it names to their
verdicts. Pairwise comparison is measured on fewer identities and scaled. Everything follows from a fixed seed: 12
versions and 50 ranges an identity, most of them fixed long ago, as in a fleet that is kept up to date.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import sqlalchemy as sa

from bench._lines import emit, progress
from weakspot.intel import tables as intel_tables
from weakspot.intel.contracts import Claim
from weakspot.matching import service, store
from weakspot.matching.contracts import Candidate
from weakspot.matching.rules.assess import verdicts
from weakspot.matching.tables import candidate as candidate_table
from weakspot.runtime import collector
from weakspot.runtime.database import Database, metadata, sqlite_url
from weakspot.vocabulary import versions

ECOSYSTEM = "Debian:12"
SCHEME = "dpkg"
VERSIONS_EACH = 12
PAIRWISE_IDENTITIES = 40
NAMED = 2_000
Identity = tuple[str, str]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Measures the matching.")
    parser.add_argument("--versions", type=int, default=60_000)
    parser.add_argument("--ranges", type=int, default=250_000)
    parser.add_argument("--fleet", type=int, default=1_000_000)
    asked = parser.parse_args()
    full_rematch(asked.versions, asked.ranges)
    new_advisory(asked.fleet)


def full_rematch(number: int, ranges: int) -> None:
    """All versions under all ranges, both read from the database of a process that has just started."""
    rng = random.Random(4)
    names = [f"source-{i}" for i in range(number // VERSIONS_EACH)]
    each = ranges // len(names)
    candidates = [c for i, name in enumerate(names) for c in _candidates(rng, name, i * VERSIONS_EACH)]
    claims = {(ECOSYSTEM, name): _claims(rng, name, each, i * each + 1) for i, name in enumerate(names)}
    versions.SCHEMES[SCHEME].key("1")
    progress(f"a database of {number:,} software versions and {ranges:,} ranges")
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "bench.db")
        _fill_knowledge(url, candidates, claims)
        database = Database(url)
        try:
            started = time.process_time()
            with database.read() as conn:
                found = service.verdicts_of(conn, store.candidates_of(conn, None))
            seconds = time.process_time() - started
        finally:
            database.close()
    few = candidates[: PAIRWISE_IDENTITIES * VERSIONS_EACH]
    started = time.process_time()
    hits = _pairwise(few, claims)
    pairwise = (time.process_time() - started) * len(names) / PAIRWISE_IDENTITIES
    assert hits == sum(v.software_version_id <= len(few) for v in found), "both ways give the same verdicts"
    started = time.process_time()
    with collector.paused():
        assert len(verdicts(candidates, claims)) == len(found), "what is read back gives the same verdicts"
    without_reading = time.process_time() - started
    emit(
        "full rematch", 0, seconds, "s", budget=5.0, baseline=pairwise, versions=len(candidates),
        ranges=each * len(names), verdicts=len(found), without_reading=round(without_reading, 2),
    )  # fmt: skip


def new_advisory(number: int) -> None:
    """One advisory about a source of which the fleet has 2,000 software versions."""
    rng = random.Random(5)
    progress(f"a table of {number:,} software versions")
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "bench.db"
        _fill(path, rng, number)
        database = Database(sqlite_url(path))
        try:
            claim = _claims(rng, "named", 1, 0)[0]

            def judge() -> int:
                with database.read() as conn:
                    named = store.candidates_named(conn, [(ECOSYSTEM, "named")])
                return len(verdicts(named, {(ECOSYSTEM, "named"): [claim]}))

            judge()
            times = []
            for _ in range(5):
                started = time.perf_counter()
                found = judge()
                times.append((time.perf_counter() - started) * 1000)
            started = time.perf_counter()
            everything = [f"{i % 9}.{i % 97}-{i % 31}" for i in range(20_000)]
            sum(versions.compare(SCHEME, text, claim.fixed or "") is versions.Order.LESS for text in everything)
            pairwise = (time.perf_counter() - started) * 1000 * number / len(everything)
        finally:
            database.close()
    emit("new advisory", 0, sorted(times)[2], "ms", budget=100.0, baseline=pairwise, versions=number, verdicts=found)


def _fill_knowledge(url: str, candidates: Sequence[Candidate], claims: dict[Identity, list[Claim]]) -> None:
    """The rows that matching reads, and nothing else of the knowledge."""
    engine = sa.create_engine(url)
    with engine.begin() as conn:
        metadata.create_all(conn)
        conn.execute(candidate_table.insert(), [msgspec.structs.asdict(c) for c in candidates])
        conn.execute(intel_tables.knowledge.insert(), {"version": 1, "at": 1, "source": "osv", "summary": b"{}"})
        for number, ((ecosystem, name), group) in enumerate(claims.items(), 1):
            conn.execute(intel_tables.identity.insert(), {"id": number, "ecosystem": ecosystem, "name": name})
            conn.execute(
                intel_tables.advisory.insert(),
                [{"id": c.advisory_id, "source": c.source, "record_id": c.record_id, "digest": b"", "added_in": 1}
                 for c in group],
            )  # fmt: skip
            conn.execute(
                intel_tables.link.insert(),
                [{"advisory_id": c.advisory_id, "vulnerability_id": c.vulnerability_id, "relation": c.relation}
                 for c in group],
            )  # fmt: skip
            conn.execute(intel_tables.affected_range.insert(), [_range(number, c) for c in group])
    engine.dispose()


def _range(identity_id: int, claim: Claim) -> dict[str, object]:
    names = ("advisory_id", "introduced", "introduced_key", "end_key", "end_kind", "status", "module")
    return {name: getattr(claim, name) for name in names} | {"identity_id": identity_id, "end_version": claim.fixed}


def _fill(path: Path, rng: random.Random, number: int) -> None:
    """The table alone: rows that it refers to are not looked at, and the engine is one that does not ask for them."""
    engine = sa.create_engine(sqlite_url(path))
    with engine.begin() as conn:
        # Only this table: what it refers to is made by name, empty.
        metadata.create_all(conn)
        for start in range(0, number, 50_000):
            rows = [_row(rng, i) for i in range(start + 1, min(start + 50_000, number) + 1)]
            conn.execute(candidate_table.insert(), rows)
    engine.dispose()


def _row(rng: random.Random, number: int) -> dict[str, object]:
    name = "named" if number <= NAMED else f"source-{number // VERSIONS_EACH}"
    text = f"{rng.randrange(40)}.{rng.randrange(20)}.{number}-{rng.randrange(1, 9)}"
    found = Candidate(number, ECOSYSTEM, name, text, "source_package", 100)
    return msgspec.structs.asdict(found)


def _candidates(rng: random.Random, name: str, first: int) -> Iterator[Candidate]:
    base = rng.randrange(1, 40)
    for offset in range(VERSIONS_EACH):
        text = f"{base}.{offset}.{rng.randrange(20)}-{rng.randrange(1, 9)}+deb12u{rng.randrange(1, 6)}"
        yield Candidate(first + offset + 1, ECOSYSTEM, name, text, "source_package", 100)


def _claims(rng: random.Random, name: str, number: int, first: int) -> list[Claim]:
    made = []
    for offset in range(number):
        major = rng.randrange(0, 40) if rng.random() < 0.1 else rng.randrange(0, 3)
        fixed = f"{major}.{rng.randrange(12)}.{rng.randrange(20)}-{rng.randrange(1, 9)}"
        made.append(
            Claim(
                first + offset, "osv", "CVE-2099-1", "self", first + offset, ECOSYSTEM, name, SCHEME, "0",
                b"", fixed, None, versions.key(SCHEME, fixed), "fixed", None, "affected", "", None,
            )
        )  # fmt: skip
    return made


def _pairwise(candidates: Sequence[Candidate], claims: dict[Identity, list[Claim]]) -> int:
    return sum(
        versions.compare(SCHEME, candidate.version, claim.fixed or "") is versions.Order.LESS
        for candidate in candidates
        for claim in claims[candidate.ecosystem, candidate.name]
    )


if __name__ == "__main__":
    main()
