"""Exchange an enrolment token for this device's own key, and remember it."""

from __future__ import annotations

import base64
import json
import logging
import os
import time
from typing import Any, Callable, Dict, NamedTuple, Optional

from weakspot_sensor.backoff import Backoff
from weakspot_sensor.errors import SettingsError, UnreachableError
from weakspot_sensor.storage import Storage
from weakspot_sensor.transport import Answer, Client, Server

ENROL = "/api/sensor/v1/enrol"
_IDENTITY = "identity.json"
_PROPOSED = "proposed.key"
_KEY_LENGTH = 47

log = logging.getLogger("weakspot_sensor")


class Identity(NamedTuple):
    """What this device is to which server. The key is a secret."""

    device_id: str
    device_key: str
    server: Server


def load(storage: Storage) -> Optional[Identity]:
    """None when this folder has never been enrolled, or its file is damaged."""
    try:
        found = json.loads((storage.read(_IDENTITY) or b"").decode("utf-8"))
        texts = [found[key] for key in ("device_id", "device_key", "url", "authority", "fingerprint")]
    except (ValueError, KeyError, TypeError):
        return None
    if not all(isinstance(text, str) for text in texts):
        return None
    return Identity(texts[0], texts[1], Server(texts[2], texts[3], texts[4]))


def save(storage: Storage, identity: Identity) -> None:
    """Readable by the owner only, as all files of the folder are."""
    found = {
        "device_id": identity.device_id,
        "device_key": identity.device_key,
        "url": identity.server.url,
        "authority": identity.server.authority,
        "fingerprint": identity.server.fingerprint,
    }
    storage.write(_IDENTITY, json.dumps(found, indent=1).encode("utf-8"))


def proposed_key(storage: Storage) -> str:
    """A key that this device makes for itself and keeps until it is enrolled with it."""
    kept = (storage.read(_PROPOSED) or b"").decode("ascii", "replace")
    if len(kept) < _KEY_LENGTH:
        kept = "wsd_" + base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode("ascii")
        storage.write(_PROPOSED, kept.encode("ascii"))
    return kept


def forget_proposed(storage: Storage) -> None:
    """The key is in use: the next enrolment makes another."""
    storage.remove(_PROPOSED)


def enrol(
    server: Server,
    token: str,
    device: Dict[str, Any],
    known: Optional[Identity],
    patience_seconds: float,
    backoff: Backoff,
    proposed: str = "",
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Identity:
    """Ask until the server gives a key or `patience_seconds` are over.

    A device that the server knows proves itself with the key it had from this same server; without one an
    administrator has to approve it, which is waited for. `proposed` is the key that this device made for itself
    (proposed_key): with it, asking again after a lost answer gives the same answer. Raises SettingsError when
    asking again is of no use (also when an administrator said no), UnreachableError when the time is over.
    """
    request = {"token": token, "device": device}
    if proposed:
        request["device_key"] = proposed
    body = json.dumps(request).encode("utf-8")
    key = known.device_key if known is not None and known.server.url == server.url else ""
    deadline = monotonic() + patience_seconds
    while True:
        wait: Optional[float] = None
        try:
            answer = Client(server, key).post(ENROL, body)
        except UnreachableError as error:
            reason = str(error)
        else:
            identity = _granted(answer, server)
            if identity is not None:
                return identity
            if answer.status == 401 and key:
                # The old key is worth nothing any more; the token may still do.
                key = ""
                continue
            reason, wait = _waits(answer)
        pause = max(wait or 0.0, backoff.next())
        if monotonic() + pause > deadline:
            raise UnreachableError("this device is not enrolled yet: " + reason)
        log.warning("%s; asking again in %.0f s", reason, pause)
        sleep(pause)


def _granted(answer: Answer, server: Server) -> Optional[Identity]:
    if answer.status != 200:
        return None
    device_id, key = answer.document.get("device_id"), answer.document.get("device_key")
    if isinstance(device_id, str) and isinstance(key, str) and device_id and key:
        return Identity(device_id, key, server)
    return None


def _waits(answer: Answer) -> "tuple[str, Optional[float]]":
    """(why there is no key yet, seconds to wait). Raises SettingsError when asking again is of no use."""
    if answer.status == 202:
        return "an administrator has to approve this device on the server", answer.retry_after
    if 400 <= answer.status < 500 and answer.status not in (404, 408, 429):
        raise SettingsError("the server refuses to enrol this device: " + answer.explanation)
    return answer.explanation, answer.retry_after
