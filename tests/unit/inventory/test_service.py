"""weakspot.inventory.service: one report at a time. test_service_model.py has long sequences of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.inventory.support import START, Inventory, delta, device, dpkg, full, identity_of
from weakspot import inventory
from weakspot.inventory.contracts import HardwareId, OperatingSystem, Report
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY, SECOND, to_iso
from weakspot.runtime.errors import (
    AccessError,
    DeviceKnown,
    InvalidField,
    ReportSuperseded,
    ResyncRequired,
    WeakspotError,
)

A, B, C = dpkg("a"), dpkg("b"), dpkg("c")


def refused(inv: Inventory, key: str, report: Report, error: type[WeakspotError], field: str | None = None) -> str:
    """The report is refused with this error, and nothing at all changes. Returns what the sensor is told."""
    before = inv.everything()
    with pytest.raises(error) as caught:
        inv.record(key, report)
    assert inv.everything() == before
    if field is not None:
        assert caught.value.field == field
    return caught.value.detail


def kinds(inv: Inventory, after: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """Changes after a seq."""
    return inv.read(lambda conn: [(c.kind, c.payload) for c in changes.since(conn, after)])


def seq(inv: Inventory) -> int:
    """Newest change."""
    return inv.read(changes.last_seq)


def test_a_full_report_is_the_inventory(inv: Inventory) -> None:
    web = inv.enrol()
    recorded = inv.record(web.key, full(web.described, 1, [A, B], START - 5))
    assert (recorded.public_id, recorded.is_duplicate) == (web.public_id, False)
    assert {v.name for v in recorded.new_software_versions} == {"a", "b"}
    assert inv.installed(web.id) == {identity_of(A): START - 5, identity_of(B): START - 5}
    again = inv.record(web.key, full(web.described, 2, [B, C], START))
    assert [v.name for v in again.new_software_versions] == ["c"]
    assert inv.installed(web.id) == {identity_of(B): START - 5, identity_of(C): START}
    assert inv.ended(web.id) == [(identity_of(A), START - 5, START)]


def test_a_delta_changes_what_it_names(inv: Inventory) -> None:
    web = inv.enrol()
    inv.record(web.key, full(web.described, 1, [A, B], START - 10))
    recorded = inv.record(web.key, delta(web.described, 2, [A, B], [C], [A], START))
    assert inv.installed(web.id) == {identity_of(B): START - 10, identity_of(C): START}
    state = inv.read(lambda conn: inventory.device_state(conn, web.id))
    assert state is not None
    assert (state.sequence, state.digest) == (2, recorded.digest)


def test_software_that_two_devices_have_is_new_once(inv: Inventory) -> None:
    one, two = inv.enrol(), inv.enrol()
    assert inv.record(one.key, full(one.described, 1, [A], START)).new_software_versions
    assert not inv.record(two.key, full(two.described, 1, [A], START)).new_software_versions


def test_the_same_report_again_is_answered_and_has_no_effect(inv: Inventory) -> None:
    web = inv.enrol()
    report = full(web.described, 1, [A], START)
    first = inv.record(web.key, report)
    before = inv.everything()
    again = inv.record(web.key, report)
    assert (again.is_duplicate, again.digest, again.knowledge_version) == (True, first.digest, first.knowledge_version)
    assert inv.everything() == before


def test_an_older_report_is_superseded(inv: Inventory) -> None:
    web = inv.enrol()
    old = full(web.described, 1, [A], START)
    inv.record(web.key, old)
    inv.record(web.key, full(web.described, 5, [B], START))
    refused(inv, web.key, old, ReportSuperseded, "sequence")
    refused(inv, web.key, full(web.described, 5, [C], START), ReportSuperseded, "sequence")


@pytest.mark.parametrize("key", ["", "short", "wsd_" + "x" * 43, "k" * 5000])
def test_an_unknown_key_is_refused(inv: Inventory, key: str) -> None:
    web = inv.enrol()
    assert "enrol" in refused(inv, key, full(web.described, 1, [A], START), AccessError)


def test_a_key_speaks_for_its_own_device_only(inv: Inventory) -> None:
    web, mail = inv.enrol(), inv.enrol()
    told = refused(inv, web.key, full(mail.described, 1, [A], START), DeviceKnown, "device.hardware_ids")
    assert "enrol" in told


def test_a_device_may_get_new_hardware(inv: Inventory) -> None:
    web = inv.enrol()
    new = device(hardware_ids=(*web.described.hardware_ids, HardwareId("serial", "NEW-BOARD")))
    inv.record(web.key, full(new, 1, [A], START))
    assert inv.read(lambda conn: inventory.device(conn, web.id)) is not None
    other = device(hardware_ids=(HardwareId("serial", "NEW-BOARD"),))
    claimed = inv.enrol()
    refused(inv, claimed.key, full(other, 1, [A], START), DeviceKnown)


def test_a_delta_before_any_report_needs_a_full_one(inv: Inventory) -> None:
    web = inv.enrol()
    refused(inv, web.key, delta(web.described, 1, [], [A], [], START), ResyncRequired, "base_digest")


def test_a_delta_from_another_inventory_needs_a_full_one(inv: Inventory) -> None:
    web = inv.enrol()
    inv.record(web.key, full(web.described, 1, [A], START))
    refused(inv, web.key, delta(web.described, 2, [B], [C], [], START), ResyncRequired, "base_digest")


def test_a_delta_that_ends_elsewhere_needs_a_full_one(inv: Inventory) -> None:
    web = inv.enrol()
    inv.record(web.key, full(web.described, 1, [A], START))
    wrong = delta(web.described, 2, [A], [C], [], START, digest="f" * 64)
    refused(inv, web.key, wrong, ResyncRequired, "digest")


def test_a_delta_cannot_remove_what_is_not_there(inv: Inventory) -> None:
    web = inv.enrol()
    inv.record(web.key, full(web.described, 1, [A], START))
    assert "'b'" in refused(inv, web.key, delta(web.described, 2, [A], [], [B], START), InvalidField, "removed")


def test_a_delta_cannot_add_and_remove_the_same(inv: Inventory) -> None:
    web = inv.enrol()
    inv.record(web.key, full(web.described, 1, [A], START))
    refused(inv, web.key, delta(web.described, 2, [A], [A], [A], START), InvalidField, "removed")


def test_a_new_release_of_the_system_needs_a_full_report(inv: Inventory) -> None:
    """Or what the delta does not name would still be judged by the old release's advisories."""
    web = inv.enrol()
    inv.record(web.key, full(web.described, 1, [A], START))
    system = OperatingSystem(platform="Linux", distribution="debian", version="13")
    upgraded = device(os=system, hardware_ids=web.described.hardware_ids)
    refused(inv, web.key, delta(upgraded, 2, [A], [B], [], START), ResyncRequired, "device.os")
    inv.record(web.key, full(upgraded, 3, [A, B], START))
    versions = inv.read(lambda c: inventory.software_versions(c, inventory.installation_times(c, web.id)))
    assert {v.platform for v in versions.values()} == {"Debian:13"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"digest": "0" * 64}, "digest"),
        ({"software": (A, A)}, "software"),
        ({"software": (A, dpkg("a", paths=("/other",)))}, "software"),
        ({"added": (B,)}, "kind"),
        ({"base_digest": "0" * 64}, "kind"),
        ({"observed_at": "2026-13-45T00:00:00Z"}, "observed_at"),
        ({"observed_at": "2026-01-01T00:00:00"}, "observed_at"),
        ({"observed_at": to_iso(START + 3600 * SECOND)}, "observed_at"),
        ({"software": (dpkg("a\x00"),)}, "software[0].name"),
        ({"kind": "delta"}, "software"),
    ],
)
def test_what_does_not_fit_is_named(inv: Inventory, fields: dict[str, Any], field: str) -> None:
    web = inv.enrol()
    assert refused(inv, web.key, full(web.described, 1, [A], START, **fields), InvalidField, field)


