"""Which device a foreign agent speaks for, and that no known device is taken over in silence."""

from __future__ import annotations

import pytest

from tests.unit.inventory.support import Inventory, device
from weakspot import inventory
from weakspot.inventory import AgentRow
from weakspot.inventory.contracts import DescribedDevice, HardwareId
from weakspot.runtime.clock import DAY
from weakspot.runtime.errors import AccessError, DeviceKnown

KEY = "wsn_" + "k" * 43


def serial(value: str) -> DescribedDevice:
    """A device known by a serial number."""
    return device(name=value, hardware_ids=(HardwareId("serial", value),))


def admit(inv: Inventory, described: DescribedDevice, token: str, name: str = "a", key: str = KEY) -> AgentRow | None:
    """An agent asks."""
    return inv.write(lambda conn: inventory.admit_agent(conn, "osquery", name, described, token, key, inv.now))


def decide(inv: Inventory, decision: str) -> None:
    """An administrator decides on all that waits."""
    for one in inv.read(inventory.requests_waiting):
        inv.write(lambda conn, one=one: inventory.decide_request(conn, one.id, decision, "admin", inv.now))


def test_a_new_agent_is_a_new_device_and_spends_its_token(inv: Inventory) -> None:
    token = inv.token()
    made = admit(inv, serial("S-1"), token)
    assert made is not None
    assert inv.read(lambda conn: inventory.device(conn, made.device_id)).discovery_source == "osquery"
    assert inv.read(lambda conn: inventory.agent_with_key(conn, "osquery", KEY)) == made
    assert inv.read(lambda conn: inventory.agent_with_key(conn, "glpi", KEY)) is None
    with pytest.raises(AccessError):
        admit(inv, serial("S-2"), token, "b")


@pytest.mark.parametrize("token", ["", "wse_short", "wse_" + "x" * 43])
def test_without_a_good_token_nobody_is_admitted(inv: Inventory, token: str) -> None:
    before = inv.everything()
    with pytest.raises(AccessError):
        admit(inv, serial("S-1"), token)
    assert inv.everything() == before
    late = inv.token(lifetime=DAY)
    inv.now += 2 * DAY
    assert not inv.write(lambda conn: inventory.is_good_token(conn, late, inv.now))


def test_a_known_device_is_joined_once_it_is_approved(inv: Inventory) -> None:
    known = inv.enrol(serial("S-1"))
    token = inv.token(uses=5)
    assert admit(inv, serial("S-1"), token) is None
    assert admit(inv, serial("S-1"), token) is None
    assert len(inv.read(inventory.requests_waiting)) == 1
    decide(inv, "approved")
    made = admit(inv, serial("S-1"), token)
    assert made is not None
    assert made.device_id == known.id
    assert admit(inv, serial("S-1"), token, key=KEY + "2") is None, "an approval is good once"


def test_a_rejected_agent_is_told_so(inv: Inventory) -> None:
    inv.enrol(serial("S-1"))
    token = inv.token(uses=5)
    assert admit(inv, serial("S-1"), token) is None
    decide(inv, "rejected")
    with pytest.raises(DeviceKnown):
        admit(inv, serial("S-1"), token)


def test_an_agent_that_lost_its_key_needs_an_approval(inv: Inventory) -> None:
    token = inv.token(uses=5)
    made = admit(inv, serial("S-1"), token)
    assert admit(inv, serial("other"), token, key=KEY + "new") is None
    decide(inv, "approved")
    again = admit(inv, serial("other"), token, key=KEY + "new")
    assert again is not None
    assert made is not None
    assert again.device_id == made.device_id
    assert inv.read(lambda conn: inventory.agent_with_key(conn, "osquery", KEY)) is None


def test_an_agent_must_present_what_it_was_admitted_with(inv: Inventory) -> None:
    made = admit(inv, serial("S-1"), inv.token(), "node")
    assert inv.read(lambda conn: inventory.agent_named(conn, "osquery", "node", KEY)) == made
    assert inv.read(lambda conn: inventory.agent_named(conn, "osquery", "other", KEY)) is None
    with pytest.raises(AccessError):
        inv.read(lambda conn: inventory.agent_named(conn, "osquery", "node", KEY + "x"))


def test_uploads_know_their_device_by_its_name(inv: Inventory) -> None:
    def upload(name: str, described: DescribedDevice) -> tuple[int, str]:
        return inv.write(lambda conn: inventory.device_for_upload(conn, name, described, inv.now))

    first = upload("pc-1", device(name="pc-1", hardware_ids=()))
    assert upload("pc-1", device(name="pc-1", hardware_ids=())) == first
    assert upload("pc-2", device(name="pc-2", hardware_ids=())) != first
    inv.enrol(serial("S-9"))
    with pytest.raises(DeviceKnown):
        upload("pc-3", serial("S-9"))


def test_a_scan_joins_a_known_device_only_when_it_is_approved(inv: Inventory) -> None:
    known = inv.enrol(serial("S-1"))

    def admit_scanned(address: str, described: DescribedDevice) -> AgentRow | None:
        return inv.write(lambda conn: inventory.admit_scanned(conn, "ssh", address, described, inv.now))

    assert admit_scanned("10.0.0.1:22", serial("S-1")) is None
    decide(inv, "approved")
    made = admit_scanned("10.0.0.1:22", serial("S-1"))
    assert made is not None
    assert made.device_id == known.id
    other = admit_scanned("10.0.0.2:22", serial("S-2"))
    assert other is not None
    assert other.device_id != known.id
    assert admit_scanned("10.0.0.2:22", serial("S-2")) == other


def test_the_keys_of_a_removed_source_end(inv: Inventory) -> None:
    made = admit(inv, serial("S-1"), inv.token())
    assert made is not None
    told = inventory.SourceInventory(source="osquery", device=serial("S-1"), software=())
    at = (made.device_id, made.public_id)
    inv.write(lambda conn: inventory.record_part(conn, inv.interner, at, told, 1, inv.now))
    inv.write(lambda conn: inventory.remove_source(conn, made.device_id, "osquery", inv.now))
    assert inv.read(lambda conn: inventory.agent_with_key(conn, "osquery", KEY)) is None
