"""What crosses the border of the threats: what an intake reads, what is kept of it, and what it hangs on."""

from __future__ import annotations

from typing import Literal

import msgspec

from weakspot.runtime.clock import Micros

DetectionSeverity = Literal["Unspecified", "Informational", "Low", "Medium", "High"]
"""As in the alerts of the compatible API; what others call critical is High."""
DetectionStatus = Literal["unknown", "new", "in_progress", "resolved"]
Classification = Literal["true_positive", "informational", "false_positive"]
RiskLevel = Literal["None", "Informational", "Low", "Medium", "High"]
LinkReason = Literal["vulnerability", "software", "technique"]

ACTIVE: tuple[DetectionStatus, ...] = ("new", "in_progress")
"""A detection counts while it is in one of these (spec/features.md 22)."""

MAX_EVENTS = 1_000
"""Events in one call of an intake."""


class DeviceHints(msgspec.Struct, frozen=True, kw_only=True):
    """By what a detection names its device; each list in order of trust, bounded by the intake."""

    ids: tuple[str, ...] = ()
    """Our own public ids."""
    names: tuple[str, ...] = ()
    hardware: tuple[str, ...] = ()
    """Serial numbers, machine ids, MAC addresses."""
    addresses: tuple[str, ...] = ()


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """One detection as an intake reads it. ``source_id``: what the source itself calls it; the same again is an update.

    vulnerabilities: named ids; techniques: ATT&CK ids; paths: of processes and files, the suspect itself first;
    programs: names of processes or software without a path.
    """

    source_id: str
    title: str
    product: str
    """What detected it."""
    severity: DetectionSeverity = "Unspecified"
    status: DetectionStatus = "new"
    description: str = ""
    category: str = ""
    rule: str = ""
    url: str = ""
    first_at: Micros | None = None
    last_at: Micros | None = None
    device: DeviceHints = DeviceHints()
    vulnerabilities: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    user: str = ""


class Detection(msgspec.Struct, frozen=True, kw_only=True):
    """A detection as it is kept. ``device_id`` None: its device is not known (and ``unresolved_because`` says why)."""

    id: int
    intake: str
    observed: Observed
    status: DetectionStatus
    """What counts: the newer of what the source and what a person says."""
    is_active: bool
    device_id: int | None
    unresolved_because: str
    created_at: Micros
    updated_at: Micros
    seen: int
    """How often the source sent it."""
    classification: Classification | None = None
    determination: str = ""
    assigned_to: str = ""
    comment: str = ""
    decided_by: str = ""
    decided_at: Micros | None = None
    resolved_at: Micros | None = None

    @property
    def public_id(self) -> str:
        """As it is shown and asked for: ``da`` digits, an underscore, a number (spec/api.md 16.1)."""
        return f"da{self.created_at}_{self.id}"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What a detection hangs on, on its device. ``is_raising``: the hazard of the vulnerability is raised there."""

    detection_id: int
    device_id: int
    reason: LinkReason
    software_id: int | None = None
    vulnerability_id: int | None = None
    is_raising: bool = False


class ActiveLink(msgspec.Struct, frozen=True):
    """A link of a detection that counts, with what lists need of it."""

    detection_id: int
    device_id: int
    software_id: int | None
    vulnerability_id: int | None
    severity: DetectionSeverity


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says of a detection; None leaves a part as it was."""

    status: DetectionStatus | None = None
    classification: Classification | None = None
    determination: str | None = None
    assigned_to: str | None = None
    comment: str | None = None


class InstalledProduct(msgspec.Struct, frozen=True, kw_only=True):
    """One software version on the device, for the correlation. ``names``: lower case, all it is known by."""

    software_id: int
    names: frozenset[str]
    paths: tuple[str, ...]
    vulnerabilities: frozenset[int]


class Suspect(msgspec.Struct, frozen=True):
    """What the correlation knows of a vulnerability of the device. ``likelihood``: greater is more probable."""

    likelihood: tuple[int, float, float, str]
    is_exploitable: bool
    """An exploit is public, or it is known to be exploited."""
    techniques: frozenset[str]


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """Where a product of one's own has what, as dotted paths into its JSON; the first path with a value counts."""

    name: str
    product: str
    items: str = ""
    """Where the list of events is in the document; empty: the document is one event, or a list of them."""
    source_id: tuple[str, ...]
    title: tuple[str, ...]
    severity: tuple[str, ...] = ()
    severities: dict[str, DetectionSeverity] = {}
    """Their word (lower case) -> ours; words that are missing are understood as usual."""
    status: tuple[str, ...] = ()
    statuses: dict[str, DetectionStatus] = {}
    description: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    url: tuple[str, ...] = ()
    first_at: tuple[str, ...] = ()
    last_at: tuple[str, ...] = ()
    device_ids: tuple[str, ...] = ()
    device_names: tuple[str, ...] = ()
    device_hardware: tuple[str, ...] = ()
    device_addresses: tuple[str, ...] = ()
    vulnerabilities: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    user: tuple[str, ...] = ()
