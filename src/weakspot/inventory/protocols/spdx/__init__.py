"""SPDX 2.2 and 2.3 (JSON and tag-value) and 3.0 (JSON-LD): packages (https://spdx.github.io/spdx-spec/).

Packages are identified by their package URL, else by name and supplier. Files, snippets and the package that the whole
document describes as the device are no software of their own.
"""

from weakspot.inventory.protocols.base import InventoryReader
from weakspot.inventory.protocols.spdx.reader import read, recognises

READER = InventoryReader(name="spdx", title="SPDX document", recognises=recognises, read=read)
