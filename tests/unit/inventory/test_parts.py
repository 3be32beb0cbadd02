"""Several sources of one device: the union of what they say, and no source takes away what another one says."""

from __future__ import annotations

import random

import msgspec
import pytest

from tests.unit.inventory.support import Enrolled, Inventory, delta, device, dpkg, full
from weakspot import inventory
from weakspot.inventory import SourceInventory
from weakspot.inventory.contracts import HardwareId, InstalledSoftware, Recorded
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY, SECOND
from weakspot.runtime.errors import DeviceKnown, InvalidField, NotFound, ResyncRequired


def say(inv: Inventory, to: Enrolled, source: str, *items: InstalledSoftware, state: bytes = b"") -> Recorded:
    """What a source says of a device now."""
    told = SourceInventory(source=source, device=to.described, software=items, state=state)
    inv.now += SECOND
    return inv.write(lambda conn: inventory.record_part(conn, inv.interner, (to.id, to.public_id), told, 1, inv.now))


def item(name: str, **fields: str) -> InstalledSoftware:
    """A package whose source package is not named."""
    return dpkg(name, **({"source_name": "", "source_version": ""} | fields))


def report(inv: Inventory, one: Enrolled, *items: InstalledSoftware, sequence: int = 1) -> str:
    """What the device's own sensor says. Returns the digest."""
    inv.now += SECOND
    return inv.record(one.key, full(one.described, sequence, items, inv.now)).digest


def installed(inv: Inventory, one: Enrolled) -> set[tuple[str, str]]:
    """(name, source package) of what is installed."""
    ids = inv.read(lambda conn: inventory.installation_times(conn, one.id))
    return {(v.name, v.source_name) for v in inv.read(lambda conn: inventory.software_versions(conn, ids)).values()}


def test_two_sources_are_one_device_and_neither_erases_the_other(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, item("curl"), item("bash"))
    say(inv, one, "glpi", item("curl"), item("vim"))
    assert installed(inv, one) == {("curl", ""), ("bash", ""), ("vim", "")}
    say(inv, one, "glpi")
    assert installed(inv, one) == {("curl", ""), ("bash", "")}
    say(inv, one, "glpi", item("vim"))
    report(inv, one, item("bash"), sequence=2)
    assert installed(inv, one) == {("bash", ""), ("vim", "")}


def test_times_go_on_when_a_source_joins_or_leaves(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, item("curl"))
    before = inv.read(lambda conn: inventory.installation_times(conn, one.id))
    say(inv, one, "glpi", item("curl"))
    inv.write(lambda conn: inventory.remove_source(conn, one.id, "glpi", inv.now))
    assert inv.read(lambda conn: inventory.installation_times(conn, one.id)) == before
    assert inv.read(lambda conn: inventory.ended(conn, one.id)) == []


def test_the_richer_name_counts_once(inv: Inventory) -> None:
    one = inv.enrol()
    say(inv, one, "glpi", item("zlib1g"))
    assert installed(inv, one) == {("zlib1g", "")}
    report(inv, one, item("zlib1g", source_name="zlib"))
    assert installed(inv, one) == {("zlib1g", "zlib")}


def test_a_delta_of_the_sensor_starts_from_its_own_part(inv: Inventory) -> None:
    one = inv.enrol()
    digest = report(inv, one, item("curl"))
    say(inv, one, "glpi", item("vim"))
    assert inv.read(lambda conn: inventory.device_state(conn, one.id)).digest == digest
    inv.now += SECOND
    inv.record(one.key, delta(one.described, 2, [item("curl")], [item("bash")], [item("curl")], inv.now))
    assert installed(inv, one) == {("bash", ""), ("vim", "")}


def test_sources_are_listed_best_first(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, item("curl"))
    rows = inv.read(lambda conn: inventory.sources(conn, one.id))
    assert [(row.source, row.software) for row in rows] == [("sensor", 1)]
    say(inv, one, "glpi", item("vim"), item("bash"), state=b"s")
    rows = inv.read(lambda conn: inventory.sources(conn, one.id))
    assert [(row.source, row.software) for row in rows] == [("sensor", 1), ("glpi", 2)]
    assert inv.read(lambda conn: inventory.source_state(conn, one.id, "glpi")) == (one.described, b"s")
    assert inv.read(lambda conn: inventory.source_state(conn, one.id, "osquery")) is None


def test_only_what_is_there_can_be_removed(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, item("curl"))
    for source in ("glpi", "sensor"):
        with pytest.raises(NotFound):
            inv.write(lambda conn, source=source: inventory.remove_source(conn, one.id, source, inv.now))


