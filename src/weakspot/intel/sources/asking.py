"""Asking a server for something small: one record, one page, the first lines of a list; held in memory, bounded.

Whole files are fetched by ``fetching``; this is for sources that are followed by a cursor. A header that carries a key
is never sent to another host: such requests follow no redirect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx
import msgspec

from weakspot.intel.sources.patience import Again, Patience, judge, translated
from weakspot.runtime.errors import SourceUnavailable

MAX_BYTES = 64 * 1024 * 1024
MAX_LINE = 4_096
_CHUNK = 64 * 1024
NO_HEADERS: Mapping[str, str] = {}


class Missing(SourceUnavailable):
    """The server says that there is no such thing (404 or 410)."""


class Answer(msgspec.Struct, frozen=True):
    """A whole answer. ``is_same``: the server says that it is still what it was; there is no body then."""

    body: bytes
    etag: str = ""
    is_same: bool = False


class Asking:
    """Requests over one client, with the patience of the run."""

    def __init__(self, client: httpx.Client, patience: Patience) -> None:
        self._client, self._patience = client, patience

    def pause(self, seconds: float) -> None:
        """Wait, where a server allows only so many requests."""
        self._patience.sleep(seconds)

    def get(
        self,
        url: str,
        headers: Mapping[str, str] = NO_HEADERS,
        *,
        max_bytes: int = MAX_BYTES,
        throttles: frozenset[int] = frozenset(),
        is_secret: bool = False,
        etag: str = "",
    ) -> Answer:
        """The whole answer. ``etag``: of the answer that is known. Raises Missing for 404 and 410, SourceUnavailable
        with the reason for everything else that is no answer.
        """
        asked = {**headers, "If-None-Match": etag} if etag else dict(headers)

        def attempt(deadline: float) -> Answer:
            try:
                with self._client.stream("GET", url, headers=asked, follow_redirects=not is_secret) as answer:
                    if etag and answer.status_code == httpx.codes.NOT_MODIFIED:
                        return Answer(b"", etag, is_same=True)
                    _there(answer, url)
                    judge(answer, url, throttles)
                    return Answer(self._body(answer, url, max_bytes, deadline), answer.headers.get("etag", "")[:200])
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise translated(error, url) from error

        return self._patience.run(url, attempt)

    def _body(self, answer: httpx.Response, url: str, max_bytes: int, deadline: float) -> bytes:
        blocks: list[bytes] = []
        size = 0
        for block in answer.iter_raw(_CHUNK):
            size += len(block)
            if size > max_bytes:
                raise SourceUnavailable(f"{url} sent more than {max_bytes} bytes; it was stopped.")
            if self._patience.now() > deadline:
                raise SourceUnavailable(f"{url} was too slow and was given up.")
            blocks.append(block)
        total = int(answer.headers.get("content-length") or size)
        if size != total:
            raise Again(f"the answer was cut off after {size} of {total} bytes")
        return b"".join(blocks)

    def lines(self, url: str, wanted: int) -> tuple[list[str], bool]:
        """The first ``wanted`` lines of a text, and whether those are all of them. The rest is not transferred.
        Raises SourceUnavailable for a line over 4,096 characters too.
        """

        def attempt(deadline: float) -> tuple[list[str], bool]:
            found: list[str] = []
            try:
                with self._client.stream("GET", url) as answer:
                    _there(answer, url)
                    judge(answer, url)
                    for line in self._split(answer, url, deadline):
                        if len(found) == wanted:
                            return found, False
                        found.append(line)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise translated(error, url) from error
            return found, True

        return self._patience.run(url, attempt)

    def _split(self, answer: httpx.Response, url: str, deadline: float) -> Iterator[str]:
        rest = b""
        for block in answer.iter_raw(_CHUNK):
            if self._patience.now() > deadline:
                raise SourceUnavailable(f"{url} was too slow and was given up.")
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                yield line.decode("utf-8", "replace").strip()
            if len(rest) > MAX_LINE:
                raise SourceUnavailable(f"{url} is not a list: it has a line of more than {MAX_LINE} characters.")
        if rest.strip():
            yield rest.decode("utf-8", "replace").strip()


def _there(answer: httpx.Response, url: str) -> None:
    if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
        told = answer.headers.get("message", "")[:200]
        raise Missing(f"{url} answered {answer.status_code}{f' ({told})' if told else ''}.")
