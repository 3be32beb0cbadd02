"""What every tracker is: a folder of look-alikes, each with the documented HTTP API of one product.

A tracker is told the same thing again until it has acknowledged it, so it is asked for a ticket with our key before one
is created: an earlier attempt may have arrived without an answer. It raises ``TrackerBusy`` to be asked again later,
``TrackerRefused`` where asking again cannot help, and nothing else for what the other side does.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Literal, Protocol

import msgspec

from weakspot.remediation.contracts import Priority, TicketState
from weakspot.runtime.outbound import Busy, Field, OutboundError, Refused

MAX_DEVICES = 10_000
"""Devices that are passed to a tracker with one request (spec/features.md 7.1)."""
MAX_NOTE = 2_000


class TrackerError(OutboundError):
    """What goes wrong with a tracker; the text is shown to people and holds no secret."""


class TrackerBusy(TrackerError, Busy):
    """Ask again: it did not answer, or answered that it cannot now. ``retry_after``: seconds, None where not said."""


class TrackerRefused(TrackerError, Refused):
    """Asking again cannot help: settings, credentials or rights must change first."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket to open. ``device_names``: at most 10,000 of ``devices``; due_on: ISO date, None without one."""

    key: str
    title: str
    description: str
    remediation_type: str
    component: str
    vendor: str
    recommended_version: str
    priority: Priority
    due_on: str | None
    group_name: str
    requester: str
    notes: str
    devices: int
    device_names: Sequence[str]
    activity_id: str


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as the other system has it."""

    id: str
    url: str
    state: TicketState
    note: str = ""


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """What an inbound callback says: about which ticket (its remote id, or our key); None: ask for the state."""

    remote_id: str | None = None
    key: str | None = None
    state: TicketState | None = None
    note: str = ""


class TrackerClient(Protocol):
    """One configured tracker. Every method may raise TrackerBusy or TrackerRefused."""

    kind: ClassVar[str]
    fields: ClassVar[tuple[Field, ...]]
    is_readable: ClassVar[bool]
    """Whether states can be asked for."""

    def find(self, key: str) -> Remote | None:
        """The ticket with our key, where it is there."""

    def create(self, draft: Draft) -> Remote:
        """Open a ticket."""

    def comment(self, remote_id: str, text: str) -> None:
        """Add a note."""

    def close(self, remote_id: str, text: str) -> None:
        """Complete it, with a note. No error when it is completed already."""

    def reopen(self, remote_id: str, text: str) -> None:
        """Open it again, with a note. No error when it is open."""

    def read(self, remote_id: str) -> Remote:
        """Its state now."""

    def signals(self, headers: Mapping[str, str], body: bytes) -> list[Signal]:
        """What a callback says, once its signature is verified. Raises TrackerRefused where it is not."""


Action = Literal["create", "close", "reopen", "comment"]
Make = Callable[[Mapping[str, str], Mapping[str, str]], TrackerClient]
"""Settings and secrets to a client."""


def verify_hmac(secret: str, body: bytes, given: str, prefix: str = "sha256=") -> None:
    """Compare an HMAC-SHA256 of a body in constant time. Raises TrackerRefused."""
    expected = prefix + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(expected.encode(), given.strip().encode("utf-8", "replace")):
        raise TrackerRefused("The signature of this callback is not that of its tracker.")


def verify_token(secret: str, given: str) -> None:
    """Compare a shared token in constant time. Raises TrackerRefused."""
    if not secret or not hmac.compare_digest(secret.encode(), given.encode("utf-8", "replace")):
        raise TrackerRefused("The token of this callback is not that of its tracker.")


def text_of(draft: Draft, *, devices: int = 200) -> str:
    """A draft as plain text; the list of devices is cut where a field could not hold it."""
    lines = [
        draft.description,
        "",
        f"Remediation: {draft.remediation_type} {draft.vendor} {draft.component}".rstrip(),
        f"Recommended version: {draft.recommended_version}" if draft.recommended_version else "",
        f"Device group: {draft.group_name}",
        f"Priority: {draft.priority}",
        f"Due on: {draft.due_on}" if draft.due_on else "",
        f"Requested by: {draft.requester}",
        f"Notes: {draft.notes}" if draft.notes else "",
        f"Activity: {draft.activity_id}",
        f"Reference: {draft.key}",
        "",
        f"Devices ({draft.devices}):",
        *draft.device_names[:devices],
        f"and {draft.devices - devices} more" if draft.devices > devices else "",
    ]
    return "\n".join(_plain(line) for line in lines if line or line == "")


def _plain(line: str) -> str:
    """Foreign text on one line, without control characters."""
    return "".join(one if one.isprintable() else " " for one in line)
