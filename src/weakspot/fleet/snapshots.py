"""The index in a file, so that a restart reads instead of building: a header, sections, a checksum.

Layout: ``WSFLEET2``, SHA-256 of all that follows, then one msgpack document. Arrays are raw little-endian rows,
bitmaps the portable Roaring format. The file is derived data: when it is missing, damaged, of another format or of
another database, the index is built from the tables instead. It is written beside and renamed, so a crash leaves the
old one.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.engine import Connection

from weakspot.fleet.paging import PagedArray, PagedList
from weakspot.fleet.population import Population
from weakspot.fleet.raising import Detected
from weakspot.fleet.view import EMPTY, NO_VERSIONS, FleetView
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import WeakspotError

MAGIC = b"WSFLEET2"
MAX_BYTES = 8 << 30

_ARRAYS = (
    "software", "hazard", "sums", "findings", "slots", "slot_ids",
    "exposed_rows", "software_installed_rows", "software_exposed_rows",
)  # fmt: skip


class SnapshotUnusable(WeakspotError):
    """The snapshot file cannot be used; build from the tables."""

    slug, title = "snapshot-unusable", "Snapshot unusable"


class _Array(msgspec.Struct, array_like=True):
    dtype: str
    width: int | None
    fill: int
    rows: int
    data: bytes


class _Document(msgspec.Struct, array_like=True):
    stamp: str
    seq: int
    device_extent: int
    slot_count: int
    group_ids: list[int]
    column_of: _Array
    members: list[bytes]
    values: list[bytes]
    arrays: dict[str, _Array]
    installed: dict[int, bytes]
    weaknesses: dict[int, bytes]
    labels: list[tuple[str, str, bytes]]
    detected: dict[int, tuple[int, ...]]
    raised: dict[int, int]
    extras: dict[int, int]
    settings: dict[int, bytes]
    platforms: dict[str, bytes]


def moment_of(conn: Connection, seq: int) -> Micros | None:
    """Time of the change ``seq``: with the number it tells one database from another. None when it is not kept."""
    found = conn.execute(sa.select(changes.changes.c.at).where(changes.changes.c.seq == seq)).scalar_one_or_none()
    return None if found is None else int(found)


def write(path: Path, view: FleetView, stamp: str, *, rest: Callable[[], None] | None = None) -> int:
    """Write a view; returns the number of bytes. ``stamp`` comes back from ``read`` for the caller to compare.

    It is written in small pieces, and ``rest`` is called after each: encoded at once, other threads would wait for a
    tenth of a second, and twice the index would lie in memory.
    """
    beside = path.with_name(path.name + ".new")
    checksum = hashlib.sha256()
    with beside.open("wb", buffering=1 << 20) as file:
        file.write(bytes(len(MAGIC) + checksum.digest_size))
        for piece in _pieces(view, stamp):
            checksum.update(piece)
            file.write(piece)
            if rest is not None:
                rest()
        size = file.tell()
        file.seek(0)
        file.write(MAGIC + checksum.digest())
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return size


def _pieces(view: FleetView, stamp: str) -> Iterator[bytes]:
    """``_Document`` as msgpack, field by field in their order."""
    population, encode = view.population, msgspec.msgpack.encode
    yield b"\xdc" + struct.pack(">H", len(_Document.__struct_fields__))
    for value in (stamp, view.seq, view.device_extent, view.slot_count, list(population.group_ids)):
        yield encode(value)
    yield from _packed(population.column_of)
    for bitmaps in (population.members, population.values):
        yield encode([bitmap.serialize() for bitmap in bitmaps])
    yield _map_of(len(_ARRAYS))
    for name in _ARRAYS:
        yield encode(name)
        yield from _packed(getattr(view, name))
    for some in (view.installed, view.weaknesses):
        yield from _bitmaps_by_key(dict(some.items()))
    yield encode([(kind, name, devices.serialize()) for (kind, name), devices in view.labels.items()])
    for numbers in (view.detection.of_device, view.detection.hazards, view.extras):
        yield encode(dict(numbers))
    yield from _bitmaps_by_key(dict(view.settings.items()))
    yield from _bitmaps_by_key(view.platforms)


def _packed(array: PagedArray) -> Iterator[bytes]:
    """``_Array`` page by page: its data are never in memory a second time."""
    encode, little = msgspec.msgpack.encode, array.dtype.newbyteorder("<")
    pages = array.pages()
    yield b"\x95" + b"".join(map(encode, (little.str, array.width, array.fill, len(array))))
    yield b"\xc6" + struct.pack(">I", sum(page.nbytes for page in pages))
    for page in pages:
        yield page.astype(little, copy=False).tobytes()


def _bitmaps_by_key(found: Mapping[Any, BitMap]) -> Iterator[bytes]:
    """A map, item by item."""
    encode = msgspec.msgpack.encode
    yield _map_of(len(found))
    for key, bitmap in found.items():
        yield encode(key) + encode(bitmap.serialize())


def _map_of(items: int) -> bytes:
    return b"\xdf" + struct.pack(">I", items)


def read(path: Path) -> tuple[FleetView, str]:
    """The view and its stamp. Raises SnapshotUnusable unless it is a whole file of this format, and OSError."""
    if path.stat().st_size > MAX_BYTES:
        raise SnapshotUnusable(f"the snapshot is larger than {MAX_BYTES} bytes")
    content = memoryview(path.read_bytes())
    head = len(MAGIC)
    if bytes(content[:head]) != MAGIC:
        raise SnapshotUnusable("the snapshot is of another format")
    body = content[head + 32 :]
    if hashlib.sha256(body).digest() != bytes(content[head : head + 32]):
        raise SnapshotUnusable("the snapshot is damaged: its checksum does not fit")
    try:
        document = msgspec.msgpack.decode(body, type=_Document)
    except msgspec.DecodeError as error:
        raise SnapshotUnusable(f"the snapshot cannot be read: {error}") from error
    return _view(document), document.stamp


def _view(document: _Document) -> FleetView:
    view = FleetView()
    view.seq = view.facts_seq = document.seq
    view.device_extent = document.device_extent
    view.slot_count = document.slot_count
    view.population = Population(
        _unpack(document.column_of),
        tuple(document.group_ids),
        tuple(BitMap.deserialize(data) for data in document.members),
        tuple(BitMap.deserialize(data) for data in document.values),
    )
    for name in _ARRAYS:
        setattr(view, name, _unpack(document.arrays[name]))
    view.installed = _bitmaps(document.installed)
    view.weaknesses = _bitmaps(document.weaknesses)
    view.labels = {(kind, name): BitMap.deserialize(data) for kind, name, data in document.labels}
    view.detection = Detected().changed(document.detected, document.raised)
    view.extras = document.extras
    view.settings = _bitmaps(document.settings)
    view.platforms = {kind: BitMap.deserialize(data) for kind, data in document.platforms.items()}
    _link(view)
    return view


def _link(view: FleetView) -> None:
    """The two inverse maps, which are cheaper to make than to keep."""
    carriers: dict[int, list[int]] = {}
    for version, vulnerabilities in view.weaknesses.items():
        for vulnerability in vulnerabilities:
            carriers.setdefault(vulnerability, []).append(version)
    versions: dict[int, list[int]] = {}
    software = view.software.whole()
    for version in np.flatnonzero(software).tolist():
        versions.setdefault(int(software[version]), []).append(version)
    view.carriers = _tuples(carriers)
    view.versions = _tuples(versions)


def _tuples(found: dict[int, list[int]]) -> PagedList[tuple[int, ...]]:
    editor: Any = PagedList(NO_VERSIONS).edit()
    for key, values in found.items():
        editor[key] = tuple(values)
    return editor.freeze()  # type: ignore[no-any-return]


def _bitmaps(found: dict[int, bytes]) -> PagedList[BitMap]:
    editor = PagedList(EMPTY).edit()
    for key, data in found.items():
        editor[key] = BitMap.deserialize(data)
    return editor.freeze()


def _unpack(packed: _Array) -> PagedArray:
    values = np.frombuffer(packed.data, np.dtype(packed.dtype))
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    if packed.width is not None:
        values = values.reshape(packed.rows, packed.width)
    if packed.rows == 0:
        return PagedArray(values.dtype, width=packed.width, fill=packed.fill)
    return PagedArray.of(values, fill=packed.fill)
