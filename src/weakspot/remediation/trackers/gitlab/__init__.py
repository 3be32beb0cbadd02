"""GitLab issues, REST API version 4.

The key is a label. An opened issue is Pending, with an assignee Accepted; a closed one is Completed, or Rejected where
it has the label ``rejected``. Callbacks carry the webhook's token (``X-Gitlab-Token``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec

from weakspot.remediation.contracts import TicketState
from weakspot.remediation.trackers.base import Draft, Remote, Signal, text_of, verify_token
from weakspot.remediation.trackers.github import _fenced
from weakspot.remediation.trackers.http import Http
from weakspot.runtime.outbound import Field

REJECTED = "rejected"


class GitLab:
    """One project."""

    kind: ClassVar[str] = "gitlab"
    is_readable: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="project", description="Path (group/project) or number of the project"),
        Field(name="url", description="Address of GitLab", default="https://gitlab.com"),
        Field(name="token", description="Project access token with the scope api", is_secret=True),
        Field(name="webhook_secret", description="Secret token of the webhook", is_secret=True, default=""),
    )

    def __init__(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._http = Http(
            settings.get("url") or "https://gitlab.com", headers={"private-token": secrets.get("token", "")}
        )
        self._path = f"/api/v4/projects/{quote(settings['project'], safe='')}/issues"
        self._secret = secrets.get("webhook_secret", "")

    def find(self, key: str) -> Remote | None:
        """By the label, in any state."""
        found = self._http.json("GET", self._path, params={"labels": key, "state": "all", "per_page": "1"})
        return self._remote(found[0]) if found else None

    def create(self, draft: Draft) -> Remote:
        """An issue with the key as its label."""
        body = {
            "title": draft.title[:255],
            "description": _fenced(text_of(draft)),
            "labels": f"weakspot,{draft.key}",
            **({"due_date": draft.due_on} if draft.due_on else {}),
        }
        return self._remote(self._http.json("POST", self._path, body))

    def comment(self, remote_id: str, text: str) -> None:
        """A note."""
        self._http.json("POST", f"{self._issue(remote_id)}/notes", {"body": _fenced(text)})

    def close(self, remote_id: str, text: str) -> None:
        """Closed."""
        if self.read(remote_id).state not in ("Completed", "Rejected"):
            self._http.json("PUT", self._issue(remote_id), {"state_event": "close"})
            self.comment(remote_id, text)

    def reopen(self, remote_id: str, text: str) -> None:
        """Opened again."""
        if self.read(remote_id).state in ("Completed", "Rejected"):
            self._http.json("PUT", self._issue(remote_id), {"state_event": "reopen", "remove_labels": REJECTED})
            self.comment(remote_id, text)

    def read(self, remote_id: str) -> Remote:
        """Its state now."""
        return self._remote(self._http.json("GET", self._issue(remote_id)))

    def signals(self, headers: Mapping[str, str], body: bytes) -> list[Signal]:
        """An issue event."""
        verify_token(self._secret, headers.get("x-gitlab-token", ""))
        told = msgspec.json.decode(body, type=dict[str, Any])
        issue = told.get("object_attributes")
        if told.get("object_kind") != "issue" or not isinstance(issue, dict) or "iid" not in issue:
            return []
        labels = [str(one.get("title")) for one in told.get("labels") or [] if isinstance(one, dict)]
        remote = self._remote({**issue, "labels": labels, "assignees": told.get("assignees")})
        return [Signal(remote_id=remote.id, state=remote.state, note=remote.note)]

    def _issue(self, remote_id: str) -> str:
        return f"{self._path}/{quote(remote_id, safe='')}"

    def _remote(self, issue: Mapping[str, Any]) -> Remote:
        state: TicketState = "Accepted" if issue.get("assignees") or issue.get("assignee") else "Pending"
        labels = [str(one).lower() for one in issue.get("labels") or []]
        if issue.get("state") == "closed":
            state = "Rejected" if REJECTED in labels else "Completed"
        url = str(issue.get("web_url") or issue.get("url") or "")
        return Remote(id=str(issue["iid"]), url=url, state=state, note=str(issue.get("state") or ""))
