"""Filter and sort words that several lists share."""

from __future__ import annotations

from weakspot.api.listing import filter_parameter, sort_parameter

SEVERITIES = ("Critical", "High", "Medium", "Low", "None", "Unknown")
EXPLOIT_LEVELS = ("none", "proof_of_concept", "public", "verified", "kit", "known_exploited", "any")
YES_NO_ANY = ("yes", "no", "any")

SEVERITY = filter_parameter("severity", "Severities to show.", *SEVERITIES)
EXPLOIT = filter_parameter("exploit", "Levels of exploit to show; 'any' is every level but none.", *EXPLOIT_LEVELS)
TYPE = filter_parameter("type", "Kinds of software to show: dpkg, rpm, apk, pypi, npm and the like.")
WEAK = filter_parameter("weak", "Only software with weaknesses, or only without.", *YES_NO_ANY)

WEAKNESS_SORTS = (
    "name",
    "severity",
    "cvss_score",
    "epss",
    "published_at",
    "updated_at",
    "exposed_devices",
    "hazard",
)
WEAKNESS_SORT = sort_parameter(WEAKNESS_SORTS, "-hazard")
DEVICE_SORTS = ("name", "exposure_score", "weaknesses", "software", "last_seen_at", "first_seen_at")
DEVICE_SORT = sort_parameter(DEVICE_SORTS, "-exposure_score")