def test_the_sensors_time_counts_unless_it_lies_in_the_future(inv: Inventory) -> None:
    web = inv.enrol()
    inv.record(web.key, full(web.described, 1, [A], START - 2 * DAY))
    inv.record(web.key, full(web.described, 2, [A, B], START + 60 * SECOND))
    assert inv.installed(web.id) == {identity_of(A): START - 2 * DAY, identity_of(B): START}


def test_a_clock_that_was_set_back_ends_nothing_before_it_began(inv: Inventory) -> None:
    web = inv.enrol()
    inv.record(web.key, full(web.described, 1, [A], START))
    inv.record(web.key, full(web.described, 2, [], START - DAY))
    inv.record(web.key, full(web.described, 3, [A], START - 2 * DAY))
    ((_, first_seen, removed),) = inv.ended(web.id)
    assert first_seen < removed
    assert inv.installed(web.id)[identity_of(A)] > removed - 1


def test_followers_are_told_what_changed_and_no_more(inv: Inventory) -> None:
    web = inv.enrol()
    assert kinds(inv) == [("inventory.device_facts", {"device_id": web.id})]
    start = seq(inv)
    inv.record(web.key, full(web.described, 1, [A, B], START))
    ids = sorted(inv.read(lambda conn: inventory.installation_times(conn, web.id)))
    facts = ("inventory.device_facts", {"device_id": web.id})
    assert kinds(inv, start) == [("inventory.device", {"device_id": web.id, "added": ids, "removed": []}), facts]
    start = seq(inv)
    inv.record(web.key, full(web.described, 2, [B, A], START))
    assert kinds(inv, start) == []
    renamed = device(name="renamed", hardware_ids=web.described.hardware_ids)
    inv.record(web.key, delta(renamed, 3, [A, B], [], [], START))
    assert kinds(inv, start) == [facts]


