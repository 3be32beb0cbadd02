"""GLPI and FusionInventory agents: JSON (``content.softwares``) and XML (``REQUEST/CONTENT/SOFTWARES``).

``from`` of an entry names the package manager; partial inventories without software are devices without items.
"""

from weakspot.inventory.protocols.base import InventoryReader
from weakspot.inventory.protocols.glpi.reader import read, recognises

READER = InventoryReader(name="glpi", title="GLPI or FusionInventory inventory", recognises=recognises, read=read)
