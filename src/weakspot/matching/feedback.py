"""Feedback: what people ask for or find wrong on a page. It waits for an administrator and changes nothing by itself.

Each use case runs inside a unit of work that the caller gives.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from weakspot.matching import feedback_store as store
from weakspot.matching.contracts import Feedback, FeedbackKind, FeedbackState, GivenFeedback
from weakspot.matching.rules import feedback as rules
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import Conflict, InvalidField, NotFound

MAX_LISTED = 1_000
MAX_OPEN = 10_000
MAX_OPEN_OF_AUTHOR = 200


def give(conn: Connection, given: GivenFeedback, author: str, at: Micros) -> Feedback:
    """Keep feedback; what the same person said already and nobody answered stays as it is.

    Raises InvalidField, and Conflict where too much waits for an answer.
    """
    if problem := rules.problem_of(given):
        raise InvalidField(problem[1], field=problem[0])
    own = store.open_of_author(conn, author)
    for known in own:
        if (known.kind, known.subject_kind, known.subject) == (given.kind, given.subject_kind, given.subject):
            return known
    if len(own) >= MAX_OPEN_OF_AUTHOR or store.count_open(conn) >= MAX_OPEN:
        raise Conflict("Too much feedback waits for an answer already; ask an administrator to look at it.")
    return _existing(conn, store.insert(conn, given, author, at))


def decide(conn: Connection, feedback_id: int, state: FeedbackState, by: str, note: str, at: Micros) -> Feedback:
    """Say what became of it. Raises NotFound, Conflict when that was said already."""
    before = _existing(conn, feedback_id)
    if before.state != "open" or state == "open":
        raise Conflict(f"Feedback {feedback_id} is {before.state} and cannot become {state}.")
    store.decide(conn, feedback_id, state, by, note[: rules.MAX_TEXT], at)
    return _existing(conn, feedback_id)


def listed(conn: Connection, state: FeedbackState | None = None, kind: FeedbackKind | None = None) -> list[Feedback]:
    """Feedback, newest first, at most 1,000; None: in any state, of any kind."""
    return store.listed(conn, state, kind, MAX_LISTED)


def _existing(conn: Connection, feedback_id: int) -> Feedback:
    found = store.get(conn, feedback_id)
    if found is None:
        raise NotFound(f"There is no feedback {feedback_id}.")
    return found
