from __future__ import annotations

import msgspec
import pytest

from tests.unit.inventory.support import START, Inventory, dpkg, full
from weakspot import inventory
from weakspot.inventory.detail_contracts import DeviceDetails, LocalUser, NetworkShare, SoftwareUsage, UsageReport
from weakspot.runtime.errors import InvalidField

ANNA = LocalUser(name="anna", id="1000")


def test_a_section_that_is_not_told_stays(inv: Inventory) -> None:
    web = inv.enrol()
    told = (
        None,
        DeviceDetails(users=(ANNA,), shares=(NetworkShare(protocol="nfs", name="/srv"),)),
        DeviceDetails(users=()),
        None,
    )
    for number, details in enumerate(told, 1):
        report = full(web.described, number, [dpkg("a")], START + number)
        inv.record(web.key, msgspec.structs.replace(report, details=details))
        known, at = inv.read(lambda conn: inventory.device_details(conn, web.id))
        if number == 1:
            assert (known, at) == (DeviceDetails(), None), "unknown is not empty"
    assert known.users == ()
    assert known.shares is not None
    assert known.groups is None
    assert at == inv.now


def test_nothing_is_kept_of_a_refused_report(inv: Inventory) -> None:
    web = inv.enrol()
    bad = msgspec.structs.replace(
        full(web.described, 1, [], START), details=DeviceDetails(users=(LocalUser(name="\0"),))
    )
    with pytest.raises(InvalidField):
        inv.record(web.key, bad)
    assert inv.read(lambda conn: inventory.device_details(conn, web.id)) == (DeviceDetails(), None)


@pytest.mark.parametrize(
    "odd",
    [
        b'{"users": [{"name": 3}]}',
        b'{"usage": {"observed_since": "yesterday"}}',
        b'{"certificates": [{"sha256": "x"}]}',
        b'{"services": [{"protocol": "tcp", "address": "::", "port": 70000}]}',
    ],
)
def test_what_is_not_in_the_form_is_refused(odd: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(odd, type=DeviceDetails)


def test_a_field_of_a_later_sensor_is_ignored() -> None:
    told = b'{"usage": {"observed_since": "2026-01-01", "software": [], "more": 1}, "later": []}'
    assert msgspec.json.decode(told, type=DeviceDetails) == DeviceDetails(
        usage=UsageReport(observed_since="2026-01-01")
    )
    assert SoftwareUsage(type="dpkg", name="a", last_used_on="2026-01-01").days_used == 1
