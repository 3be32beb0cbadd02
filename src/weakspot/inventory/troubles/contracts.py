"""What crosses the border of the troubles of sensors and agents."""

from __future__ import annotations

from typing import Literal

import msgspec

from weakspot.runtime.clock import Micros

LogSeverity = Literal["information", "warning", "error"]


class LogLine(msgspec.Struct, frozen=True, array_like=True):
    """One line of an agent's own log. text: at most 500 characters. place: file and line of the agent's source."""

    at: Micros
    severity: LogSeverity
    text: str
    place: str = ""


class AgentLog(msgspec.Struct, frozen=True, kw_only=True):
    """The newest lines of one source of a device, newest first."""

    source: str
    lines: tuple[LogLine, ...]


class Troubles(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with the sensor of one device.

    incomplete: which parts of the last report failed, with reasons; empty where none did. refused: why the last refused
    report was refused, at ``refused_at``; None where none was.
    """

    incomplete: str = ""
    refused: str = ""
    refused_at: Micros | None = None
