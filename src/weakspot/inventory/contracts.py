"""What crosses the inventory's border.

The report structs are the wire format of ``POST /api/sensor/v1/reports`` (docs/sensor.md); they are decoded strictly,
but a
field that this version does not know is ignored, so that newer sensors can report to older servers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from weakspot.inventory.detail_contracts import DeviceDetails
from weakspot.runtime.clock import Micros

MAX_ITEMS = 50_000

Short = Annotated[str, msgspec.Meta(max_length=256)]
Text = Annotated[str, msgspec.Meta(max_length=1024)]
Required = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
SoftwareType = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,31}$")]
DeviceValue = Literal["Low", "Normal", "High"]


class InstalledSoftware(msgspec.Struct, frozen=True, kw_only=True):
    """One installed software version with its evidence. The first six fields are its identity (docs/sensor.md)."""

    type: SoftwareType
    name: Required
    version: Text
    architecture: Short = ""
    source_name: Text = ""
    source_version: Text = ""
    vendor: Text = ""
    module: Text = ""
    owned_by: Text = ""
    paths: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=4096)], ...], msgspec.Meta(max_length=20)] = ()
    installed_at: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class SoftwareIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """The six strings that make two reported installations the same software version."""

    type: SoftwareType
    name: Required
    version: Text
    architecture: Short = ""
    source_name: Text = ""
    source_version: Text = ""


class HardwareId(msgspec.Struct, frozen=True):
    """Something a device can be recognised by; ``mac`` alone never decides."""

    kind: Literal["machine_id", "product_uuid", "serial", "board_serial", "mac", "cloud_instance"]
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Interface(msgspec.Struct, frozen=True):
    """A network interface."""

    name: Short
    mac: Short = ""
    addresses: Annotated[tuple[Short, ...], msgspec.Meta(max_length=256)] = ()
    state: Short = ""


class Listener(msgspec.Struct, frozen=True):
    """A port that something listens on."""

    protocol: Literal["tcp", "udp"]
    address: Short
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)]


class OperatingSystem(msgspec.Struct, frozen=True, kw_only=True):
    """The operating system, with the kernel that runs and those that are installed."""

    platform: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    distribution: Short = ""
    version: Short = ""
    version_full: Short = ""
    codename: Short = ""
    build: Short | None = None
    kernel: Short = ""
    kernel_version: Text = ""
    architecture: Short = ""
    pending_restart: bool | None = None
    boot_at: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    kernels_installed: Annotated[tuple[Short, ...], msgspec.Meta(max_length=256)] = ()


class Hardware(msgspec.Struct, frozen=True, kw_only=True):
    """Model and firmware as the device names them."""

    vendor: Text = ""
    model: Text = ""
    serial: Text = ""
    cpu: Text = ""
    memory_bytes: Annotated[int, msgspec.Meta(ge=0, le=1 << 62)] = 0
    bios_version: Text = ""
    firmware: Short = ""
    """``uefi``, ``bios``, or empty where it is not told."""
    secure_boot: bool | None = None
    """None: not told, or the device has none."""


class DescribedDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device as it describes itself."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    os: OperatingSystem
    domain: Short = ""
    hardware: Hardware = Hardware()
    hardware_ids: Annotated[tuple[HardwareId, ...], msgspec.Meta(max_length=128)] = ()
    interfaces: Annotated[tuple[Interface, ...], msgspec.Meta(max_length=1024)] = ()
    tags: Annotated[
        tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=200)], ...], msgspec.Meta(max_length=16)
    ] = ()
    listeners: Annotated[tuple[Listener, ...], msgspec.Meta(max_length=1024)] = ()
    """Empty: nothing listens, or the source does not say."""
    users: Annotated[tuple[Short, ...], msgspec.Meta(max_length=256)] = ()
    """Who signs in on the device."""


class SensorInfo(msgspec.Struct, frozen=True):
    """Which sensor reports."""

    name: Short
    version: Short


class CollectorOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one collector of the sensor fared."""

    name: Short
    status: Literal["succeeded", "partly", "failed", "not_applicable"]
    reason: Text = ""
    count: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A full inventory, or what changed since ``base_digest``."""

    schema: Literal[1]
    report_id: Annotated[str, msgspec.Meta(min_length=8, max_length=64)]
    sequence: Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]
    kind: Literal["full", "delta"]
    observed_at: Annotated[str, msgspec.Meta(min_length=20, max_length=40)]
    sensor: SensorInfo
    digest: Digest
    device: DescribedDevice
    base_digest: Digest | None = None
    software: Annotated[tuple[InstalledSoftware, ...], msgspec.Meta(max_length=MAX_ITEMS)] = ()
    added: Annotated[tuple[InstalledSoftware, ...], msgspec.Meta(max_length=MAX_ITEMS)] = ()
    removed: Annotated[tuple[SoftwareIdentity, ...], msgspec.Meta(max_length=MAX_ITEMS)] = ()
    collectors: Annotated[tuple[CollectorOutcome, ...], msgspec.Meta(max_length=64)] = ()
    details: DeviceDetails | None = None


class ReportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the sensor is told once its report is durable."""

    device_id: str
    sequence: int
    duplicate: bool
    knowledge_version: int
    digest: str


class EnrolRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An enrolment token, to be exchanged for a device key."""

    token: Annotated[str, msgspec.Meta(min_length=16, max_length=200)]
    device: DescribedDevice
    device_key: Annotated[str, msgspec.Meta(pattern="^(wsd_[A-Za-z0-9_-]{43,150})?$")] = ""
    """The key that the sensor made for itself: asking again with the same one, after an answer was lost, is answered
    alike. Empty: the server makes one."""


class EnrolAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Either the device's id and key, or ``approval`` = pending (HTTP 202)."""

    device_id: str = ""
    device_key: str = ""
    approval: Literal["", "pending"] = ""


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """ "I am here, and this is my inventory's digest"."""

    digest: Digest | None = None


class HeartbeatAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``resync``: the server's inventory differs; send a full report."""

    resync: bool


class FleetDevice(msgspec.Struct, frozen=True):
    """What the fleet index needs to know of a device; ``is_counted``: not excluded, seen within 30 days."""

    id: int
    public_id: str
    name: str
    group_id: int
    device_value: DeviceValue
    is_counted: bool


class FleetPlaces(msgspec.Struct, frozen=True, kw_only=True):
    """Where many devices belong, as sets (``pyroaring.BitMap``) of device ids.

    groups: disjoint and together all of ``devices``; so are values; counted: as ``FleetDevice.is_counted``.
    """

    devices: Any
    groups: Mapping[int, Any]
    values: Mapping[DeviceValue, Any]
    counted: Any


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """Of all devices, as sets (``pyroaring.BitMap``): which group each is in, which are excluded, which have ended."""

    groups: Mapping[int, Any]
    excluded: Any
    ended: Any


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device with what it said of itself and what people decided."""

    id: int
    public_id: str
    name: str
    domain: str
    os_platform: str
    os_distribution: str
    os_version: str
    architecture: str
    described: DescribedDevice
    sensor_version: str
    discovery_source: str
    first_seen_at: Micros
    last_seen_at: Micros
    last_report_at: Micros | None
    group_id: int
    device_value: DeviceValue
    is_excluded: bool
    exclusion_reason: str | None
    last_observed_at: Micros | None = None
    """When the device made its last report."""
    end: Literal["merged", "removed"] | None = None
    """Why it is no more; None: it is there."""
    merged_into_id: int | None = None


class Software(msgspec.Struct, frozen=True, kw_only=True):
    """Vendor and product."""

    id: int
    public_id: str
    vendor: str
    name: str
    type: str


class SoftwareVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The unit of matching. ``platform``: the ecosystem of the device for distribution packages (``Debian:12``)."""

    id: int
    software_id: int
    type: str
    name: str
    version: str
    version_key: bytes
    scheme: str
    architecture: str
    source_name: str
    source_version: str
    platform: str
    vendor: str
    module: str
    owned_by: str


class Evidence(msgspec.Struct, frozen=True):
    """Where an installation was seen."""

    paths: tuple[str, ...]
    installed_at: str | None


class EndedInstallation(msgspec.Struct, frozen=True):
    """An installation that is no more: ``[first_seen_at, removed_at)``."""

    device_id: int
    software_version_id: int
    first_seen_at: Micros
    removed_at: Micros


class DeviceGroup(msgspec.Struct, frozen=True):
    """Disjoint part of the fleet; rank 1 is the highest."""

    id: int
    name: str
    rank: int


class DeviceState(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of a device's last report. ``observed_at``: the sensor's time, ``reported_at``: the server's."""

    digest: str
    sequence: int
    report_id: str
    observed_at: Micros
    reported_at: Micros
    knowledge_version: int


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of one report: new software versions are still to be judged, in the same transaction."""

    device_id: int
    public_id: str
    digest: str
    is_duplicate: bool
    new_software_versions: tuple[SoftwareVersion, ...] = ()
    knowledge_version: int = 0
