"""Logging: one line a record to standard error, as text or JSON, with secrets blotted out.

Foreign text cannot forge lines: control characters are escaped. Values go into ``extra={"fields": {...}}``.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import msgspec

from weakspot.runtime.clock import to_iso
from weakspot.runtime.secrets import redact

ROOT = "weakspot"
_MAXIMUM_LINE = 8_000


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Send the records of ``weakspot.*`` and of the web server to one stream. May be called again."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    for name in (ROOT, "uvicorn", "litestar"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
        logger.setLevel(level.upper() if name == ROOT else logging.WARNING)


class TextFormatter(logging.Formatter):
    """``time LEVEL logger: message key=value``; a traceback follows indented."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [f"{_time(record)} {record.levelname:<7} {record.name}: {_one_line(record.getMessage())}"]
        parts += [f"{name}={_one_line(str(value))}" for name, value in _fields(record).items()]
        text = " ".join(parts)[:_MAXIMUM_LINE]
        if record.exc_info:
            text += "\n" + redact(self.formatException(record.exc_info))
        return text


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, logger, message, the fields, and ``error`` with a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        document: dict[str, Any] = {
            "at": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage())[:_MAXIMUM_LINE],
        }
        document |= {name: _json_value(value) for name, value in _fields(record).items() if name not in document}
        if record.exc_info:
            document["error"] = redact(self.formatException(record.exc_info))
        return msgspec.json.encode(document).decode()


def _time(record: logging.LogRecord) -> str:
    return to_iso(int(record.created * 1_000_000))


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = getattr(record, "fields", None)
    return fields if isinstance(fields, dict) else {}


def _json_value(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float) else redact(str(value))[:_MAXIMUM_LINE]


def _one_line(text: str) -> str:
    cleaned = redact(text)
    if cleaned.isprintable():
        return cleaned
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in cleaned)
