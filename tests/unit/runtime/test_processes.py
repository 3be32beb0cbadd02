"""How Python is set in a server's process."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import gc, sys
from weakspot.runtime import processes
processes.tune()
print(*gc.get_threshold(), gc.get_freeze_count() > 1_000, sys.getswitchinterval())
"""


def test_what_lasts_is_left_out_of_collections_and_threads_take_short_turns() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["10000", "10", "10", "True", "0.0005"]


HEAPS = """
import threading
from weakspot.runtime import processes
{begin}
kept = []
barrier = threading.Barrier(8)
def ask():
    barrier.wait()
    for _ in range(200):
        kept.append(bytearray(60_000))  # too large for Python's own pools, too small for a mapping of its own
threads = [threading.Thread(target=ask) for _ in range(8)]
for one in threads: one.start()
for one in threads: one.join()
processes.give_back()
print(sum("---p" in line for line in open("/proc/self/maps") if line.split()[-1] == "0"))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc, which has a heap a thread")
def test_threads_share_one_heap() -> None:
    def reserved(begin: str) -> int:
        """Heaps of threads lie in address space that is reserved for them without any right."""
        program = HEAPS.format(begin=begin)
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert reserved("processes.begin()") < reserved("")
