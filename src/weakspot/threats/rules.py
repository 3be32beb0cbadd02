"""Pure decisions of the threats: what a detection hangs on, what counts, how high a device's risk is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import get_args

from weakspot.threats.contracts import (
    ACTIVE,
    DetectionSeverity,
    DetectionStatus,
    InstalledProduct,
    Link,
    Observed,
    RiskLevel,
    Suspect,
)

SEVERITY_ORDER: dict[DetectionSeverity, int] = {word: rank for rank, word in enumerate(get_args(DetectionSeverity))}

COMMON_PROGRAMS = frozenset({
    "sh", "bash", "dash", "zsh", "ksh", "fish", "busybox", "cmd", "powershell", "pwsh", "conhost", "explorer",
    "svchost", "services", "lsass", "rundll32", "regsvr32", "mshta", "wscript", "cscript", "wmic", "msiexec",
    "coreutils", "cat", "cp", "mv", "ls", "rm", "chmod", "chown", "curl", "wget", "nc", "ncat", "sudo", "su", "env",
    "xargs", "find", "systemd", "cron", "crond", "login", "init", "python", "python2", "python3", "perl", "ruby",
})  # fmt: skip
"""Programs that attackers run everywhere: that one of them ran says nothing about a weakness of its own."""

_NO_SOFTWARE = ("/proc/", "/dev/", "/tmp/", "/var/tmp/", "/run/")  # noqa: S108
_MIN_FOLDER = 5
"""Shorter evidence paths (``/usr``, ``C:\\``) hold everything, so they say nothing."""


def effective_status(
    source: DetectionStatus, source_at: int, decided: DetectionStatus | None, decided_at: int | None
) -> DetectionStatus:
    """The newer word counts; of two of the same moment the person's."""
    if decided is None or decided_at is None or source_at > decided_at:
        return source
    return decided


def is_active(status: DetectionStatus) -> bool:
    """Whether a detection counts (spec/features.md 22: while it is new or in progress)."""
    return status in ACTIVE


def risk_level(severities: Iterable[DetectionSeverity]) -> RiskLevel:
    """A device's risk level: the highest severity of its active detections; one without severity counts as Low."""
    worst = max((SEVERITY_ORDER[one] or SEVERITY_ORDER["Low"] for one in severities), default=0)
    levels: tuple[RiskLevel, ...] = ("None", "Informational", "Low", "Medium", "High")
    return levels[worst]


def correlate(
    detection_id: int,
    device_id: int,
    observed: Observed,
    *,
    named: Collection[int],
    installed: Iterable[InstalledProduct],
    suspects: Mapping[int, Suspect],
) -> list[Link]:
    """What a detection hangs on, on its device; in a fixed order, each once.

    named: vulnerabilities that the detection names, by id. installed: what is on the device. suspects: the device's
    vulnerabilities. Named vulnerabilities that the device has are raised each; else the one that is most likely among
    those of the software concerned, else among those that the technique is known for (spec/features.md 22).
    """
    carried = sorted(set(named) & suspects.keys())
    concerned = [product for product in installed if is_concerned(product, observed)]
    links = [_link(detection_id, device_id, "vulnerability", one, is_raising=True) for one in carried]
    links += [
        Link(detection_id=detection_id, device_id=device_id, reason="software", software_id=one)
        for one in sorted({product.software_id for product in concerned})
    ]
    weak = {one for product in concerned for one in product.vulnerabilities if one in suspects}
    exploitable = {one for one in weak if suspects[one].is_exploitable}
    used = _used(observed.techniques, suspects)
    by_software = sorted((exploitable | (weak & used)) - set(carried))
    by_technique = [] if concerned else sorted(used - set(carried))
    most = None if carried else _most_likely(by_software or by_technique, observed.techniques, suspects)
    links += [_link(detection_id, device_id, "software", one, is_raising=one == most) for one in by_software]
    links += [_link(detection_id, device_id, "technique", one, is_raising=one == most) for one in by_technique]
    return links


def is_concerned(product: InstalledProduct, observed: Observed) -> bool:
    """Whether a path of the detection lies in what was seen of the product, or a program of it has its name."""
    if any(owns(seen, path) for seen in product.paths for path in observed.paths):
        return True
    programs = {program_name(path) for path in observed.paths} | {program_name(one) for one in observed.programs}
    return not product.names.isdisjoint(programs - COMMON_PROGRAMS - {""})


def owns(seen: str, path: str) -> bool:
    """Whether a path is one that a product was seen at, or lies below it. Case counts where it does on that system."""
    ours, theirs = _normal(seen), _normal(path)
    if len(ours) < _MIN_FOLDER or theirs.startswith(_NO_SOFTWARE):
        return False
    return theirs == ours or theirs.startswith(ours + "/")


def program_name(path: str) -> str:
    """The bare lower-case name of a program: without folder, ``.exe`` and a version at its end."""
    name = re.split(r"[\\/]", path.strip())[-1].split(" ")[0].lower()
    return re.sub(r"(?:\.exe|\.dll|\.so(?:\.\d+)*)$", "", name)


def names_of(*names: str) -> frozenset[str]:
    """Names that a program of a product may have: each name, and the last word of one that people read."""
    found: set[str] = set()
    for name in names:
        plain = name.strip().lower()
        found.add(plain)
        words = re.sub(r"\(.*?\)|\b[\dv][\d.]*\b", " ", plain).split()
        if len(words) > 1:
            found.add(words[-1])
            found.add("".join(words))
    return frozenset(one for one in found if len(one) > 1)


def technique_matches(asked: str, known: Collection[str]) -> bool:
    """Whether a technique is among those known; a sub-technique also by its parent, and the other way round."""
    return any(asked == one or one.startswith(asked + ".") or asked.startswith(one + ".") for one in known)


def _used(techniques: Iterable[str], suspects: Mapping[int, Suspect]) -> set[int]:
    asked = tuple(techniques)
    if not asked:
        return set()
    return {
        one
        for one, suspect in suspects.items()
        if suspect.techniques and any(technique_matches(each, suspect.techniques) for each in asked)
    }


def _most_likely(among: Iterable[int], techniques: tuple[str, ...], suspects: Mapping[int, Suspect]) -> int | None:
    def key(one: int) -> tuple[object, ...]:
        suspect = suspects[one]
        is_used = any(technique_matches(each, suspect.techniques) for each in techniques)
        return (is_used, *suspect.likelihood)

    return max(among, key=key, default=None)


def _link(detection_id: int, device_id: int, reason: str, vulnerability_id: int, *, is_raising: bool) -> Link:
    return Link(
        detection_id=detection_id,
        device_id=device_id,
        reason=reason,  # type: ignore[arg-type]
        vulnerability_id=vulnerability_id,
        is_raising=is_raising,
    )


def _normal(path: str) -> str:
    """One form of paths: Windows paths in lower case with slashes, device paths (``\\Device\\HarddiskVolume3``) cut."""
    plain = path.strip()
    if re.match(r"^(?:[A-Za-z]:\\|\\)", plain):
        plain = plain.lower().replace("\\", "/")
        plain = re.sub(r"^/device/harddiskvolume\d+", "", plain)
        plain = re.sub(r"^(?:[a-z]:|//[?.]/[a-z]:)", "", plain)
    return plain.rstrip("/")
