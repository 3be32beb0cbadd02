"""Lists that ``rpm`` prints: ``rpm -qa`` (name-[epoch:]version-release.arch), or tab-separated ``--qf`` fields.

Fields of a tabbed line are name, [epoch:]version-release, architecture, source package file, vendor, module label;
those after the second may be absent. Epochs ``0`` and ``(none)`` are none.
"""

from weakspot.inventory.protocols.base import InventoryReader
from weakspot.inventory.protocols.rpm_list.reader import read, recognises

READER = InventoryReader(name="rpm-list", title="rpm package list", recognises=recognises, read=read)
