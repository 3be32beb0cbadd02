"""Who sends this request: a session cookie, or a bearer token; never both, and a bad one is never ignored."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from weakspot import access
from weakspot.access import Caller
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import AccessError, Forbidden
from weakspot.runtime.secrets import CLI_TOKEN, MAXIMUM_SECRET_LENGTH, SESSION, is_same

COOKIE = "weakspot_session"
CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

SIGN_IN = "Sign in, or send an API token as 'Authorization: Bearer <token>'."


class Credentials(msgspec.Struct, frozen=True):
    """What a request carries. ``scheme`` is the part of the secret's kind; the secret is never shown."""

    secret: str = ""
    is_cookie: bool = False

    def __repr__(self) -> str:
        return f"Credentials(is_cookie={self.is_cookie}, is_empty={not self.secret})"


def credentials_of(headers: dict[str, str]) -> Credentials:
    """The credentials in the headers (names in lower case). Raises AccessError for a scheme that is not
    Bearer.
    """
    given = headers.get("authorization")
    if given is not None:
        scheme, _, secret = given.partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not 0 < len(secret) <= MAXIMUM_SECRET_LENGTH:
            raise AccessError(f"That Authorization header is not understood. {SIGN_IN}")
        return Credentials(secret)
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE and value.startswith(SESSION) and len(value) <= MAXIMUM_SECRET_LENGTH:
            return Credentials(value, is_cookie=True)
    return Credentials()


class Authenticator:
    """Turns credentials into a caller. Blocking; call it in a thread."""

    def __init__(self, database: Database, cli_token: str) -> None:
        self._database = database
        self._cli_token = cli_token

    def caller(self, credentials: Credentials, now: Micros, *, is_use: bool = True) -> Caller | None:
        """The caller now, or None. ``is_use`` False: looking does not prolong a session."""
        secret = credentials.secret
        if credentials.is_cookie:
            return access.authenticate_session(self._database, secret, now, is_use=is_use)
        if secret.startswith(CLI_TOKEN):
            return access.internal_caller("command line") if is_same(secret, self._cli_token) else None
        return access.authenticate_api_token(self._database, secret, now) if secret else None


def check_change(method: str, headers: dict[str, str], credentials: Credentials, origin: str) -> None:
    """Refuse a change that a foreign page could have caused. Raises Forbidden.

    Applies to every unsafe method: a page of another origin is refused whatever it carries; with the session
    cookie the Origin must be there and be ours, and the CSRF token must fit the session. Bearer tokens are
    not sent by browsers on their own and need neither.
    """
    if method in SAFE_METHODS:
        return
    given = headers.get("origin")
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("Changes are accepted only from this server's own pages.")
    if given is not None and not _is_same_origin(given, origin):
        raise Forbidden("The Origin of this request is not this server; changes are accepted only from its own pages.")
    if not credentials.is_cookie:
        return
    if given is None:
        raise Forbidden("A change with a session cookie needs an Origin header; programs should use an API token.")
    if not is_same(headers.get(CSRF_HEADER, ""), access.csrf_token(credentials.secret)):
        raise Forbidden("The X-CSRF-Token header is missing or is not that of this session; reload the page.")


def _is_same_origin(given: str, own: str) -> bool:
    try:
        left, right = urlsplit(given), urlsplit(own)
        return (left.scheme, left.hostname, left.port) == (right.scheme, right.hostname, right.port)
    except ValueError:
        return False
