"""What a file of a source holds: the records of each entry, and what tells a changed entry from a known one."""

from __future__ import annotations

import msgspec

from weakspot.intel.contracts import AdvisoryRecord, EvidenceRecord, LifecycleRecord, Supersedence
from weakspot.intel.sources.base import Record
from weakspot.runtime.compression import compress, decompress

Key = tuple[str, str]
"""(kind, key) of a record inside its source."""

Listing = dict[str, tuple[str, list[Key]]]
"""entry -> (fingerprint, keys of the records it gave)."""


def keys_of(listing: Listing) -> set[Key]:
    """All records of a listing."""
    return {key for _, keys in listing.values() for key in keys}


def key_of(record: Record) -> Key:
    """What makes a record the same one when it comes again. Raises TypeError for records that are not kept by key."""
    match record:
        case AdvisoryRecord():
            return "advisory", record.record_id
        case EvidenceRecord():
            return "evidence", f"{record.kind}|{record.name}"
        case LifecycleRecord():
            return "lifecycle", f"{record.product}|{record.cycle}"
        case Supersedence():
            return "supersedence", f"{record.update}|{record.superseded}|{record.product}"
    raise TypeError(f"{type(record).__name__} has no key")


def pack_listing(listing: Listing) -> bytes:
    """For the ``part`` table."""
    return compress(msgspec.msgpack.encode(listing))


def unpack_listing(packed: bytes) -> Listing:
    """Reverse of ``pack_listing``."""
    return msgspec.msgpack.decode(decompress(packed), type=Listing)
