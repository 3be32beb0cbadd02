"""What crosses the border of scans."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from weakspot.runtime.clock import Micros

Status = Literal["recorded", "reached", "waiting", "key_changed", "refused", "unreachable", "failed"]
"""recorded: its inventory is stored; reached: a test went well; waiting: an administrator must approve the device;
key_changed: it showed another key than before; refused: the credentials were; failed: its answers are no inventory."""


class NewScan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A scan to be. targets: names, addresses, networks (``10.0.0.0/24``) and ranges (``10.0.0.5-10.0.0.9``).

    every_hours 0: only when asked. Either a password or a private key (OpenSSH form; with its passphrase, if any).
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    targets: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=260)]], msgspec.Meta(min_length=1, max_length=200)
    ]
    username: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 22
    every_hours: Annotated[int, msgspec.Meta(ge=0, le=24 * 31)] = 24
    password: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    private_key: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    passphrase: Annotated[str, msgspec.Meta(max_length=1000)] = ""

    def __repr__(self) -> str:
        return f"NewScan(name={self.name!r}, targets={self.targets!r}, username={self.username!r})"


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """A scan without its credentials."""

    id: int
    name: str
    targets: tuple[str, ...]
    username: str
    port: int
    every_hours: int
    created_at: Micros
    last_run_at: Micros | None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one address. ``key``: fingerprint of the key that it showed; ``is_new_key``: trusted by this run."""

    address: str
    status: Status
    reason: str = ""
    device_name: str = ""
    device_id: str = ""
    software: int = 0
    key: str = ""
    is_new_key: bool = False


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run. ``kind``: test, asked or schedule."""

    id: int
    kind: str
    started_at: Micros
    ended_at: Micros
    outcomes: tuple[Outcome, ...]
