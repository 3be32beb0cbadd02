"""Foreign agents and uploads: which device they speak for, and that a known device is never taken over in silence."""

from __future__ import annotations

import secrets

from sqlalchemy.engine import Connection

from weakspot.inventory import identities, labels, part_store, store
from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.enrolment_store import consume_approval, insert_request, open_request, spend_token
from weakspot.inventory.part_store import AgentRow
from weakspot.inventory.rules import text
from weakspot.inventory.service import FACTS_CHANGED
from weakspot.runtime import changes
from weakspot.runtime.clock import Micros
from weakspot.runtime.errors import AccessError, DeviceKnown
from weakspot.runtime.secrets import hash_secret

UPLOAD = "import"
_BAD_TOKEN = "The enrolment token is unknown, expired, used up or revoked; ask for a new one."  # noqa: S105


def is_good_token(conn: Connection, token: str, now: Micros) -> bool:
    """Whether devices can enrol with it now."""
    return 16 <= len(token) <= 200 and spend_token(conn, hash_secret(token), now, uses=0)


def admit_agent(
    conn: Connection,
    source: str,
    external_id: str,
    described: DescribedDevice,
    token: str,
    key: str,
    now: Micros,
) -> AgentRow | None:
    """Let an agent speak for a device: a new one, or a known one once an administrator approved.

    token: enrolment token. key: what the agent presents from now on. None: the approval is waited for. A known agent
    that asks again without its old key needs an approval too. Raises AccessError (token), DeviceKnown (rejected).
    """
    text.refuse_nul(described)
    token_hash = hash_secret(token)
    if not is_good_token(conn, token, now):
        raise AccessError(_BAD_TOKEN, field="token")
    known = part_store.find_agent(conn, source, external_id)
    claimed = [one for one, _ in identities.recognise(conn, described).own]
    device_id = known.device_id if known is not None else next(iter(claimed), None)
    if device_id is None:
        device_id = _new_device(conn, described, source, now)
    elif not _is_approved(conn, device_id, token_hash, described, now):
        return None
    spend_token(conn, token_hash, now, uses=1)
    part_store.put_agent(conn, source, external_id, device_id, hash_secret(key), now)
    return part_store.find_agent(conn, source, external_id)


def admit_scanned(
    conn: Connection, source: str, external_id: str, described: DescribedDevice, now: Micros
) -> AgentRow | None:
    """The device that an authenticated scan found: the one it found there before, or a new one.

    None while an administrator must approve that it is a device that is known already. Raises DeviceKnown (rejected).
    """
    known = part_store.find_agent(conn, source, external_id)
    if known is not None:
        return known
    claimed = [one for one, _ in identities.recognise(conn, described).own]
    if not claimed:
        device_id = _new_device(conn, described, source, now)
    elif _is_approved(conn, claimed[0], hash_secret(f"{source} {external_id}"), described, now):
        device_id = claimed[0]
    else:
        return None
    part_store.put_agent(conn, source, external_id, device_id, None, now)
    return part_store.find_agent(conn, source, external_id)


def agent_with_key(conn: Connection, source: str, key: str) -> AgentRow | None:
    """The agent that holds the key; None when the key is not good."""
    return part_store.agent_of_key(conn, source, hash_secret(key)) if 16 <= len(key) <= 200 else None


def agent_named(conn: Connection, source: str, external_id: str, key: str) -> AgentRow | None:
    """The agent of that name, where it presents what it was admitted with. Raises AccessError where it does not."""
    known = part_store.find_agent(conn, source, external_id)
    if known is not None and known.key_hash != hash_secret(key):
        raise AccessError("This agent was admitted with another secret; give it that one, or have it approved again.")
    return known


def device_for_upload(conn: Connection, name: str, described: DescribedDevice, now: Micros) -> tuple[int, str]:
    """(internal, public id) of the unmanaged device of that name, made where there is none.

    Raises DeviceKnown when the file describes the hardware of a device that is known under another name.
    """
    text.refuse_nul(described)
    known = part_store.find_agent(conn, UPLOAD, name)
    if known is not None:
        return known.device_id, known.public_id
    if identities.recognise(conn, described).own:
        raise DeviceKnown(
            "The file describes the hardware of a known device; upload it for that device.", field="hardware_ids"
        )
    device_id = _new_device(conn, described, UPLOAD, now)
    part_store.put_agent(conn, UPLOAD, name, device_id, None, now)
    return device_id, store.devices(conn, [device_id])[0].public_id


def _new_device(conn: Connection, described: DescribedDevice, source: str, now: Micros) -> int:
    device_id = store.insert_device(conn, secrets.token_hex(20), described, source, now)
    changes.append(conn, now, FACTS_CHANGED, {"device_id": device_id})
    labels.observe(conn, device_id, None, described, now)
    return device_id


def _is_approved(conn: Connection, device_id: int, token_hash: bytes, described: DescribedDevice, now: Micros) -> bool:
    decision = consume_approval(conn, device_id, token_hash)
    if decision == "rejected":
        raise DeviceKnown("These hardware ids belong to a known device, and an administrator rejected the takeover.")
    if decision is None and not open_request(conn, device_id, token_hash):
        insert_request(conn, device_id, token_hash, described, now)
    return decision == "approved"
