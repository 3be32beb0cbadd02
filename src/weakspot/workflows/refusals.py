"""Refused sensors in the audit log: a key of another device, a forged id, too much, too deep. At most hourly for each.

What a refused request said is not kept; who asked and why it was refused is. A flood of them writes no flood of lines.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict

from sqlalchemy.engine import Connection

from weakspot import access, inventory
from weakspot.inventory import identities, troubles
from weakspot.inventory.contracts import HardwareId
from weakspot.runtime.clock import SECOND, Micros
from weakspot.runtime.errors import AccessError, DeviceKnown, WeakspotError
from weakspot.runtime.secrets import hash_secret
from weakspot.workflows.services import Services

AGAIN_AFTER: Micros = 3_600 * SECOND
_REMEMBERED = 10_000
_UNKNOWN = "an unknown key"

logger = logging.getLogger(__name__)


class Refusals:
    """Notes refused requests of sensors; safe from any thread, and never an error for the request itself."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._told: OrderedDict[tuple[str, str], Micros] = OrderedDict()
        self._lock = threading.Lock()

    def note(
        self, key: str | None, error: WeakspotError, now: Micros, hardware_ids: tuple[HardwareId, ...] = ()
    ) -> None:
        """A request with this key was refused. hardware_ids: what it said of itself, where it got that far."""
        # A flood with one key is told from here, without a look into the database.
        if key is not None and not self._is_news((hash_secret(key).hex(), error.slug), now):
            return
        device = self._device(key)
        who = _UNKNOWN if device is None else device[1]
        if not self._is_news((who, error.slug), now):
            return

        def unit(conn: Connection) -> None:
            is_clone = isinstance(error, DeviceKnown) and device is not None and bool(hardware_ids)
            if is_clone and device is not None:
                identities.note_cloned_key(conn, device[0], hardware_ids, now)
            if device is not None:
                troubles.note_refusal(conn, device[0], error.detail, now)
            details = {"reason": error.slug, "detail": error.detail[:300]}
            access.record_audit(
                conn, now, access.internal_caller("sensors"), "sensor.refused", f"device:{who}", details
            )

        self._services.database.submit(unit).add_done_callback(_told_failure)

    def _device(self, key: str | None) -> tuple[int, str] | None:
        if key is None:
            return None
        try:
            with self._services.database.read() as conn:
                return inventory.authenticate_device(conn, key)
        except AccessError:
            return None

    def _is_news(self, what: tuple[str, str], now: Micros) -> bool:
        with self._lock:
            last = self._told.get(what)
            if last is not None and now - last < AGAIN_AFTER:
                return False
            self._told[what] = now
            self._told.move_to_end(what)
            if len(self._told) > _REMEMBERED:
                self._told.popitem(last=False)
            return True


def _told_failure(done: object) -> None:
    error = done.exception()  # type: ignore[attr-defined]
    if error is not None:
        logger.warning("a refusal was not written to the audit log", exc_info=error)
