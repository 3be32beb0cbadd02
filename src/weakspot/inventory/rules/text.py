"""What text may hold."""

from __future__ import annotations

from typing import Any

import msgspec

from weakspot.runtime.errors import InvalidField

_NUL = "\x00"
_ESCAPED = b"\\u0000"


def refuse_nul(item: msgspec.Struct) -> None:
    """Raises InvalidField naming the field that holds a NUL character, at any depth.

    Databases cut text at it or refuse it, and no name, version or path has one.
    """
    # Encoding a whole report is fifty times quicker than looking at each text; only suspects are walked through.
    if _ESCAPED in msgspec.json.encode(item):
        _walk(item, "")


def _walk(value: Any, where: str) -> None:
    if isinstance(value, str):
        if _NUL in value:
            raise InvalidField(f"{where} holds a NUL character; remove it.", field=where)
    elif isinstance(value, tuple):
        for number, one in enumerate(value):
            _walk(one, f"{where}[{number}]")
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            _walk(getattr(value, name), f"{where}.{name}" if where else name)
