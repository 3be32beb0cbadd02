"""What crosses the border of the recommendations."""

from __future__ import annotations

from typing import Literal

import msgspec
from pyroaring import BitMap

RemediationType = Literal["Update", "Upgrade", "Uninstall", "OwningApp", "AttentionRequired"]
"""spec/features.md 6.4. ``OwningApp``: the fix comes with the program that ships the component; ``AttentionRequired``:
exploited, and nothing fixes it yet."""
Tag = Literal[
    "eos_software", "eos_versions", "upcoming_eos_software", "upcoming_eos_versions", "zero_day", "zero_day_update",
    "pending_restart",
]  # fmt: skip
"""spec/features.md 6.5; EOS: end of support."""


class Support(msgspec.Struct, frozen=True, kw_only=True):
    """How long a software version's line of releases is supported. Dates are ISO text; None: not said."""

    cycle: str
    is_ended: bool
    ends_on: str | None
    is_product_ended: bool
    """All lines of the product are marked as over, without a date."""
    product_ends_on: str | None
    """The last day of the last line; None where some line has no end or is over without a date."""
    upgrade_to: str | None = None
    """Newest version of the newest line that is not marked as over."""


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What can be done about one software version that has weaknesses."""

    software_version_id: int
    open: BitMap
    """Its vulnerabilities."""
    fixed: BitMap
    """Those of them for which a fixed version is known."""
    zero_days: BitMap
    """Those that are known to be exploited while no fixed version is."""
    answered_zero_days: BitMap
    """Those that were exploited before a fixed version was known, which it is now."""
    target: str | None
    """Lowest version that has all fixes; None: nothing to update to."""
    remaining: BitMap
    """Vulnerabilities of the target, its own ones included."""
    is_waiting: bool
    """A fix is installed and waits for a restart."""
    support: Support | None
    upgrade_remaining: BitMap
    """Vulnerabilities of ``support.upgrade_to``."""
    owner: str = ""
    """Package of the program that ships it as a component; empty: it is installed by itself."""


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """What is fixed with one action. Distribution packages of one source are one product.

    id: ``va-_-vendor-_-name``, in lower case; versions: software versions with weaknesses, ascending.
    """

    id: str
    vendor: str
    name: str
    versions: tuple[int, ...]
    software_ids: tuple[int, ...]
    type: str


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about a product, seen from some of its versions (those installed in a scope)."""

    product: Product
    remediation_type: RemediationType
    title: str
    """``Update openssl to 3.0.15-1``"""
    replaced: dict[int, BitMap]
    """Software version that goes -> vulnerabilities of what comes; empty for AttentionRequired."""
    exposed: tuple[int, ...]
    """Software versions that it is about."""
    weaknesses: BitMap
    """Vulnerabilities that it takes away (or, for AttentionRequired, that ask for attention)."""
    targets: dict[int, str]
    """Software version -> version to move to; absent where it is to be removed or nothing is known."""
    tags: tuple[Tag, ...]


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a plan may contain. hours: effort, above 0; kept: devices on which it is not carried out."""

    id: str
    replaced: dict[int, BitMap]
    hours: float
    kept: BitMap | None = None


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """Where a plan ends: at a score, after some actions, or when the hours are used up. At least one is set."""

    score: float | None = None
    actions: int | None = None
    hours: float | None = None


class PlanStep(msgspec.Struct, frozen=True, kw_only=True):
    """One action of a plan, in its place. ``gain``: points that it takes off the score after all steps before it."""

    id: str
    hours: float
    gain: float
    score: float
    """After this step."""
    devices: int
    """Devices whose hazard it changes."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Steps in order, with a limit that no plan for the same goal can go below.

    best_possible: no choice of actions within the goal's number and hours leaves a lower score than this.
    least_actions: no plan reaches the goal's score with fewer; None where no score was asked for or none can reach it.
    """

    score_before: float | None
    score_after: float | None
    steps: tuple[PlanStep, ...]
    best_possible: float | None
    is_reached: bool
    """The goal's score is reached; True where none was asked for."""
    least_actions: int | None
    devices: int
    """Distinct devices that the steps touch."""
    hours: float
