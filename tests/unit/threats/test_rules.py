"""What a detection hangs on, what counts, and how high a device's risk is."""

from __future__ import annotations

from typing import Any

import pytest

from weakspot.threats import rules
from weakspot.threats.contracts import InstalledProduct, Link, Observed, Suspect

NGINX, BASH, CHROME = 1, 2, 3
INSTALLED = (
    InstalledProduct(software_id=NGINX, names=rules.names_of("nginx-core", "nginx"), paths=("/usr/sbin/nginx",),
                     vulnerabilities=frozenset({10, 11, 12})),
    InstalledProduct(software_id=BASH, names=rules.names_of("bash"), paths=(), vulnerabilities=frozenset({20})),
    InstalledProduct(software_id=CHROME, names=rules.names_of("Google Chrome"),
                     paths=("C:\\Program Files\\Google\\Chrome\\Application",), vulnerabilities=frozenset({30})),
)  # fmt: skip
SUSPECTS = {
    10: Suspect((2, 0.1, 7.0, "a"), True, frozenset()),
    11: Suspect((5, 0.9, 9.8, "b"), True, frozenset({"T1190"})),
    12: Suspect((0, 0.0, 9.0, "c"), False, frozenset()),
    20: Suspect((5, 0.9, 9.8, "d"), True, frozenset({"T1059"})),
    30: Suspect((0, 0.0, 5.0, "e"), False, frozenset({"T1189"})),
}


def links(named: set[int] | None = None, **observed: Any) -> list[Link]:
    seen = Observed(source_id="s", title="t", product="p", **observed)
    return rules.correlate(1, 7, seen, named=named or set(), installed=INSTALLED, suspects=SUSPECTS)


def told(found: list[Link]) -> list[tuple[str, int | None, int | None, bool]]:
    return [(one.reason, one.software_id, one.vulnerability_id, one.is_raising) for one in found]


def test_named_vulnerabilities_that_the_device_has_are_raised() -> None:
    """spec/features.md 22: "correlate on device + (CVE named in alert, ...)"."""
    assert told(links({10, 99})) == [("vulnerability", None, 10, True)]


def test_the_owner_of_a_path_is_concerned_and_its_most_likely_weakness_raised() -> None:
    """spec/features.md 22: "software/process path"."""
    found = told(links(paths=("/usr/sbin/nginx", "/bin/bash")))
    assert found == [
        ("software", NGINX, None, False), ("software", None, 10, False), ("software", None, 11, True),
    ]  # fmt: skip


def test_a_technique_tells_apart_what_a_path_left_open() -> None:
    found = told(links(paths=("C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",), techniques=("T1189",)))
    assert found == [("software", CHROME, None, False), ("software", None, 30, True)]


def test_a_technique_alone_hangs_on_what_it_is_known_to_be_used_with() -> None:
    """spec/features.md 22: "ATT&CK technique mapped to the CVE"."""
    assert told(links(techniques=("T1059.004",))) == [("technique", None, 20, True)]


def test_a_name_that_is_there_goes_before_guesses() -> None:
    found = told(links({12}, paths=("/usr/sbin/nginx",)))
    assert [one for one in found if one[3]] == [("vulnerability", None, 12, True)]


def test_programs_that_attackers_run_everywhere_say_nothing() -> None:
    assert links(programs=("bash",)) == []
    assert told(links(programs=("NGINX.EXE",)))[0] == ("software", NGINX, None, False)
    assert told(links(programs=("chrome",)))[0] == ("software", CHROME, None, False)


@pytest.mark.parametrize(
    ("seen", "path", "owned"),
    [
        ("/usr/sbin/nginx", "/usr/sbin/nginx", True), ("/opt/app", "/opt/app/bin/x", True),
        ("/opt/app", "/opt/application", False), ("/usr", "/usr/sbin/nginx", False), ("/tmp/app", "/tmp/app/x", False),
        ("C:\\Program Files\\App", "c:\\program files\\app\\A.EXE", True),
        ("C:\\Windows\\System32\\x.exe", "\\Device\\HarddiskVolume3\\Windows\\System32\\x.exe", True),
        ("/opt/App", "/opt/app/x", False), ("", "/x", False),
    ],
)  # fmt: skip
def test_which_paths_are_of_a_product(seen: str, path: str, owned: bool) -> None:
    assert rules.owns(seen, path) is owned


def test_the_newer_word_counts_and_of_two_of_one_moment_the_persons() -> None:
    assert rules.effective_status("new", 5, "resolved", 5) == "resolved"
    assert rules.effective_status("in_progress", 6, "resolved", 5) == "in_progress"
    assert rules.effective_status("new", 5, None, None) == "new"


@pytest.mark.parametrize(
    ("status", "counts"), [("new", True), ("in_progress", True), ("resolved", False), ("unknown", False)]
)
def test_what_counts(status: Any, counts: bool) -> None:
    """spec/features.md 22: "an alert counts while status is New or InProgress"."""
    assert rules.is_active(status) is counts


def test_a_devices_risk_level_is_its_worst_detection() -> None:
    """spec/features.md 13.1: "Risk level: High, Medium, Low, Informational, No known risks"."""
    assert rules.risk_level(()) == "None"
    assert rules.risk_level(("Informational", "High", "Low")) == "High"
    assert rules.risk_level(("Unspecified",)) == "Low"
