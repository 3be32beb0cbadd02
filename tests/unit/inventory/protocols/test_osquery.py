"""osquery's results, as its documentation ("Logging", "Remote settings") has them, and what becomes of them."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weakspot.inventory.contracts import InstalledSoftware, OperatingSystem
from weakspot.inventory.protocols.base import device_named
from weakspot.inventory.protocols.osquery import (
    QUERIES,
    NodeState,
    ResultLine,
    answered,
    applied,
    decode,
    described_by,
    distributed,
    encode,
    epoch_for,
    inventory_of,
    schedule,
)
from weakspot.inventory.protocols.osquery.state import COMPLETE_AFTER, RENEW_EVERY
from weakspot.runtime.errors import TooLarge

NOW = 1_790_000_000_000_000
DEB = "weakspot/deb_packages"
_line = msgspec.json.Decoder(ResultLine, strict=False)
UNKNOWN = device_named("node", OperatingSystem(platform="Linux", distribution="debian", version="12"))


def deb(name: str, version: str = "1.0-1", **more: str) -> dict[str, str]:
    """A row of deb_packages."""
    return {"name": name, "version": version, "arch": "amd64", "source": "", "maintainer": "",
            "status": "install ok installed"} | more  # fmt: skip


def event(action: str, row: dict[str, Any], *, counter: int, at: int, epoch: int = 0, name: str = DEB) -> ResultLine:
    """A line in the event format, as it goes over the wire."""
    line = {
        "name": name, "hostIdentifier": "node-1", "calendarTime": "Mon Jan  1 00:00:00 2026 UTC", "unixTime": at,
        "epoch": epoch, "counter": counter, "numerics": False, "columns": row, "action": action,
    }  # fmt: skip
    return _line.decode(msgspec.json.encode(line))


def first(rows: list[dict[str, str]], at: int, epoch: int = 0) -> list[ResultLine]:
    """A first run: everything is added."""
    return [event("added", row, counter=0, at=at, epoch=epoch) for row in rows]


def software(state: NodeState) -> set[InstalledSoftware]:
    """What is installed."""
    return set(inventory_of(state, UNKNOWN).software)


def names(state: NodeState) -> set[str]:
    """Names of what is installed."""
    return {one.name for one in software(state)}


def test_a_first_run_and_its_changes() -> None:
    state = NodeState()
    assert applied(state, first([deb("curl"), deb("bash")], 100), NOW)
    change = [event("removed", deb("curl"), counter=1, at=200), event("added", deb("curl", "1.1"), counter=1, at=200)]
    assert applied(state, change, NOW)
    assert {(one.name, one.version) for one in software(state)} == {("curl", "1.1"), ("bash", "1.0-1")}


def test_the_batch_format_and_numbers_as_text() -> None:
    state = NodeState()
    batch = {
        "diffResults": {"added": [deb("curl")], "removed": ""}, "name": DEB, "unixTime": "100", "epoch": "0",
        "counter": "0",
    }  # fmt: skip
    assert applied(state, [_line.decode(msgspec.json.encode(batch))], NOW)
    assert names(state) == {"curl"}


def test_a_message_that_comes_again_changes_nothing() -> None:
    state = NodeState()
    start = first([deb("curl"), deb("bash")], 100)
    change = [event("removed", deb("curl"), counter=1, at=200)]
    applied(state, start + change, NOW)
    before = copy.deepcopy(state)
    assert not applied(state, start, NOW)
    assert not applied(state, change, NOW)
    assert state == before


def test_a_new_run_in_parts_takes_nothing_away_until_it_is_complete() -> None:
    state = NodeState()
    applied(state, first([deb("curl"), deb("bash"), deb("gone")], 100), NOW)
    again = first([deb("curl"), deb("bash")], 900, epoch=7)
    assert not applied(state, again[:1], NOW)
    assert names(state) == {"curl", "bash", "gone"}
    assert not applied(state, again[1:], NOW)
    assert applied(state, [], NOW + COMPLETE_AFTER)
    assert names(state) == {"curl", "bash"}


def test_a_change_of_what_was_never_told_is_answered_by_a_new_epoch() -> None:
    state = NodeState()
    assert not applied(state, [event("added", deb("curl"), counter=4, at=100, epoch=9)], NOW)
    assert software(state) == set()
    assert state.least_epoch == 10
    assert schedule(epoch_for(state, 1, 0))["options"]["schedule_epoch"] == 10


def test_everything_is_sent_anew_each_week_and_not_by_all_at_once() -> None:
    state = NodeState()
    assert epoch_for(state, 5, NOW + RENEW_EVERY) == epoch_for(state, 5, NOW) + 1
    moments = {number * 0x9E3779B1 % RENEW_EVERY // (RENEW_EVERY // 100) for number in range(1000)}
    assert len(moments) > 90


def test_answers_to_distributed_queries_are_the_whole_table() -> None:
    state = NodeState()
    assert answered(state, {DEB: [deb("curl")], "other": [{"a": "b"}]}, {DEB: 0}, 100)
    assert not answered(state, {DEB: []}, {DEB: 1}, 200)
    assert names(state) == {"curl"}
    assert applied(state, [event("added", deb("vim"), counter=3, at=300, epoch=4)], NOW)
    assert names(state) == {"curl", "vim"}
    assert DEB not in distributed("Linux", frozenset(state.queries))
    assert "weakspot/programs" not in distributed("Linux", frozenset())


def test_two_places_of_one_package_and_one_of_them_goes() -> None:
    state = NodeState()
    name = "weakspot/python_packages"
    rows = [{"name": "requests", "version": "2.0", "path": f"/opt/{place}"} for place in "ab"]
    applied(state, [event("added", row, counter=0, at=100, name=name) for row in rows], NOW)
    (one,) = software(state)
    assert one.paths == ("/opt/a", "/opt/b")
    applied(state, [event("removed", rows[0], counter=1, at=200, name=name)], NOW)
    (one,) = software(state)
    assert one.paths == ("/opt/b",)


def test_source_packages_epochs_and_what_is_not_installed() -> None:
    state = NodeState()
    rows = [
        deb("libc6", source="glibc"), deb("libgcc-s1", "12", source="gcc-12 (12.2.0-14)"),
        deb("old", status="deinstall ok config-files"),
    ]  # fmt: skip
    rpm = {"name": "bind", "version": "9.11", "release": "26.el8", "epoch": "32", "arch": "x86_64",
           "source": "bind-9.11-26.el8.src.rpm"}  # fmt: skip
    key = {"name": "gpg-pubkey", "version": "1", "release": "2", "epoch": "", "arch": "", "source": ""}
    lines = first(rows, 1) + [event("added", row, counter=0, at=1, name="weakspot/rpm_packages") for row in (rpm, key)]
    applied(state, lines, NOW)
    read = inventory_of(state, UNKNOWN)
    assert {(one.name, one.version, one.source_name, one.source_version) for one in read.software} == {
        ("libc6", "1.0-1", "glibc", "1.0-1"),
        ("libgcc-s1", "12", "gcc-12", "12.2.0-14"),
        ("bind", "32:9.11-26.el8", "bind", "32:9.11-26.el8"),
    }
    assert sorted(one.name for one in read.refused) == ["gpg-pubkey", "old"]
    assert read.records == 5


def test_a_windows_node() -> None:
    state = NodeState()
    facts = {
        "os_version": [{"name": "Microsoft Windows 11 Pro", "version": "10.0.22631", "platform": "windows",
                        "arch": "64-bit"}],
        "windows_revision": [{"data": "2861"}],
        "system_info": [{"hostname": "PC-1", "uuid": "4C4C4544-0042-3010-8051-B6C04F4D3132", "hardware_serial": "ABC1",
                         "hardware_vendor": "Dell Inc.", "hardware_model": "Latitude", "physical_memory": "17179869184",
                         "board_serial": "To be filled by O.E.M."}],
    }  # fmt: skip
    answers = {f"weakspot/{name}": rows for name, rows in facts.items()}
    answers["weakspot/patches"] = [{"hotfix_id": "KB5034123"}, {"hotfix_id": "File 1"}]
    answers["weakspot/programs"] = [{"name": "7-Zip", "version": "22.01", "publisher": "Igor Pavlov"}]
    assert answered(state, answers, {}, 100)
    read = inventory_of(state, UNKNOWN)
    assert read.device.name == "PC-1"
    assert read.device.os.build == "10.0.22631.2861"
    assert {(one.kind, one.value) for one in read.device.hardware_ids} == {
        ("product_uuid", "4c4c4544-0042-3010-8051-b6c04f4d3132"), ("serial", "ABC1"),
    }  # fmt: skip
    assert {(one.type, one.name) for one in read.software} == {
        ("windows_os", "Windows 11 Pro"), ("windows_update", "KB5034123"), ("windows_program", "7-Zip"),
    }  # fmt: skip
    assert [one.name for one in read.refused] == ["File 1"]


def test_linux_and_mac_systems() -> None:
    def system(**row: str) -> tuple[str, str, str]:
        found = described_by(None, {"os_version": [row]}).os
        return found.platform, found.distribution, found.version

    assert system(platform="ubuntu", name="Ubuntu", version="22.04.3 LTS (Jammy)", major="22", minor="4") == (
        "Linux", "ubuntu", "22.04.3",
    )  # fmt: skip
    assert system(platform="rhel", name="Red Hat Enterprise Linux", version="", major="8", minor="9")[1:] == (
        "rhel", "8.9",
    )  # fmt: skip
    assert system(platform="darwin", name="macOS", version="14.2.1", build="23C71")[0] == "macOS"


def test_what_is_kept_is_what_was_known() -> None:
    state = NodeState()
    applied(state, first([deb("curl")], 100, epoch=3), NOW)
    assert decode(encode(state)) == state
    assert decode(b"") == NodeState()


def test_a_node_cannot_tell_without_end() -> None:
    state = NodeState()
    for number in range(20):
        rows = [{f"c{i}": f"{number}-{row}-" + "x" * 1000 for i in range(60)} for row in range(20)]
        applied(state, first(rows, 100), NOW)
    with pytest.raises(TooLarge):
        encode(state)


def test_our_configuration_names_only_our_queries() -> None:
    config = schedule(3)
    assert set(config["schedule"]) == {query.name for query in QUERIES}
    assert config["schedule"]["weakspot/os_version"]["snapshot"] is True
    assert config["schedule"][DEB]["platform"] == "linux"


@settings(max_examples=60)
@given(st.data())
def test_any_replay_of_a_log_ends_in_what_the_node_has(data: st.DataObject) -> None:
    rows = [deb(f"p{number}") for number in range(6)]
    present = set(data.draw(st.sets(st.integers(0, 5))))
    log = first([rows[i] for i in sorted(present)], 100) or []
    messages = [log[i : i + 2] for i in range(0, len(log), 2)]
    for run in range(1, data.draw(st.integers(1, 5))):
        wanted = set(data.draw(st.sets(st.integers(0, 5))))
        at = 100 + run * 60
        if not messages:
            break
        change = [event("removed", rows[i], counter=run, at=at) for i in sorted(present - wanted)]
        change += [event("added", rows[i], counter=run, at=at) for i in sorted(wanted - present)]
        if change:
            messages.append(change)
        present = wanted
    if not messages:
        return
    state = NodeState()
    for number, message in enumerate(messages):
        applied(state, message, NOW)
        for _ in range(data.draw(st.integers(0, 1))):
            # What was not acknowledged comes again, with what came before it at times.
            applied(state, messages[data.draw(st.integers(max(0, number - 1), number))], NOW)
            applied(state, message, NOW)
    assert names(state) == {f"p{i}" for i in present}
