"""Enrolment: a token is exchanged for a device key, and a known device is never taken over in silence."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.inventory import identities, labels, store
from weakspot.inventory.contracts import EnrolAnswer, EnrolRequest
from weakspot.inventory.enrolment_store import (
    Pending,
    consume_approval,
    decide,
    device_of_key,
    devices_of_keys,
    end_older_keys,
    insert_key,
    insert_request,
    insert_token,
    open_request,
    pending,
    spend_token,
)
from weakspot.inventory.identities import Recognised
from weakspot.inventory.rules import text
from weakspot.inventory.service import FACTS_CHANGED
from weakspot.inventory.tables import enrolment_token
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import AccessError, DeviceKnown, InvalidField, NotFound
from weakspot.runtime.secrets import DEVICE_KEY, ENROLMENT_TOKEN, hash_secret, new_secret


class IssuedToken(msgspec.Struct, frozen=True):
    """A new enrolment token; ``token`` is shown once and stored nowhere."""

    token: str
    expires_at: Micros
    uses: int


def issue_token(conn: Connection, name: str, uses: int, lifetime: Micros, now: Micros) -> IssuedToken:
    """A token for ``uses`` enrolments within ``lifetime``. Raises InvalidField."""
    if not 1 <= uses <= 1_000_000:
        raise InvalidField("uses must be 1 to 1,000,000.", field="uses")
    if lifetime <= 0:
        raise InvalidField("The token must live for some time; give a positive lifetime.", field="lifetime")
    token = new_secret(ENROLMENT_TOKEN)
    insert_token(conn, hash_secret(token), name, uses, now + lifetime, now)
    return IssuedToken(token, now + lifetime, uses)


def revoke_token(conn: Connection, token_id: int, now: Micros) -> None:
    """No device can enrol with it any more. Raises NotFound."""
    live = enrolment_token.c.id == token_id
    if conn.execute(sa.update(enrolment_token).where(live).values(revoked_at=now)).rowcount == 0:
        raise NotFound("There is no such enrolment token; list them to see which there are.")


def enrol(conn: Connection, request: EnrolRequest, old_key: str | None, now: Micros) -> EnrolAnswer:
    """Give a device its key.

    A device whose hardware ids are known gets a new key only with its old one, or once an administrator approved; until
    then the answer is ``approval: pending``. Raises AccessError (token), DeviceKnown (an administrator said no).
    """
    text.refuse_nul(request)
    if request.device_key and (again := _granted_before(conn, request)) is not None:
        return again
    token_hash = hash_secret(request.token)
    if not spend_token(conn, token_hash, now, uses=0):
        raise AccessError(
            "The enrolment token is unknown, expired, used up or revoked; ask for a new one.", field="token"
        )
    found = identities.recognise(conn, request.device)
    if not found.own:
        return _new_device(conn, request, found, token_hash, now)
    holder = device_of_key(conn, hash_secret(old_key)) if old_key else None
    rules = dict(found.own)
    if holder is not None and holder[0] in rules:
        identities.note_taken_over(conn, holder[0], request.device, rules[holder[0]], now)
        return _new_key(conn, holder[0], request, now)
    return _ask(conn, found, request, token_hash, now)


def authenticate_device(conn: Connection, key: str) -> tuple[int, str]:
    """(internal id, public id) of the device that holds the key. Raises AccessError."""
    holder = device_of_key(conn, hash_secret(key)) if _is_possible(key) else None
    if holder is None:
        raise unknown_key()
    return holder[0], holder[1]


def use_keys(conn: Connection, keys: Mapping[str, Micros]) -> dict[str, tuple[int, str]]:
    """Key -> (internal id, public id) of its device, for a unit that writes: once a new key is used, the device's older
    ones end. Not earlier, for the answer that carried the new key may have been lost. Bad keys are absent.

    keys: each with the moment of its use.
    """
    hashed = {key: hash_secret(key) for key in keys if _is_possible(key)}
    holders = devices_of_keys(conn, hashed.values())
    found = {key: holders[key_hash] for key, key_hash in hashed.items() if key_hash in holders}
    for key, (device_id, _, older) in found.items():
        if older:
            end_older_keys(conn, device_id, hashed[key], keys[key])
    return {key: (device_id, public_id) for key, (device_id, public_id, _) in found.items()}


def unknown_key() -> AccessError:
    """What the holder of a key that is not good is told."""
    return AccessError("The device key is unknown or was revoked; enrol this device again.")


def _is_possible(key: str) -> bool:
    return 16 <= len(key) <= 200


def requests_waiting(conn: Connection) -> list[Pending]:
    """Takeovers that wait for an administrator, oldest first."""
    return pending(conn)


def decide_request(conn: Connection, request_id: int, decision: str, decided_by: str, now: Micros) -> None:
    """Approve or reject a takeover, or let it enrol as a device of its own. Raises InvalidField, NotFound."""
    if decision not in ("approved", "rejected", "separate"):
        raise InvalidField("The decision is 'approved', 'rejected' or 'separate'.", field="decision")
    if not decide(conn, request_id, decision, decided_by, now):
        raise NotFound("There is no such request that waits for a decision.")


def _granted_before(conn: Connection, request: EnrolRequest) -> EnrolAnswer | None:
    """The same answer again, for the sensor that made this key: its first answer was lost."""
    holder = device_of_key(conn, hash_secret(request.device_key))
    return None if holder is None else EnrolAnswer(device_id=holder[1], device_key=request.device_key)


def _new_device(
    conn: Connection, request: EnrolRequest, found: Recognised, token_hash: bytes, now: Micros
) -> EnrolAnswer:
    """A device of its own. Where it shares ids with another (a clone), people are told."""
    spend_token(conn, token_hash, now, uses=1)
    described = request.device
    device_id = store.insert_device(conn, secrets.token_hex(20), described, "sensor", now)
    changes.append(conn, now, FACTS_CHANGED, {"device_id": device_id})
    for other, rule in (*found.own, *found.related):
        identities.note_clone(conn, device_id, other, described, rule, now)
    labels.observe(conn, device_id, None, described, now)
    return _new_key(conn, device_id, request, now)


def _new_key(conn: Connection, device_id: int, request: EnrolRequest, now: Micros) -> EnrolAnswer:
    key = request.device_key or new_secret(DEVICE_KEY)
    insert_key(conn, device_id, hash_secret(key), now)
    return EnrolAnswer(device_id=store.devices(conn, [device_id])[0].public_id, device_key=key)


def _ask(conn: Connection, found: Recognised, request: EnrolRequest, token_hash: bytes, now: Micros) -> EnrolAnswer:
    device_id, rule = found.own[0]
    decision = consume_approval(conn, device_id, token_hash)
    if decision == "approved":
        spend_token(conn, token_hash, now, uses=1)
        identities.note_taken_over(conn, device_id, request.device, rule, now)
        return _new_key(conn, device_id, request, now)
    if decision == "separate":
        return _new_device(conn, request, found, token_hash, now)
    if decision == "rejected":
        raise DeviceKnown(
            "These hardware ids belong to a known device, and an administrator rejected the takeover.",
            field="device.hardware_ids",
        )
    if not open_request(conn, device_id, token_hash):
        insert_request(conn, device_id, token_hash, request.device, now)
    return EnrolAnswer(approval="pending")
