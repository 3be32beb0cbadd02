"""Kill -9 of shards on Ray under reports; in a process of its own, for Ray keeps what it first read in one."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.full,
    pytest.mark.timeout(900),
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray: pip install -e .[cluster]"),
]


def test_answers_are_whole_and_right_whatever_shard_is_killed() -> None:
    environment = os.environ | {"CHAOS_KILLS": "0", "CHAOS_DATABASE_KILLS": "0", "CHAOS_SHARD_KILLS": "3"}
    ended = subprocess.run(
        [sys.executable, "-m", "tests.chaos"],
        cwd=Path(__file__).parents[3],
        env=environment,
        capture_output=True,
        text=True,
        timeout=840,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-2_000:] + ended.stderr[-4_000:]
    assert ended.stderr.count(" of a shard: ") == 3
