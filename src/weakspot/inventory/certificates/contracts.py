"""What is known of certificates, as other contexts see it."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from weakspot.runtime.clock import Micros


class KnownCertificate(msgspec.Struct, frozen=True):
    """One certificate as devices tell it. Empty text, 0 bits and None: not told."""

    id: int
    sha256: str
    subject: str
    issuer: str
    serial: str
    not_before: Micros | None
    not_after: Micros | None
    key_type: str
    key_bits: int
    signature: str


class Holdings(msgspec.Struct, frozen=True):
    """Which device tells which certificate: two columns of ids, a row for each."""

    certificates: NDArray[np.uint32]
    devices: NDArray[np.uint32]
