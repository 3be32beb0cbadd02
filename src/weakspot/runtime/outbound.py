"""HTTP to other systems' APIs: bounded in time and size, no redirects, every failure one of two kinds.

For what people connect (ticketing systems, detection products); feeds have their own fetching.
"""

from __future__ import annotations

import email.utils
import ipaddress
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx
import msgspec

from weakspot.runtime.errors import InvalidField

MAX_VALUE = 2_000
"""Characters of one setting of a connection."""
MAX_ANSWER = 4 * 1024 * 1024
TIMEOUT = httpx.Timeout(15.0, connect=10.0)
MAX_RETRY_AFTER = 3600.0
_RETRY = frozenset({408, 409, 425, 429})


class OutboundError(Exception):
    """What goes wrong with another system; the text is shown to people and holds no secret."""


class Busy(OutboundError):
    """Ask again: it did not answer, or answered that it cannot now. ``retry_after``: seconds, None where not said."""

    def __init__(self, text: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class Refused(OutboundError):
    """Asking again cannot help: settings, credentials or rights must change first. ``status``: 0 without an answer."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One setting of a connection to another system. Secrets are never shown again; a default makes it optional."""

    name: str
    description: str
    is_secret: bool = False
    default: str | None = None


def split_settings(
    kind: str, fields_of: Mapping[str, Sequence[Field]], values: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """(settings, secrets) of a connection of some kind, defaults filled in. Raises InvalidField."""
    fields = fields_of.get(kind)
    if fields is None:
        raise InvalidField(f"There is no kind {kind[:40]!r}; there are: {', '.join(fields_of)}.", field="kind")
    unknown = set(values) - {one.name for one in fields}
    if unknown:
        named = ", ".join(one.name for one in fields)
        raise InvalidField(f"{kind} has no setting {min(unknown)[:40]!r}; it has: {named}.", field="settings")
    plain: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for one in fields:
        value = values.get(one.name, "").strip() or one.default
        if value is None:
            raise InvalidField(f"{kind} needs {one.name}: {one.description}.", field="settings")
        if len(value) > MAX_VALUE or not (value.isprintable() or one.is_secret):
            raise InvalidField(f"{one.name} has at most {MAX_VALUE:,} printable characters.", field="settings")
        (secrets if one.is_secret else plain)[one.name] = value
    return plain, secrets


class Http:
    """Requests to one system. base: its address, with https unless it is on this machine. Raises Refused.

    What ``subject`` calls the other side stands in the errors, which are of the kinds ``busy`` and ``refused``.
    """

    subject: ClassVar[str] = "other system"
    busy: ClassVar[type[Busy]] = Busy
    refused: ClassVar[type[Refused]] = Refused

    def __init__(
        self,
        base: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.base = check_address(base, self.subject, self.refused)
        self._headers = {"accept": "application/json", "user-agent": "weakspot", **(headers or {})}
        self._now = now
        # One client for all requests: its trust store costs more to read than a request. Safe from any thread.
        self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False, auth=auth)
        # Connections come and go with their settings; their connections must not outlive them.
        weakref.finalize(self, self._client.close)

    def json(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The JSON of a successful answer; None of an empty one."""
        response = self.request(method, path, body, **options)
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError:
            raise self.busy(f"The {self.subject}'s answer to {method} {_short(path)} is not JSON.") from None

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        data: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """A successful answer. Raises Busy or Refused; neither tells credentials."""
        url = path if path.startswith(("https://", "http://")) else f"{self.base}{path}"
        options: dict[str, Any] = {"params": params, "headers": {**self._headers, **(headers or {})}}
        if content is not None:
            options["content"] = content
        elif data is not None:
            options["data"] = data
        elif body is not None:
            options["json"] = body
        try:
            with self._client.stream(method, url, **options) as response:
                size = 0
                parts = []
                for part in response.iter_bytes():
                    size += len(part)
                    if size > MAX_ANSWER:
                        raise self.busy(f"The {self.subject}'s answer is over 4 MiB.")
                    parts.append(part)
                answer = httpx.Response(
                    response.status_code,
                    headers=[(k, v) for k, v in response.headers.multi_items() if k != "content-encoding"],
                    content=b"".join(parts),
                )
        except httpx.HTTPError as error:
            raise self.busy(
                f"The {self.subject} did not answer {method} {_short(path)}: {type(error).__name__}."
            ) from None
        if answer.is_success:
            return answer
        raise self._failure(method, path, answer)

    def _failure(self, method: str, path: str, answer: httpx.Response) -> Busy | Refused:
        status = answer.status_code
        said = f"The {self.subject} answered {status} to {method} {_short(path)}"
        is_limited = status == 403 and (
            answer.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.headers
        )
        if status >= 500 or status in _RETRY or is_limited:
            return self.busy(f"{said}.", self._retry_after(answer))
        detail = "".join(one if one.isprintable() else " " for one in answer.text[:300]).strip()
        return self.refused(f"{said}: {detail}" if detail else f"{said}.", status)

    def _retry_after(self, answer: httpx.Response) -> float | None:
        """Seconds that the other side asks for: Retry-After (either form, RFC 9110 10.2.3), or the reset of a limit."""
        given = answer.headers.get("retry-after", "")
        if given.isdecimal():
            return min(float(given), MAX_RETRY_AFTER)
        moment = email.utils.parsedate_tz(given) if given else None
        if moment is not None:
            return min(max(email.utils.mktime_tz(moment) - self._now(), 0.0), MAX_RETRY_AFTER)
        reset = answer.headers.get("x-ratelimit-reset", "")
        if reset.isdecimal():
            return min(max(float(reset) - self._now(), 0.0), MAX_RETRY_AFTER)
        return None


def check_address(base: str, subject: str = "other system", refused: type[Refused] = Refused) -> str:
    """The address without a slash at its end. Raises ``refused``."""
    try:
        parts = urlsplit(base.strip())
        name = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise refused(f"The address of the {subject} is no URL.") from None
    if parts.scheme not in ("https", "http") or not name or parts.username or parts.password or parts.query:
        raise refused(f"The address of the {subject} is a plain URL: https://name/path, without credentials.")
    if parts.scheme == "http" and not _is_loopback(name):
        raise refused(f"The address of the {subject} needs https; http is for this machine alone.")
    return base.strip().rstrip("/")


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _short(path: str) -> str:
    return path.partition("?")[0][:120]
