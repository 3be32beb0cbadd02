"""The read models: one module a console page, and nothing else between the pages and the contexts.

In: a ``ReadContext`` (snapshot, fleet index, moment), the caller's ``Scope`` and, for lists, a ``ListQuery``.
Out: the structs of ``contracts``, which are the JSON of our own API.

Invariants: every answer is about the devices of the scope alone, counts and scores included, and what is outside of it
looks as if it did not exist; a list page reads the rows of one page from the database and everything else from the
fleet index and the remembered columns (``memory``), so that its cost does not grow with devices x weaknesses; nothing
is written.
"""

from weakspot.queries import (
    dashboard,
    devices,
    exceptions,
    explain,
    groups,
    knowledge,
    plan,
    recommendations,
    remediation,
    remediation_request,
    search,
    software,
    weaknesses,
)
from weakspot.queries.base import ListQuery, ListShape, ReadContext
from weakspot.queries.memory import warm

__all__ = [
    "ListQuery", "ListShape", "ReadContext", "dashboard", "devices", "exceptions", "explain", "groups", "knowledge",
    "plan", "recommendations", "remediation", "remediation_request", "search", "software", "warm", "weaknesses",
]  # fmt: skip
