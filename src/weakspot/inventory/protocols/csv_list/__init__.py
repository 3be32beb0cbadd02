"""Tables with a header, separated by commas, semicolons or tabs. One row an item; a host column makes several devices.

Columns are found by their usual names; ``read_mapped`` takes a mapping of fields to column names instead.
"""

from weakspot.inventory.protocols.base import InventoryReader
from weakspot.inventory.protocols.csv_list.reader import read, read_mapped, recognises

READER = InventoryReader(name="csv", title="CSV table", recognises=recognises, read=read)

__all__ = ["READER", "read_mapped"]
