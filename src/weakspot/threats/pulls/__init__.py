"""Pulls: alerts that are asked for at the product that makes them, where it does not send them by itself.

In: connections that administrators make (settings, and secrets that are sealed). Out: pages of alerts since the last
one that was taken, and how far each connection has come.

Invariants: an alert is asked for until a page with it was recorded durably, and may come twice (detections are known by
their id); a connection that fails waits longer each time, or as long as the product asks; it never follows a link to
another address than its own.
"""

from weakspot.threats.pulls.asking import FIELDS, AlertSource
from weakspot.threats.pulls.contracts import Page, Pull, PullState
from weakspot.threats.pulls.rules import is_stale, start_of
from weakspot.threats.pulls.service import add, advance, due, fail, finish, get, listed, open_source, remove, switch

__all__ = [
    "FIELDS", "AlertSource", "Page", "Pull", "PullState", "add", "advance", "due", "fail", "finish",
    "get", "is_stale", "listed", "open_source", "remove", "start_of", "switch",
]  # fmt: skip
