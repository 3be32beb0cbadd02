"""Make the starter knowledge anew from public data: ``python -m tests.tools.starter.build DATA``.

The titles are ours (``titles.txt``); every other value is a fact taken from a source: affected ranges with their
fixed versions from OSV files and, for desktop software, from NVD configurations; vectors, exploitation dates and EPSS
as published. Ranges without a fixed version are left out: they would become untrue with time. An id without any range
is named and left out.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from weakspot import intel
from weakspot.intel.sources.starter.reader import FILE, StarterEntry, StarterFile
from weakspot.runtime.clock import system_clock, to_iso
from weakspot.runtime.database import Database, metadata, sqlite_url
from weakspot.vocabulary import cpe

TITLES = Path(__file__).with_name("titles.txt")
ECOSYSTEMS = {"Debian:11", "Debian:12", "PyPI", "npm", "Go", "Maven", "crates.io", "RubyGems", "NuGet"}
DESKTOP = {
    "7-zip:7-zip", "adobe:acrobat_dc", "adobe:acrobat_reader_dc", "google:chrome", "keepass:keepass",
    "notepad-plus-plus:notepad++",
    "putty:putty", "rarlab:winrar", "videolan:vlc_media_player",
    "vmware:tools", "zoom:zoom", "zoom:workplace", "zoom:rooms", "zoom:meeting_software_development_kit",
}  # fmt: skip
SOURCES = ("osv", "kev", "epss")


def titles() -> dict[str, str]:
    """id -> title."""
    rows = (line.partition(" | ") for line in TITLES.read_text("utf-8").splitlines() if line and line[0] != "#")
    return {name.strip(): title.strip() for name, _, title in rows}


def nvd_records(data: Path) -> Iterator[dict[str, Any]]:
    """NVD records of all files, newest file last."""
    for path in sorted((data / "nvd").glob("*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for item in json.load(file)["vulnerabilities"]:
                yield item["cve"]


def desktop(record: dict[str, Any]) -> Iterator[tuple[str, str, str, str | None]]:
    """Affected rows of desktop software in one NVD record."""
    for configuration in record.get("configurations", ()):
        for node in configuration.get("nodes", ()):
            for match in node.get("cpeMatch", ()):
                name = cpe.parse(match["criteria"])
                if (
                    name.part == "a"
                    and match.get("vulnerable")
                    and name.identity in DESKTOP
                    and "versionEndExcluding" in match
                ):
                    yield "cpe", name.identity, match.get("versionStartIncluding", "0"), match["versionEndExcluding"]


def load(data: Path, folder: Path) -> Database:
    """A scratch database with the sources that the facts come from."""
    database = Database(sqlite_url(folder / "scratch.db"))
    database.write(lambda conn: metadata.create_all(conn))
    for name, reader in intel.open_mirror(data).readers:
        if name in SOURCES:
            staged = intel.stage(database, name, reader, system_clock, lambda *_: None)
            database.write(lambda conn, staged=staged: intel.publish(conn, staged, system_clock()))
    return database


def entries(database: Database, data: Path) -> Iterator[StarterEntry]:
    """One entry for each title of which a range is known."""
    wanted = titles()
    from_nvd: defaultdict[str, set[tuple[str, str, str, str | None]]] = defaultdict(set)
    vectors: dict[str, str] = {}
    published: dict[str, str] = {}
    for record in nvd_records(data):
        if record["id"] in wanted:
            from_nvd[record["id"]].update(desktop(record))
            published[record["id"]] = record["published"][:10]
            for kind in ("cvssMetricV31", "cvssMetricV30"):
                for metric in record.get("metrics", {}).get(kind, ()):
                    vectors.setdefault(record["id"], metric["cvssData"]["vectorString"])
    with database.read() as conn:
        affected = _affected(conn, wanted)
        for name, title in sorted(wanted.items()):
            rows = sorted(affected.get(name, set()) | from_nvd.get(name, set()))
            vulnerability_id = intel.find(conn, name)
            if not rows or vulnerability_id is None:
                print(f"{name}: no range with a fixed version, left out", file=sys.stderr)
                continue
            known = intel.detail(conn, vulnerability_id)
            facts = known.facts
            day = published.get(name) or (to_iso(facts.published_at)[:10] if facts.published_at else None)
            yield StarterEntry(
                id=name,
                title=title,
                url=f"https://www.cve.org/CVERecord?id={name}",
                affected=rows,
                aliases=[alias for alias in known.aliases if alias.startswith(("GHSA-", "PYSEC-"))],
                published=day,
                cvss=facts.cvss_vector or vectors.get(name),
                exploited_since=known.known_exploited_since,
                ransomware=facts.is_used_by_ransomware,
                epss=None
                if facts.epss is None or facts.epss_percentile is None
                else (facts.epss, facts.epss_percentile),
            )


def _affected(conn: Any, wanted: dict[str, str]) -> dict[str, set[tuple[str, str, str, str | None]]]:
    from sqlalchemy import select

    c = intel.tables.identity.c
    identities = [
        (row.ecosystem, row.name) for row in conn.execute(select(c.ecosystem, c.name)) if row.ecosystem in ECOSYSTEMS
    ]
    facts = intel.facts(conn, None)
    found: defaultdict[str, set[tuple[str, str, str, str | None]]] = defaultdict(set)
    for identity, claims in intel.claims(conn, identities).items():
        for claim in claims:
            name = facts[claim.vulnerability_id].name
            is_own = claim.relation != "about" and claim.status == "affected" and claim.end_kind == "fixed"
            if name in wanted and is_own:
                found[name].add((*identity, claim.introduced, claim.fixed))
    return found


def main() -> None:
    """Write the file into the package."""
    data = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        database = load(data, Path(folder))
        with database.read() as conn:
            version = intel.source_states(conn)["epss"].data_at or 0
        day = to_iso(version)[:10]
        file = StarterFile(date=day, epss_date=day, entries=list(entries(database, data)))
        database.close()
    lines = [json.dumps(json.loads(msgspec.json.encode(entry)), ensure_ascii=False) for entry in file.entries]
    head = f'{{"date": "{file.date}", "epss_date": "{file.epss_date}", "entries": [\n'
    FILE.write_text(head + ",\n".join(lines) + "\n]}\n", "utf-8")
    print(f"{len(file.entries)} entries, {sum(len(entry.affected) for entry in file.entries)} ranges")


if __name__ == "__main__":
    main()
