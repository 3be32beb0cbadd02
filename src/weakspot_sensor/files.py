"""Bounded, read-only access to the files of one system, whose root is "/" or a folder that holds a copy.

Paths are absolute as that system sees them. Below another root symbolic links are resolved as if that folder
were "/", so that reading an image never leaves it. Only regular files are opened for reading: a FIFO or
device placed where a file is expected is refused, never waited for.
"""

from __future__ import annotations

import fnmatch
import functools
import itertools
import operator
import os
import stat
import time
from typing import BinaryIO, Iterable, Iterator

from weakspot_sensor import limits

_SYMLINKS = 40
_CHUNK = 1 << 20
# Windows has none of the last three, and needs its own against translated line ends.
_FLAG_NAMES = ("O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY", "O_BINARY")
_FLAGS = os.O_RDONLY | functools.reduce(operator.or_, (getattr(os, name, 0) for name in _FLAG_NAMES))


class TooLargeError(OSError):
    """A file is larger than what the sensor is willing to read of it."""


class Root:
    """The file system of one device."""

    def __init__(self, path: str = "/") -> None:
        self.path = os.path.realpath(path)
        # Where there are drives, "/" is that of the system.
        self.is_live = "/" in (path, self.path)

    def locate(self, path: str) -> str:
        """Where `path` of that system is on this one. Raises OSError when links run in a circle."""
        if self.is_live:
            return path
        parts = [part for part in reversed(path.split("/")) if part]
        inside: list[str] = []
        followed = 0
        while parts:
            part = parts.pop()
            if part == ".":
                continue
            if part == "..":
                del inside[-1:]
                continue
            here = os.path.join(self.path, *inside, part)
            try:
                target = os.readlink(here)
            except OSError:
                inside.append(part)
                continue
            followed += 1
            if followed > _SYMLINKS:
                raise OSError("too many levels of symbolic links: " + path)
            if target.startswith("/"):
                inside = []
            parts.extend(piece for piece in reversed(target.split("/")) if piece)
        return os.path.join(self.path, *inside)

    def stat(self, path: str) -> os.stat_result | None:
        """Facts about what `path` leads to; None when there is nothing or it may not be looked at."""
        try:
            return os.stat(self.locate(path))
        except OSError:
            return None

    def is_file(self, path: str) -> bool:
        found = self.stat(path)
        return found is not None and stat.S_ISREG(found.st_mode)

    def is_folder(self, path: str) -> bool:
        found = self.stat(path)
        return found is not None and stat.S_ISDIR(found.st_mode)

    def read(self, path: str, limit: int) -> bytes:
        """All of a regular file. Raises OSError, and TooLargeError when it holds more than `limit` bytes."""
        data = self.head(path, limit + 1)
        if len(data) > limit:
            raise TooLargeError("{} holds more than {} bytes".format(path, limit))
        return data

    def head(self, path: str, limit: int) -> bytes:
        """The first `limit` bytes of a regular file. Raises OSError."""
        handle = self._open(path)
        try:
            pieces: list[bytes] = []
            left = limit
            while left > 0:
                piece = os.read(handle, min(left, _CHUNK))
                if not piece:
                    break
                pieces.append(piece)
                left -= len(piece)
            return b"".join(pieces)
        finally:
            os.close(handle)

    def file(self, path: str) -> BinaryIO:
        """A regular file to be read in pieces; the caller closes it. Raises OSError."""
        return os.fdopen(self._open(path), "rb")

    def _open(self, path: str) -> int:
        handle = os.open(self.locate(path), _FLAGS)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError("not a regular file: " + path)
        return handle

    def line(self, path: str) -> str:
        """The text of a one-line file without its white space; "" when it cannot be read."""
        try:
            return self.head(path, limits.SMALL_FILE_BYTES).decode("utf-8", "replace").strip(" \t\r\n\0")
        except OSError:
            return ""

    def names(self, path: str) -> list[str]:
        """Sorted names in a folder; [] when it cannot be listed. At most `limits.FOLDER_ENTRIES`."""
        found: list[str] = []
        try:
            with os.scandir(self.locate(path)) as entries:
                for entry in entries:
                    found.append(entry.name)
                    if len(found) >= limits.FOLDER_ENTRIES:
                        break
        except OSError:
            return []
        return sorted(found)

    def folders(self, patterns: tuple[str, ...]) -> list[str]:
        """Existing folders that match shell patterns, each once even if several paths lead to it.

        In the order of the patterns, then by name; at most `limits.GLOB_RESULTS`.
        """
        found: list[str] = []
        seen: set[tuple[int, int]] = set()
        for pattern in patterns:
            for path in self._expand(pattern):
                facts = self.stat(path)
                if facts is None or not stat.S_ISDIR(facts.st_mode):
                    continue
                if (facts.st_dev, facts.st_ino) in seen:
                    continue
                seen.add((facts.st_dev, facts.st_ino))
                found.append(path)
                if len(found) >= limits.GLOB_RESULTS:
                    return found
        return found

    def walk(self, folders: Iterable[str]) -> Iterator[str]:
        """Files below these folders; links are not followed. Bounded in folders, depth and time (limits)."""
        left = [(folder, 1) for folder in folders]
        deadline = time.monotonic() + limits.WALK_SECONDS
        visited = 0
        while left and visited < limits.WALK_FOLDERS and time.monotonic() < deadline:
            folder, depth = left.pop()
            visited += 1
            for name, is_folder in self._entries(folder):
                path = folder + "/" + name
                if not is_folder:
                    yield path
                elif depth < limits.WALK_DEPTH:
                    left.append((path, depth + 1))

    def _entries(self, path: str) -> list[tuple[str, bool]]:
        """(name, is a folder) of the files and folders in a folder, sorted."""
        found: list[tuple[str, bool]] = []
        try:
            with os.scandir(self.locate(path)) as entries:
                for entry in itertools.islice(entries, limits.FOLDER_ENTRIES):
                    is_folder = entry.is_dir(follow_symlinks=False)
                    if is_folder or entry.is_file(follow_symlinks=False):
                        found.append((entry.name, is_folder))
        except OSError:
            return []
        return sorted(found)

    def paths(self, pattern: str) -> list[str]:
        """Paths that match a shell pattern, by name; the part after the last wildcard need not exist."""
        return self._expand(pattern)

    def _expand(self, pattern: str) -> list[str]:
        paths = [""]
        for part in pattern.strip("/").split("/"):
            if not any(sign in part for sign in "*?["):
                paths = [path + "/" + part for path in paths]
                continue
            matched: list[str] = []
            for path in paths:
                names = fnmatch.filter(self.names(path or "/"), part)
                matched.extend(path + "/" + name for name in names if part[0] == "." or name[0] != ".")
            paths = matched[: limits.GLOB_RESULTS]
        return paths


def signature(root: Root, paths: tuple[str, ...]) -> tuple[tuple[int, int, int], ...]:
    """What changes when one of the files or folders changes: size, time of change and inode of each."""
    found = []
    for path in paths:
        facts = root.stat(path)
        found.append((0, 0, 0) if facts is None else (facts.st_size, facts.st_mtime_ns, facts.st_ino))
    return tuple(found)
