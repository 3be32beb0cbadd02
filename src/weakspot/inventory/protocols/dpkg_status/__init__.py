"""dpkg's own database (``/var/lib/dpkg/status``; deb-control(5)): every package with files on disk.

A status file does not say which release it is of: the packages do (``releases.inferred``).
"""

from weakspot.inventory.protocols.base import InventoryReader
from weakspot.inventory.protocols.dpkg_status.reader import read, recognises

READER = InventoryReader(name="dpkg-status", title="dpkg status file", recognises=recognises, read=read)
