"""Paths of the compatible API: clients write them in any case, and with or without a version segment."""

from __future__ import annotations

import re
from collections.abc import Sequence

_VERSIONS = ("v1.0",)
_WORDS = {
    word.lower(): word
    for word in (
        "machines",
        "Software",
        "vulnerabilities",
        "exposureScore",
        "configurationScore",
        "recommendations",
        "remediationTasks",
        "baselineProfiles",
        "baselineConfigurations",
        "browserextensions",
        "alerts",
        "advancedqueries",
        "exportFiles",
        "machineReferences",
        "findbytag",
        "distributions",
        "machinesVulnerabilities",
        "software",
    )
}
_SETS = {word.lower() for word in _WORDS} - {"machinereferences", "findbytag", "distributions"}
_FIXED = {
    ("exposureScore", "bymachinegroups"): "ByMachineGroups",
    ("machines", "findbytag"): "findbytag",
    ("machines", "softwarevulnerabilitiesbymachine"): "SoftwareVulnerabilitiesByMachine",
    ("machines", "softwarevulnerabilitychangesbymachine"): "SoftwareVulnerabilityChangesByMachine",
    ("machines", "secureconfigurationsassessmentbymachine"): "SecureConfigurationsAssessmentByMachine",
    ("machines", "baselinecomplianceassessmentbymachine"): "baselineComplianceAssessmentByMachine",
    ("machines", "softwarevulnerabilitiesexport"): "SoftwareVulnerabilitiesExport",
    ("machines", "secureconfigurationsassessmentexport"): "SecureConfigurationsAssessmentExport",
    ("machines", "baselinecomplianceassessmentexport"): "BaselineComplianceAssessmentExport",
    ("machines", "addorremovetagformultiplemachines"): "AddOrRemoveTagForMultipleMachines",
}
"""Words that stand where an id could; they win over ids."""
_FIND_BY_IP = re.compile(r"findbyip\((.{1,200})\)", re.IGNORECASE)
_COLLECTION = 2
_MEMBER = 3
_SUBRESOURCE = 4


def is_compatible(path: str) -> bool:
    """Whether a path belongs to this API (and errors take its shape), existing or not."""
    segments = _without_version(path.split("/"))
    return len(segments) > _COLLECTION and segments[1].lower() == "api" and segments[_COLLECTION].lower() in _SETS


def canonical_path(segments: Sequence[str]) -> str:
    """The path as the routes spell it; paths of other APIs stay as they are, ids are never changed."""
    if not is_compatible("/".join(segments)):
        return "/".join(segments)
    found = _without_version(segments)
    found[1] = "api"
    if len(found) > _MEMBER and (call := _FIND_BY_IP.fullmatch(found[_MEMBER])):
        found[_MEMBER : _MEMBER + 1] = ["findbyip", call[1]]
    set_name = found[_COLLECTION].lower()
    found[_COLLECTION] = "Software" if set_name == "software" else _WORDS[set_name]
    if len(found) > _MEMBER:
        found[_MEMBER] = _FIXED.get((found[_COLLECTION], found[_MEMBER].lower()), found[_MEMBER])
    if len(found) > _SUBRESOURCE:
        name = found[_SUBRESOURCE].lower()
        found[_SUBRESOURCE] = "software" if name == "software" else _WORDS.get(name, name)
    return "/".join(found)


def _without_version(segments: Sequence[str]) -> list[str]:
    found = list(segments)
    if len(found) > _COLLECTION and found[_COLLECTION].lower() in _VERSIONS:
        del found[_COLLECTION]
    return found
