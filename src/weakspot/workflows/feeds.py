"""Load intelligence from a mirror folder or the public feeds, and say in plain words how it went."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from weakspot import intel, matching
from weakspot.runtime.clock import to_iso
from weakspot.runtime.errors import InvalidField, WeakspotError
from weakspot.workflows.apply_knowledge import (
    Readers,
    SyncOutcome,
    apply_knowledge,
    mirror_knowledge,
    own_knowledge,
    starter_knowledge,
    vex_knowledge,
)
from weakspot.workflows.bundles import feeds_folder
from weakspot.workflows.services import Services

Tell = Callable[[dict[str, Any]], None]
"""Gets ``{"progress": text, "done": n, "total": n}`` (total 0: not known) and ``{"unrecognised": path}``."""

MAX_UNRECOGNISED = 50
MAX_KEY = 200

log = logging.getLogger(__name__)


def sync_feeds(services: Services, names: tuple[str, ...], mirror: Path | None, tell: Tell) -> Iterator[SyncOutcome]:
    """Run the sources called ``names`` (none: all); each outcome is given as soon as it is there.

    Raises InvalidField for an unknown name, NotFound for no mirror.

    The starter knowledge is loaded first, so that something true is known whatever the feeds do.
    """
    known = {source.name for source in intel.sources()}
    if unknown := sorted(set(names) - known):
        raise InvalidField(
            f"There is no source {unknown[0]!r}; there are: {', '.join(sorted(known))}.", field="sources"
        )
    if mirror is not None and not names:
        read_indexes(services, mirror, tell)
    readers = [*starter_knowledge(), *_with_written(services, _feeds(services, mirror, tell), mirror)]
    wanted: Readers = [(name, reader) for name, reader in readers if not names or name in names]

    def progress(what: str, done: int, total: int) -> None:
        tell({"progress": what, "done": done, "total": total})

    yield from apply_knowledge(services, wanted, progress)


def read_indexes(services: Services, mirror: Path, tell: Tell) -> None:
    """Read a mirror's package indexes, and judge again what they tell the source package of."""
    try:
        changed = intel.read_package_indexes(services.database, mirror, services.clock)
    except WeakspotError as error:
        log.warning("the package indexes of %s could not be read: %s", mirror, error.detail)
        tell({"progress": f"package indexes: {error.detail}", "done": 0, "total": 0})
        return
    if changed:
        services.database.write(
            lambda conn: matching.judge_indexed(conn, changed, intel.current_version(conn), services.clock())
        )


def _feeds(services: Services, mirror: Path | None, tell: Tell) -> Readers:
    if mirror is None:
        return public_feeds(services)
    opened = intel.open_mirror(mirror)
    for path in opened.unrecognised[:MAX_UNRECOGNISED]:
        tell({"unrecognised": path})
    return mirror_knowledge(opened)


def _with_written(services: Services, readers: Readers, mirror: Path | None) -> Readers:
    """What was written by API and the files of a mirror are one source: one is never read without the other."""
    found = list(readers)
    with services.database.read() as conn:
        written = [("own", own_knowledge)] if intel.has_own(conn) else []
        written += [("vex", vex_knowledge)] if intel.has_vex(conn) else []
    for source, knowledge in written:
        found = [*((name, make) for name, make in found if name != source), knowledge(services, mirror)]
    return found


def public_feeds(services: Services) -> Readers:
    """Every source that can be asked over the network; what was fetched stays in the data folder as last good copy."""
    folder = feeds_folder(services.data)
    folder.mkdir(parents=True, exist_ok=True)
    now = services.clock()
    options = intel.FetchOptions(today=to_iso(now)[:10], at=now, keys=keys_of(services))
    fetcher = intel.Fetcher(folder)
    return [
        (source.name, partial(intel.online_reader, source.name, folder, fetcher, options))
        for source in intel.sources()
        if "network" in source.needs
    ]


def keys_of(services: Services) -> dict[str, str]:
    """Keys by source; one whose file cannot be read is told in the log and done without."""
    found: dict[str, str] = {}
    for source, path in services.feed_key_files.items():
        try:
            with path.open(encoding="ascii") as file:
                key = file.readline(MAX_KEY + 1).strip()
        except (OSError, UnicodeError):
            key = ""
        if 0 < len(key) <= MAX_KEY and key.isprintable():
            found[source] = key
        else:
            log.warning("the file with the key of %s holds none that can be used; going on without", source)
    return found
