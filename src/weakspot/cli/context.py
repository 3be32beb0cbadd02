"""What commands share: the settings, and a way to the server or, where none runs, to its parts in this process."""

from __future__ import annotations

from typing import Any

from weakspot.runtime import settings as runtime_settings
from weakspot.runtime.settings import Settings


class CliContext:
    """Options given before the command."""

    def __init__(self, data: str | None) -> None:
        self._data = data

    def settings(self, **overrides: Any) -> Settings:
        """Settings from the environment, with what the command line says on top."""
        return runtime_settings.load(data=self._data, **overrides)
