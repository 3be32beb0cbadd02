"""All SQL about software and software versions, and the interner that gives each distinct one its id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory.contracts import (
    DescribedDevice,
    Evidence,
    InstalledSoftware,
    Software,
    SoftwareIdentity,
    SoftwareVersion,
)
from weakspot.inventory.rules import identity, kernels
from weakspot.inventory.settings import SettingIds
from weakspot.inventory.tables import software, software_version
from weakspot.runtime.database import in_chunks
from weakspot.runtime.prepared import Keyed, Prepared, Row
from weakspot.vocabulary import ecosystems, versions
from weakspot.vocabulary.kernels import unmarked

_CACHE_LIMIT = 2_000_000

_FIELDS = SoftwareVersion.__struct_fields__
_VERSION = sa.select(*(software_version.c[name] for name in _FIELDS))
_versions = Keyed(_VERSION, software_version.c.id)
_hashed = Keyed(sa.select(software_version.c.identity_hash, software_version.c.id), software_version.c.identity_hash)
_software_of = Keyed(sa.select(software_version.c.id, software_version.c.software_id), software_version.c.id)
_named = Keyed(sa.select(software.c.public_id, software.c.id), software.c.public_id)
_insert_version = Prepared(software_version.insert(), (*(name for name in _FIELDS if name != "id"), "identity_hash"))
_insert_software = Prepared(software.insert(), ("public_id", "vendor", "name", "type"))


class Interner:
    """Ids of distinct software versions, remembered between reports.

    Only the writer thread uses it. It never remembers what a unit of work itself inserted, and forgets all when a
    commit
    fails (``forget``), so that an id it knows is always a row that is there.
    """

    def __init__(self) -> None:
        self._ids: dict[bytes, int] = {}
        self._wired: set[int] = set()
        self._by_wire_hash: dict[int, tuple[int, ...]] = {}
        self.settings = SettingIds()

    def forget(self) -> None:
        """Drop everything; the next report reads it again."""
        self.settings.forget()
        self._ids.clear()
        self._wired.clear()
        self._by_wire_hash.clear()

    def warm(self, conn: Connection) -> int:
        """Read what is stored, so that the first reports after a start need not look each piece up. Returns how many.

        Not beside the writer: before it has its first report.
        """
        table = software_version
        columns = [table.c[name] for name in ("id", "identity_hash", *SoftwareIdentity.__struct_fields__)]
        query = sa.select(*columns).order_by(table.c.id.desc()).limit(_CACHE_LIMIT // 2)
        for version_id, hashed, *strings in conn.execute(query.execution_options(yield_per=5_000)):
            self._ids[hashed] = version_id
            self._wire(version_id, identity.hash_of_strings(strings))
        return len(self._ids)

    def intern(
        self, conn: Connection, items: Sequence[InstalledSoftware], device: DescribedDevice
    ) -> tuple[dict[bytes, int], dict[bytes, InstalledSoftware], list[SoftwareVersion]]:
        """Ids of all items, inserting those never seen.

        Returns identity hash -> id, identity hash -> item, and the software versions that are new.
        """
        if not items:
            return {}, {}, []
        if max(len(self._ids), len(self._wired)) > _CACHE_LIMIT:
            self.forget()
        items = kernels.marked(items, device)
        platforms = {kind: identity.platform_for(kind, device) for kind in {item.type for item in items}}
        hashed = {identity.identity_hash(item, platforms[item.type]): item for item in items}
        found = {h: known for h in hashed if (known := self._ids.get(h)) is not None}
        missing = [h for h in hashed if h not in found]
        if missing:
            stored = dict(_hashed.rows(conn, missing))
            self._ids.update(stored)
            found.update(stored)
            missing = [h for h in missing if h not in stored]
        new = _insert_versions(conn, {h: hashed[h] for h in missing}, device) if missing else {}
        found.update({h: version.id for h, version in new.items()})
        return found, hashed, list(new.values())

    def installed_as(self, conn: Connection, installed: AbstractSet[int], hashes: Iterable[int]) -> dict[int, int]:
        """Wire hash -> the one of the installed software versions that has it; absent where none has."""
        if not self._wired.issuperset(installed):
            for version_id, version in software_versions(conn, installed - self._wired).items():
                self._wire(version_id, _wire_hash(version))
        known = self._by_wire_hash
        return {h: one for h in hashes for one in known.get(h, ()) if one in installed}

    def _wire(self, version_id: int, wire_hash: int) -> None:
        self._wired.add(version_id)
        self._by_wire_hash[wire_hash] = (*self._by_wire_hash.get(wire_hash, ()), version_id)


def software_versions(conn: Connection, ids: Iterable[int] | None) -> dict[int, SoftwareVersion]:
    """Software versions by id; None: all."""
    if ids is not None:
        return {row[0]: _version(row) for row in _versions.rows(conn, ids)}
    return {row.id: _version(row) for row in _select(conn, _VERSION, software_version.c.id, None)}


def software_version_of(
    number: int, item: InstalledSoftware, device: DescribedDevice, software_id: int = 0
) -> SoftwareVersion:
    """The software version that an installation is of; ``number`` becomes its id."""
    scheme = identity.scheme_for(item.type)
    return SoftwareVersion(
        id=number,
        software_id=software_id,
        type=item.type,
        name=item.name,
        version=item.version,
        version_key=versions.key(scheme, item.version),
        scheme=scheme,
        architecture=item.architecture,
        source_name=item.source_name,
        source_version=item.source_version,
        platform=identity.platform_for(item.type, device),
        vendor=item.vendor,
        module=item.module,
        owned_by=item.owned_by,
    )


def installation_of(version: SoftwareVersion, evidence: Evidence | None) -> InstalledSoftware:
    """The installation as it was reported, from what is stored of it."""
    return InstalledSoftware(
        type=version.type,
        name=version.name,
        version=version.version,
        architecture=version.architecture,
        source_name=version.source_name,
        source_version=version.source_version,
        vendor=version.vendor,
        module=unmarked(version.module),
        owned_by=version.owned_by,
        paths=evidence.paths if evidence else (),
        installed_at=evidence.installed_at if evidence else None,
    )


def software_of(conn: Connection, ids: Iterable[int] | None) -> dict[int, int]:
    """Software version id -> software id."""
    if ids is not None:
        return dict(_software_of.rows(conn, ids))
    query = sa.select(software_version.c.id, software_version.c.software_id)
    return {row.id: row.software_id for row in _select(conn, query, software_version.c.id, None)}


def source_packages(conn: Connection, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(platform, binary package) -> the source package that most of its known versions name; absent where none does.

    Learned per release from devices that report it; of equally common ones the first in order.
    """
    by_public_id = {_public_id_of(platform, name): (platform, name) for platform, name in wanted}
    ids = _software_ids(conn, list(by_public_id))
    of_software = {software_id: by_public_id[public_id] for public_id, software_id in ids.items()}
    table = software_version
    query = (
        sa.select(table.c.software_id, table.c.platform, table.c.source_name, sa.func.count().label("votes"))
        .where(table.c.source_name != "")
        .group_by(table.c.software_id, table.c.platform, table.c.source_name)
        .order_by(sa.func.count(), table.c.source_name.desc())
    )
    found = {}
    for row in _select(conn, query, table.c.software_id, of_software):
        platform, name = of_software[row.software_id]
        if row.platform == platform:
            found[platform, name] = row.source_name
    return found


