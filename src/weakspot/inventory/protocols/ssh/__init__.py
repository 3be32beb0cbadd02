"""Linux devices asked over SSH: read-only commands of the device's own, their output read as an inventory.

In: an address, credentials, the key by which it is known. Out: the device and its software. The credentials are sent
only after the address has shown the key by which it is known.

Invariants: nothing is written, installed or left running on the device; output and time are bounded.
"""

from weakspot.inventory.protocols.ssh.client import Access, Answers, KeyChanged, LoginRefused, Unreachable, ask, key_of
from weakspot.inventory.protocols.ssh.reader import COMMANDS, inventory_of

__all__ = [
    "COMMANDS",
    "Access",
    "Answers",
    "KeyChanged",
    "LoginRefused",
    "Unreachable",
    "ask",
    "inventory_of",
    "key_of",
]
