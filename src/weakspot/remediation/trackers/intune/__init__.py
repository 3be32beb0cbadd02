"""Microsoft Intune security tasks, Microsoft Graph (beta): ``deviceAppManagement/deviceAppManagementTasks``.

A task is an ``appVulnerabilityTask``; the key stands in its note, as tasks have no field of ours. The status is theirs:
pending, active (Accepted), completed, rejected. Signed in as an application with client credentials. There are no
callbacks: states are asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from weakspot.remediation.contracts import TicketState
from weakspot.remediation.trackers.base import Draft, Remote, Signal, TrackerRefused, text_of
from weakspot.remediation.trackers.http import Http
from weakspot.runtime.outbound import Field

_STATES: dict[str, TicketState] = {
    "pending": "Pending", "active": "Accepted", "completed": "Completed", "rejected": "Rejected",
}  # fmt: skip
_PRIORITY = {"High": "high", "Medium": "none", "Low": "low"}
PATH = "/beta/deviceAppManagement/deviceAppManagementTasks"
MAX_PAGES = 20
_EARLY_SECONDS = 60.0


class Intune:
    """The security tasks of one tenant."""

    kind: ClassVar[str] = "intune"
    is_readable: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="tenant", description="Id of the tenant"),
        Field(name="client_id", description="Id of the registered application"),
        Field(name="url", description="Address of Graph", default="https://graph.microsoft.com"),
        Field(name="login_url", description="Address of sign-in", default="https://login.microsoftonline.com"),
        Field(name="client_secret", description="Secret of the application", is_secret=True),
    )

    def __init__(
        self, settings: Mapping[str, str], secrets: Mapping[str, str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = Http(settings.get("url") or "https://graph.microsoft.com")
        self._login = Http(settings.get("login_url") or "https://login.microsoftonline.com")
        self._tenant = quote(settings["tenant"], safe="")
        self._client_id = settings["client_id"]
        self._client_secret = secrets.get("client_secret", "")
        self._clock = clock
        self._token = ""
        self._token_until = 0.0

    def find(self, key: str) -> Remote | None:
        """Through the pages of tasks, by the key in their note."""
        address: str | None = PATH
        for _ in range(MAX_PAGES):
            if address is None:
                return None
            answer = self._json("GET", address)
            for task in answer.get("value") or []:
                if key in str(task.get("creatorNotes") or ""):
                    return self._remote(task)
            following = answer.get("@odata.nextLink")
            address = str(following) if following and str(following).startswith(self._http.base) else None
        return None

    def create(self, draft: Draft) -> Remote:
        """A task about a vulnerable application."""
        task = {
            "@odata.type": "#microsoft.graph.appVulnerabilityTask",
            "displayName": draft.title[:256],
            "description": draft.description,
            "priority": _PRIORITY[draft.priority],
            "category": "advancedThreatProtection",
            "status": "pending",
            "creator": draft.requester,
            "creatorNotes": f"{draft.key}\n{text_of(draft)}",
            "appName": draft.component,
            "appPublisher": draft.vendor,
            "managedDeviceCount": draft.devices,
            "mitigationType": "update" if draft.remediation_type in ("Update", "OwningApp") else "unknown",
            **({"dueDateTime": f"{draft.due_on}T23:59:59Z"} if draft.due_on else {}),
        }
        return self._remote(self._json("POST", PATH, task))

    def comment(self, remote_id: str, text: str) -> None:
        """The note of the status, which stays."""
        self._update(remote_id, None, text)

    def close(self, remote_id: str, text: str) -> None:
        """Completed."""
        self._update(remote_id, "completed", text)

    def reopen(self, remote_id: str, text: str) -> None:
        """Pending again."""
        self._update(remote_id, "pending", text)

    def read(self, remote_id: str) -> Remote:
        """Its status now."""
        return self._remote(self._json("GET", f"{PATH}/{quote(remote_id, safe='')}"))

    def signals(self, headers: Mapping[str, str], body: bytes) -> list[Signal]:
        """There are no callbacks."""
        raise TrackerRefused("Intune sends no callbacks; its states are asked for.")

    def _update(self, remote_id: str, status: str | None, text: str) -> None:
        path = f"{PATH}/{quote(remote_id, safe='')}"
        now = str(self._json("GET", path).get("status") or "pending")
        if status is not None and now == status:
            return
        self._json("POST", f"{path}/updateStatus", {"status": status or now, "note": text})

    def _json(self, method: str, path: str, body: Any = None) -> Any:
        return self._http.json(method, path, body, headers={"authorization": f"Bearer {self._access()}"})

    def _access(self) -> str:
        """A token, asked for anew shortly before it ends (OAuth 2.0, RFC 6749 4.4)."""
        if not self._token or self._clock() >= self._token_until:
            given = self._login.json(
                "POST",
                f"/{self._tenant}/oauth2/v2.0/token",
                data={
                    "grant_type": "client_credentials",
                    "client_id": self._client_id,
                    "client_secret": self._client_secret,
                    "scope": f"{self._http.base}/.default",
                },
            )
            self._token = str(given["access_token"])
            self._token_until = self._clock() + float(given.get("expires_in", 3600)) - _EARLY_SECONDS
        return self._token

    def _remote(self, task: Mapping[str, Any]) -> Remote:
        state = _STATES.get(str(task.get("status") or ""), "Pending")
        return Remote(id=str(task["id"]), url="", state=state, note=str(task.get("assignedTo") or ""))
