"""Exceptions: requests, approval, interplay, expiry (spec/features.md 9)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy.engine import Connection

from tests.support.databases import database_with_tables
from tests.support.world import START
from weakspot import exceptions
from weakspot.exceptions import ExceptionScope, KeptException, NewException, Policy
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY
from weakspot.runtime.errors import Conflict, Forbidden, InvalidField

ANNE, BEN = "user:1:anne", "user:2:ben"
CURL = "va-_-debian-_-curl"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Third party control", "third_party_control"),
        ("compensating/alternate control", "alternate_mitigation"),
        ("Productivity/business need", "risk_accepted"),
        ("Accept risk", "risk_accepted"),
        ("Planned remediation (grace)", "planned_remediation"),
        ("alternate_mitigation", "alternate_mitigation"),
        ("Other (false positive)", None),
        ("", None),
    ],
)
def test_justifications_of_2020_are_mapped_when_they_are_imported(written: str, read: str | None) -> None:
    """spec/features.md 9.3: "The 2020 seed-era list was: compensating/alternate control; productivity/business need;
    accept risk; planned remediation (grace); other (false positive). Do not implement it, but map it on import: first
    -> alternate mitigation, second/third -> risk accepted."
    """
    assert exceptions.imported_justification(written) == read


@pytest.fixture
def conn(tmp_path: Path, dialect: str) -> Iterator[Connection]:
    database = database_with_tables(tmp_path / "x.db")
    engine = database._writer_engine
    with engine.connect() as connection, connection.begin():
        yield connection
    database.close()


def wanted(**fields: Any) -> NewException:
    values: dict[str, Any] = {
        "subject_kind": "recommendation", "subject": CURL, "scope": ExceptionScope(),
        "justification": "risk_accepted", "context": "not reachable", "until_at": START + 30 * DAY,
    }  # fmt: skip
    return NewException(**(values | fields))


def groups(*ids: int) -> ExceptionScope:
    return ExceptionScope(kind="device_group", group_ids=ids)


def statuses(conn: Connection, at: int) -> dict[int, str]:
    return {kept.id: status for kept, status in exceptions.listed(conn, at)}


def told(conn: Connection) -> list[tuple[int, str]]:
    return [(one.payload["exception_id"], one.payload["what"]) for one in changes.since(conn, 0)]


def test_a_context_is_required_and_says_so(conn: Connection) -> None:
    # 9.2: "Justification context: free text, required"
    with pytest.raises(InvalidField, match="context of an exception is required"):
        exceptions.request(conn, wanted(context="  "), ANNE, START)


@pytest.mark.parametrize(
    "fields",
    [
        {"until_at": START},
        {"until_at": START + 367 * DAY},
        {"justification": "no_patch"},  # 9.3: "CVE exceptions only"
        {"scope": ExceptionScope(kind="device_group")},
        {"scope": ExceptionScope(kind="global", tags=("x",))},
        {"scope": ExceptionScope(kind="software", software_ids=(1,))},
        {"scope": ExceptionScope(kind="tag", tags=("",))},
        {"subject": ""},
    ],
)
def test_what_cannot_be_excepted_is_refused(conn: Connection, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidField):
        exceptions.request(conn, wanted(**fields), ANNE, START)
    assert exceptions.listed(conn, START) == []


def test_a_global_exception_suspends_group_exceptions_which_resume_at_its_end(conn: Connection) -> None:
    # 9.4, rule 1: "A global exception suspends device-group exceptions (existing ones and ones created while it
    # lasts). When the global one ends, group exceptions resume until their own end."
    before = exceptions.request(conn, wanted(scope=groups(1), until_at=START + 90 * DAY), ANNE, START)
    everywhere = exceptions.request(conn, wanted(until_at=START + 30 * DAY), ANNE, START + 1)
    during = exceptions.request(conn, wanted(scope=groups(2), until_at=START + 90 * DAY), ANNE, START + 2)
    assert statuses(conn, START + 3) == {before.id: "Suspended", everywhere.id: "Active", during.id: "Suspended"}
    assert [one.id for one in exceptions.in_force(conn, START + 3)] == [everywhere.id]
    assert [one.id for one in exceptions.expire(conn, START + 30 * DAY)] == [everywhere.id]
    assert statuses(conn, START + 30 * DAY) == {before.id: "Active", everywhere.id: "Expired", during.id: "Active"}
    assert (before.id, "suspended") in told(conn)
    assert {(before.id, "resumed"), (during.id, "resumed"), (everywhere.id, "expired")} <= set(told(conn))
    exceptions.expire(conn, START + 91 * DAY)
    assert set(statuses(conn, START + 91 * DAY).values()) == {"Expired"}  # 9.4: "Past exceptions stay listed"


def test_a_group_that_has_an_exception_is_not_offered_again(conn: Connection) -> None:
    # 9.2: "groups that already have an exception are not offered"
    exceptions.request(conn, wanted(scope=groups(1, 2)), ANNE, START)
    assert exceptions.taken_groups(conn, "recommendation", CURL, START) == {1, 2}
    with pytest.raises(Conflict, match="already: 2"):
        exceptions.request(conn, wanted(scope=groups(2, 3)), ANNE, START)
    exceptions.request(conn, wanted(scope=groups(3)), ANNE, START)
    exceptions.request(conn, wanted(scope=groups(2), subject="va-_-debian-_-zlib"), ANNE, START)


def test_cancelling_for_one_group_and_for_all(conn: Connection) -> None:
    # 9.4, rule 3: "for all groups (Cancel exception for all device groups) or for one group"
    kept = exceptions.request(conn, wanted(scope=groups(1, 2)), ANNE, START)
    left = exceptions.cancel(conn, kept.id, BEN, START + 1, group_id=1)
    assert (left.group_ids, left.state) == ((2,), "approved")
    with pytest.raises(Conflict):
        exceptions.cancel(conn, kept.id, BEN, START + 1, group_id=1)
    ended = exceptions.cancel(conn, kept.id, BEN, START + 2, group_id=2)
    assert (ended.state, ended.ended_by) == ("cancelled", BEN)
    with pytest.raises(Conflict):
        exceptions.cancel(conn, kept.id, BEN, START + 3)
    other = exceptions.request(conn, wanted(scope=groups(1)), ANNE, START + 4)
    exceptions.cancel(conn, other.id, ANNE, START + 5)
    assert statuses(conn, START + 5)[other.id] == "Cancelled"
    assert exceptions.in_force(conn, START + 5) == []


def test_two_people_must_agree_where_that_is_chosen(conn: Connection) -> None:
    exceptions.set_policy(conn, Policy(is_four_eyes=True))
    kept = exceptions.request(conn, wanted(), ANNE, START)
    assert exceptions.status(conn, kept, START) == "Requested"
    assert exceptions.in_force(conn, START) == []
    for same in (ANNE, "user:1:anne under another name"):
        with pytest.raises(Forbidden, match="somebody else"):
            exceptions.decide(conn, kept.id, "approved", same, "", START + 1)
    approved = exceptions.decide(conn, kept.id, "approved", BEN, "fine", START + 2)
    assert (approved.decided_by, approved.since, approved.note) == (BEN, START + 2, "fine")
    assert exceptions.status(conn, approved, START + 2) == "Active"
    with pytest.raises(Conflict):
        exceptions.decide(conn, kept.id, "refused", BEN, "", START + 3)


def test_a_refused_or_late_request_never_holds(conn: Connection) -> None:
    exceptions.set_policy(conn, Policy(is_four_eyes=True))
    one = exceptions.request(conn, wanted(), ANNE, START)
    assert exceptions.decide(conn, one.id, "refused", ANNE, "", START).state == "refused"
    late = exceptions.request(conn, wanted(), ANNE, START)
    assert exceptions.status(conn, late, late.until_at) == "Expired"
    with pytest.raises(Conflict):
        exceptions.decide(conn, late.id, "approved", BEN, "", late.until_at)


@pytest.mark.parametrize(
    ("kind", "justification", "reduces"),
    [
        # 9.3: third party control and alternate mitigation reduce exposure, the others do not
        ("recommendation", "third_party_control", True),
        ("recommendation", "alternate_mitigation", True),
        ("recommendation", "risk_accepted", False),
        ("recommendation", "planned_remediation", False),
        # 9.5: "every CVE exception removes the covered pairs"
        ("vulnerability", "risk_accepted", True),
        ("vulnerability", "no_patch", True),
    ],
)
def test_which_exceptions_reduce_exposure(conn: Connection, kind: Any, justification: Any, reduces: bool) -> None:
    new = wanted(subject_kind=kind, subject="CVE-2099-0001", justification=justification)
    kept: KeptException = exceptions.request(conn, new, ANNE, START)
    assert kept.is_reducing is reduces


def test_every_decision_changes_the_stamp(conn: Connection) -> None:
    seen = {exceptions.stamp(conn)}
    kept = exceptions.request(conn, wanted(scope=groups(1, 2)), ANNE, START)
    seen.add(exceptions.stamp(conn))
    exceptions.cancel(conn, kept.id, ANNE, START, group_id=1)
    seen.add(exceptions.stamp(conn))
    exceptions.cancel(conn, kept.id, ANNE, START)
    seen.add(exceptions.stamp(conn))
    assert len(seen) == 4


def test_what_is_kept_is_what_was_asked_for(conn: Connection) -> None:
    new = wanted(scope=ExceptionScope(kind="tag", tags=("lab",), within_group_ids=(4,)))
    kept = exceptions.request(conn, new, ANNE, START)
    asked = msgspec.structs.asdict(new)
    assert {name: getattr(kept, name) for name in asked} == asked
    assert exceptions.get(conn, kept.id) == kept
