"""Secrets that must be used again (credentials of other systems), encrypted at rest.

The key is a file that only its owner reads, made at the first need and kept out of the database, so that a copy of the
database alone gives no secret away. What is sealed is bound to a purpose: moved to another row, it does not open.
"""

from __future__ import annotations

import base64
import binascii
import json
import threading
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from weakspot.runtime.errors import Unavailable
from weakspot.runtime.secrets import RandomBytes, system_random, write_private

KEY_FILE = "vault.key"
KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = b"\x01"


class Vault:
    """Seals and opens secrets with the key of one data folder. Safe from any thread."""

    def __init__(self, folder: Path, random: RandomBytes = system_random) -> None:
        self._path = folder / KEY_FILE
        self._random = random
        self._lock = threading.Lock()
        self._cipher: AESGCM | None = None

    def __repr__(self) -> str:
        return f"Vault({self._path})"

    def seal(self, secrets: Mapping[str, str], purpose: str) -> bytes:
        """Encrypt some named secrets for one purpose (``tracker:7``)."""
        nonce = self._random(_NONCE_BYTES)
        plain = json.dumps(dict(secrets), sort_keys=True).encode()
        return _FORMAT + nonce + self._opened(make=True).encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> dict[str, str]:
        """What was sealed for the purpose. Raises Unavailable when the key is missing or another one."""
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            if sealed[:1] != _FORMAT:
                raise InvalidTag
            plain = self._opened(make=False).decrypt(nonce, body, purpose.encode())
        except InvalidTag:
            raise Unavailable(
                f"A stored secret does not open with {self._path.name}; restore that file, or enter the secret again."
            ) from None
        return {str(name): str(value) for name, value in json.loads(plain).items()}

    def _opened(self, *, make: bool) -> AESGCM:
        with self._lock:
            if self._cipher is None:
                if make and not self._path.exists():
                    write_private(self._path, base64.b64encode(self._random(KEY_BYTES)).decode())
                self._cipher = AESGCM(self._key())
            return self._cipher

    def _key(self) -> bytes:
        try:
            if self._path.stat().st_mode & 0o077:
                raise Unavailable(f"{self._path} can be read by others; allow its owner alone (chmod 600).")
            key = base64.b64decode(self._path.read_text("ascii"), validate=True)
        except (OSError, binascii.Error, UnicodeDecodeError):
            raise Unavailable(f"The key file {self._path} is missing or damaged; restore it from a backup.") from None
        if len(key) != KEY_BYTES:
            raise Unavailable(f"The key file {self._path} is damaged; restore it from a backup.")
        return key
