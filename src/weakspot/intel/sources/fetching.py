"""Fetching files of a source into a mirror folder, so that the last good copy always stays.

A file is downloaded beside its place, checked, and only then moved over the old one. Requests are conditional (ETag,
Last-Modified); answers are bounded in bytes and in time; faults that may pass are tried again with growing pauses.
What the server said last is kept in ``.state/`` of the folder. Proxies and certificates follow the usual environment
variables, or the ``verify`` given.
"""

from __future__ import annotations

import hashlib
import os
import random
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import httpx
import msgspec

from weakspot.intel.contracts import Progress
from weakspot.intel.sources import files
from weakspot.intel.sources.asking import Asking
from weakspot.intel.sources.patience import Again, Limits, Patience, judge, translated
from weakspot.runtime.errors import SourceUnavailable

USER_AGENT = "weakspot (+https://weakspot.example/feeds)"
_CHUNK = 256 * 1024


class Remote(msgspec.Struct, frozen=True):
    """A file to keep: its address, and its place below the mirror folder. ``headers``: sent along (an API key)."""

    url: str
    path: str
    max_bytes: int = 2 * 1024**3
    headers: dict[str, str] = {}


class Fetched(msgspec.Struct, frozen=True):
    """How one file went. ``reason`` says in a sentence why it failed; an old copy is still there then."""

    remote: Remote
    status: Literal["changed", "unchanged", "failed"]
    reason: str = ""


class _State(msgspec.Struct, omit_defaults=True):
    etag: str = ""
    last_modified: str = ""
    size: int = -1


class Fetcher:
    """Downloads into one mirror folder; ``asking`` is for what is no whole file. ``sleep``, ``now`` and ``jitter`` are
    passed in so that tests need no time.
    """

    def __init__(
        self,
        folder: Path,
        *,
        limits: Limits | None = None,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.folder = folder
        self._limits = limits or Limits()
        self._patience = Patience(self._limits, sleep, now, jitter)
        timeout = httpx.Timeout(self._limits.silence_seconds, connect=self._limits.connect_seconds)
        self._client = httpx.Client(
            verify=verify,
            transport=transport,
            timeout=timeout,
            follow_redirects=True,
            max_redirects=5,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        )
        self.asking = Asking(self._client, self._patience)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def fetch(self, remotes: Sequence[Remote], progress: Progress) -> list[Fetched]:
        """Bring each file up to date; one that fails does not stop the others."""
        return [self._fetch_one(remote, progress) for remote in remotes]

    def _fetch_one(self, remote: Remote, progress: Progress) -> Fetched:
        try:
            is_changed = self._patience.run(remote.url, lambda deadline: self._attempt(remote, deadline, progress))
        except SourceUnavailable as error:
            return Fetched(remote, "failed", error.detail)
        return Fetched(remote, "changed" if is_changed else "unchanged")

    def last_modified(self, remote: Remote) -> str:
        """When the server says that the file it gave was made: an HTTP date; empty where it did not say."""
        return self._load_state(remote, self._target(remote)).last_modified

    def _attempt(self, remote: Remote, deadline: float, progress: Progress) -> bool:
        target = self._target(remote)
        state = self._load_state(remote, target)
        headers = dict(remote.headers)
        if state.etag:
            headers["If-None-Match"] = state.etag
        if state.last_modified:
            headers["If-Modified-Since"] = state.last_modified
        try:
            with self._client.stream("GET", remote.url, headers=headers) as answer:
                if answer.status_code == httpx.codes.NOT_MODIFIED:
                    return False
                judge(answer, remote.url)
                return self._store(answer, remote, target, deadline, progress)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise translated(error, remote.url) from error
        except OSError as error:
            raise SourceUnavailable(f"{target.name} cannot be written: {error.strerror or error}.") from error

    def _store(self, answer: httpx.Response, remote: Remote, target: Path, deadline: float, progress: Progress) -> bool:
        total = int(answer.headers.get("content-length") or 0)
        if total > remote.max_bytes:
            raise SourceUnavailable(f"{remote.url} is {total} bytes; at most {remote.max_bytes} are fetched.")
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.partial")
        try:
            size, digest = self._download(answer, remote, partial, deadline, progress)
            if total and size != total:
                raise Again(f"the answer was cut off after {size} of {total} bytes")
            _check(partial, target.name)
            is_changed = not target.exists() or digest != _digest(target)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        state = _State(answer.headers.get("etag", ""), answer.headers.get("last-modified", ""), size)
        self._save_state(remote, state)
        return is_changed

    def _download(
        self, answer: httpx.Response, remote: Remote, partial: Path, deadline: float, progress: Progress
    ) -> tuple[int, str]:
        total = int(answer.headers.get("content-length") or 0)
        digest, size = hashlib.sha256(), 0
        with partial.open("wb") as file:
            for block in answer.iter_raw(_CHUNK):
                size += len(block)
                if size > remote.max_bytes:
                    raise SourceUnavailable(f"{remote.url} sent more than {remote.max_bytes} bytes; it was stopped.")
                if self._patience.now() > deadline:
                    raise SourceUnavailable(
                        f"{remote.url} was too slow: not done after {self._limits.total_seconds:.0f} seconds."
                    )
                digest.update(block)
                file.write(block)
                progress(f"fetching {remote.path}", size, total)
            file.flush()
            os.fsync(file.fileno())
        return size, digest.hexdigest()

    def _target(self, remote: Remote) -> Path:
        if not files.is_safe_name(remote.path):
            raise SourceUnavailable(f"{remote.path!r} is not a place below the mirror folder.")
        return self.folder / remote.path

    def _state_path(self, remote: Remote) -> Path:
        return self.folder / ".state" / f"{hashlib.sha256(remote.path.encode()).hexdigest()[:24]}.json"

    def _load_state(self, remote: Remote, target: Path) -> _State:
        """What the server said last; forgotten when the file is not the one that it was said of."""
        try:
            state = msgspec.json.decode(self._state_path(remote).read_bytes(), type=_State)
            return state if target.stat().st_size == state.size else _State()
        except (OSError, msgspec.DecodeError):
            return _State()

    def _save_state(self, remote: Remote, state: _State) -> None:
        path = self._state_path(remote)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.encode(state))


def _check(path: Path, name: str) -> None:
    """A file that is damaged never takes the place of a good one. Raises SourceUnavailable."""
    if name.endswith(".zip"):
        files.open_archive(path).close()
    elif name.endswith(".gz"):
        _check_gzip(path, name)
    elif name.endswith(".json"):
        with path.open("rb") as file:
            head = file.read(64).lstrip()
            file.seek(-min(64, path.stat().st_size), os.SEEK_END)
            tail = file.read().rstrip()
        if head[:1] not in (b"{", b"[") or tail[-1:] not in (b"}", b"]"):
            raise SourceUnavailable(f"{name} is not a whole JSON document; the copy from before stays in use.")


def _check_gzip(path: Path, name: str) -> None:
    with path.open("rb") as probe:
        if probe.read(2) != b"\x1f\x8b":
            raise SourceUnavailable(f"{name} is not a gzip file; the copy from before stays in use.")
    with files.open_stream(path) as stream:
        while stream.read(1024 * 1024):
            pass


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