def without_source(conn: Connection, software_ids: Iterable[int]) -> list[int]:
    """Software versions of these software whose device did not name the source package."""
    table = software_version
    query = sa.select(table.c.id).where(table.c.source_name == "", table.c.type.in_(("dpkg", "apk")))
    return [row.id for row in _select(conn, query, table.c.software_id, software_ids)]


def _public_id_of(platform: str, name: str) -> str:
    return identity.public_software_id(ecosystems.base(platform).lower(), name)


def versions_of(conn: Connection, software_id: int) -> list[SoftwareVersion]:
    """All versions of one software, oldest version first."""
    query = _VERSION.where(software_version.c.software_id == software_id).order_by(
        software_version.c.version_key, software_version.c.id
    )
    return [_version(row) for row in conn.execute(query)]


def software_by_id(conn: Connection, ids: Iterable[int] | None) -> dict[int, Software]:
    """Software by id; None: all."""
    return {row.id: _software(row) for row in _select(conn, sa.select(software), software.c.id, ids)}


def software_after(conn: Connection, software_id: int) -> list[Software]:
    """Software that was met after this one, by id; rows never change."""
    query = sa.select(software).where(software.c.id > software_id).order_by(software.c.id)
    return [_software(row) for row in conn.execute(query)]


def software_id_of(conn: Connection, public_id: str) -> int | None:
    """Internal id of ``vendor-_-product``; blanks count as underscores."""
    wanted = "_".join(public_id.strip().lower().split())
    return conn.execute(sa.select(software.c.id).where(software.c.public_id == wanted)).scalar_one_or_none()


