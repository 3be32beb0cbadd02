"""weakspot.inventory.software_store: the interner and what is read of software."""

from __future__ import annotations

import pytest

from tests.unit.inventory.support import START, Inventory, device, dpkg, full
from weakspot import inventory
from weakspot.inventory.contracts import InstalledSoftware, OperatingSystem, SoftwareVersion
from weakspot.inventory.rules import identity
from weakspot.vocabulary import versions

DEBIAN = device()


def intern(inv: Inventory, *items: InstalledSoftware) -> tuple[list[int], list[SoftwareVersion]]:
    """Ids in the order of the items, and what is new."""

    def unit(conn: object) -> tuple[list[int], list[SoftwareVersion]]:
        ids, hashed, new = inv.interner.intern(conn, items, DEBIAN)  # type: ignore[arg-type]
        by_item = {id(item): ids[h] for h, item in hashed.items()}
        return [by_item[id(item)] for item in items], new

    return inv.write(unit)


def test_each_distinct_software_version_gets_one_id(inv: Inventory) -> None:
    first, new = intern(inv, dpkg("a"), dpkg("a", "2.0-1"), dpkg("b"))
    assert len(set(first)) == len(new) == 3
    again, none = intern(inv, dpkg("a"), dpkg("a", "2.0-1"), dpkg("b"))
    assert (again, none) == (first, [])


def test_another_process_gives_the_same_ids(inv: Inventory) -> None:
    first, _ = intern(inv, dpkg("a"), dpkg("b"))
    inv.interner = inventory.Interner()
    assert intern(inv, dpkg("a"), dpkg("b")) == (first, [])


def test_what_a_unit_inserted_before_it_failed_is_not_remembered(inv: Inventory) -> None:
    def unit(conn: object) -> None:
        inv.interner.intern(conn, [dpkg("ghost")], DEBIAN)  # type: ignore[arg-type]
        raise ValueError("after interning")

    with pytest.raises(ValueError, match="after interning"):
        inv.write(unit)
    other, _ = intern(inv, dpkg("other"))
    (ghost,), new = intern(inv, dpkg("ghost"))
    assert [v.name for v in new] == ["ghost"]
    assert ghost not in other


def test_what_a_group_inserted_is_forgotten_when_its_commit_fails(inv: Inventory) -> None:
    """Two units of one group: the second one reads the first one's rows, then none of them comes to be."""
    import threading

    release, started = threading.Event(), threading.Event()

    def hold(_conn: object) -> None:
        started.set()
        assert release.wait(10)

    inv.database.submit(hold)
    assert started.wait(10)
    inv.database.submit(lambda conn: inv.interner.intern(conn, [dpkg("ghost")], DEBIAN))
    inv.database.submit(lambda conn: inv.interner.intern(conn, [dpkg("ghost"), dpkg("ghost2")], DEBIAN))
    # A unit that leaves the transaction in pieces: the commit, and with it the whole group, fails.
    broken = inv.database.submit(lambda conn: conn.exec_driver_sql("ROLLBACK"))
    release.set()
    with pytest.raises(Exception, match=r"(?i)savepoint"):
        broken.result(10)
    others, _ = intern(inv, dpkg("other1"), dpkg("other2"))
    (ghost,), new = intern(inv, dpkg("ghost"))
    assert [v.name for v in new] == ["ghost"]
    assert ghost not in others


def test_installed_software_is_found_by_the_hash_of_the_wire(inv: Inventory) -> None:
    items = [dpkg("a"), dpkg("b", "2:1.0~rc1", source_name="bsrc")]
    ids, _ = intern(inv, *items, dpkg("elsewhere"))
    hashes = [identity.wire_hash(item) for item in [*items, dpkg("elsewhere"), dpkg("unknown")]]
    for _again in range(2):
        found = inv.read(lambda conn: inv.interner.installed_as(conn, set(ids[:2]), hashes))
        assert found == dict(zip(hashes[:2], ids[:2], strict=True))


