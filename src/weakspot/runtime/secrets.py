"""Secrets: how they are made, kept and compared, and how they are kept out of texts.

Every secret that the product hands out is 256 random bits behind a four-letter prefix, so that a scanner (and
``redact``) can recognise it. What is stored is its SHA-256: with that much randomness a slow hash would add
nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

RandomBytes = Callable[[int], bytes]
"""Gives that many random bytes; ``system_random`` outside tests."""

SECRET_BYTES = 32
MAXIMUM_SECRET_LENGTH = 256

# Prefixes, not secrets (S105 looks at the names only).
SIGN_IN_LINK = "wsl_"
SESSION = "wss_"
API_TOKEN = "wsa_"  # noqa: S105
CLI_TOKEN = "wsc_"  # noqa: S105
ENROLMENT_TOKEN = "wse_"  # noqa: S105
DEVICE_KEY = "wsd_"
NODE_KEY = "wsn_"

_PATTERN = re.compile(r"\b(ws[a-z]_)[A-Za-z0-9_-]{16,}|(?i:(bearer\s+))[A-Za-z0-9._~+/=-]{8,}")


def system_random(count: int) -> bytes:
    """Random bytes from the operating system."""
    return secrets.token_bytes(count)


def new_secret(prefix: str, random: RandomBytes = system_random) -> str:
    """A new secret text: the prefix and 43 characters of URL-safe base64."""
    return prefix + base64.urlsafe_b64encode(random(SECRET_BYTES)).rstrip(b"=").decode("ascii")


def hash_secret(secret: str) -> bytes:
    """What is stored instead of the secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def derive(secret: str, purpose: str) -> str:
    """A second secret that only the holder of the first can know; one way, different for every purpose."""
    digest = hmac.new(secret.encode("utf-8", "surrogatepass"), purpose.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def is_same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))


def redact(text: str) -> str:
    """The text with everything that looks like a secret of ours (or a bearer token) blotted out."""
    return _PATTERN.sub(lambda match: f"{match.group(1) or match.group(2)}[redacted]", text)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, never visible half written or with wider rights."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
