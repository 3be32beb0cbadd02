"""What the use cases need, made once by the composition root."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from weakspot import inventory
from weakspot.runtime.clock import Clock, system_clock
from weakspot.runtime.database import Database


class Services:
    """The database with its writer, the interner of software versions, the clock and the data folder."""

    def __init__(
        self,
        database: Database,
        data: Path,
        clock: Clock = system_clock,
        feed_key_files: Mapping[str, Path] | None = None,
    ) -> None:
        self.database = database
        self.feed_key_files = feed_key_files or {}
        """Files that hold keys of sources, by source."""
        self.data = data
        self.clock = clock
        self.interner = inventory.Interner()
        database.on_abort(self.interner.forget)
