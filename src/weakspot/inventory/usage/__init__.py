"""Which software runs where: days of use of every device that looks, so that they can be summed up for a software.

In: the complete use of a device whenever it changes (``record``). Out: ``days_used`` of one software on some devices.

Invariants: a device without a row does not look, which is not the same as not using anything; the rows are those of the
devices' own details.
"""

from weakspot.inventory.usage.contracts import DaysUsed
from weakspot.inventory.usage.store import days_used, record

__all__ = ["DaysUsed", "days_used", "record"]
