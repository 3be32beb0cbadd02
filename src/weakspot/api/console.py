"""Serving the console: its files under their names, and its one page for every path that is not the API's."""

from __future__ import annotations

import base64
import gzip
import hashlib
import mimetypes
from pathlib import Path

import msgspec

from weakspot.api.headers import NONCE_PLACEHOLDER, page_policy
from weakspot.api.problems import Answer
from weakspot.runtime.errors import MethodNotAllowed
from weakspot.runtime.secrets import RandomBytes

INDEX = "index.html"
_MAXIMUM_FILE = 32 * 1024 * 1024
_COMPRESS_OVER = 1024
_COMPRESSED_TYPES = ("text/", "application/javascript", "application/json", "image/svg+xml")

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Weakspot</title></head><body>
<h1>Weakspot is running</h1>
<p>The console was not built into this installation. Build it with <code>make console</code> and start the
server again. The API answers under <code>/api/v1</code>; the command line works without a console.</p>
</body></html>"""


class _File(msgspec.Struct, frozen=True):
    media_type: str
    body: bytes
    compressed: bytes | None
    tag: str


class Console:
    """The built console, read into memory at start: what is served cannot change or escape the folder."""

    def __init__(self, folder: Path, random: RandomBytes) -> None:
        self._random = random
        self._files = {name: _read(path) for name, path in _built_files(folder)}
        index = self._files.pop(INDEX, None)
        self.is_built = index is not None
        self._page = NOT_BUILT if index is None else index.body.decode("utf-8")

    def answer(self, method: str, path: str, headers: dict[str, str]) -> Answer:
        """A file, or the page. Raises MethodNotAllowed for anything but GET and HEAD."""
        if method not in ("GET", "HEAD"):
            raise MethodNotAllowed("Only GET and HEAD are answered here.", allow="GET, HEAD")
        file = self._files.get(path.lstrip("/"))
        if file is not None:
            return _file_answer(file, path, headers)
        if path.startswith("/assets/"):
            # A file of another build: the page instead would be run as a script and fail with a riddle.
            return Answer(404, {"content-type": "text/plain; charset=utf-8"}, b"No such file; reload the page.")
        return self._page_answer()

    def _page_answer(self) -> Answer:
        nonce = base64.b64encode(self._random(18)).decode("ascii")
        headers = {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": page_policy(nonce),
            "cache-control": "no-store",
        }
        return Answer(200, headers, self._page.replace(NONCE_PLACEHOLDER, nonce).encode())


def _file_answer(file: _File, path: str, headers: dict[str, str]) -> Answer:
    # Names under assets/ carry a hash of their content.
    cache = "public, max-age=31536000, immutable" if path.startswith("/assets/") else "no-cache"
    answered = {
        "content-type": file.media_type,
        "cache-control": cache,
        "etag": file.tag,
        "vary": "accept-encoding",
    }
    if headers.get("if-none-match") == file.tag:
        return Answer(304, answered, b"")
    if file.compressed is not None and "gzip" in headers.get("accept-encoding", ""):
        return Answer(200, answered | {"content-encoding": "gzip"}, file.compressed)
    return Answer(200, answered, file.body)


def _built_files(folder: Path) -> list[tuple[str, Path]]:
    if not (folder / INDEX).is_file():
        return []
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return [(path.relative_to(folder).as_posix(), path) for path in found if path.stat().st_size <= _MAXIMUM_FILE]


def _read(path: Path) -> _File:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix in (".js", ".mjs"):
        media_type = "text/javascript"
    body = path.read_bytes()
    is_text = media_type.startswith(_COMPRESSED_TYPES)
    compressed = gzip.compress(body, 6, mtime=0) if is_text and len(body) > _COMPRESS_OVER else None
    suffix = "; charset=utf-8" if media_type.startswith("text/") else ""
    return _File(media_type + suffix, body, compressed, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
