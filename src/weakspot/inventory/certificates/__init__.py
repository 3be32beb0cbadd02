"""Certificates of the fleet: each distinct one once, and which of them each device tells.

In: the complete list of a device whenever it changes (``record``). Out: ``certificates`` by id, and the ``holders``
whose list was written after a ``revision``.

Invariants: a certificate's row never changes; a device without a row tells none, which is not an empty list; the rows
are those of the devices' own details.
"""

from weakspot.inventory.certificates.contracts import Holders, KnownCertificate
from weakspot.inventory.certificates.store import certificates, holders, record, revision

__all__ = ["Holders", "KnownCertificate", "certificates", "holders", "record", "revision"]
