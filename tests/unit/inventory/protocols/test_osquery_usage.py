"""What runs, from samples and starts that a node tells: days by software, and nothing that was not seen."""

from __future__ import annotations

from typing import Any

import msgspec

from weakspot.inventory.contracts import InstalledSoftware
from weakspot.inventory.protocols.osquery import NodeState, ResultLine, answered, applied, decode, encode, noted, report
from weakspot.inventory.protocols.osquery.usage import DAYS, MAX_PATHS
from weakspot.runtime.clock import DAY, SECOND

NOW = 1_790_000_000 * SECOND
RUNNING, STARTED = "weakspot/running", "weakspot/started"
CURL = InstalledSoftware(type="dpkg", name="curl", version="8.5", architecture="amd64")
APP = InstalledSoftware(type="macos_app", name="Firefox", version="150", paths=("/Applications/Firefox.app",))


def line(action: str, path: str, *, at: int = NOW, counter: int = 0, name: str = RUNNING) -> ResultLine:
    told: dict[str, Any] = {
        "name": name, "action": action, "columns": {"path": path}, "unixTime": at // SECOND, "counter": counter,
    }  # fmt: skip
    return msgspec.convert(told, ResultLine, strict=False)


def used(state: NodeState, *software: InstalledSoftware) -> dict[str, tuple[str, int]]:
    found = report(state, software)
    return {} if found is None else {one.name: (one.last_used_on, one.days_used) for one in found.software}


def test_what_runs_on_days_that_the_node_was_heard_of_counts() -> None:
    state = NodeState()
    assert report(state, [CURL]) is None, "nobody looked yet: unknown, not unused"
    assert noted(state, [line("added", "/usr/bin/curl"), line("added", "/Applications/Firefox.app/x/firefox")], NOW)
    assert used(state, CURL, APP) == {"curl": ("2026-09-21", 1), "Firefox": ("2026-09-21", 1)}
    # Three days later the node tells something else; what it was running it is still running.
    later = NOW + 3 * DAY
    other = msgspec.convert({"name": "weakspot/deb_packages", "action": "added", "columns": {}}, ResultLine)
    assert noted(state, [other], later)
    assert used(state, CURL)["curl"] == ("2026-09-24", 2)
    assert noted(state, [line("removed", "/usr/bin/curl", at=later, counter=1)], later)
    noted(state, [other], NOW + 5 * DAY)
    assert used(state, CURL)["curl"] == ("2026-09-24", 2)
    assert used(decode(encode(state)), CURL)["curl"] == ("2026-09-24", 2)


def test_starts_are_events_and_never_taken_back() -> None:
    state = NodeState()
    assert noted(state, [line("added", "/usr/bin/curl", at=NOW - DAY, name=STARTED)], NOW)
    assert not noted(state, [line("added", "/usr/bin/curl", at=NOW - DAY, name=STARTED)], NOW)
    assert used(state, CURL) == {"curl": ("2026-09-20", 1)}
    assert STARTED not in state.queries
    assert not noted(state, [line("added", "/usr/bin/curl", at=NOW - 40 * DAY, name=STARTED)], NOW)


def test_what_runs_is_no_inventory() -> None:
    state = NodeState()
    assert not applied(state, [line("added", "/usr/bin/curl")], NOW)
    assert state.queries == {}


def test_old_days_are_forgotten_and_all_is_bounded() -> None:
    state = NodeState()
    noted(state, [line("added", f"/opt/{n}/x", name=STARTED) for n in range(MAX_PATHS + 50)], NOW)
    assert len(state.used) == MAX_PATHS
    assert noted(state, [], NOW + (DAYS + 1) * DAY)
    assert state.used == {}
    found = report(state, [CURL])
    assert found is not None
    assert found.software == ()


def test_a_place_that_two_claim_tells_of_neither() -> None:
    state = NodeState()
    noted(state, [line("added", "/opt/suite/bin/x")], NOW)
    one, two = (InstalledSoftware(type="macos_app", name=name, version="1", paths=("/opt/suite",)) for name in "ab")
    assert used(state, one) == {"a": ("2026-09-21", 1)}
    assert used(state, one, two) == {}


def test_windows_paths_and_listeners() -> None:
    state = NodeState()
    program = InstalledSoftware(type="windows_program", name="Web", version="1", paths=("C:\\Program Files\\Web\\",))
    path = "c:\\program files\\web\\httpd.exe"
    answered(state, {"weakspot/listening": [{"path": path, "port": "80", "protocol": "6"}]}, {}, 1)
    noted(state, [line("added", path)], NOW)
    found = report(state, [program])
    assert found is not None
    assert [(one.name, one.is_listening) for one in found.software] == [("Web", True)]