def _insert_versions(
    conn: Connection, items: Mapping[bytes, InstalledSoftware], device: DescribedDevice
) -> dict[bytes, SoftwareVersion]:
    software_ids = _intern_software(conn, items.values(), device)
    made = {h: software_version_of(0, i, device, software_ids[_software_key(i, device)]) for h, i in items.items()}
    rows: list[Row] = [msgspec.structs.asdict(version) | {"identity_hash": h} for h, version in made.items()]
    _insert_version.many(conn, rows)
    return {h: msgspec.structs.replace(made[h], id=number) for h, number in _hashed.rows(conn, list(made))}


def _intern_software(
    conn: Connection, items: Iterable[InstalledSoftware], device: DescribedDevice
) -> dict[tuple[str, str], int]:
    wanted: dict[tuple[str, str], dict[str, Any]] = {}
    for item in items:
        vendor, product = key = _software_key(item, device)
        public_id = identity.public_software_id(vendor, product)
        row = {"public_id": public_id, "vendor": vendor, "name": product, "type": item.type}
        wanted.setdefault(key, row)
    by_public_id = _software_ids(conn, [row["public_id"] for row in wanted.values()])
    missing = {row["public_id"]: row for row in wanted.values() if row["public_id"] not in by_public_id}
    if missing:
        _insert_software.many(conn, list(missing.values()))
        by_public_id |= _software_ids(conn, list(missing))
    return {key: by_public_id[row["public_id"]] for key, row in wanted.items()}


def _software_ids(conn: Connection, public_ids: Sequence[str]) -> dict[str, int]:
    return dict(_named.rows(conn, public_ids))


def _software_key(item: InstalledSoftware, device: DescribedDevice) -> tuple[str, str]:
    return identity.vendor_for(item, device), identity.product_for(item)


def _select(conn: Connection, query: sa.Select[Any], column: Any, values: Iterable[Any] | None) -> Iterable[Any]:
    if values is None:
        yield from conn.execute(query.execution_options(yield_per=5_000))
        return
    for chunk in in_chunks(values):
        yield from conn.execute(query.where(column.in_(chunk)))


def _wire_hash(version: SoftwareVersion) -> int:
    return identity.wire_hash(
        SoftwareIdentity(
            type=version.type,
            name=version.name,
            version=version.version,
            architecture=version.architecture,
            source_name=version.source_name,
            source_version=version.source_version,
        )
    )


def _software(row: Any) -> Software:
    return Software(id=row.id, public_id=row.public_id, vendor=row.vendor, name=row.name, type=row.type)


def _version(row: Sequence[Any]) -> SoftwareVersion:
    return SoftwareVersion(**dict(zip(_FIELDS, row, strict=True)))
