"""How an assessment is printed: one look-alike module a format, listed in ``FORMATS``."""

from __future__ import annotations

from collections.abc import Callable

from weakspot.cli.output import cyclonedx, document, sarif, table
from weakspot.workflows import Assessment

FORMATS: dict[str, Callable[[Assessment], str]] = {
    "table": table.render,
    "json": document.render,
    "sarif": sarif.render,
    "cyclonedx": cyclonedx.render,
}
