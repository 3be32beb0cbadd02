"""A mirror folder: which source reads what of it, and what nobody recognises."""

from __future__ import annotations

from pathlib import Path

import msgspec

from weakspot.intel.sources import ALL, package_indexes
from weakspot.intel.sources.base import Reader
from weakspot.runtime.errors import NotFound


class Mirror(msgspec.Struct, frozen=True):
    """``readers``: (source, reader) of every source that has files here, in loading order. ``unrecognised``: paths
    relative to the folder that were left alone; a folder nobody reads is named once, with a slash.
    """

    readers: tuple[tuple[str, Reader], ...]
    unrecognised: tuple[str, ...]


def open_mirror(folder: Path) -> Mirror:
    """Look at a mirror folder. Raises NotFound when it is no folder."""
    if not folder.is_dir():
        raise NotFound(f"{folder} is not a folder; give the folder that holds one folder a source (docs/sources.md).")
    readers: list[tuple[str, Reader]] = []
    unrecognised: set[str] = set()
    roots: set[str] = {package_indexes.FOLDER}
    for source in ALL:
        roots.update(layout.partition("/")[0] for layout in source.descriptor.mirror_layout)
        if not source.descriptor.mirror_layout:
            continue
        reader = source.reader(folder)
        if reader.parts():
            readers.append((source.descriptor.name, reader))
        unrecognised.update(path.relative_to(folder).as_posix() for path in reader.leftovers())
    for path in folder.iterdir():
        if path.name not in roots and not path.name.startswith("."):
            unrecognised.add(f"{path.name}/" if path.is_dir() else path.name)
    return Mirror(tuple(readers), tuple(sorted(unrecognised)))
