"""Bounded reading of foreign files: plain, gzip and zip; JSON documents and JSON lines; CSV.

Nothing is inflated without a limit. ``Refused`` says in a sentence why a file or an entry is not read.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

import msgspec

from weakspot.runtime.errors import SourceUnavailable

MAX_ENTRY_BYTES = 64 * 1024 * 1024
MAX_DOCUMENT_BYTES = 1024 * 1024 * 1024
MAX_ENTRIES = 1_000_000
MAX_RATIO = 200
RATIO_FREE_BYTES = 1024 * 1024
"""Small entries may compress as well as they like."""
MAX_LINE_BYTES = 16 * 1024 * 1024
MAX_CELL_BYTES = 1024 * 1024
MAX_JSON_DEPTH = 64


class Refused(Exception):
    """An entry that is not read, with the reason."""


def read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """One entry of an archive. Raises Refused when it is over a limit, encrypted, or damaged."""
    if info.file_size > MAX_ENTRY_BYTES:
        raise Refused(f"is {info.file_size} bytes when unpacked; at most {MAX_ENTRY_BYTES} are read")
    if info.file_size > RATIO_FREE_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        raise Refused(f"unpacks to more than {MAX_RATIO} times its size")
    if info.flag_bits & 0x1:
        raise Refused("is encrypted")
    try:
        with archive.open(info) as stream:
            data = stream.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise Refused(f"cannot be unpacked: {error}") from error
    if len(data) != info.file_size:
        raise Refused("unpacks to another size than its entry says")
    return data


def open_archive(path: Path) -> zipfile.ZipFile:
    """A zip file. Raises SourceUnavailable when it is damaged, cut off, or has too many entries."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise SourceUnavailable(f"{path.name} is not a whole zip file ({error}); fetch it again.") from error
    if len(archive.infolist()) > MAX_ENTRIES:
        archive.close()
        raise SourceUnavailable(f"{path.name} has more than {MAX_ENTRIES} entries and is not read.")
    return archive


def fingerprint(info: zipfile.ZipInfo) -> str:
    """Tells one state of an entry from another without unpacking it."""
    return f"{info.CRC:08x}{info.file_size:x}"


def is_safe_name(name: str) -> bool:
    """True for a relative entry name that stays below its folder. Entries are never written to disk all the same."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name


class _Bounded(io.RawIOBase):
    """A stream that fails after a number of bytes: the bound on what a gzip file may inflate to."""

    def __init__(self, inner: IO[bytes], file: IO[bytes], limit: int, name: str) -> None:
        self._inner, self._file, self._left, self._name = inner, file, limit, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._inner.read(len(buffer))
        except (zlib.error, EOFError, OSError) as error:
            raise SourceUnavailable(f"{self._name} is damaged or cut off ({error}); fetch it again.") from error
        self._left -= len(data)
        if self._left < 0:
            raise SourceUnavailable(f"{self._name} unpacks to more than is read of one file.")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inner.close()
        self._file.close()
        super().close()


def open_stream(path: Path, limit: int = MAX_DOCUMENT_BYTES) -> io.BufferedReader:
    """Bytes of a plain or gzip file, at most ``limit`` of them."""
    with path.open("rb") as probe:
        is_gzip = probe.read(2) == b"\x1f\x8b"
    plain = path.open("rb")
    inner: IO[bytes] = gzip.GzipFile(fileobj=plain) if is_gzip else plain  # type: ignore[assignment]
    return io.BufferedReader(_Bounded(inner, plain, limit, path.name), 1024 * 1024)


def read_whole(path: Path, limit: int) -> bytes:
    """All bytes of a plain or gzip file that is small by nature."""
    with open_stream(path, limit) as stream:
        return stream.read()


def lines(path: Path) -> Iterator[bytes]:
    """Lines of a plain or gzip file, without their ends. Raises SourceUnavailable for a line over 16 MiB."""
    with open_stream(path) as stream:
        while line := stream.readline(MAX_LINE_BYTES + 1):
            if len(line) > MAX_LINE_BYTES:
                raise SourceUnavailable(f"{path.name} has a line of more than {MAX_LINE_BYTES} bytes and is not read.")
            yield line.rstrip(b"\r\n")


def csv_rows(stream: IO[bytes], name: str) -> Iterator[dict[str, str]]:
    """Rows of a CSV file by header; surplus cells are dropped, missing ones are empty."""
    csv.field_size_limit(MAX_CELL_BYTES)
    text = io.TextIOWrapper(stream, "utf-8-sig", "replace", newline="")
    try:
        for row in csv.DictReader(text, restkey="", restval=""):
            row.pop("", None)
            yield row
    except csv.Error as error:
        raise SourceUnavailable(f"{name} is not readable as CSV ({error}).") from error


def decode_json(data: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[Any]) -> Any:
    """Decode one record. Raises Refused with the place of the fault."""
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused(f"is not as its format says: {error}") from error
    except RecursionError as error:
        raise Refused("is nested too deep") from error
