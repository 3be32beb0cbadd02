"""Runs the command line in this process."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from weakspot.cli.main import main


class Ran:
    """How a command ended."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err


def run(*arguments: str, stdin: str = "") -> Ran:
    """Run ``weakspot ARGUMENTS``."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _input(stdin):
        try:
            main(list(arguments))
        except SystemExit as ended:
            status = int(ended.code or 0)
    return Ran(status, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _input(text: str) -> Iterator[None]:
    with mock.patch.object(sys, "stdin", io.StringIO(text)):
        yield


def fake_root(folder: Path) -> Path:
    """A small Debian 12 file system with an old openssl."""
    (folder / "etc").mkdir(parents=True)
    (folder / "etc" / "os-release").write_text('ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n', "utf-8")
    (folder / "etc" / "hostname").write_text("scanned\n", "utf-8")
    (folder / "var" / "lib" / "dpkg").mkdir(parents=True)
    status = "\n".join(
        (
            "Package: libssl3", "Status: install ok installed", "Architecture: amd64", "Source: openssl",
            "Version: 3.0.1-1", "", "Package: unharmed", "Status: install ok installed", "Architecture: all",
            "Version: 1.0-1", "",
        )
    )  # fmt: skip
    (folder / "var" / "lib" / "dpkg" / "status").write_text(status, "utf-8")
    return folder