def test_a_device_without_a_sensor_gets_none_by_losing_its_only_source(inv: Inventory) -> None:
    one = inv.enrol()
    say(inv, one, "glpi", item("vim"))
    inv.write(lambda conn: inventory.remove_source(conn, one.id, "glpi", inv.now))
    assert installed(inv, one) == set()
    say(inv, one, "ssh", item("curl"))
    rows = inv.read(lambda conn: inventory.sources(conn, one.id))
    assert [row.source for row in rows] == ["ssh"]


def test_a_silent_sensor_is_given_up_and_comes_back_with_everything(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, item("curl"))
    say(inv, one, "glpi", item("vim"))
    inv.now += 31 * DAY
    say(inv, one, "glpi", item("vim"))
    assert inv.write(lambda conn: inventory.age_sources(conn, inv.now)) == [(one.id, "sensor")]
    assert installed(inv, one) == {("vim", "")}
    assert inv.write(lambda conn: inventory.age_sources(conn, inv.now)) == []
    assert inv.read(lambda conn: inventory.device_state(conn, one.id)).digest == ""
    report(inv, one, item("curl"), sequence=99)
    assert installed(inv, one) == {("vim", ""), ("curl", "")}


def test_contacts_keep_a_source(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, item("curl"))
    say(inv, one, "osquery", item("vim"))
    inv.now += 31 * DAY
    inv.write(lambda conn: inventory.record_source_contacts(conn, {(one.id, "osquery"): inv.now}))
    inv.write(lambda conn: inventory.record_contacts(conn, {one.id: inv.now}, inv.now))
    assert inv.write(lambda conn: inventory.age_sources(conn, inv.now)) == []


def test_the_best_source_describes_the_device(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, item("curl"))
    other = msgspec.structs.replace(one.described, name="as-others-call-it")
    say(inv, msgspec.structs.replace(one, described=other), "glpi", item("vim"))
    assert inv.read(lambda conn: inventory.device(conn, one.id)).name == one.described.name


def test_a_bill_of_materials_says_nothing_of_the_device(inv: Inventory) -> None:
    one = inv.enrol()
    other = msgspec.structs.replace(one.described, name="webshop")
    say(inv, msgspec.structs.replace(one, described=other), "sbom:webshop", item("left-pad"))
    assert inv.read(lambda conn: inventory.device(conn, one.id)).name == one.described.name


def test_a_source_cannot_claim_another_device(inv: Inventory) -> None:
    one, two = inv.enrol(), inv.enrol()
    with pytest.raises(DeviceKnown):
        say(inv, msgspec.structs.replace(one, described=two.described), "glpi", item("vim"))
    with pytest.raises(InvalidField):
        say(inv, one, "glpi", item("a\x00b"))
    assert installed(inv, one) == set()


def test_followers_are_told_of_the_difference_only(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, item("curl"))
    before = inv.read(changes.last_seq)
    say(inv, one, "glpi", item("curl"))
    say(inv, one, "glpi", item("curl"), item("vim"))
    told = inv.read(lambda conn: list(changes.since(conn, before)))
    assert [row.kind for row in told] == [inventory.DEVICE_CHANGED]


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_words_gives_the_union_of_the_last_ones(inv: Inventory, seed: int) -> None:
    chosen = random.Random(seed)
    one = inv.enrol()
    said: dict[str, set[str]] = {}
    sequence = 0
    for _ in range(25):
        source = chosen.choice(["sensor", "glpi", "osquery", "sbom:app"])
        names = {f"p{chosen.randrange(8)}" for _ in range(chosen.randrange(5))}
        items = [item(name) for name in sorted(names)]
        if source == "sensor":
            sequence += 1
            report(inv, one, *items, sequence=sequence)
        else:
            say(inv, one, source, *items)
        said[source] = names
        assert {name for name, _ in installed(inv, one)} == set().union(*said.values())


def test_hardware_ids_follow_the_best_source(inv: Inventory) -> None:
    one = inv.enrol(device(hardware_ids=()))
    told = msgspec.structs.replace(one.described, hardware_ids=(HardwareId("serial", "S-77"),))
    say(inv, msgspec.structs.replace(one, described=told), "glpi", item("vim"))
    assert inv.read(lambda conn: inventory.device(conn, one.id)).described.hardware_ids == told.hardware_ids


def test_a_delta_after_the_end_of_the_sensors_part_is_refused(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, item("curl"))
    say(inv, one, "glpi", item("vim"))
    inv.now += 31 * DAY
    say(inv, one, "glpi", item("vim"))
    inv.write(lambda conn: inventory.age_sources(conn, inv.now))
    with pytest.raises(ResyncRequired):
        inv.record(one.key, delta(one.described, 2, [item("curl")], [item("bash")], [], inv.now))
