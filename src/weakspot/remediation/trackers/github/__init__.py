"""GitHub Issues, REST API version 2022-11-28.

The key is a label. An open issue is Pending, with an assignee Accepted; a closed one is Completed, or Rejected where it
was closed as not planned. Callbacks are signed (``X-Hub-Signature-256``).
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

API_VERSION = "2022-11-28"
MAX_TITLE = 256
MAX_LABEL = 50


class GitHub:
    """One repository."""

    kind: ClassVar[str] = "github"
    is_readable: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="repository", description="owner/name"),
        Field(name="url", description="Address of the API", default="https://api.github.com"),
        Field(name="token", description="Token that may write issues", is_secret=True),
        Field(name="webhook_secret", description="Secret of the webhook", is_secret=True, default=""),
    )

    def __init__(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        headers = {
            "authorization": f"Bearer {secrets.get('token', '')}",
            "accept": "application/vnd.github+json",
            "x-github-api-version": API_VERSION,
        }
        self._http = Http(settings.get("url") or "https://api.github.com", headers=headers)
        owner, _, name = settings["repository"].partition("/")
        self._path = f"/repos/{quote(owner, safe='')}/{quote(name, safe='')}/issues"
        self._secret = secrets.get("webhook_secret", "")

    def find(self, key: str) -> Remote | None:
        """By the label, open or closed."""
        asked = {"labels": key[:MAX_LABEL], "state": "all", "per_page": "1"}
        found = self._http.json("GET", self._path, params=asked)
        return self._remote(found[0]) if found else None

    def create(self, draft: Draft) -> Remote:
        """An issue with the key as its label."""
        body = {
            "title": draft.title[:MAX_TITLE],
            "body": _fenced(text_of(draft)),
            "labels": ["weakspot", draft.key[:MAX_LABEL]],
        }
        return self._remote(self._http.json("POST", self._path, body))

    def comment(self, remote_id: str, text: str) -> None:
        """A comment."""
        self._http.json("POST", f"{self._issue(remote_id)}/comments", {"body": _fenced(text)})

    def close(self, remote_id: str, text: str) -> None:
        """Closed as completed."""
        if self.read(remote_id).state not in ("Completed", "Rejected"):
            self._http.json("PATCH", self._issue(remote_id), {"state": "closed", "state_reason": "completed"})
            self.comment(remote_id, text)

    def reopen(self, remote_id: str, text: str) -> None:
        """Opened again."""
        if self.read(remote_id).state in ("Completed", "Rejected"):
            self._http.json("PATCH", self._issue(remote_id), {"state": "open", "state_reason": "reopened"})
            self.comment(remote_id, text)

    def read(self, remote_id: str) -> Remote:
        """Its state now."""
        return self._remote(self._http.json("GET", self._issue(remote_id)))

    def signals(self, headers: Mapping[str, str], body: bytes) -> list[Signal]:
        """An ``issues`` event."""
        verify_hmac(self._secret, body, headers.get("x-hub-signature-256", ""))
        issue = msgspec.json.decode(body, type=dict[str, Any]).get("issue")
        if not isinstance(issue, dict) or "number" not in issue or "pull_request" in issue:
            return []
        remote = self._remote(issue)
        return [Signal(remote_id=remote.id, state=remote.state, note=remote.note)]

    def _issue(self, remote_id: str) -> str:
        return f"{self._path}/{quote(remote_id, safe='')}"

    def _remote(self, issue: Mapping[str, Any]) -> Remote:
        state: TicketState = "Accepted" if issue.get("assignees") or issue.get("assignee") else "Pending"
        note = "assigned" if state == "Accepted" else ""
        if issue.get("state") == "closed":
            note = str(issue.get("state_reason") or "closed")
            state = "Rejected" if note in ("not_planned", "duplicate") else "Completed"
        return Remote(id=str(issue["number"]), url=str(issue.get("html_url") or ""), state=state, note=note)


def _fenced(text: str) -> str:
    """As a block of plain text, in which nothing is markup."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"
