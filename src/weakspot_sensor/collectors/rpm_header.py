"""RPM package headers as stored in rpmdb.sqlite: an index of tags and a data area (RPM file format, section
"Header Structure"; the stored form lacks the eight magic bytes). Tags that are not needed are skipped.
"""

from __future__ import annotations

import struct
from typing import Dict, Iterator, List, Tuple
from urllib.parse import quote

from weakspot_sensor import limits

_NAMES = {
    1000: "NAME",
    1001: "VERSION",
    1002: "RELEASE",
    1003: "EPOCH",
    1008: "INSTALLTIME",
    1011: "VENDOR",
    1022: "ARCH",
    1044: "SOURCERPM",
    5096: "MODULARITYLABEL",
}
_NAME, _DIR_INDEXES, _BASE_NAMES, _DIR_NAMES = 1000, 1116, 1117, 1118
_INT32, _STRING, _STRING_ARRAY, _I18N_STRING = 4, 6, 8, 9
_MOST_TAGS = 0xFFFF
_MOST_VALUES = 500_000

Entry = Tuple[int, int, int]


class HeaderError(Exception):
    """The database or a header is not as the format says; the text says what is wrong."""


def blobs(path: str) -> Iterator[bytes]:
    """Every stored header. Raises HeaderError."""
    try:
        import sqlite3
    except ImportError as error:
        raise HeaderError("this Python has no sqlite3 module") from error
    last: Exception | None = None
    # A database with a write-ahead log cannot be opened read only where the folder may not be written to;
    # it is then read as a file that does not change.
    for mode in ("mode=ro", "immutable=1"):
        try:
            connection = sqlite3.connect("file:{}?{}".format(quote(path), mode), uri=True, timeout=3)
        except sqlite3.Error as error:
            last = error
            continue
        try:
            query = "SELECT blob FROM Packages WHERE length(blob) <= ? ORDER BY hnum LIMIT ?"
            cursor = connection.execute(query, (limits.FILE_LIST_BYTES, limits.ITEMS))
            for row in cursor:
                if isinstance(row[0], bytes):
                    yield row[0]
            return
        except sqlite3.Error as error:
            last = error
        finally:
            connection.close()
    raise HeaderError("{} cannot be read: {}".format(path, last))


def texts(blob: bytes) -> Dict[str, str]:
    """The known tags as texts. Raises HeaderError."""
    index, data = _open(blob)
    found: Dict[str, str] = {}
    for tag, name in _NAMES.items():
        if tag in index:
            values = _values(index[tag], data)
            found[name] = values[0] if values else ""
    return found


def owned(blob: bytes, wanted: frozenset[str]) -> Dict[str, str]:
    """Those of the wanted paths that this package owns, with its name. {} for a header without files."""
    try:
        index, data = _open(blob)
        if _BASE_NAMES not in index or _NAME not in index:
            return {}
        name = _values(index[_NAME], data)[0]
        folders = _values(index[_DIR_NAMES], data)
        positions = _values(index[_DIR_INDEXES], data)
        base_names = _values(index[_BASE_NAMES], data)
        paths = (folders[int(place)] + base for place, base in zip(positions, base_names))
        return {path: name for path in paths if path in wanted}
    except (HeaderError, KeyError, IndexError):
        return {}


def _open(blob: bytes) -> Tuple[Dict[int, Entry], bytes]:
    """Index by tag: (type, offset, count); and the data area."""
    if len(blob) < 8:
        raise HeaderError("a package header is cut short")
    tags, size = struct.unpack_from(">II", blob)
    start = 8 + 16 * tags
    if tags > _MOST_TAGS or start + size > len(blob):
        raise HeaderError("a package header has impossible sizes")
    index: Dict[int, Entry] = {}
    for number in range(tags):
        tag, kind, offset, count = struct.unpack_from(">IIII", blob, 8 + 16 * number)
        if offset <= size:
            index.setdefault(tag, (kind, offset, count))
    return index, blob[start : start + size]


def _values(entry: Entry, data: bytes) -> List[str]:
    kind, offset, count = entry
    if count > _MOST_VALUES:
        raise HeaderError("a package header has too many values")
    if kind == _INT32:
        if offset + 4 * count > len(data):
            raise HeaderError("a number in a package header is cut short")
        return [str(value) for value in struct.unpack_from(">{}I".format(count), data, offset)]
    if kind not in (_STRING, _STRING_ARRAY, _I18N_STRING):
        raise HeaderError("a package header has a value of unexpected type {}".format(kind))
    found: List[str] = []
    for _ in range(1 if kind == _STRING else count):
        end = data.find(b"\0", offset)
        if end < 0:
            raise HeaderError("a text in a package header is cut short")
        found.append(data[offset:end].decode("utf-8", "replace"))
        offset = end + 1
    return found
