"""Device identity: recognising a device again, merging and keeping apart, and the end of devices.

In: descriptions of devices, decisions of people, the retention time. Out: whom a description may be, events to show,
ended devices. Invariants: nothing is merged or taken over without the old key or somebody's decision; every decision is
kept; a merge can be undone; a device that ended counts nowhere, and its past stays.
"""

from weakspot.inventory.identities.service import (
    CLONED_KEY,
    Recognised,
    decide,
    look_for_duplicates,
    merge,
    note_clone,
    note_cloned_key,
    note_taken_over,
    recognise,
    remove,
    unmerge,
)
from weakspot.inventory.identities.store import Ended, IdentityEvent, ended, events, merged

__all__ = [
    "CLONED_KEY",
    "Ended",
    "IdentityEvent",
    "Recognised",
    "decide",
    "ended",
    "events",
    "look_for_duplicates",
    "merge",
    "merged",
    "note_clone",
    "note_cloned_key",
    "note_taken_over",
    "recognise",
    "remove",
    "unmerge",
]
