"""Followers: nothing is missed, nothing is done twice, and an error is tried again."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from sqlalchemy.engine import Connection

from tests.support.databases import database_with_tables
from weakspot.runtime import changes, following
from weakspot.runtime.database import Database
from weakspot.runtime.following import Followers, Reaction


@pytest.fixture
def database(tmp_path: Path, dialect: str) -> Iterator[Database]:
    made = database_with_tables(tmp_path / "x.db")
    yield made
    made.close()


class Seen:
    """A reaction that notes what it was told; ``fails`` once when told to."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.caught_up = 0
        self.fails = False
        self.forgot = 0
        self.told = threading.Event()

    def look(self, _: Connection, rows: Sequence[changes.Change]) -> following.Unit:
        numbers = [row.payload["n"] for row in rows]

        def unit(_: Connection) -> None:
            if self.fails:
                self.fails = False
                raise RuntimeError("not now")
            self.numbers += numbers
            self.told.set()

        return unit

    def catch_up(self, _: Connection) -> None:
        self.caught_up += 1

    def reaction(self) -> Reaction:
        return Reaction(
            name="seen",
            kinds=frozenset({"wanted"}),
            look=self.look,
            catch_up=self.catch_up,
            forget=self.forget,
        )

    def forget(self) -> None:
        self.forgot += 1


def tell(database: Database, *numbers: int, kind: str = "wanted") -> None:
    database.write(lambda conn: changes.append_many(conn, 1, [(kind, {"n": n}) for n in numbers]))


def test_it_begins_now_and_goes_on_where_it_was(database: Database) -> None:
    tell(database, 1)
    seen = Seen()
    followers = Followers(database, [seen.reaction()])
    assert followers.step()
    assert (seen.numbers, seen.caught_up) == ([], 1)
    tell(database, 2, 3)
    tell(database, 99, kind="other")
    followers.step()
    followers.step()
    followers.stop()
    tell(database, 4)
    again = Followers(database, [seen.reaction()])
    while again.step():
        pass
    again.stop()
    assert (seen.numbers, seen.caught_up) == ([2, 3, 4], 1)


def test_an_error_is_tried_again_and_nothing_is_lost(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "RETRY_SECONDS", 0)
    seen = Seen()
    followers = Followers(database, [seen.reaction()])
    followers.step()
    seen.fails = True
    tell(database, 1)
    while followers.step() or not seen.numbers:
        pass
    followers.stop()
    assert (seen.numbers, seen.forgot) == ([1], 1)


def test_who_stands_at_the_newest_change_waits_for_the_next_round(database: Database) -> None:
    first, second = Seen(), Seen()
    reactions = [msgspec.structs.replace(one.reaction(), name=name) for name, one in (("a", first), ("b", second))]
    followers = Followers(database, reactions)
    followers.step()
    tell(database, 1)
    assert followers.step()
    assert not followers.step()
    tell(database, 2)
    assert followers.step()
    followers.stop()
    assert first.numbers == second.numbers == [1, 2]


def test_what_was_pruned_is_caught_up(database: Database) -> None:
    seen = Seen()
    followers = Followers(database, [seen.reaction()])
    tell(database, 1)
    followers.step()
    tell(database, 2, 3, 4)
    database.write(lambda conn: changes.prune(conn, 4))
    followers.step()
    followers.stop()
    assert (seen.numbers, seen.caught_up) == ([], 2)


def test_it_runs_by_itself_when_started(database: Database) -> None:
    seen = Seen()
    followers = Followers(database, [seen.reaction()])
    followers.step()
    followers.start()
    tell(database, 7)
    assert seen.told.wait(10)
    followers.stop()
    assert seen.numbers == [7]
