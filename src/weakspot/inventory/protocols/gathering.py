"""Several files of one device: a ``systeminfo`` text and the update lists that were written beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

import msgspec

from weakspot.inventory.protocols.base import Gathering, ReadInventory
from weakspot.inventory.protocols.documents import Document
from weakspot.inventory.protocols.systeminfo import reader as systeminfo

_COMPANION = re.compile(r"^(?P<stem>.+)_(?:qfe|updates\w*)\.txt$", re.IGNORECASE)
_SYSTEM = re.compile(r"^(?P<stem>.+)_systeminfo\.txt$", re.IGNORECASE)


def gather(documents: Sequence[Document]) -> list[tuple[Document, list[Document]]]:
    """Documents with the companions that belong to them; a companion without its system stands alone."""
    systems = {match["stem"].lower() for d in documents if (match := _SYSTEM.match(_name(d)))}
    beside: dict[str, list[Document]] = {}
    main: list[Document] = []
    for document in documents:
        match = _COMPANION.match(_name(document))
        if match and match["stem"].lower() in systems:
            beside.setdefault(match["stem"].lower(), []).append(document)
        else:
            main.append(document)
    return [(document, beside.get(_stem(document), [])) for document in main]


def with_companions(inventory: ReadInventory, companions: Iterable[Document]) -> ReadInventory:
    """A Windows device with the updates that the lists beside it name."""
    gathering = Gathering()
    for item in inventory.software:
        fields = msgspec.structs.asdict(item)
        gathering.add(fields.pop("type"), fields.pop("name"), fields.pop("version"), **fields)
    for document in companions:
        systeminfo.add_companion(gathering, systeminfo.companions(document))
    added = gathering.inventory(inventory.device)
    return msgspec.structs.replace(
        added, refused=inventory.refused + added.refused, notes=inventory.notes,
        records=added.records + inventory.records - len(inventory.software),
        repeated=added.repeated + inventory.repeated,
    )  # fmt: skip


def _name(document: Document) -> str:
    return PurePosixPath(document.name.replace("\\", "/")).name


def _stem(document: Document) -> str:
    match = _SYSTEM.match(_name(document))
    return match["stem"].lower() if match else ""
