"""Facts of made-up vulnerabilities."""

from __future__ import annotations

from typing import Any

from weakspot.intel.contracts import VulnerabilityFacts


def facts(**given: Any) -> VulnerabilityFacts:
    values: dict[str, Any] = {
        "id": 1, "name": "CVE-2099-0001", "title": "", "severity": "Unknown", "cvss_score": None, "cvss_vector": None,
        "epss": None, "epss_percentile": None, "exploit_level": "none", "is_known_exploited": False,
        "is_used_by_ransomware": False, "published_at": None, "modified_at": None, "withdrawn_at": None,
    }  # fmt: skip
    return VulnerabilityFacts(**(values | given))
