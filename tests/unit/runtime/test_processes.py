"""How Python is set in a server's process."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc, sys
from weakspot.runtime import processes
processes.tune()
print(*gc.get_threshold(), gc.get_freeze_count() > 1_000, sys.getswitchinterval())
"""


def test_what_lasts_is_left_out_of_collections_and_threads_take_short_turns() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["10000", "10", "10", "True", "0.0005"]
