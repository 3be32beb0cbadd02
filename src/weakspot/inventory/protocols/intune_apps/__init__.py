"""Intune's detected apps, as Microsoft Graph gives them with their devices (``detectedApps?$expand=managedDevices``).

Intune's CSV exports of the same are read as CSV tables.
"""

from weakspot.inventory.protocols.base import InventoryReader
from weakspot.inventory.protocols.intune_apps.reader import read, recognises

READER = InventoryReader(name="intune", title="Intune detected apps", recognises=recognises, read=read)
