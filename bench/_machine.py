"""What the system tells of its processors and of a process: Linux's /proc. Elsewhere nothing is known."""

from __future__ import annotations

import os
from pathlib import Path

_STAT = Path("/proc/stat")
_IDLE, _WAITING, _STOLEN, _FIELDS = 3, 4, 7, 8  # user nice system idle iowait irq softirq steal; more is in user
_LEAST_TICKS = 20
_PARENT, _CPU = 1, slice(11, 15)  # of /proc/PID/stat after the name: utime stime cutime cstime


class Stolen:
    """The share of the processor time that this virtual machine wanted and its host gave to others, since it was last
    asked for. A figure of a loaded host is not that of a slow program.
    """

    def __init__(self, stat: Path = _STAT) -> None:
        self._stat = stat
        self._before = self._read()
        self._share: float | None = None if self._before is None else 0.0

    def share(self) -> float | None:
        """0-1 of the time since the last call, the same as then where that is too short to say; None: not told here."""
        now = self._read()
        if now is None or self._before is None:
            return None
        stolen, wanted = now[0] - self._before[0], now[1] - self._before[1]
        if wanted >= _LEAST_TICKS:
            self._before, self._share = now, stolen / wanted
        return self._share

    def _read(self) -> tuple[int, int] | None:
        try:
            fields = [int(one) for one in self._stat.read_text().split("\n", 1)[0].split()[1 : _FIELDS + 1]]
        except (OSError, ValueError):
            return None
        if len(fields) < _FIELDS:
            return None
        return fields[_STOLEN], sum(fields) - fields[_IDLE] - fields[_WAITING]


def resident_mib(pid: int) -> float:
    """Memory of a process and of those that it started now, the files that they map included."""
    return sum(_status_mib(one, "VmRSS:") for one in family(pid))


def anonymous_mib(pid: int) -> float:
    """Memory that they hold themselves: without files that they map, which the system takes back when it likes."""
    return sum(_status_mib(one, "RssAnon:") for one in family(pid))


def cpu_seconds(pid: int) -> float:
    """Processor time that a process and those that it started took so far, ended ones that it waited for included."""
    ticks = [_stat(one)[_CPU] for one in family(pid)]
    return sum(int(field) for fields in ticks for field in fields) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that it and they started, as far as these run."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        if fields := _stat(int(path.name)):
            children.setdefault(int(fields[_PARENT]), []).append(int(path.name))
    found = [pid]
    for one in found:  # grows meanwhile
        found += children.get(one, ())
    return found


def _stat(pid: int) -> list[str]:
    """Fields after the name; none of a process that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _status_mib(pid: int, name: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(text.split()[1]) / 1024 for text in lines if text.startswith(name)), 0.0)
