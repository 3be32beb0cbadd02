"""Plain lists ``[{"name", "version"}]``, alone or under ``software``: the shape that osquery-based servers export.

``source`` of an item (``deb_packages``, ``programs``, ``apps``, ...) or ``type`` says what it is. Without either, the
packages that the list itself holds say which package manager it is of; else the file's name may name a system
(``ubuntu_2204-software.json``); else the items are programs of an unknown system.
"""

from weakspot.inventory.protocols.base import InventoryReader
from weakspot.inventory.protocols.plain_list.reader import read, recognises

READER = InventoryReader(name="plain-list", title="list of names and versions", recognises=recognises, read=read)
