"""A thread that does one thing again and again while something is killed beside it."""

from __future__ import annotations

import threading


class Repeating(threading.Thread):
    """Calls ``one`` until ``stop``, which raises AssertionError where a call had raised."""

    def __init__(self, patience_seconds: float) -> None:
        super().__init__(daemon=True)
        self._patience = patience_seconds
        self._failure: str | None = None
        self._stopping = threading.Event()

    def one(self) -> None:
        """The thing itself."""
        raise NotImplementedError

    def run(self) -> None:
        """Until told to stop, or the first error."""
        try:
            while not self._stopping.is_set():
                self.one()
        except Exception as error:
            self._failure = repr(error)

    def stop(self) -> None:
        """Let the call that runs finish, then end."""
        self._stopping.set()
        self.join(self._patience)
        assert not self.is_alive(), f"no end within {self._patience:g} s"
        assert self._failure is None, self._failure
