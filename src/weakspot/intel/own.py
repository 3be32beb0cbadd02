"""An organisation's own advisories, written by API: OSV records about its own software.

They are kept as they were given and read by the source ``own``, together with the files of a mirror's ``own/``. What
is written here is in force once that source has run (``own_reader``).
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from sqlalchemy.engine import Connection

from weakspot.intel.contracts import AdvisoryRecord, OwnAdvisory, OwnAdvisoryHead
from weakspot.intel.rules.names import canonical_name
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Reader
from weakspot.intel.sources.osv.reader import decode
from weakspot.intel.sources.own.reader import API, OwnReader
from weakspot.intel.store import own as store
from weakspot.intel.store.staging import parts
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound
from weakspot.vocabulary import ecosystems

MAX_BYTES = 512 * 1024
MAX_ADVISORIES = 10_000
MAX_RANGES = 5_000
PAGE = 100
MAX_SOFTWARE = 50


class _Head(msgspec.Struct):
    modified: str | None = None


def write_own(conn: Connection, document: bytes, at: Micros, by: str) -> tuple[AdvisoryRecord, bool]:
    """Keep an advisory; one of the same id is replaced. The record as it is read, and whether it is new.

    Raises InvalidField with what is wrong in a sentence, Conflict over 10,000 advisories.
    """
    record = checked(document)
    is_new = store.put(conn, record.record_id, msgspec.json.format(document, indent=-1), at, by)
    if is_new and store.count(conn) > MAX_ADVISORIES:
        raise Conflict(f"There are {MAX_ADVISORIES:,} own advisories already; keep more of them as files of a mirror.")
    return record, is_new


def remove_own(conn: Connection, record_id: str) -> None:
    """Take an advisory back: what it opened closes. Raises NotFound."""
    if not store.remove(conn, canonical_name(record_id)):
        raise NotFound(f"There is no own advisory {record_id[:120]!r} that was written by API.")


def own_advisory(conn: Connection, record_id: str) -> OwnAdvisory:
    """One advisory as it was given. Raises NotFound."""
    found = store.get(conn, canonical_name(record_id))
    if found is None:
        raise NotFound(f"There is no own advisory {record_id[:120]!r} that was written by API.")
    return found


def own_advisories(conn: Connection, after: str = "") -> list[OwnAdvisoryHead]:
    """At most 100, by id; the next ones come ``after`` the last id."""
    return [_head_of(one) for one in store.listed(conn, after, PAGE)]


def _head_of(one: OwnAdvisory) -> OwnAdvisoryHead:
    record = decode(one.document, page="")
    software = dict.fromkeys(f"{item.ecosystem}/{item.name}" for item in record.ranges)
    return OwnAdvisoryHead(
        record_id=one.record_id,
        title=record.title or record.description[:400],
        modified_at=record.modified_at,
        withdrawn_at=record.withdrawn_at,
        software=tuple(software)[:MAX_SOFTWARE],
        written_at=one.written_at,
        written_by=one.written_by,
    )


def has_own(conn: Connection) -> bool:
    """Whether any was written by API, or is still in force from there."""
    return store.count(conn) > 0 or API in parts(conn, "own")


def own_reader(conn: Connection, mirror: Path | None) -> Reader:
    """The source ``own``: what was written by API, and the files of a mirror folder where one is given."""
    return OwnReader(store.documents(conn), mirror)


def checked(document: bytes) -> AdvisoryRecord:
    """The record that a document makes. Stricter than files are, since somebody is there to mend it.

    Raises InvalidField.
    """
    if len(document) > MAX_BYTES:
        raise InvalidField(f"An advisory has at most {MAX_BYTES:,} bytes; this one has {len(document):,}.")
    try:
        record = decode(document, page="")
        head = msgspec.json.decode(document, type=_Head)
    except (files.Refused, msgspec.DecodeError, RecursionError) as error:
        raise InvalidField(f"The advisory {error}.", field=_place(str(error))) from error
    if not head.modified:
        raise InvalidField("The advisory lacks modified, the moment of its last change (RFC 3339).", field="modified")
    if not record.title and not record.description:
        raise InvalidField("The advisory says nothing: give it a summary or details.", field="summary")
    _check_affected(record)
    return record


def _check_affected(record: AdvisoryRecord) -> None:
    if not record.ranges and record.withdrawn_at is None:
        raise InvalidField(
            "The advisory names no affected versions: give affected packages with ranges (SEMVER or ECOSYSTEM) or"
            " versions, or withdraw it (withdrawn).",
            field="affected",
        )
    if len(record.ranges) > MAX_RANGES:
        raise InvalidField(f"An advisory has at most {MAX_RANGES:,} ranges.", field="affected")
    for item in record.ranges:
        if not ecosystems.is_known(item.ecosystem):
            raise InvalidField(
                f"There is no ecosystem {item.ecosystem[:60]!r}: use OSV's names (Debian:12, PyPI, npm, ...), or cpe"
                " with vendor:product as the name.",
                field="affected.package.ecosystem",
            )
        if item.ecosystem == ecosystems.CPE and item.name.count(":") != 1:
            raise InvalidField(
                f"{item.name[:60]!r} is no vendor:product, which the ecosystem cpe asks for.",
                field="affected.package.name",
            )


def _place(message: str) -> str | None:
    """Where the decoder stumbled: ``... - at `$.affected[0].package``` -> ``affected[0].package``."""
    _, mark, rest = message.partition("`$.")
    return rest.partition("`")[0][:100] if mark else None
