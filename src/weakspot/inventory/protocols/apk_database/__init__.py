"""apk's own database (``/lib/apk/db/installed``): packages with their origin.

Records are lines ``X:value`` with a blank line between packages: P name, V version, A architecture, o origin, m
maintainer.
"""

from weakspot.inventory.protocols.apk_database.reader import read, recognises
from weakspot.inventory.protocols.base import InventoryReader

READER = InventoryReader(name="apk-database", title="apk installed database", recognises=recognises, read=read)
