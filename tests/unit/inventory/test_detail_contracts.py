from __future__ import annotations

from weakspot.inventory.detail_contracts import DeviceDetails, LocalGroup, LocalUser, merged

A, B = LocalUser(name="a"), LocalUser(name="b")


def test_told_sections_replace_known_ones_and_no_others() -> None:
    known = DeviceDetails(users=(A,), groups=(LocalGroup(name="g"),))
    assert merged(known, DeviceDetails(users=(B,))) == DeviceDetails(users=(B,), groups=(LocalGroup(name="g"),))
    assert merged(known, DeviceDetails(groups=())) == DeviceDetails(users=(A,), groups=())
    assert merged(known, DeviceDetails()) == known