def test_one_wire_identity_may_be_several_software_versions(inv: Inventory) -> None:
    """The same package under two owners: which of them a device has decides."""
    (plain,), _ = intern(inv, dpkg("a"))
    (owned,), _ = intern(inv, dpkg("a", owned_by="other"))
    hashed = identity.wire_hash(dpkg("a"))
    assert plain != owned
    for one in (plain, owned):
        assert inv.read(lambda conn, one=one: inv.interner.installed_as(conn, {one}, [hashed])) == {hashed: one}


def test_versions_are_kept_with_their_order(inv: Inventory) -> None:
    intern(inv, dpkg("a", "1.10-1"), dpkg("a", "1.9-1"), dpkg("a", "1.9~rc1-1"))
    software = inv.read(lambda conn: inventory.software_id_of(conn, "Debian-_-A"))
    assert software is not None
    found = inv.read(lambda conn: inventory.versions_of(conn, software))
    assert [v.version for v in found] == ["1.9~rc1-1", "1.9-1", "1.10-1"]
    assert [v.version_key for v in found] == [versions.key("dpkg", v.version) for v in found]
    assert {v.platform for v in found} == {"Debian:12"}


def test_software_is_vendor_and_product(inv: Inventory) -> None:
    ids, _ = intern(inv, dpkg("a"), dpkg("a", "2.0-1"), InstalledSoftware(type="pypi", name="A", version="1"))
    of = inv.read(lambda conn: inventory.software_of(conn, ids))
    assert len(set(of.values())) == 2
    found = inv.read(lambda conn: inventory.software(conn, None))
    assert {s.public_id for s in found.values()} == {"debian-_-a", "pypi-_-a"}
    assert inv.read(lambda conn: inventory.software_id_of(conn, "nobody-_-nothing")) is None


def test_versions_in_the_names_of_programs_make_no_software_of_their_own(inv: Inventory) -> None:
    """spec/features.md 1: software is vendor and product, without version."""
    items = [
        InstalledSoftware(type="windows_program", name=f"7-Zip {version} (x64)", version=version, vendor="Igor Pavlov")
        for version in ("23.01", "24.09")
    ]
    ids, _ = intern(inv, *items)
    of = inv.read(lambda conn: inventory.software_of(conn, ids))
    assert len(set(of.values())) == 1
    found = inv.read(lambda conn: inventory.software(conn, None))
    assert [(s.public_id, s.name) for s in found.values()] == [("igor_pavlov-_-7-zip", "7-Zip")]
    kept = inv.read(lambda conn: inventory.software_versions(conn, ids))
    assert {v.name for v in kept.values()} == {"7-Zip 23.01 (x64)", "7-Zip 24.09 (x64)"}, "as it was reported"


def test_many_are_interned_and_read_in_bulk(inv: Inventory) -> None:
    items = [dpkg(f"package-{n}") for n in range(1700)]
    ids, new = intern(inv, *items)
    assert len(new) == 1700
    assert inv.read(lambda conn: inventory.software_versions(conn, ids)).keys() == set(ids)
    assert inv.read(lambda conn: inventory.software_versions(conn, None)).keys() == set(ids)


def test_one_that_is_not_stored_can_be_described(inv: Inventory) -> None:
    """What ``weakspot scan`` judges is what a report would have stored."""
    item = dpkg("libssl3", "3.0.11-1", source_name="openssl")
    (number,), new = intern(inv, item)
    assert inventory.software_version_of(number, item, DEBIAN, new[0].software_id) == new[0]


def test_the_release_belongs_to_the_software_version(inv: Inventory) -> None:
    bookworm = inv.enrol()
    system = OperatingSystem(platform="Linux", distribution="debian", version="11")
    bullseye = inv.enrol(device(os=system))
    inv.record(bookworm.key, full(bookworm.described, 1, [dpkg("a")], START))
    recorded = inv.record(bullseye.key, full(bullseye.described, 1, [dpkg("a")], START))
    assert [v.platform for v in recorded.new_software_versions] == ["Debian:11"]
