"""ServiceNow, Table API: records of a table (``incident`` unless told otherwise).

The key is the record's ``correlation_id``. States are numbers: 1 new is Pending, 2 in progress and 3 on hold are
Accepted, 6 resolved and 7 closed are Completed, 8 cancelled is Rejected. A business rule reports back with
``{"number" or "sys_id", "state"}`` and ``X-Weakspot-Signature`` (HMAC-SHA256 of the body).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec

from weakspot.remediation.contracts import TicketState
from weakspot.remediation.trackers.base import Draft, Remote, Signal, text_of, verify_hmac
from weakspot.remediation.trackers.http import Http
from weakspot.runtime.outbound import Field

_STATES: dict[str, TicketState] = {
    "1": "Pending", "2": "Accepted", "3": "Accepted", "6": "Completed", "7": "Completed", "8": "Rejected",
}  # fmt: skip
_URGENCY = {"High": "1", "Medium": "2", "Low": "3"}
_FIELDS = "sys_id,number,state,close_notes"


class ServiceNow:
    """One table of one instance."""

    kind: ClassVar[str] = "servicenow"
    is_readable: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="url", description="Address of the instance: https://example.service-now.com"),
        Field(name="table", description="Table of the records", default="incident"),
        Field(name="user", description="Name of the integration user"),
        Field(name="close_code", description="Resolution code at completion", default="Solution provided"),
        Field(name="password", description="Password of the integration user", is_secret=True),
        Field(name="webhook_secret", description="Secret of callbacks", is_secret=True, default=""),
    )

    def __init__(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._http = Http(settings["url"], auth=(settings["user"], secrets.get("password", "")))
        self._table = settings.get("table") or "incident"
        self._close_code = settings.get("close_code") or "Solution provided"
        self._secret = secrets.get("webhook_secret", "")

    def find(self, key: str) -> Remote | None:
        """By its correlation id."""
        asked = {"sysparm_query": f"correlation_id={key}", "sysparm_limit": "1", "sysparm_fields": _FIELDS}
        found = self._http.json("GET", self._path(), params=asked)["result"]
        return self._remote(found[0]) if found else None

    def create(self, draft: Draft) -> Remote:
        """A record with the key as its correlation id."""
        values = {
            "short_description": draft.title[:160],
            "description": text_of(draft),
            "urgency": _URGENCY[draft.priority],
            "correlation_id": draft.key,
            "correlation_display": "weakspot",
        }
        if draft.due_on:
            values["due_date"] = f"{draft.due_on} 23:59:59"
        return self._remote(self._http.json("POST", self._path(), values)["result"])

    def comment(self, remote_id: str, text: str) -> None:
        """A work note."""
        self._http.json("PATCH", self._path(remote_id), {"work_notes": text})

    def close(self, remote_id: str, text: str) -> None:
        """Resolved, with a code and notes."""
        if self.read(remote_id).state not in ("Completed", "Rejected"):
            values = {"state": "6", "close_code": self._close_code, "close_notes": text}
            self._http.json("PATCH", self._path(remote_id), values)

    def reopen(self, remote_id: str, text: str) -> None:
        """In progress again."""
        self._http.json("PATCH", self._path(remote_id), {"state": "2", "work_notes": text})

    def read(self, remote_id: str) -> Remote:
        """Its state now."""
        return self._remote(self._http.json("GET", self._path(remote_id), params={"sysparm_fields": _FIELDS})["result"])

    def signals(self, headers: Mapping[str, str], body: bytes) -> list[Signal]:
        """What the business rule sends."""
        verify_hmac(self._secret, body, headers.get("x-weakspot-signature", ""))
        told = msgspec.json.decode(body, type=dict[str, Any])
        if not told.get("sys_id"):
            return []
        state = _STATES.get(str(told.get("state", "")))
        return [Signal(remote_id=str(told["sys_id"]), state=state, note=str(told.get("note") or ""))]

    def _path(self, remote_id: str = "") -> str:
        return f"/api/now/table/{quote(self._table, safe='')}" + (f"/{quote(remote_id, safe='')}" if remote_id else "")

    def _remote(self, record: Mapping[str, Any]) -> Remote:
        sys_id, state = str(record["sys_id"]), str(record.get("state", "1"))
        url = f"{self._http.base}/nav_to.do?uri={quote(f'{self._table}.do?sys_id={sys_id}', safe='')}"
        note = str(record.get("close_notes") or "") or str(record.get("number") or "")
        return Remote(id=sys_id, url=url, state=_STATES.get(state, "Pending"), note=note)
