"""Messages of osquery nodes (osquery's documentation, "Remote settings" and "Logging"). Unknown fields are left out."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

MAX_LINES = 100_000
Key = Annotated[str, msgspec.Meta(max_length=200)]
Name = Annotated[str, msgspec.Meta(max_length=256)]
Columns = dict[str, Any]


class EnrolNode(msgspec.Struct, frozen=True, kw_only=True):
    """``enroll``: the secret, and how the node identifies and describes itself."""

    enroll_secret: Key
    host_identifier: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    host_details: dict[str, dict[str, Any]] = {}


class NodeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """``config`` and ``distributed/read``."""

    node_key: Key = ""


class ResultLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a result log: an added or removed row, a batch of both, or a snapshot.

    Numbers may be written as text. ``diffResults`` has an empty text where there is nothing.
    """

    name: Name
    action: Name = ""
    unix_time: int = msgspec.field(name="unixTime", default=0)
    epoch: int = 0
    counter: int = 0
    columns: Columns | None = None
    snapshot: list[Columns] | None = None
    batch: dict[str, Any] | None = msgspec.field(name="diffResults", default=None)

    @property
    def added(self) -> list[Columns]:
        """Rows that are there now."""
        if self.columns is not None:
            return [self.columns] if self.action == "added" else []
        return _rows(self.batch, "added")

    @property
    def removed(self) -> list[Columns]:
        """Rows that are gone."""
        if self.columns is not None:
            return [self.columns] if self.action == "removed" else []
        return _rows(self.batch, "removed")


class StatusLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the node's own log. severity: 0 information, 1 warning, 2 error, 3 fatal, as glog counts."""

    severity: int = 0
    message: str = ""
    filename: str = ""
    line: int = 0
    unix_time: int = msgspec.field(name="unixTime", default=0)


class LogMessage(msgspec.Struct, frozen=True, kw_only=True):
    """``log``: lines of results, or of the node's own status."""

    node_key: Key = ""
    log_type: Name = ""
    data: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MAX_LINES)] = []


class DistributedAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """``distributed/write``: rows by query, and whether each query succeeded (0)."""

    node_key: Key = ""
    queries: dict[str, Any] = {}
    statuses: dict[str, Any] = {}


def _rows(batch: dict[str, Any] | None, name: str) -> list[Columns]:
    rows = (batch or {}).get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
