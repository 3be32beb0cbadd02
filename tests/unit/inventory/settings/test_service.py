from __future__ import annotations

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tests.unit.inventory.support import START, Enrolled, Inventory, full
from weakspot import inventory
from weakspot.inventory import retention, settings
from weakspot.inventory.detail_contracts import DeviceDetails, LocalUser, Setting
from weakspot.inventory.settings.tables import ended_setting, setting_part
from weakspot.runtime import changes
from weakspot.runtime.errors import InvalidField

SEEN = START - 100
SSH = "linux.sshd.permit_root_login"
ASLR = "linux.sysctl.kernel.randomize_va_space"


def report(inv: Inventory, who: Enrolled, sequence: int, **values: str) -> None:
    """The sensor's report with settings."""
    names = {"ssh": SSH, "aslr": ASLR}
    told = DeviceDetails(settings=tuple(Setting(names[name], value) for name, value in values.items()))
    made = msgspec.structs.replace(full(who.described, sequence, [], SEEN + sequence), details=told)
    inv.record(who.key, made)


def has(inv: Inventory, device_id: int) -> dict[str, str]:
    """Name -> value of the device now."""

    def query(conn: Connection) -> dict[str, str]:
        found = settings.present(conn, device_id)
        ids = [] if found is None else found[0].tolist()
        return {one.name: one.value for one in settings.values(conn, ids).values()}

    return inv.read(query)


def told(inv: Inventory) -> list[dict[str, object]]:
    """Payloads of the changes of settings."""
    rows = inv.read(lambda conn: list(changes.since(conn, 0)))
    return [row.payload for row in rows if row.kind == settings.SETTINGS_CHANGED]


def test_settings_are_interned_and_replaced_whole(inv: Inventory) -> None:
    one, two = inv.enrol(), inv.enrol()
    report(inv, one, 1, ssh="no", aslr="2")
    report(inv, two, 1, ssh="no")
    assert len(inv.read(lambda conn: settings.values(conn, None))) == 2, "one row a value, however many devices"
    report(inv, one, 2, ssh="yes")
    assert has(inv, one.id) == {SSH: "yes"}, "what is not in the list is unknown"
    first, _, last = told(inv)
    assert (first["added"], first["removed"]) == ([1, 2], [])
    assert (last["added"], last["removed"]) == ([3], [1, 2])


def test_a_value_has_its_time(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, 1, ssh="no", aslr="2")
    report(inv, one, 2, ssh="yes", aslr="2")
    kept = inv.read(lambda conn: settings.present(conn, one.id))
    assert kept is not None
    since = dict(zip(kept[0].tolist(), kept[1].tolist(), strict=True))
    rows = inv.read(lambda conn: [tuple(row)[1:] for row in conn.execute(sa.select(ended_setting))])
    (aslr,) = (i for i, at in since.items() if at == SEEN + 1)
    (ssh,) = (i for i in since if i != aslr)
    assert since[ssh] == SEEN + 2, "the new value begins when the old one ends"
    assert [(row[2], row[3]) for row in rows] == [(SEEN + 1, SEEN + 2)]


def test_the_same_settings_again_change_nothing(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, 1, ssh="no")
    report(inv, one, 2, ssh="no")
    assert len(told(inv)) == 1


def test_a_report_without_settings_leaves_them(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, 1, ssh="no")
    made = full(one.described, 2, [], START + 2, details=DeviceDetails(users=(LocalUser(name="anna"),)))
    inv.record(one.key, made)
    assert has(inv, one.id) == {SSH: "no"}
    assert inv.read(lambda conn: inventory.device_details(conn, one.id))[0].settings is None, "kept by themselves"


def test_a_name_twice_is_refused_and_nothing_changes(inv: Inventory) -> None:
    one = inv.enrol()
    before = inv.everything()
    twice = DeviceDetails(settings=(Setting(SSH, "no"), Setting(SSH, "yes")))
    with pytest.raises(InvalidField, match="twice"):
        inv.record(one.key, full(one.described, 1, [], START + 1, details=twice))
    assert inv.everything() == before


@pytest.mark.parametrize(
    "odd",
    [
        {"settings": [{"name": "a b", "value": "x"}]},
        {"settings": [{"name": SSH, "value": "x" * 257}]},
        {"settings": [{"name": SSH, "value": 3}]},
        {"settings": [{"name": f"linux.a{n}", "value": ""} for n in range(513)]},
    ],
)
def test_settings_are_bounded(odd: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(odd), type=DeviceDetails)


def test_of_two_sources_the_sensor_counts_and_the_other_fills_in(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, 1, ssh="no")
    others = (Setting(SSH, "yes"), Setting(ASLR, "2"))
    inv.write(lambda conn: settings.record(conn, one.id, "osquery", others, START + 2, START + 2))
    assert has(inv, one.id) == {SSH: "no", ASLR: "2"}
    inv.write(lambda conn: settings.forget(conn, one.id, "osquery", START + 3))
    assert has(inv, one.id) == {SSH: "no"}


def test_a_removed_device_has_none(inv: Inventory) -> None:
    one = inv.enrol()
    report(inv, one, 1, ssh="no")
    inv.write(lambda conn: retention.remove_device(conn, one.id, "anna", "gone", START + 5))
    assert has(inv, one.id) == {}
    assert told(inv)[-1]["removed"] == [1]


def test_what_does_not_follow_from_the_sources_is_found(inv: Inventory) -> None:
    one, two = inv.enrol(), inv.enrol()
    report(inv, one, 1, ssh="no")
    report(inv, two, 1, ssh="yes", aslr="2")
    inv.write(lambda conn: settings.record(conn, two.id, "osquery", (Setting(SSH, "no"),), START, START))
    assert inv.read(settings.differences) == []
    inv.write(lambda conn: conn.execute(setting_part.delete().where(setting_part.c.device_id == one.id)))
    assert inv.read(settings.differences) == [f"device {one.id}: 1 setting values, no source"]
