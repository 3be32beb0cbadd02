from __future__ import annotations

from pyroaring import BitMap

from tests.unit.inventory.support import Inventory
from weakspot.inventory import certificates, detail_store
from weakspot.inventory.certificates.tables import device_certificates
from weakspot.inventory.detail_contracts import Certificate, DeviceDetails, LocalUser

ROOT = Certificate(sha256="a" * 64, subject="CN=root", not_after="2030-01-01T00:00:00Z", key_type="rsa", key_bits=4096)
WEB = Certificate(sha256="b" * 64, subject="CN=web", not_after="soon", store="/etc/nginx/certs/web.pem")


def _tell(inv: Inventory, device_id: int, *told: Certificate) -> None:
    inv.write(lambda conn: detail_store.record(conn, device_id, DeviceDetails(certificates=told), inv.now))


def _held(inv: Inventory, after: int = 0) -> dict[int, list[int]]:
    """Certificate ids by device."""
    found: dict[int, list[int]] = {}
    for some in inv.read(lambda conn: list(certificates.holdings(conn, after))):
        for owned, device_id in zip(some.certificates.tolist(), some.devices.tolist(), strict=True):
            found.setdefault(device_id, []).append(owned)
    return found


def test_each_distinct_certificate_is_kept_once(inv: Inventory) -> None:
    one, two = inv.enrol(), inv.enrol()
    elsewhere = Certificate(sha256="b" * 64, subject="CN=web", not_after="soon", store="/srv/web.pem")
    _tell(inv, one.id, ROOT, WEB)
    _tell(inv, two.id, elsewhere, ROOT)
    found = _held(inv)
    assert found[one.id] == found[two.id], "where it lies makes no other certificate of it"
    known = inv.read(lambda conn: certificates.certificates(conn, found[one.id]))
    assert [(row.subject, row.key_bits) for row in known] == [("CN=root", 4096), ("CN=web", 0)]
    assert known[0].not_after is not None
    assert known[1].not_after is None, "what is no time is not told"


def test_who_tells_something_else_of_a_digest_is_told_apart(inv: Inventory) -> None:
    one, two = inv.enrol(), inv.enrol()
    _tell(inv, one.id, ROOT)
    _tell(inv, two.id, Certificate(sha256=ROOT.sha256, subject="CN=something else"))
    found = _held(inv)
    assert found[one.id] != found[two.id]


def test_only_what_changed_is_written_and_read_again(inv: Inventory) -> None:
    one, two = inv.enrol(), inv.enrol()
    _tell(inv, one.id, ROOT)
    _tell(inv, two.id, ROOT)
    before = inv.read(certificates.revision)
    _tell(inv, one.id, ROOT)
    inv.write(lambda conn: detail_store.record(conn, two.id, DeviceDetails(users=(LocalUser(name="anna"),)), inv.now))
    assert inv.read(certificates.revision) == before
    _tell(inv, two.id)
    assert inv.read(lambda conn: certificates.devices_changed(conn, before)) == BitMap([two.id])
    assert _held(inv, before) == {}, "none is not the same as not told"


def test_what_was_told_before_there_was_a_table_is_taken_over(inv: Inventory) -> None:
    one = inv.enrol()
    _tell(inv, one.id, ROOT)
    inv.write(lambda conn: conn.execute(device_certificates.delete()))
    assert inv.read(certificates.revision) == 0
    inv.write(lambda conn: detail_store.record(conn, one.id, DeviceDetails(users=()), inv.now))
    assert [len(ids) for ids in _held(inv).values()] == [1]
