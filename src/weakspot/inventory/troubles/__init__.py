"""What is wrong with the sensors and agents of devices, in their own words and in ours.

In: how the collectors of each report ended, why a report was refused, lines of an agent's own log. Out: whether a
device is *misconfigured* (rules/health.py) and why, and the newest lines of its agents' logs.
Invariants: a device has a row only while something is wrong; a log keeps errors longer than the rest and is bounded.
"""

from weakspot.inventory.troubles.contracts import AgentLog, LogLine, LogSeverity, Troubles
from weakspot.inventory.troubles.rules import newest
from weakspot.inventory.troubles.store import (
    all_troubles,
    forget,
    keep_log,
    logs_of,
    note_collectors,
    note_refusal,
    of_device,
)

__all__ = [
    "AgentLog", "LogLine", "LogSeverity", "Troubles", "all_troubles", "forget", "keep_log", "logs_of", "newest",
    "note_collectors", "note_refusal", "of_device",
]  # fmt: skip
