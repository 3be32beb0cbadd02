"""Wazuh's syscollector: packages as its API (``data.affected_items``) and its indexer (``hits.hits``) give them.

A file holds packages of one agent or of many. Hotfixes are read too; ``format`` or ``type`` says what kind it is.
"""

from weakspot.inventory.protocols.base import InventoryReader
from weakspot.inventory.protocols.wazuh.reader import read, recognises

READER = InventoryReader(name="wazuh", title="Wazuh syscollector", recognises=recognises, read=read)
