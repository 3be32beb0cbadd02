"""Foreign inventories: one folder a format, and the one list that names them.

In: the bytes of a file and its name. Out: for each device in it the device, its software, the records that were refused
with their reasons, and notes on what was concluded. Nothing is stored and nothing is judged.

Invariants: pure and bounded (256 MiB unpacked, 50,000 items a device, 10,000 devices, 200 levels); a record is an
item or refused with a reason; the format is told by content, a name only breaks ties.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from weakspot.inventory.protocols import (
    apk_database,
    csv_list,
    cyclonedx,
    defender_export,
    dpkg_status,
    glpi,
    intune_apps,
    own_report,
    plain_list,
    rpm_list,
    spdx,
    systeminfo,
    vuls_hosts,
    wazuh,
)
from weakspot.inventory.protocols.base import Gathering, InventoryReader, ReadInventory, RefusedRecord
from weakspot.inventory.protocols.documents import MAX_BYTES, Document
from weakspot.inventory.protocols.gathering import gather
from weakspot.runtime.errors import InputError, TooLarge

__all__ = [
    "READERS", "Document", "Gathering", "InventoryReader", "ReadInventory", "RefusedRecord", "gather", "read",
    "recognise", "unpack", ]  # fmt: skip

READERS: tuple[InventoryReader, ...] = (
    own_report.READER,
    cyclonedx.READER,
    spdx.READER,
    glpi.READER,
    wazuh.READER,
    intune_apps.READER,
    defender_export.READER,
    vuls_hosts.READER,
    plain_list.READER,
    systeminfo.READER,
    dpkg_status.READER,
    apk_database.READER,
    rpm_list.READER,
    csv_list.READER,
)
"""In the order in which they are asked: the first that recognises a file reads it."""

MAX_ENTRIES = 10_000


def recognise(document: Document) -> InventoryReader:
    """The reader of a file. Raises InputError when none knows it."""
    for reader in READERS:
        if reader.recognises(document):
            return reader
    titles = ", ".join(reader.title for reader in READERS)
    raise InputError(f"{document.name} is no inventory that is known here; known are: {titles}.")


def read(document: Document) -> Sequence[ReadInventory]:
    """The devices of one file, at least one. Raises InputError."""
    return recognise(document).read(document)


def unpack(data: bytes, name: str) -> list[Document]:
    """A file as one document, a zip archive as one for each file in it. Raises InputError, TooLarge."""
    if data[:4] != b"PK\x03\x04":
        return [Document(data, name)]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > MAX_ENTRIES or sum(info.file_size for info in infos) > MAX_BYTES:
                raise TooLarge(f"{name} unpacks to more than {MAX_ENTRIES:,} files or {MAX_BYTES >> 20} MiB; split it.")
            return [Document(archive.read(info), info.filename) for info in infos]
    except (zipfile.BadZipFile, RuntimeError, OSError, NotImplementedError, ValueError) as error:
        raise InputError(f"{name} is a zip archive that cannot be read ({error}).") from error
