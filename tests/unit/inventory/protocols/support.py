"""What the tests of the readers share."""

from __future__ import annotations

import json
from typing import Any

from weakspot.inventory import protocols
from weakspot.inventory.contracts import InstalledSoftware
from weakspot.inventory.protocols import Document, ReadInventory


def document(content: Any, name: str = "device.json") -> Document:
    """A document of text, bytes, or what becomes JSON."""
    if isinstance(content, bytes):
        return Document(content, name)
    return Document((content if isinstance(content, str) else json.dumps(content)).encode(), name)


def read(content: Any, name: str = "device.json", *, by: str) -> ReadInventory:
    """The one device of a document, which the named reader must recognise."""
    given = document(content, name)
    assert protocols.recognise(given).name == by
    (inventory,) = protocols.read(given)
    return inventory


def item(inventory: ReadInventory, name: str) -> InstalledSoftware:
    """The one item of that name."""
    (found,) = [one for one in inventory.software if one.name == name]
    return found
