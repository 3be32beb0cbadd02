"""Authenticated scans: devices without any agent, asked over SSH on a schedule.

In: scans as people define them (targets, credentials, how often), and what a run brought. Out: scans that are due,
their history, the keys by which each address is known.

Invariants: credentials are sealed (``runtime.vault``) and never given out; an address is trusted by the key that it
showed first, and another key is refused until a person accepts it; what was found is recorded as any source's part.
"""

from weakspot.inventory.scans.contracts import NewScan, Outcome, Run, Scan, Status
from weakspot.inventory.scans.rules import MAX_ADDRESSES, addresses_of
from weakspot.inventory.scans.service import (
    accept_key,
    add_scan,
    credentials,
    due,
    find_scan,
    list_scans,
    pin_key,
    pinned_key,
    record_run,
    remove_scan,
    runs,
)

__all__ = [
    "MAX_ADDRESSES",
    "NewScan",
    "Outcome",
    "Run",
    "Scan",
    "Status",
    "accept_key",
    "add_scan",
    "addresses_of",
    "credentials",
    "due",
    "find_scan",
    "list_scans",
    "pin_key",
    "pinned_key",
    "record_run",
    "remove_scan",
    "runs",
]
