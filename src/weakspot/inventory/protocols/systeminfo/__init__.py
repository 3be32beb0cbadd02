"""What ``systeminfo`` prints, in any language, with the outputs of ``wmic qfe`` and of update searches beside it.

Labels are translated, their order and what stands behind them is not: the system's name is the line before its
version, hotfixes are ``[01]: KB…``. ``…_qfe.txt`` lists applied updates too, ``…_updates*.txt`` (``KB…: title``)
those that wait. The output has no build revision: the update list decides about fixes inside a release.
"""

from weakspot.inventory.protocols.base import InventoryReader
from weakspot.inventory.protocols.systeminfo.reader import read, recognises

READER = InventoryReader(name="systeminfo", title="Windows systeminfo", recognises=recognises, read=read)
