"""Which programs run now, as cheaply as each system tells it. Of command lines only archives are kept."""

from __future__ import annotations

import os
import sys
from typing import Callable, Dict, FrozenSet, Iterable, List

from weakspot_sensor import commands, limits
from weakspot_sensor.files import Root

Look = Callable[[FrozenSet[int]], Dict[int, List[str]]]
"""Given the processes that are known: files that each of the others runs, and of the known ones an empty list."""

_JAVA = "java"
_ARCHIVES = (".jar", ".war")
_QUERY_LIMITED = 0x1000


def looker() -> Look:
    """How to look on this system."""
    if sys.platform == "win32":
        return look_windows
    if sys.platform == "darwin":
        return look_ps
    return look_proc


def look_proc(known: FrozenSet[int], root: Root = Root()) -> Dict[int, List[str]]:  # noqa: B008 - it is not changed
    """Linux: /proc; only root sees the programs of others."""
    pids = [int(name) for name in os.listdir(root.locate("/proc")) if name.isdigit()][: limits.PROCESSES]
    return {pid: [] if pid in known else _files_of(root, pid) for pid in pids}


def _files_of(root: Root, pid: int) -> List[str]:
    folder = "/proc/{}".format(pid)
    try:
        path = os.readlink(root.locate("/proc") + "/{}/exe".format(pid))
    except OSError:
        return []
    if path.endswith(" (deleted)"):
        path = path[: -len(" (deleted)")]
    if path.rsplit("/", 1)[-1] != _JAVA:
        return [path]
    try:
        words = root.head(folder + "/cmdline", limits.SMALL_FILE_BYTES).decode("utf-8", "replace").split("\0")
    except OSError:
        words = []
    return [path, *archives(words)]


def archives(words: Iterable[str]) -> List[str]:
    """Absolute paths of archives among the words of a command line, class paths taken apart."""
    parts = (part for word in words for part in word.split(":"))
    return [part for part in parts if part.startswith("/") and part.endswith(_ARCHIVES)][: limits.NAMES]


def look_ps(known: FrozenSet[int]) -> Dict[int, List[str]]:
    """macOS: ps(1) names the file of each process."""
    try:
        output = commands.run(["ps", "-axo", "pid=,comm="])
    except commands.CommandError:
        return {}
    return parse_ps(output.decode("utf-8", "replace"), known)


def parse_ps(text: str, known: FrozenSet[int]) -> Dict[int, List[str]]:
    """Lines of a number and a path, which may hold blanks."""
    found: Dict[int, List[str]] = {}
    for line in text.split("\n")[: limits.PROCESSES]:
        number, _, path = line.strip().partition(" ")
        if number.isdigit():
            found[int(number)] = [path.strip()] if int(number) not in known and path.strip().startswith("/") else []
    return found


def look_windows(known: FrozenSet[int]) -> Dict[int, List[str]]:
    """Windows: EnumProcesses and QueryFullProcessImageNameW. Paths have forward slashes."""
    import ctypes

    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    numbers = (ctypes.c_uint32 * limits.PROCESSES)()
    size = ctypes.c_uint32()
    if not kernel.K32EnumProcesses(numbers, ctypes.sizeof(numbers), ctypes.byref(size)):
        return {}
    kernel.OpenProcess.restype = ctypes.c_void_p
    found: Dict[int, List[str]] = {}
    for pid in numbers[: size.value // 4]:
        found[pid] = []
        handle = None if pid in known or not pid else kernel.OpenProcess(_QUERY_LIMITED, False, pid)
        if not handle:
            continue
        text = ctypes.create_unicode_buffer(limits.TEXT_CHARACTERS)
        length = ctypes.c_uint32(limits.TEXT_CHARACTERS)
        if kernel.QueryFullProcessImageNameW(ctypes.c_void_p(handle), 0, text, ctypes.byref(length)):
            found[pid] = [windows_path(text.value)]
        kernel.CloseHandle(ctypes.c_void_p(handle))
    return found


def windows_path(path: str) -> str:
    """As items name places on Windows: forward slashes."""
    return path.strip().strip('"').replace("\\", "/")
