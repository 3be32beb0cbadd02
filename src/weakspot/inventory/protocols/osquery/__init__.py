"""osquery's TLS remote API: our queries, the messages, and what differential results make of a device.

In: what nodes send (enrolments, result logs, answers to distributed queries, lines of their own status). Out: the
configuration for them, and from the state of a node its device, software, settings and use. Pure: nothing is
stored here.

Invariants: a message that comes twice changes nothing the second time; a line that is older than what is known is left
out; a query that starts anew replaces what it said before; all is bounded.
"""

from weakspot.inventory.protocols.osquery.contracts import (
    DistributedAnswers,
    EnrolNode,
    LogMessage,
    NodeRequest,
    ResultLine,
    StatusLine,
)
from weakspot.inventory.protocols.osquery.queries import QUERIES, distributed, schedule
from weakspot.inventory.protocols.osquery.rows import described_by, inventory_of, settings_of
from weakspot.inventory.protocols.osquery.state import NodeState, answered, applied, decode, encode, epoch_for
from weakspot.inventory.protocols.osquery.usage import noted, report

__all__ = [
    "QUERIES", "DistributedAnswers", "EnrolNode", "LogMessage", "NodeRequest", "NodeState", "ResultLine", "StatusLine",
    "answered", "applied", "decode", "described_by", "distributed", "encode", "epoch_for", "inventory_of", "noted",
    "report", "schedule", "settings_of",
]  # fmt: skip
