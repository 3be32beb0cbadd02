"""What one query of ours is."""

from __future__ import annotations

from typing import Literal

import msgspec

PREFIX = "weakspot/"
HOUR = 3600
Platform = Literal["", "linux", "darwin", "windows"]
Purpose = Literal["software", "fact", "setting", "use"]


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """One query. platform: empty for everywhere.

    purpose: ``software`` and ``setting`` are told by differences; a ``fact`` describes the device, and is a snapshot;
    ``use`` says which programs run. is_event: its rows are told once, when they happen, and are never taken back.
    """

    name: str
    sql: str
    platform: Platform = ""
    interval_seconds: int = HOUR
    purpose: Purpose = "software"
    is_event: bool = False

    @property
    def is_fact(self) -> bool:
        """Whether only the newest rows count."""
        return self.purpose == "fact"
