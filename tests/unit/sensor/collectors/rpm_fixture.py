"""Writes package headers and databases as RPM stores them, from the description of the format."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path

Value = int | str | list[str] | list[int]


def header(tags: dict[int, Value]) -> bytes:
    index, data = b"", b""
    for tag, value in sorted(tags.items()):
        if isinstance(value, int) or (isinstance(value, list) and value and isinstance(value[0], int)):
            numbers = value if isinstance(value, list) else [value]
            data += b"\0" * (-len(data) % 4)
            index += struct.pack(">IIII", tag, 4, len(data), len(numbers))
            data += struct.pack(f">{len(numbers)}I", *numbers)
        else:
            texts = value if isinstance(value, list) else [value]
            index += struct.pack(">IIII", tag, 8 if isinstance(value, list) else 6, len(data), len(texts))
            data += b"".join(str(text).encode() + b"\0" for text in texts)
    return struct.pack(">II", len(tags), len(data)) + index + data


def package(name: str, version: str, release: str, **more: Value) -> bytes:
    numbers = {"epoch": 1003, "installed": 1008, "vendor": 1011, "source": 1044, "module": 5096}
    files = {"dir_indexes": 1116, "base_names": 1117, "dir_names": 1118}
    tags: dict[int, Value] = {1000: name, 1001: version, 1002: release, 1022: "x86_64"}
    tags.update({(numbers | files)[key]: value for key, value in more.items()})
    return header(tags)


def database(path: Path, blobs: list[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs])
    connection.commit()
    connection.close()
