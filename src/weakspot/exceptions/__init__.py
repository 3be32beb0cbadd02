"""The exceptions: decisions not to act on a recommendation or a vulnerability, for a while, somewhere, for a reason.

In: requests and decisions of people (the forms and who may fill them are on the right of this context). Out: what holds
now, with its scope, for counts and scores; the whole list with statuses, past ones included.
Changes: ``exceptions.changed`` {"exception_id", "what", "subject_kind", "subject"}.

Invariants: a decision is never deleted; a global exception suspends the others of its subject and they resume at its
end (spec/features.md 9.4); a device group has at most one open exception of a subject; an exception always ends, at
the latest after 366 days; where two people must agree, none approves their own request.
"""

from weakspot.exceptions.contracts import ExceptionScope, KeptException, NewException, Policy
from weakspot.exceptions.rules import imported_justification
from weakspot.exceptions.service import (
    CHANGED,
    cancel,
    decide,
    expire,
    get,
    in_force,
    is_any_due,
    listed,
    request,
    status,
    taken_groups,
)
from weakspot.exceptions.store import get_policy, set_policy, stamp

__all__ = [
    "CHANGED", "ExceptionScope", "KeptException", "NewException", "Policy", "cancel", "decide", "expire", "get",
    "get_policy", "imported_justification", "in_force", "is_any_due", "listed", "request", "set_policy", "stamp",
    "status", "taken_groups",
]  # fmt: skip
