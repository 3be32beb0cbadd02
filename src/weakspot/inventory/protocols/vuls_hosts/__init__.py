"""Hosts as an agentless scanner's results describe them: one object or an array, several devices in one file.

A host has ``family``, ``release``, ``kernel``, ``packages`` (name, version and, for rpm, release apart; source package,
repository, module label) and ``windowsKB``. The capitalised names of the scanner's own result files are read as well.
"""

from weakspot.inventory.protocols.base import InventoryReader
from weakspot.inventory.protocols.vuls_hosts.reader import read, recognises

READER = InventoryReader(name="scanned-hosts", title="scanned hosts", recognises=recognises, read=read)
