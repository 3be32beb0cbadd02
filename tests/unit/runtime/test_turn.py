"""Turns of processes that share an SQLite file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from weakspot.runtime.database import Database, sqlite_url
from weakspot.runtime.turn import Turn

HOLD = """
import sys
from pathlib import Path
from weakspot.runtime.turn import Turn
with Turn(Path(sys.argv[1])).held():
    print("mine", flush=True)
    sys.stdin.read()
"""


def test_a_turn_waits_for_the_other_process_and_survives_its_death(tmp_path: Path) -> None:
    path = tmp_path / "turn"
    mine = Turn(path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"mine\n"
        other.kill()
        with mine.held():
            assert other.wait() < 0
    mine.close()


def test_two_databases_on_one_file_write_in_turn(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "shared.db")
    both = [Database(url, readers=1) for _ in range(2)]
    for one in both:
        one.share()
    both[0].write(lambda conn: conn.execute(sa.text("CREATE TABLE counted (n INTEGER)")))
    both[0].write(lambda conn: conn.execute(sa.text("INSERT INTO counted VALUES (0)")))
    add = sa.text("UPDATE counted SET n = n + 1")
    waiting = [one.submit(lambda conn: conn.execute(add).rowcount) for _ in range(100) for one in both]
    assert [one.result(60) for one in waiting] == [1] * 200
    with both[1].read() as conn:
        assert conn.execute(sa.text("SELECT n FROM counted")).scalar_one() == 200
    for one in both:
        one.close()
    assert (tmp_path / "shared.db-turn").stat().st_mode & 0o777 == 0o600
