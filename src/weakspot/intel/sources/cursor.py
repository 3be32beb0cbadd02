"""Where a source that is followed step by step was left: one small file a cursor in ``.state/`` of the mirror folder.

A cursor is written after what it stands for: a crash between the two asks for the same again, and never skips.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from weakspot.runtime.clock import Micros, from_datetime

T = TypeVar("T", bound=msgspec.Struct)


def load(folder: Path, name: str, kind: type[T]) -> T:
    """The cursor; a fresh one where there is none, or none that can be read."""
    try:
        return msgspec.json.decode(_path(folder, name).read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return kind()


def save(folder: Path, name: str, value: msgspec.Struct) -> None:
    """Whole or not at all."""
    write_lines(_path(folder, name), [msgspec.json.encode(value)])


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    """A file that appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            for line in lines:
                file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def http_date(text: str) -> Micros | None:
    """A date as HTTP writes it; None where it is none."""
    try:
        return from_datetime(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError):
        return None


def _path(folder: Path, name: str) -> Path:
    return folder / ".state" / f"{name}.json"
