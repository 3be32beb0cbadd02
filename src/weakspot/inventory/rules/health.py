"""Onboarding and health of a device (spec/features.md 13.1): pure functions of what is known of it."""

from __future__ import annotations

from typing import Literal, get_args

from weakspot.runtime.clock import DAY, Micros

Health = Literal["Active", "Inactive", "No sensor data", "Impaired communications", "Misconfigured"]
HEALTHS: tuple[Health, ...] = get_args(Health)
Onboarding = Literal["Onboarded", "Can be onboarded", "Unsupported", "Insufficient info"]
ONBOARDINGS: tuple[Onboarding, ...] = get_args(Onboarding)

INACTIVE_AFTER: Micros = 7 * DAY
"""Silence after which a device is inactive; it still counts for 30 days (spec/features.md 3)."""
LATE_AFTER: Micros = DAY
"""A report that took longer from the device to us tells of a broken connection."""

_AGENTS = frozenset({"sensor", "osquery", "glpi", "fusioninventory", "ssh"})
"""Sources that live on the device or look at it themselves; uploads and imports only speak of it."""
_SUPPORTED = frozenset({"linux", "windows", "macos", "darwin"})


def health(
    now: Micros,
    last_seen_at: Micros,
    reported_at: Micros | None,
    observed_at: Micros | None,
    *,
    refused_at: Micros | None = None,
    is_incomplete: bool = False,
) -> Health:
    """How the device's sensor is.

    last_seen_at: last contact of any kind. reported_at, observed_at: when the last report arrived, and when the device
    made it; None before the first. refused_at: when a report was refused that no accepted one followed (its clock is
    off, it describes other hardware, it is malformed or too large). is_incomplete: a part of the last report failed.
    """
    if now - last_seen_at >= INACTIVE_AFTER:
        return "Inactive"
    if refused_at is not None and now - refused_at < INACTIVE_AFTER:
        return "Misconfigured"
    if reported_at is None or now - reported_at >= INACTIVE_AFTER:
        return "No sensor data"
    if is_incomplete:
        return "Misconfigured"
    if observed_at is not None and reported_at - observed_at > LATE_AFTER:
        return "Impaired communications"
    return "Active"


def onboarding(discovery_source: str, os_platform: str, *, has_reported: bool) -> Onboarding:
    """Whether something on the device speaks for it, and if not, whether it could."""
    if discovery_source.partition(":")[0] in _AGENTS and has_reported:
        return "Onboarded"
    platform = os_platform.casefold().strip()
    if platform in ("", "unknown"):
        return "Insufficient info"
    return "Can be onboarded" if platform in _SUPPORTED else "Unsupported"
