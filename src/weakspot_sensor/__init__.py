"""Weakspot's own sensor: what software and hardware this device has, sent as it changes.

In:  the files of the running system (package databases, /proc, /sys), read only and bounded.
Out: reports (one full, then deltas) to the server's sensor protocol; or the same report as JSON.

Invariants: standard library only; nothing of `weakspot` is imported; Python 3.8 is enough; a collector that
fails never stops the others; a report once in the spool is delivered exactly once with effect.
"""

__version__ = "0.1.0"
