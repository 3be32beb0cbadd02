"""Certificates of the fleet: each distinct one once, and which of them each device tells.

In: the complete list of a device whenever it changes (``record``). Out: ``certificates`` by id, and the ``holdings``
of the ``devices_changed`` after a ``revision``.

Invariants: a certificate's row never changes; a device without a row tells none, which is not an empty list; the rows
are those of the devices' own details.
"""

from weakspot.inventory.certificates.contracts import Holdings, KnownCertificate
from weakspot.inventory.certificates.store import certificates, devices_changed, holdings, record, revision

__all__ = ["Holdings", "KnownCertificate", "certificates", "devices_changed", "holdings", "record", "revision"]
