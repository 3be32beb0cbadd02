"""A stand-in for Microsoft's alert APIs on loopback: client credentials, filter by the last update, pages, faults."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import parse_qs

from tests.support.trackers import Answer, StandIn


class AlertStandIn(StandIn):
    """Graph's ``alerts_v2``. Oldest update first; pages of ``size``, named by ``@odata.nextLink``."""

    PATH: ClassVar = "/v1.0/security/alerts_v2"
    UPDATED: ClassVar = "lastUpdateDateTime"

    def __init__(self, fault: Callable[[int], str] = lambda _: "", size: int = 3) -> None:
        self.alerts: dict[str, dict[str, Any]] = {}
        self.size = size
        self.token = "token-1"
        self.tokens = 0
        self.asked: list[dict[str, str]] = []
        self.link_to = ""
        super().__init__(fault)

    def put(self, number: int, updated: str, *, device: str, status: str = "new") -> None:
        """An alert as Graph writes it."""
        self.alerts[f"a{number}"] = {
            "id": f"a{number}",
            "title": f"Suspicious behaviour {number}",
            "severity": "high",
            "status": status,
            "createdDateTime": "2026-01-01T00:00:00Z",
            self.UPDATED: updated,
            "evidence": [{"@odata.type": "#microsoft.graph.security.deviceEvidence", "deviceDnsName": device}],
        }

    def is_known(self, headers: Any) -> bool:
        return (headers.get("content-type") or "").startswith("application/x-www-form-urlencoded") or (
            headers.get("authorization") == f"Bearer {self.token}"
        )

    def route(self, method: str, path: str, query: dict[str, str], body: bytes, headers: Any) -> Answer:
        if path == "/t1/oauth2/v2.0/token":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            if form["client_secret"] != self.secret or form["scope"] != f"{self.url}/.default":
                return 401, {"error": "invalid_client"}
            self.tokens += 1
            return 200, {"access_token": self.token, "expires_in": 3600, "token_type": "Bearer"}
        if path != self.PATH:
            return 404, {"error": {"code": "NotFound"}}
        self.asked.append(query)
        since = re.fullmatch(self.UPDATED + r" ge ([0-9TZ:-]+)", query["$filter"])
        assert since, query
        found = sorted(
            (one for one in self.alerts.values() if one[self.UPDATED] >= since[1]), key=lambda one: one[self.UPDATED]
        )
        start = int(query.get("$skip", 0))
        answer: dict[str, Any] = {"value": found[start : start + self.size]}
        if start + self.size < len(found):
            base = self.link_to or self.url
            filtered = query["$filter"].replace(" ", "%20")
            answer["@odata.nextLink"] = f"{base}{path}?$filter={filtered}&$skip={start + self.size}"
        return 200, answer


class DefenderAlertStandIn(AlertStandIn):
    """The alerts of the Defender for Endpoint API."""

    PATH: ClassVar = "/api/alerts"
    UPDATED: ClassVar = "lastUpdateTime"
