"""weakspot.inventory.recording: reports that come together. test_service.py has them one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.inventory.support import START, Enrolled, Inventory, delta, device, dpkg, full
from weakspot import inventory
from weakspot.inventory.contracts import HardwareId, InstalledSoftware, Recorded, Report
from weakspot.runtime.errors import DeviceKnown, InvalidField, ReportSuperseded, ResyncRequired, WeakspotError

SOFTWARE = [dpkg(name) for name in "abcdef"]
A, B, C, *_ = SOFTWARE


def together(inv: Inventory, told: list[tuple[Enrolled, Report]]) -> list[Recorded | WeakspotError]:
    """All the reports in one call."""
    arrived = [inventory.Arrived((one.id, one.public_id), report, inv.now) for one, report in told]
    return inv.write(lambda conn: inventory.record_reports(conn, inv.interner, arrived, 1))


def names(outcome: Recorded | WeakspotError) -> list[str]:
    """New software of a report that was recorded."""
    assert isinstance(outcome, Recorded)
    return [version.name for version in outcome.new_software_versions]


def test_what_several_bring_is_new_once(inv: Inventory) -> None:
    one, two = inv.enrol(), inv.enrol(device(name="two"))
    first, second = together(
        inv, [(one, full(one.described, 1, [A, B], START)), (two, full(two.described, 1, [B, C], START))]
    )
    assert (names(first), names(second)) == (["a", "b"], ["c"])
    assert len(inv.installed(one.id)) == len(inv.installed(two.id)) == 2


def test_two_reports_of_one_device_are_taken_in_their_order(inv: Inventory) -> None:
    web = inv.enrol()
    whole = full(web.described, 1, [A], START)
    first, again, second = together(
        inv, [(web, whole), (web, whole), (web, delta(web.described, 2, [A], [B], [A], START + 1))]
    )
    assert isinstance(again, Recorded)
    assert again.is_duplicate
    assert (names(first), names(second)) == (["a"], ["b"])
    assert [identity[1] for identity in inv.installed(web.id)] == ["b"]
    assert [identity[1] for identity, _, _ in inv.ended(web.id)] == ["a"]


def test_what_cannot_be_recorded_is_told_in_its_place_and_leaves_nothing(inv: Inventory) -> None:
    known = inv.enrol(device(hardware_ids=(HardwareId("machine_id", "m1"),)))
    web, db = inv.enrol(device(name="web")), inv.enrol(device(name="db"))
    together(inv, [(web, full(web.described, 5, [A], START))])
    stranger = device(name="db", hardware_ids=known.described.hardware_ids)
    told = [
        (web, full(web.described, 4, [A, B], START + 1)),
        (db, full(stranger, 1, [C], START)),
        (known, delta(known.described, 1, [A], [B], [], START)),
        (web, full(web.described, 6, [B], START, observed_at="yesterday")),
    ]
    before = inv.everything()
    outcomes = together(inv, told)
    assert [type(one) for one in outcomes] == [ReportSuperseded, DeviceKnown, ResyncRequired, InvalidField]
    assert inv.everything() == before


@st.composite
def histories(draw: st.DrawFn) -> list[list[tuple[int, list[int]]]]:
    """Rounds of reports: (which device, what it has)."""
    report = st.tuples(st.integers(0, 2), st.lists(st.integers(0, len(SOFTWARE) - 1), unique=True))
    return draw(st.lists(st.lists(report, min_size=1, max_size=5), min_size=1, max_size=4))


@settings(max_examples=8)
@given(histories())
def test_together_is_as_one_by_one(tmp_path_factory: pytest.TempPathFactory, rounds: list[Any]) -> None:
    """The same reports give the same installations, ends, feed and changes, whoever else reports beside."""
    folder: Path = tmp_path_factory.mktemp("inventories")
    stores = []
    for place in ("together", "alone"):
        (folder / place).mkdir()
        stores.append(Inventory(folder / place))
    try:
        for inv in stores:
            fleet = [inv.enrol(device(name=f"d{number}")) for number in range(3)]
            has: list[list[InstalledSoftware] | None] = [None] * 3
            sequence = 0
            for some in rounds:
                told: list[tuple[Enrolled, Report]] = []
                for number, chosen in some:
                    sequence += 1
                    told.append(_report(fleet[number], has[number], [SOFTWARE[i] for i in chosen], sequence))
                    has[number] = [SOFTWARE[i] for i in chosen]
                for part in [told] if inv is stores[0] else [[one] for one in told]:
                    assert all(isinstance(outcome, Recorded) for outcome in together(inv, part))
        assert _facts(stores[0]) == _facts(stores[1])
    finally:
        for inv in stores:
            inv.close()


def _report(
    one: Enrolled, has: list[InstalledSoftware] | None, wants: list[InstalledSoftware], sequence: int
) -> tuple[Enrolled, Report]:
    at = START + sequence
    if has is None:
        return one, full(one.described, sequence, wants, at)
    added = [item for item in wants if item not in has]
    removed = [item for item in has if item not in wants]
    return one, delta(one.described, sequence, has, added, removed, at)


def _facts(inv: Inventory) -> list[Any]:
    """Without what is drawn by chance."""
    everything = inv.everything()
    feed = [(row[1], row[2], row[4], row[6]) for row in everything["inventory_software_change"]]
    told = [row[1:] for row in everything["changes"]]
    devices = range(1, 1 + len(everything["inventory_device"]))
    return [
        [(inv.installed(one), inv.ended(one)) for one in devices],
        sorted(feed),
        sorted(told),
        [row[1:] for row in everything["inventory_software_version"]],
    ]
