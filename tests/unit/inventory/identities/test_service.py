"""Clones, re-images, duplicates: detected, shown, decided by people, undone; never in silence."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.unit.inventory.support import Enrolled, Inventory, device, dpkg, full
from weakspot import inventory
from weakspot.inventory import identities, retention
from weakspot.inventory.contracts import DescribedDevice, EnrolAnswer, EnrolRequest, HardwareId
from weakspot.inventory.identities import IdentityEvent
from weakspot.runtime.clock import DAY, SECOND
from weakspot.runtime.errors import AccessError, Conflict, DeviceKnown, NotFound


@pytest.fixture
def inv(tmp_path: Path) -> Iterator[Inventory]:
    made = Inventory(tmp_path)
    yield made
    made.close()


def described(machine: str, uuid_: str, name: str = "web01") -> DescribedDevice:
    return device(name=name, hardware_ids=(HardwareId("machine_id", machine), HardwareId("product_uuid", uuid_)))


def ask(inv: Inventory, told: DescribedDevice, token: str, *, old: str | None = None, key: str = "") -> EnrolAnswer:
    request = EnrolRequest(token=token, device=told, device_key=key)
    return inv.write(lambda conn: inventory.enrol(conn, request, old, inv.now))


def events(inv: Inventory) -> list[IdentityEvent]:
    return list(inv.read(identities.events))


def counted(inv: Inventory) -> set[int]:
    return {
        one.id for one in inv.read(lambda conn: list(inventory.fleet_device(conn, None, inv.now))) if one.is_counted
    }


def report(inv: Inventory, who: Enrolled, sequence: int = 1) -> None:
    inv.now += SECOND
    inv.record(who.key, full(who.described, sequence, [dpkg("curl")], inv.now))


def test_a_clone_becomes_a_device_of_its_own_and_people_are_told(inv: Inventory) -> None:
    first = inv.enrol(described("m1", "u1"))
    clone = inv.enrol(described("m1", "u2"))
    assert clone.id != first.id
    (found,) = events(inv)
    assert (found.rule, found.device_id, found.other_device_id, found.state) == ("clone", clone.id, first.id, "open")
    assert found.evidence.shared == {"machine_id": ["m1"]}
    assert found.evidence.differing == {"product_uuid": ["u1", "u2"]}


def test_two_machines_with_one_key_are_told_apart_by_their_hardware(inv: Inventory) -> None:
    first = inv.enrol(described("m1", "u1"))
    report(inv, first)
    before = inv.everything()
    with pytest.raises(DeviceKnown, match="clone"):
        inv.record(first.key, full(described("m1", "u2"), 2, [dpkg("evil")], inv.now))
    assert inv.everything() == before
    told = described("m1", "u2").hardware_ids
    assert inv.write(lambda conn: identities.note_cloned_key(conn, first.id, told, inv.now))
    assert not inv.write(lambda conn: identities.note_cloned_key(conn, first.id, told, inv.now))
    # With the copied key it enrols as a device of its own; the first one goes on.
    answer = ask(inv, described("m1", "u2"), inv.token(), old=first.key)
    assert answer.device_id not in ("", first.public_id)
    report(inv, first, 2)


def test_a_reimage_needs_the_old_key_or_an_approval_and_is_noted(inv: Inventory) -> None:
    first = inv.enrol(described("m1", "u1"))
    token = inv.token(uses=3)
    assert ask(inv, described("m2", "u1"), token).approval == "pending"
    (waiting,) = inv.read(inventory.requests_waiting)
    inv.write(lambda conn: inventory.decide_request(conn, waiting.id, "approved", "ada", inv.now))
    assert ask(inv, described("m2", "u1"), token).device_id == first.public_id
    assert [(one.rule, one.state) for one in events(inv)] == [("reimaged", "noted")]


def test_a_request_can_be_let_in_as_a_device_of_its_own(inv: Inventory) -> None:
    first = inv.enrol(described("m1", "u1"))
    token = inv.token(uses=3)
    assert ask(inv, described("m2", "u1"), token).approval == "pending"
    (waiting,) = inv.read(inventory.requests_waiting)
    inv.write(lambda conn: inventory.decide_request(conn, waiting.id, "separate", "ada", inv.now))
    answer = ask(inv, described("m2", "u1"), token)
    assert answer.device_id not in ("", first.public_id)
    assert [(one.rule, one.state) for one in events(inv)] == [("reimaged", "open")]


def test_a_lost_first_answer_is_given_again_without_approval(inv: Inventory) -> None:
    key = "wsd_" + "k" * 43
    token = inv.token(uses=1)
    told = described("m1", "u1")
    first = ask(inv, told, token, key=key)
    assert first.device_key == key
    # The answer never arrived, and the token was good once; the sensor asks with the key that it made.
    assert ask(inv, told, token, key=key) == first
    with pytest.raises(AccessError):
        ask(inv, told, token, key="wsd_" + "x" * 43)
    holders = inv.write(lambda conn: inventory.use_keys(conn, {key: inv.now}))
    assert holders[key][1] == first.device_id


def duplicates(inv: Inventory) -> tuple[Enrolled, Enrolled, IdentityEvent]:
    """Two devices, one of which later tells the hardware ids of the other."""
    first = inv.enrol(described("m1", "u1"))
    second = inv.enrol(device(name="web01-b", hardware_ids=(HardwareId("machine_id", "m2"),)))
    report(inv, first)
    told = msgspec.structs.replace(second.described, hardware_ids=described("m2", "u1").hardware_ids)
    inv.now += SECOND
    inv.record(second.key, full(told, 1, [dpkg("curl")], inv.now))
    (found,) = events(inv)
    return first, second, found


def test_a_duplicate_is_proposed_merged_and_unmerged(inv: Inventory) -> None:
    first, second, found = duplicates(inv)
    assert (found.rule, found.device_id, found.other_device_id) == ("reimaged", second.id, first.id)
    assert counted(inv) == {first.id, second.id}
    inv.write(lambda conn: identities.decide(conn, found.id, "merge", "ada", inv.now))
    assert counted(inv) == {first.id}
    with pytest.raises(AccessError):
        report(inv, second, 2)
    merged = inv.read(lambda conn: inventory.device(conn, second.id))
    assert merged is not None
    assert (merged.end, merged.merged_into_id) == ("merged", first.id)
    # What comes with its ids now is the device that it was merged into.
    assert ask(inv, described("m2", "u9"), inv.token()).approval == ""
    with pytest.raises(Conflict):
        inv.write(lambda conn: identities.decide(conn, found.id, "merge", "ada", inv.now))
    inv.write(lambda conn: identities.decide(conn, found.id, "undo", "ada", inv.now))
    assert {first.id, second.id} <= counted(inv)
    inv.record(second.key, full(inv.read(lambda c: inventory.device(c, second.id)).described, 2, [dpkg("a")], inv.now))
    assert next(one for one in events(inv) if one.id == found.id).state == "undone"


def test_kept_apart_stays_apart_and_is_not_asked_again(inv: Inventory) -> None:
    first, second, found = duplicates(inv)
    inv.write(lambda conn: identities.decide(conn, found.id, "keep_apart", "ada", inv.now))
    told = msgspec.structs.replace(
        second.described, hardware_ids=(*described("m2", "u1").hardware_ids, HardwareId("mac", "02:00:00:00:00:09"))
    )
    inv.now += SECOND
    inv.record(second.key, full(told, 2, [dpkg("curl")], inv.now))
    assert [(one.id, one.state) for one in events(inv)] == [(found.id, "apart")]
    assert counted(inv) == {first.id, second.id}
    with pytest.raises(NotFound):
        inv.write(lambda conn: identities.decide(conn, 99, "merge", "ada", inv.now))


def test_a_removed_device_ends_with_its_installations_and_comes_back_as_a_new_one(inv: Inventory) -> None:
    gone = inv.enrol(described("m1", "u1"))
    kept = inv.enrol(device(name=uuid.uuid4().hex))
    report(inv, gone)
    inv.now += 200 * DAY
    report(inv, kept)
    assert inv.write(lambda conn: retention.remove_silent(conn, 0, inv.now)) == []
    assert inv.write(lambda conn: retention.remove_silent(conn, 180, inv.now)) == [gone.id]
    assert counted(inv) == {kept.id}
    assert inv.installed(gone.id) == {}
    assert [name[1] for name, _, _ in inv.ended(gone.id)] == ["curl"]
    with pytest.raises(AccessError):
        report(inv, gone, 2)
    again = inv.enrol(described("m1", "u1"))
    assert again.id != gone.id
    assert inv.write(lambda conn: retention.remove_silent(conn, 180, inv.now)) == []