def test_evidence_follows_the_installation(inv: Inventory) -> None:
    web = inv.enrol()
    first, second = dpkg("a", paths=("/usr/bin/a",)), dpkg("b", paths=("/usr/bin/b",), installed_at="2026-01-01")

    def paths() -> dict[str, tuple[str, ...]]:
        def query(conn: Any) -> dict[str, tuple[str, ...]]:
            found = inventory.evidence(conn, web.id)
            names = inventory.software_versions(conn, found)
            return {names[i].name: e.paths for i, e in found.items()}

        return inv.read(query)

    inv.record(web.key, full(web.described, 1, [first, second], START))
    assert paths() == {"a": ("/usr/bin/a",), "b": ("/usr/bin/b",)}
    moved = dpkg("a", paths=("/opt/a",))
    inv.record(web.key, delta(web.described, 2, [first, second], [moved], [], START))
    assert paths() == {"a": ("/opt/a",), "b": ("/usr/bin/b",)}
    inv.record(web.key, delta(web.described, 3, [first, second], [dpkg("a")], [second], START))
    assert paths() == {}


def test_another_owner_makes_it_another_software_version(inv: Inventory) -> None:
    """The wire identity, and so the digest, stays the same; how it is judged does not."""
    web = inv.enrol()
    mine, owned = dpkg("a"), dpkg("a", owned_by="dpkg:a-bin")
    inv.record(web.key, full(web.described, 1, [mine], START - 10))
    inv.record(web.key, delta(web.described, 2, [mine], [owned], [], START))
    versions = inv.read(lambda c: inventory.software_versions(c, inventory.installation_times(c, web.id)))
    assert [v.owned_by for v in versions.values()] == ["dpkg:a-bin"]
    assert len(inv.ended(web.id)) == 1


def test_a_report_counts_as_a_contact(inv: Inventory) -> None:
    web = inv.enrol()
    inv.now += 40 * DAY
    inv.record(web.key, full(web.described, 1, [A], START))
    inv.now += DAY
    inv.record(web.key, delta(web.described, 2, [A], [B], [], inv.now))
    found = inv.read(lambda conn: inventory.device(conn, web.id))
    assert found is not None
    assert (found.last_report_at, found.last_seen_at) == (inv.now, inv.now)


def test_a_silent_device_stops_counting_and_counts_again_after_a_contact(inv: Inventory) -> None:
    web = inv.enrol()
    inv.record(web.key, full(web.described, 1, [A], START))

    def counted_now() -> bool:
        (found,) = inv.read(lambda conn: list(inventory.fleet_device(conn, None, inv.now)))
        return found.is_counted

    assert counted_now()
    previous, start = inv.now, seq(inv)
    inv.now += 30 * DAY + SECOND
    assert not counted_now()
    assert inv.read(lambda conn: inventory.fallen_silent(conn, previous, inv.now)) == [web.id]
    assert inv.read(lambda conn: inventory.fallen_silent(conn, inv.now, inv.now)) == []
    inv.write(lambda conn: inventory.tell_silent(conn, [web.id], inv.now))
    assert kinds(inv, start) == [("inventory.device_facts", {"device_id": web.id})]
    start = seq(inv)
    inv.write(lambda conn: inventory.record_contacts(conn, {web.id: inv.now}, inv.now))
    assert counted_now()
    assert kinds(inv, start) == [("inventory.device_facts", {"device_id": web.id})]
    start = seq(inv)
    inv.write(lambda conn: inventory.record_contacts(conn, {web.id: inv.now + 1}, inv.now + 1))
    assert kinds(inv, start) == []


def test_a_contact_that_comes_late_does_not_turn_time_back(inv: Inventory) -> None:
    web = inv.enrol()
    inv.write(lambda conn: inventory.record_contacts(conn, {web.id: START + 100}, START + 100))
    inv.write(lambda conn: inventory.record_contacts(conn, {web.id: START + 50}, START + 100))
    found = inv.read(lambda conn: inventory.device(conn, web.id))
    assert found is not None
    assert found.last_seen_at == START + 100
