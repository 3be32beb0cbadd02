"""Processes that belong to this one."""

from __future__ import annotations

import os
import queue
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from weakspot.runtime.child import Child

WAIT = 60
ECHO = "import os, sys; line = sys.stdin.readline().strip(); print(os.getpid(), line, flush=True); sys.stdin.read()"
Heard = queue.SimpleQueue[bytes]


@contextmanager
def child(
    program: str, line: bytes = b"hello", **others: Callable[[list[bytes]], None]
) -> Iterator[tuple[Child, Heard]]:
    heard: Heard = queue.SimpleQueue()
    note = others.get("heard", lambda lines: [heard.put(one) for one in lines])
    made = Child("test", (sys.executable, "-c", program), line, (), note)  # type: ignore[arg-type]
    made.start()
    try:
        yield made, heard
    finally:
        made.stop(WAIT)


def test_it_gets_its_line_and_is_heard_until_it_is_told_to_end() -> None:
    with child(ECHO) as (made, heard):
        pid, line = heard.get(timeout=WAIT).split()
        assert (int(pid), line) == (made.pid, b"hello")
        made.stop(WAIT)
        made.stop(WAIT)
        assert heard.empty()


def test_one_that_ends_by_itself_is_started_again_with_the_same_line() -> None:
    with child(ECHO) as (made, heard):
        first = int(heard.get(timeout=WAIT).split()[0])
        os.kill(first, signal.SIGKILL)
        second, line = heard.get(timeout=WAIT).split()
        assert (int(second) != first, line) == (True, b"hello")
        assert made.pid == int(second)


def test_one_that_does_not_end_is_killed() -> None:
    with child("import time; print('here', flush=True); time.sleep(1000)") as (made, heard):
        assert heard.get(timeout=WAIT) == b"here"
        made.stop(0.05)


def test_an_error_of_the_listener_ends_nothing() -> None:
    seen: Heard = queue.SimpleQueue()

    def fail(lines: list[bytes]) -> None:
        for one in lines:
            seen.put(one)
        raise ValueError

    with child(
        "import sys; print(1, flush=True); sys.stdin.readline(); print(2, flush=True); sys.stdin.read()", heard=fail
    ):
        assert {seen.get(timeout=WAIT), seen.get(timeout=WAIT)} == {b"1", b"2"}


def test_a_child_sees_that_its_parent_was_killed(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    grandchild = f"import sys; print('up', flush=True); sys.stdin.read(); open({str(gone)!r}, 'w').close()"
    program = (
        "import sys, time\n"
        "from weakspot.runtime.child import Child\n"
        f"Child('x', (sys.executable, '-c', {grandchild!r}), b'', (), lambda _: print('up', flush=True)).start()\n"
        "sys.stdin.read()\n"
    )
    with child(program) as (made, heard):
        assert heard.get(timeout=WAIT) == b"up"
        assert made.pid is not None
        os.kill(made.pid, signal.SIGKILL)
        assert heard.get(timeout=WAIT) == b"up"  # the next one; until then the first one's child has seen it
        made.stop(WAIT)
    _wait_for(gone)


def _wait_for(path: Path) -> None:
    for _ in range(WAIT * 100):
        if path.exists():
            return
        os.sched_yield()
        signal.sigtimedwait([], 0.01)
    raise AssertionError(f"{path} never came")
