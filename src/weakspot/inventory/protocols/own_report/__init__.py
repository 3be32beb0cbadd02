"""The sensor's own report (docs/sensor.md): what ``weakspot-sensor show`` prints, or any full report.

A document with ``device`` and ``software`` alone is one too. Items that the contract refuses are refused one by one.
"""

from weakspot.inventory.protocols.base import InventoryReader
from weakspot.inventory.protocols.own_report.reader import read, recognises

READER = InventoryReader(name="weakspot", title="Weakspot sensor report", recognises=recognises, read=read)
