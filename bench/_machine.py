"""What the system tells of its processors and of a process: Linux's /proc. Elsewhere nothing is known."""

from __future__ import annotations

import os
from pathlib import Path

_STAT = Path("/proc/stat")
_IDLE, _WAITING, _STOLEN, _FIELDS = 3, 4, 7, 8  # user nice system idle iowait irq softirq steal; more is in user
_LEAST_TICKS = 20


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
    """Memory of a process now, the files that it maps included."""
    return _status_mib(pid, "VmRSS:")


def anonymous_mib(pid: int) -> float:
    """Memory that a process holds itself: without files that it maps, which the system takes back when it likes."""
    return _status_mib(pid, "RssAnon:")


def cpu_seconds(pid: int) -> float:
    """Processor time that a process took so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _status_mib(pid: int, name: str) -> float:
    for text in Path(f"/proc/{pid}/status").read_text().splitlines():
        if text.startswith(name):
            return int(text.split()[1]) / 1024
    return 0.0
