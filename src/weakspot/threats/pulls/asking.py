"""Microsoft's alerts, asked for page by page: Graph security (alerts_v2) and the Defender for Endpoint API.

Signed in as an application with client credentials (RFC 6749 4.4). Both filter by the time of the last update and
name the next page in ``@odata.nextLink`` (OData JSON 4.01, 4.6.2); Graph has no delta query for alerts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import msgspec

from weakspot.runtime import outbound
from weakspot.runtime.clock import Micros, from_iso, to_iso
from weakspot.runtime.outbound import Field
from weakspot.threats.pulls.contracts import Page

_EARLY_SECONDS = 60.0
_LONGEST_LINK = 8_000


class Api(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two: where alerts are, and how their last update is called."""

    url: str
    path: str
    updated: str
    more: Mapping[str, str]


APIS: dict[str, Api] = {
    "graph": Api(
        url="https://graph.microsoft.com",
        path="/v1.0/security/alerts_v2",
        updated="lastUpdateDateTime",
        more={"$top": "200"},
    ),
    "defender": Api(
        url="https://api.securitycenter.microsoft.com",
        path="/api/alerts",
        updated="lastUpdateTime",
        more={"$top": "1000", "$expand": "evidence"},
    ),
}


def _fields(api: Api) -> tuple[Field, ...]:
    return (
        Field(name="tenant", description="Id of the tenant"),
        Field(name="client_id", description="Id of the registered application"),
        Field(name="client_secret", description="Secret of the application", is_secret=True),
        Field(name="url", description="Address of the API", default=api.url),
        Field(name="login_url", description="Address of sign-in", default="https://login.microsoftonline.com"),
    )


FIELDS: dict[str, tuple[Field, ...]] = {kind: _fields(api) for kind, api in APIS.items()}


class _Http(outbound.Http):
    subject: ClassVar[str] = "source of alerts"


class AlertSource:
    """One connection. Raises outbound.Busy and outbound.Refused, which tell no secret."""

    def __init__(
        self,
        kind: str,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = APIS[kind]
        self._http = _Http(settings["url"])
        self._login = _Http(settings["login_url"])
        self._tenant = quote(settings["tenant"], safe="")
        self._client_id = settings["client_id"]
        self._client_secret = secrets.get("client_secret", "")
        self._clock = clock
        self._token = ""
        self._token_until = 0.0

    def first(self, since: Micros) -> Page:
        """The first page of alerts that were updated since a moment."""
        moment = to_iso(since)[:19] + "Z"
        return self._page(self._api.path, {"$filter": f"{self._api.updated} ge {moment}", **self._api.more})

    def following(self, link: str) -> Page:
        """The page that another one named. Raises Refused for an address that is not the API's own."""
        if not self._is_own(link):
            raise outbound.Refused("The source of alerts names a next page at another address; it is not followed.")
        return self._page(link, None)

    def _page(self, path: str, params: Mapping[str, str] | None) -> Page:
        document = self._asked(path, params)
        alerts = document.get("value") if isinstance(document, dict) else None
        if not isinstance(alerts, list):
            raise outbound.Busy("The source of alerts answered without a list of alerts.")
        known = [one for one in alerts if isinstance(one, dict)]
        moments = [at for one in known if (at := _moment(one.get(self._api.updated))) is not None]
        return Page(known, max(moments, default=None), str(document.get("@odata.nextLink") or "")[: _LONGEST_LINK + 1])

    def _asked(self, path: str, params: Mapping[str, str] | None) -> Any:
        """A token may be withdrawn before its end: after a 401 it is asked for once more."""
        try:
            return self._get(path, params)
        except outbound.Refused as error:
            if error.status != 401 or not self._token:
                raise
            self._token = ""
        return self._get(path, params)

    def _get(self, path: str, params: Mapping[str, str] | None) -> Any:
        headers = {"authorization": f"Bearer {self._access()}"}
        return self._http.json("GET", path, params=params, headers=headers)

    def _access(self) -> str:
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
            token, seconds = given.get("access_token"), given.get("expires_in", 3600)
            if not isinstance(token, str) or not isinstance(seconds, int | float):
                raise outbound.Busy("The sign-in answered without a token.")
            self._token, self._token_until = token, self._clock() + float(seconds) - _EARLY_SECONDS
        return self._token

    def _is_own(self, link: str) -> bool:
        """The token goes nowhere else."""
        try:
            here, there = urlsplit(self._http.base), urlsplit(link)
            is_same = (here.scheme, here.hostname, here.port) == (there.scheme, there.hostname, there.port)
        except ValueError:
            return False
        return is_same and not there.username and len(link) <= _LONGEST_LINK


def _moment(text: Any) -> Micros | None:
    try:
        return from_iso(text) if isinstance(text, str) else None
    except ValueError:
        return None
