"""A database with the tables, and a source whose records a test gives by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tests.support.databases import database_url
from weakspot import intel
from weakspot.intel.contracts import Published
from weakspot.intel.sources.base import Part, Record
from weakspot.runtime import changes
from weakspot.runtime.database import Database, metadata, sqlite_url
from weakspot.runtime.errors import SourceUnavailable

NOW = 1_780_000_000_000_000


class GivenSource:
    """A reader over records in memory: parts by name, each a list of records; an exception among them is raised."""

    version = 1

    def __init__(self, folder: Path, source: str = "osv") -> None:
        self.source = source
        self.read_parts: list[str] = []
        self._folder = folder
        self._parts: dict[str, list[Record | SourceUnavailable]] = {}
        self._deltas: set[str] = set()

    def give(self, part: str, *records: Record | SourceUnavailable, is_delta: bool = False) -> None:
        """Set what a part holds."""
        self._parts[part] = list(records)
        if is_delta:
            self._deltas.add(part)
        (self._folder / part).write_bytes(repr(records).encode())

    def remove(self, part: str) -> None:
        """The part's file is gone."""
        del self._parts[part]
        (self._folder / part).unlink()

    def parts(self) -> list[Part]:
        return [Part(name, self._folder / name, name in self._deltas) for name in self._parts]

    def leftovers(self) -> list[Path]:
        return []

    def read(self, part: Part, want: Callable[[str, str], bool]) -> Iterator[Record]:
        self.read_parts.append(part.name)
        for number, record in enumerate(self._parts[part.name]):
            if isinstance(record, SourceUnavailable):
                raise record
            if want(str(number), repr(hash(msgspec.msgpack.encode(record)))):
                yield record


class Knowledge:
    """Stages and publishes into a database of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW

    def stage(self, reader: intel.Reader) -> intel.Staged:
        return intel.stage(self.database, reader.source, reader, lambda: self.now, lambda *_: None)

    def publish(self, staged: intel.Staged) -> Published:
        self.now += 1_000_000
        return self.database.write(lambda conn: intel.publish(conn, staged, self.now))

    def load(self, reader: intel.Reader) -> Published:
        return self.publish(self.stage(reader))

    def claims(self, *identities: intel.Identity) -> list[intel.Claim]:
        with self.database.read() as conn:
            found = intel.claims(conn, identities)
        return [claim for identity in identities for claim in found.get(identity, [])]

    def id_of(self, name: str) -> int | None:
        with self.database.read() as conn:
            return intel.find(conn, name)

    def facts(self, name: str) -> intel.VulnerabilityFacts:
        with self.database.read() as conn:
            vulnerability_id = intel.find(conn, name)
            assert vulnerability_id is not None, name
            return intel.facts(conn, [vulnerability_id])[vulnerability_id]

    def detail(self, name: str) -> intel.VulnerabilityDetail:
        with self.database.read() as conn:
            vulnerability_id = intel.find(conn, name)
            assert vulnerability_id is not None, name
            return intel.detail(conn, vulnerability_id)

    def version(self) -> int:
        with self.database.read() as conn:
            return intel.current_version(conn)

    def differences(self) -> list[intel.Difference]:
        with self.database.read() as conn:
            return intel.rebuild_check(conn)

    def changes(self) -> list[changes.Change]:
        with self.database.read() as conn:
            return list(changes.since(conn, 0))


def create_tables(database: Database) -> None:
    """The tables of intelligence."""
    tables = [t for t in metadata.sorted_tables if t.name.startswith("intel_") or t.name == "changes"]
    database.write(lambda conn: metadata.create_all(conn, tables=tables))


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the tables, made once."""
    path = tmp_path_factory.mktemp("empty") / "intel.db"
    database = Database(sqlite_url(path), readers=1)
    create_tables(database)
    database.close()
    return path


@pytest.fixture
def knowledge(tmp_path: Path, empty_database: Path, dialect: str) -> Iterator[Knowledge]:
    if dialect == "sqlite":
        shutil.copy(empty_database, tmp_path / "intel.db")
    database = Database(database_url(tmp_path / "intel.db", "intel", create_tables), readers=2)
    yield Knowledge(database)
    database.close()


@pytest.fixture
def source(tmp_path: Path) -> GivenSource:
    folder = tmp_path / "given"
    folder.mkdir()
    return GivenSource(folder)
