"""Defender's ``SoftwareInventoryByMachine``: pages of the API (``value``) and files of the export, one record a line.

A record is one software version on one device. Its names are those of Microsoft's catalogue (``google``, ``chrome``).
"""

from weakspot.inventory.protocols.base import InventoryReader
from weakspot.inventory.protocols.defender_export.reader import read, recognises

READER = InventoryReader(
    name="defender-export", title="Defender software inventory by machine", recognises=recognises, read=read
)
