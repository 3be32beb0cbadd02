"""Jira (Cloud and Data Center), REST API version 2: issues, transitions, comments.

The key is a label of the issue. States follow the category of the issue's status: new is Pending, in progress is
Accepted, done is Completed, or Rejected where the resolution says that it will not be done. Callbacks are signed
(``X-Hub-Signature``: HMAC-SHA256 of the body with the webhook's secret).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec

from weakspot.remediation.contracts import TicketState
from weakspot.remediation.trackers.base import Draft, Remote, Signal, TrackerRefused, text_of, verify_hmac
from weakspot.remediation.trackers.http import Http
from weakspot.runtime.outbound import Field

_DECLINED = frozenset({"won't do", "won't fix", "declined", "cannot reproduce", "rejected", "duplicate"})
_FIELDS = "status,resolution,labels"
MAX_SUMMARY = 255


class Jira:
    """One project of one site."""

    kind: ClassVar[str] = "jira"
    is_readable: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="url", description="Address of the site: https://example.atlassian.net"),
        Field(name="project", description="Key of the project, such as SEC"),
        Field(name="issue_type", description="Type of the issues", default="Task"),
        Field(name="user", description="E-mail of the account; empty with a personal access token", default=""),
        Field(name="token", description="API token, or personal access token", is_secret=True),
        Field(name="webhook_secret", description="Secret of the webhook that reports back", is_secret=True, default=""),
    )

    def __init__(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        user, token = settings.get("user", ""), secrets.get("token", "")
        bearer = {} if user else {"authorization": f"Bearer {token}"}
        self._http = Http(settings["url"], headers=bearer, auth=(user, token) if user else None)
        self._project = settings["project"]
        self._issue_type = settings.get("issue_type") or "Task"
        self._secret = secrets.get("webhook_secret", "")

    def find(self, key: str) -> Remote | None:
        """By the label. The index of a site may be some seconds late."""
        query = f'project = "{_quoted(self._project)}" AND labels = "{_quoted(key)}"'
        body = {"jql": query, "maxResults": 1, "fields": _FIELDS.split(",")}
        found = self._http.json("POST", "/rest/api/2/search", body)
        issues = found.get("issues") or []
        return self._remote(issues[0]) if issues else None

    def create(self, draft: Draft) -> Remote:
        """An issue with the key as its label."""
        fields: dict[str, Any] = {
            "project": {"key": self._project},
            "issuetype": {"name": self._issue_type},
            "summary": draft.title[:MAX_SUMMARY],
            "description": text_of(draft),
            "labels": ["weakspot", draft.key],
        }
        if draft.due_on:
            fields["duedate"] = draft.due_on
        made = self._http.json("POST", "/rest/api/2/issue", {"fields": fields})
        return Remote(id=str(made["key"]), url=self._url(str(made["key"])), state="Pending")

    def comment(self, remote_id: str, text: str) -> None:
        """A comment."""
        self._http.json("POST", f"/rest/api/2/issue/{_part(remote_id)}/comment", {"body": text})

    def close(self, remote_id: str, text: str) -> None:
        """The first transition to a status of the category done."""
        self._move(remote_id, text, "done")

    def reopen(self, remote_id: str, text: str) -> None:
        """The first transition to a status that is not done."""
        self._move(remote_id, text, "new", "indeterminate")

    def read(self, remote_id: str) -> Remote:
        """Its status now."""
        return self._remote(self._http.json("GET", f"/rest/api/2/issue/{_part(remote_id)}", params={"fields": _FIELDS}))

    def signals(self, headers: Mapping[str, str], body: bytes) -> list[Signal]:
        """An event about an issue."""
        verify_hmac(self._secret, body, headers.get("x-hub-signature", ""))
        issue = msgspec.json.decode(body, type=dict[str, Any]).get("issue")
        if not isinstance(issue, dict) or "key" not in issue:
            return []
        if "fields" not in issue:
            return [Signal(remote_id=str(issue["key"]))]
        remote = self._remote(issue)
        return [Signal(remote_id=remote.id, state=remote.state, note=remote.note)]

    def _move(self, remote_id: str, text: str, *categories: str) -> None:
        path = f"/rest/api/2/issue/{_part(remote_id)}"
        status = self._http.json("GET", path, params={"fields": _FIELDS})
        if _category(status) in categories:
            return
        offered = self._http.json("GET", f"{path}/transitions")["transitions"]
        for one in offered:
            if one.get("to", {}).get("statusCategory", {}).get("key") in categories:
                self._http.json("POST", f"{path}/transitions", {"transition": {"id": one["id"]}})
                self.comment(remote_id, text)
                return
        raise TrackerRefused("The workflow of the Jira project offers no transition to where this issue should go.")

    def _remote(self, issue: Mapping[str, Any]) -> Remote:
        fields = issue.get("fields") or {}
        resolution = str((fields.get("resolution") or {}).get("name") or "")
        states: dict[str, TicketState] = {"new": "Pending", "indeterminate": "Accepted", "done": "Completed"}
        state = states.get(_category(issue), "Pending")
        if state == "Completed" and resolution.lower() in _DECLINED:
            state = "Rejected"
        note = str((fields.get("status") or {}).get("name") or "")
        return Remote(id=str(issue["key"]), url=self._url(str(issue["key"])), state=state, note=resolution or note)

    def _url(self, key: str) -> str:
        return f"{self._http.base}/browse/{_part(key)}"


def _category(issue: Mapping[str, Any]) -> str:
    status = (issue.get("fields") or {}).get("status") or {}
    return str((status.get("statusCategory") or {}).get("key") or "")


def _part(text: str) -> str:
    return quote(text, safe="")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
