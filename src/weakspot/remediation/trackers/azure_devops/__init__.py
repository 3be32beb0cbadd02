"""Azure DevOps work items, REST API version 7.1.

The key is a tag. States of the Agile, Scrum, Basic and CMMI processes are understood; Removed is Rejected. Service
hooks report back with a header ``X-Weakspot-Token`` (they cannot sign).
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec

from weakspot.remediation.contracts import TicketState
from weakspot.remediation.trackers.base import Draft, Remote, Signal, text_of, verify_token
from weakspot.remediation.trackers.http import Http
from weakspot.runtime.outbound import Field

VERSION = {"api-version": "7.1"}
_STATES: dict[str, TicketState] = {
    "new": "Pending", "to do": "Pending", "proposed": "Pending", "approved": "Accepted", "active": "Accepted",
    "committed": "Accepted", "doing": "Accepted", "in progress": "Accepted", "resolved": "Completed",
    "closed": "Completed", "done": "Completed", "removed": "Rejected",
}  # fmt: skip
_PRIORITY = {"High": 1, "Medium": 2, "Low": 3}
_PATCH = {"content-type": "application/json-patch+json"}


class AzureDevOps:
    """One project of one organisation."""

    kind: ClassVar[str] = "azure_devops"
    is_readable: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="organisation", description="Name of the organisation"),
        Field(name="project", description="Name of the project"),
        Field(name="url", description="Address of the service", default="https://dev.azure.com"),
        Field(name="work_item_type", description="Type of the work items", default="Task"),
        Field(name="closed_state", description="State at completion", default="Closed"),
        Field(name="open_state", description="State when it is opened again", default="Active"),
        Field(name="token", description="Personal access token that may write work items", is_secret=True),
        Field(name="webhook_secret", description="Token of the service hook's header", is_secret=True, default=""),
    )

    def __init__(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        base = settings.get("url") or "https://dev.azure.com"
        self._http = Http(base, auth=("", secrets.get("token", "")))
        self._path = f"/{quote(settings['organisation'], safe='')}/{quote(settings['project'], safe='')}"
        self._project = settings["project"]
        self._type = settings.get("work_item_type") or "Task"
        self._closed = settings.get("closed_state") or "Closed"
        self._open = settings.get("open_state") or "Active"
        self._secret = secrets.get("webhook_secret", "")

    def find(self, key: str) -> Remote | None:
        """By the tag."""
        text = key.replace("'", "''")
        project = self._project.replace("'", "''")
        query = (
            "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = "  # noqa: S608 - WIQL, quoted above
            f"'{project}' AND [System.Tags] CONTAINS '{text}'"
        )
        found = self._http.json("POST", f"{self._path}/_apis/wit/wiql", {"query": query}, params=VERSION)
        items = found.get("workItems") or []
        return self.read(str(items[0]["id"])) if items else None

    def create(self, draft: Draft) -> Remote:
        """A work item with the key as its tag."""
        values: dict[str, Any] = {
            "System.Title": draft.title[:255],
            "System.Description": f"<pre>{html.escape(text_of(draft))}</pre>",
            "System.Tags": f"weakspot; {draft.key}",
            "Microsoft.VSTS.Common.Priority": _PRIORITY[draft.priority],
        }
        if draft.due_on:
            values["Microsoft.VSTS.Scheduling.DueDate"] = f"{draft.due_on}T23:59:59Z"
        kind = quote(f"${self._type}", safe="$")
        return self._remote(self._patch("POST", f"{self._path}/_apis/wit/workitems/{kind}", values))

    def comment(self, remote_id: str, text: str) -> None:
        """An entry of the history."""
        self._patch("PATCH", self._item(remote_id), {"System.History": html.escape(text)})

    def close(self, remote_id: str, text: str) -> None:
        """The state of completion."""
        if self.read(remote_id).state not in ("Completed", "Rejected"):
            values = {"System.State": self._closed, "System.History": html.escape(text)}
            self._patch("PATCH", self._item(remote_id), values)

    def reopen(self, remote_id: str, text: str) -> None:
        """Open again."""
        values = {"System.State": self._open, "System.History": html.escape(text)}
        self._patch("PATCH", self._item(remote_id), values)

    def read(self, remote_id: str) -> Remote:
        """Its state now."""
        return self._remote(self._http.json("GET", self._item(remote_id), params=VERSION))

    def signals(self, headers: Mapping[str, str], body: bytes) -> list[Signal]:
        """A ``workitem.updated`` event."""
        verify_token(self._secret, headers.get("x-weakspot-token", ""))
        resource = msgspec.json.decode(body, type=dict[str, Any]).get("resource")
        if not isinstance(resource, dict):
            return []
        number = resource.get("workItemId") or resource.get("id")
        revision = resource.get("revision")
        fields = (revision if isinstance(revision, dict) else resource).get("fields") or {}
        word = str(fields.get("System.State") or "")
        return [Signal(remote_id=str(number), state=_STATES.get(word.lower()), note=word)] if number else []

    def _patch(self, method: str, path: str, values: Mapping[str, Any]) -> Any:
        steps = [{"op": "add", "path": f"/fields/{name}", "value": value} for name, value in values.items()]
        return self._http.json(method, path, content=msgspec.json.encode(steps), headers=_PATCH, params=VERSION)

    def _item(self, remote_id: str) -> str:
        return f"{self._path}/_apis/wit/workitems/{quote(remote_id, safe='')}"

    def _remote(self, item: Mapping[str, Any]) -> Remote:
        word = str((item.get("fields") or {}).get("System.State") or "")
        url = f"{self._http.base}{self._path}/_workitems/edit/{item['id']}"
        return Remote(id=str(item["id"]), url=url, state=_STATES.get(word.lower(), "Pending"), note=word)
