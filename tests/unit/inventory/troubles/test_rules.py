from __future__ import annotations

from weakspot.inventory.contracts import CollectorOutcome
from weakspot.inventory.troubles import LogLine
from weakspot.inventory.troubles.rules import MAX_BAD, MAX_OTHER, failures, newest


def test_chatter_pushes_no_error_out_and_a_repetition_counts_once() -> None:
    errors = [LogLine(n, "error", f"error {n}") for n in range(MAX_BAD + 5)]
    chatter = [LogLine(1_000 + n, "information", "still here") for n in range(500)]
    kept = newest(errors, [*chatter, *errors[-3:]])
    assert len(kept) == MAX_BAD + MAX_OTHER
    assert [one.at for one in kept] == sorted((one.at for one in kept), reverse=True)
    assert [one for one in kept if one.severity == "error"] == errors[: -MAX_BAD - 1 : -1]
    assert newest(kept, chatter) == kept


def test_what_failed_in_words() -> None:
    outcomes = [
        CollectorOutcome(name="dpkg", status="succeeded"),
        CollectorOutcome(name="hardware", status="partly", reason="not run as root"),
        CollectorOutcome(name="rpm", status="failed", reason="rpmdb is locked"),
        CollectorOutcome(name="apk", status="failed"),
    ]
    assert failures(outcomes) == "rpm: rpmdb is locked; apk: no reason given"
    assert failures(outcomes[:2]) == ""
