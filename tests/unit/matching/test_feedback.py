"""weakspot.matching.feedback and its store, through the use cases that call them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.support.world import World
from weakspot import access, matching, workflows
from weakspot.matching import feedback
from weakspot.matching.contracts import Feedback, GivenFeedback
from weakspot.runtime.errors import Conflict, InvalidField, NotFound

ADA = access.internal_caller("ada")
BOB = msgspec.structs.replace(ADA, kind="user", id=2, name="bob")
WISH = GivenFeedback(kind="support_wish", subject_kind="vulnerability", subject="CVE-2099-1")


@pytest.fixture
def world(tmp_path: Path, dialect: str) -> Iterator[World]:
    found = World(tmp_path)
    yield found
    found.close()


def give(world: World, by: access.Caller = ADA, **fields: Any) -> Feedback:
    given = msgspec.structs.replace(WISH, **fields)
    return workflows.give_feedback(world.database, by, given, world.clock.at)


def listed(world: World, **asked: Any) -> list[Feedback]:
    with world.database.read() as conn:
        return matching.feedback_listed(conn, **asked)


def test_a_wish_is_kept_once_a_person_until_it_is_answered(world: World) -> None:
    first = give(world)
    assert give(world) == first
    assert (first.state, first.author) == ("open", "internal:0:ada")
    other = give(world, BOB)
    assert [one.id for one in listed(world)] == [other.id, first.id]
    decided = workflows.decide_feedback(world.database, BOB, first.id, "done", "a source covers it now", world.clock.at)
    assert (decided.state, decided.note, decided.decided_by) == ("done", "a source covers it now", "user:2:bob")
    with pytest.raises(Conflict, match="is done"):
        workflows.decide_feedback(world.database, BOB, first.id, "refused", "", world.clock.at)
    assert give(world).id not in (first.id, other.id)
    assert len(listed(world, state="open")) == 2
    with world.database.read() as conn:
        actions = [one.action for one in access.audit_entries(conn)]
    assert actions.count("feedback.give") >= 3
    assert "feedback.done" in actions


def test_kinds_are_told_apart(world: World) -> None:
    give(world)
    give(world, kind="device_count", subject_kind="software", subject="debian-_-curl", text="it is on two")
    assert [one.kind for one in listed(world, kind="device_count")] == ["device_count"]
    with pytest.raises(InvalidField, match="wish for support"):
        give(world, subject_kind="software")
    with pytest.raises(NotFound):
        workflows.decide_feedback(world.database, ADA, 99, "done", "", world.clock.at)


def test_what_waits_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "MAX_OPEN_OF_AUTHOR", 2)
    give(world, subject="CVE-1")
    give(world, subject="CVE-2")
    with pytest.raises(Conflict, match="Too much feedback"):
        give(world, subject="CVE-3")
    assert give(world, subject="CVE-2").subject == "CVE-2"
    assert give(world, BOB, subject="CVE-3").subject == "CVE-3"
