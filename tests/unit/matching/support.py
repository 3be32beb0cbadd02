"""Short ways to make claims, candidates and outcomes."""

from __future__ import annotations

from typing import Any

from weakspot.intel.contracts import Claim
from weakspot.inventory.contracts import SoftwareVersion
from weakspot.matching.contracts import Candidate, ClaimOutcome
from weakspot.vocabulary import versions


def claim(scheme: str = "dpkg", introduced: str = "0", **fields: Any) -> Claim:
    """A claim; give ``fixed``, ``last_affected`` or ``versions`` for its end, none of them for no end."""
    fixed, last = fields.get("fixed"), fields.get("last_affected")
    end = fixed if fixed is not None else last
    kind = "fixed" if fixed is not None else "last_affected" if last is not None else "none"
    if fields.get("versions") and end is None:
        kind = "versions"
    values: dict[str, Any] = {
        "advisory_id": 1, "source": "osv", "record_id": "CVE-2099-0001", "relation": "self", "vulnerability_id": 1,
        "ecosystem": "Debian:12", "name": "openssl", "scheme": scheme, "introduced": introduced,
        "introduced_key": b"" if introduced == "0" else versions.key(scheme, introduced),
        "fixed": None, "last_affected": None, "end_key": None if end is None else versions.key(scheme, end),
        "end_kind": kind, "versions": None, "status": "affected", "module": "", "vendor_severity": None,
    }  # fmt: skip
    return Claim(**(values | fields))


def candidate(version: str, number: int = 1, **fields: Any) -> Candidate:
    """A candidate for openssl of Debian 12."""
    values: dict[str, Any] = {
        "software_version_id": number, "ecosystem": "Debian:12", "name": "openssl", "version": version,
        "method": "source_package", "confidence": 100,
    }  # fmt: skip
    return Candidate(**(values | fields))


def outcome(said: str, **fields: Any) -> ClaimOutcome:
    """What one claim's range test said."""
    values: dict[str, Any] = {
        "advisory_id": 1, "source": "osv", "record_id": "CVE-2099-0001", "relation": "self", "ecosystem": "Debian:12",
        "name": "openssl", "version": "1.0-1", "introduced": "0", "end_kind": "none", "status": "affected",
        "outcome": said,
    }  # fmt: skip
    return ClaimOutcome(**(values | fields))


def software_version(**fields: Any) -> SoftwareVersion:
    """libssl3 of Debian 12."""
    values: dict[str, Any] = {
        "id": 1, "software_id": 1, "type": "dpkg", "name": "libssl3", "version": "3.0.11-1", "version_key": b"",
        "scheme": "dpkg", "architecture": "amd64", "source_name": "openssl", "source_version": "3.0.11-1",
        "platform": "Debian:12", "vendor": "", "module": "", "owned_by": "",
    }  # fmt: skip
    return SoftwareVersion(**(values | fields))
