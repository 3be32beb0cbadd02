"""HTTP to the server: one request a connection, verified TLS, bounded answers, no redirects.

Trust is one of: the system's authorities, an own authority's certificate, or the SHA-256 fingerprint of the
server's certificate. Plain HTTP is spoken to this same device only.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import re
import socket
import ssl
import time
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Dict, NamedTuple, Optional
from urllib.parse import urlsplit

import weakspot_sensor
from weakspot_sensor import limits
from weakspot_sensor.errors import SettingsError, UnreachableError

_LONGEST_WAIT = 3600.0
_CHUNK = 1 << 16


class Answer(NamedTuple):
    """What the server said. `document` is {} unless the body was a JSON object; `retry_after` in seconds."""

    status: int
    document: Dict[str, Any]
    retry_after: Optional[float]

    @property
    def problem(self) -> str:
        """Last part of the problem's type, such as "resync-required"; "" when there is none."""
        kind = self.document.get("type")
        return kind.rstrip("/").rsplit("/", 1)[-1] if isinstance(kind, str) else ""

    @property
    def explanation(self) -> str:
        """One line for the log."""
        words = [str(self.document.get(key, ""))[:300] for key in ("title", "detail")]
        return "HTTP {}: {}".format(self.status, ": ".join(word for word in words if word) or "no explanation")


class Server(NamedTuple):
    """Where the server is and how it proves itself. `authority` is PEM text; empty strings mean: not set."""

    url: str
    authority: str = ""
    fingerprint: str = ""


def check_server(url: str, authority: str = "", fingerprint: str = "") -> Server:
    """A server as given by the administrator. Raises SettingsError with what to do instead."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SettingsError("{} is not a web address: {}".format(url, error)) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("give the server as https://name[:port], not as " + url)
    if parts.username or parts.password or parts.query or parts.fragment or port == 0:
        raise SettingsError("the server's address may hold a name, a port and a path only: " + url)
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise SettingsError("plain http is accepted for this same device only; use https:// for " + parts.hostname)
    if authority and fingerprint:
        raise SettingsError("give either an authority's certificate or a fingerprint, not both")
    plain = re.sub(r"^sha-?256[:=]", "", fingerprint.strip().lower()).replace(":", "")
    if fingerprint and not re.fullmatch("[0-9a-f]{64}", plain):
        raise SettingsError("the fingerprint must be the 64 hex digits of a SHA-256")
    return Server(url.rstrip("/"), authority, plain)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Client:
    """Requests to one server. `key`: the device's, "" before enrolment; it is never logged."""

    def __init__(
        self,
        server: Server,
        key: str = "",
        monotonic: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.server = server
        self._key = key
        self._monotonic = monotonic
        self._wall_clock = wall_clock
        self._context = _context(server) if server.url.startswith("https:") else None

    def post(self, path: str, payload: bytes, encoding: str = "") -> Answer:
        """Send JSON. Raises UnreachableError when no whole HTTP answer came back in time."""
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json, application/problem+json",
            "User-Agent": "weakspot-sensor/" + weakspot_sensor.__version__,
            "Connection": "close",
        }
        if encoding:
            headers["Content-Encoding"] = encoding
        if self._key:
            headers["Authorization"] = "Bearer " + self._key
        connection = self._connection()
        try:
            connection.connect()
            self._check_fingerprint(connection)
            assert connection.sock is not None
            connection.sock.settimeout(limits.ANSWER_SECONDS)
            return self._exchange(connection, urlsplit(self.server.url).path + path, payload, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = "{}: {}".format(type(error).__name__, error) if str(error) else type(error).__name__
            raise UnreachableError("{} cannot be reached: {}".format(self.server.url, reason)) from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.server.url)
        assert parts.hostname is not None
        if self._context is None:
            return http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=limits.CONNECT_SECONDS)
        return http.client.HTTPSConnection(
            parts.hostname, parts.port or 443, timeout=limits.CONNECT_SECONDS, context=self._context
        )

    def _check_fingerprint(self, connection: http.client.HTTPConnection) -> None:
        """Before any byte of the request is sent, so that a key never reaches another server."""
        if not self.server.fingerprint:
            return
        if not isinstance(connection.sock, ssl.SSLSocket):
            raise UnreachableError("a fingerprint is set, but the server is not asked over https")
        certificate = connection.sock.getpeercert(binary_form=True) or b""
        if not hmac.compare_digest(hashlib.sha256(certificate).hexdigest(), self.server.fingerprint):
            raise UnreachableError("the certificate of {} is not the pinned one".format(self.server.url))

    def _exchange(
        self, connection: http.client.HTTPConnection, path: str, payload: bytes, headers: Dict[str, str]
    ) -> Answer:
        deadline = self._monotonic() + limits.ANSWER_SECONDS
        try:
            connection.request("POST", path, body=payload, headers=headers)
        except (BrokenPipeError, ConnectionResetError):
            # A server that refuses a large body may answer and close before it has read all of it.
            pass
        response = connection.getresponse()
        pieces = []
        left = limits.ANSWER_BYTES
        while left > 0:
            if self._monotonic() > deadline:
                raise socket.timeout("the answer is too slow")
            piece = response.read1(min(left, _CHUNK))
            if not piece:
                break
            pieces.append(piece)
            left -= len(piece)
        waits = retry_after(response.getheader("Retry-After"), self._wall_clock())
        return Answer(response.status, _object(b"".join(pieces)), waits)


def _context(server: Server) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=server.authority or None)
    except (ssl.SSLError, ValueError) as error:
        raise SettingsError("the authority's certificate cannot be used: {}".format(error)) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if server.fingerprint:
        # The pinned certificate itself is the proof; who signed it and for which name does not matter.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _object(data: bytes) -> Dict[str, Any]:
    try:
        found = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def retry_after(value: Optional[str], now: float) -> Optional[float]:
    """Seconds to wait, 1 to 3,600, from the header's number or date; None when there is none to be read."""
    if not value:
        return None
    if value.strip().isdigit():
        seconds = float(value.strip()[:9])
    else:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
    return min(max(seconds, 1.0), _LONGEST_WAIT)
