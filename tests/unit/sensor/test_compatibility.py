"""The sensor runs on old hosts: Python 3.8, the standard library, nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import weakspot_sensor

SOURCE = Path(weakspot_sensor.__file__).parent
TOOLS = Path(sys.executable).parent
# Modules that later Pythons brought or dropped would fail there or here.
_GONE_OR_NEW = {"tomllib", "zoneinfo", "graphlib", "distutils", "imp", "asyncore", "telnetlib", "pipes", "cgi"}


def _tool(name: str) -> str:
    path = TOOLS / name
    if not path.exists():
        pytest.skip(f"{name} is not installed beside this Python")
    return str(path)


def test_vermin_finds_nothing_newer_than_python_3_8() -> None:
    command = [_tool("vermin"), "-t=3.8-", "--no-tips", "--violations", str(SOURCE)]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout


def test_ruff_accepts_it_for_python_3_8() -> None:
    command = [_tool("ruff"), "check", "--no-cache", "--target-version", "py38", str(SOURCE)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=SOURCE.parent.parent)
    assert ended.returncode == 0, ended.stdout


def test_only_the_standard_library_is_imported() -> None:
    allowed = (sys.stdlib_module_names | {"weakspot_sensor", "__future__"}) - _GONE_OR_NEW
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(), feature_version=(3, 8))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, path
                names = [node.module or ""]
            assert {name.partition(".")[0] for name in names} <= allowed, path
