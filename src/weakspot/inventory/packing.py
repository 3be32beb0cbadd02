"""The packed form of a device's installations and evidence.

Installations: a version byte, the count, the ids as sorted deltas and the first-seen times, each column a little-endian
block, compressed together. Ids are uint32 ascending and unique; times are int64 microseconds.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from weakspot.inventory.contracts import Evidence
from weakspot.runtime.clock import Micros
from weakspot.runtime.compression import compress, compress_all, decompress, decompress_all

Ids = NDArray[np.uint32]
Times = NDArray[np.int64]
KeptEvidence = Evidence | msgspec.Raw

_FORMAT = 1
_HEADER = struct.Struct("<BI")
_EVIDENCE = msgspec.msgpack.Decoder(dict[int, Evidence])
_UNREAD: msgspec.msgpack.Decoder[dict[int, KeptEvidence]] = msgspec.msgpack.Decoder(dict[int, msgspec.Raw])


def empty() -> tuple[Ids, Times]:
    """No installations."""
    return np.empty(0, np.uint32), np.empty(0, np.int64)


def pack(ids: Ids, first_seen: Times) -> bytes:
    """ids ascending and unique; first_seen in the same order."""
    return _HEADER.pack(_FORMAT, len(ids)) + compress(_columns(ids, first_seen))


def pack_all(installations: Sequence[tuple[Ids, Times]]) -> list[bytes]:
    """As ``pack``, for many devices."""
    bodies = compress_all([_columns(ids, first_seen) for ids, first_seen in installations])
    return [_HEADER.pack(_FORMAT, len(ids)) + body for (ids, _), body in zip(installations, bodies, strict=True)]


def _columns(ids: Ids, first_seen: Times) -> bytes:
    count = len(ids)
    # Most installations of a device share one of few first-seen times: keep those once, and an index to each.
    moments = np.array(sorted(set(first_seen.tolist())), "<i8")
    deltas = ids.astype("<u4")
    deltas[1:] -= deltas[:-1].copy()
    index_type = "<u1" if len(moments) <= 256 else "<u4"
    return b"".join(
        (
            struct.pack("<I", len(moments)),
            moments.tobytes(),
            moments.searchsorted(first_seen).astype(index_type).tobytes(),
            deltas.view(np.uint8).reshape(count, 4).T.tobytes(),
        )
    )


def unpack(data: bytes) -> tuple[Ids, Times]:
    """The inverse of ``pack``. Raises ValueError for bytes that ``pack`` did not make."""
    return unpack_columns(*opened(data))


def unpack_all(packed: Sequence[bytes]) -> list[tuple[Ids, Times]]:
    """As ``unpack``, for many devices."""
    return [unpack_columns(count, body) for count, body in zip(*opened_all(packed), strict=True)]


def unpack_columns(count: int, body: bytes) -> tuple[Ids, Times]:
    """The installations of what ``opened`` gives."""
    (moment_count,) = struct.unpack_from("<I", body)
    offset = 4
    moments = np.frombuffer(body, "<i8", moment_count, offset)
    offset += moment_count * 8
    index_type = "<u1" if moment_count <= 256 else "<u4"
    index = np.frombuffer(body, index_type, count, offset)
    offset += count * np.dtype(index_type).itemsize
    planes = np.frombuffer(body, np.uint8, count * 4, offset).reshape(4, count)
    deltas = np.ascontiguousarray(planes.T).view("<u4").reshape(count)
    return deltas.cumsum(dtype=np.uint32), moments[index].astype(np.int64, copy=False)


def opened(data: bytes) -> tuple[int, bytes]:
    """How many installations, and their columns, still packed. Raises ValueError as ``unpack``."""
    count, body = closed(data)
    return count, decompress(body)


def opened_all(packed: Sequence[bytes]) -> tuple[list[int], list[bytes]]:
    """As ``opened``, for many devices: their counts, and their columns."""
    found = [closed(data) for data in packed]
    return [count for count, _ in found], decompress_all([body for _, body in found])


def closed(data: bytes) -> tuple[int, bytes]:
    """As ``opened``, with the columns still compressed."""
    form, count = _HEADER.unpack_from(data)
    if form != _FORMAT:
        raise ValueError(f"packed installations of format {form}; this version reads {_FORMAT}")
    return count, data[_HEADER.size :]


def pack_evidence(evidence: Mapping[int, KeptEvidence]) -> bytes:
    """Software version id -> where it was seen."""
    return compress(encode_evidence(evidence))


def encode_evidence(evidence: Mapping[int, KeptEvidence]) -> bytes:
    """As ``pack_evidence``, not yet compressed."""
    return msgspec.msgpack.encode(evidence)


def decode_evidence(document: bytes) -> dict[int, Evidence]:
    """The inverse of ``encode_evidence``; nothing of an empty document."""
    return _EVIDENCE.decode(document) if document else {}


def pieces_of_evidence(document: bytes) -> dict[int, KeptEvidence]:
    """As ``decode_evidence``, for what is only written again: the pieces are not looked at."""
    return _UNREAD.decode(document) if document else {}


def times_of(ids: Ids, first_seen: Times) -> dict[int, Micros]:
    """Software version id -> first seen."""
    return dict(zip(ids.tolist(), first_seen.tolist(), strict=True))
