"""What a device tells beside its software: accounts, extensions, certificates, shares, services, settings, use.

Part of the report's wire format (docs/sensor.md). Every section is None where the sensor does not tell it: unknown is
not the same as empty, and software that was not seen in use is not unused.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Short = Annotated[str, msgspec.Meta(max_length=256)]
Text = Annotated[str, msgspec.Meta(max_length=1024)]
Instant = Annotated[str, msgspec.Meta(max_length=40)]
Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d$")]
Names = Annotated[tuple[Short, ...], msgspec.Meta(max_length=256)]


class LocalUser(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An account of the device itself. ``id``: uid or SID."""

    name: Short
    id: Short = ""
    is_enabled: bool | None = None
    """Whether somebody can sign in with it; None: the sensor may not look."""
    is_admin: bool | None = None


class LocalGroup(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A group of the device itself, with its members as the device names them."""

    name: Short
    id: Short = ""
    members: Names = ()


class BrowserExtension(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An extension in one browser profile. ``sites``: the addresses whose pages it may read or change."""

    browser: Short
    id: Short
    name: Text = ""
    version: Short = ""
    profile: Text = ""
    permissions: Names = ()
    sites: Names = ()
    is_enabled: bool | None = None
    source: Short = ""


class Certificate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A certificate in a store or a known place. ``sha256``: of its DER form, hex digits."""

    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    subject: Text = ""
    issuer: Text = ""
    serial: Short = ""
    not_before: Instant = ""
    not_after: Instant = ""
    key_type: Short = ""
    key_bits: Annotated[int, msgspec.Meta(ge=0, le=1 << 20)] = 0
    signature: Short = ""
    store: Text = ""


class NetworkShare(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A folder that others can reach. ``clients``: who may, as the device writes it; empty: the device does not say."""

    protocol: Literal["smb", "nfs"]
    name: Text
    path: Text = ""
    is_read_only: bool | None = None
    allows_guests: bool | None = None
    clients: Names = ()


class ListeningService(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A port with the program behind it. ``owned_by``: the package of the program, as in installed software."""

    protocol: Literal["tcp", "udp"]
    address: Short
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)]
    process: Short = ""
    path: Text = ""
    user: Short = ""
    owned_by: Text = ""


class SoftwareUsage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Software that was seen running. ``days_used``: days of the last 30 on which it was, at least."""

    type: Annotated[str, msgspec.Meta(max_length=32)]
    name: Text
    version: Text = ""
    last_used_on: Day
    days_used: Annotated[int, msgspec.Meta(ge=1, le=30)] = 1
    is_listening: bool = False


class UsageReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen running since ``observed_since``; software that is not named may have run between two looks."""

    observed_since: Day
    software: Annotated[tuple[SoftwareUsage, ...], msgspec.Meta(max_length=5_000)] = ()


class Setting(msgspec.Struct, frozen=True):
    """A configuration setting that a check of the catalogue reads (docs/posture.md).

    name: dotted key of the catalogue, such as ``linux.sshd.permit_root_login``. value: as the catalogue spells it.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_.-]{2,127}$")]
    value: Short


Settings = Annotated[tuple[Setting, ...], msgspec.Meta(max_length=512)]


class DeviceDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The sections. In a report: those that changed (all of them in a full one)."""

    users: Annotated[tuple[LocalUser, ...], msgspec.Meta(max_length=2_000)] | None = None
    groups: Annotated[tuple[LocalGroup, ...], msgspec.Meta(max_length=2_000)] | None = None
    extensions: Annotated[tuple[BrowserExtension, ...], msgspec.Meta(max_length=2_000)] | None = None
    certificates: Annotated[tuple[Certificate, ...], msgspec.Meta(max_length=2_000)] | None = None
    shares: Annotated[tuple[NetworkShare, ...], msgspec.Meta(max_length=1_000)] | None = None
    services: Annotated[tuple[ListeningService, ...], msgspec.Meta(max_length=1_024)] | None = None
    usage: UsageReport | None = None
    settings: Settings | None = None
    """Complete: a setting that is not in the list is unknown. Each name once."""


def merged(known: DeviceDetails, told: DeviceDetails) -> DeviceDetails:
    """What is known after a report: a section that it does not tell stays as it was."""
    sections = {name: value for name in told.__struct_fields__ if (value := getattr(told, name)) is not None}
    return msgspec.structs.replace(known, **sections)
