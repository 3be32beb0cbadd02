"""Whether a claim about a CPE name applies to a program: its platform, its edition, and what it must run on.

A CPE name can be narrowed: ``target_sw=wordpress`` is a plug-in of WordPress and not the program of that name,
``sw_edition=esr`` is the long-lived edition with versions of its own. NVD's configurations can ask for something else
on the device (``running_on``). Matching judges software versions, not devices, so a condition is decided by what the
type of the software tells: a Windows program runs on Windows. A condition that is not about the operating system stays
open: such a verdict is shown, with the condition, and never counted. So is one that rests on a claim without any
version: CPE names say "every version" where the author knew none.
"""

from __future__ import annotations

import functools
from typing import Literal

from weakspot.intel.contracts import Claim
from weakspot.matching.contracts import Candidate
from weakspot.matching.rules import branches
from weakspot.vocabulary.ecosystems import CPE, MICROSOFT

ECOSYSTEMS = frozenset({CPE, MICROSOFT})
Condition = Literal["met", "unmet", "open"]

_TARGETS = {
    "windows": frozenset({"windows", "windows_10", "windows_11", "windows_7", "microsoft_windows", "x64", "x86"}),
    "macos": frozenset({"macos", "mac_os", "mac_os_x", "mac", "os_x", "macosx"}),
    "linux": frozenset({"linux", "linux_kernel"}),
}
_DESKTOPS = frozenset().union(*_TARGETS.values())
_SYSTEMS = {
    "windows": ("microsoft:windows",),
    "macos": ("apple:macos", "apple:mac_os"),
    "linux": (
        "linux:", "debian:debian_linux", "canonical:ubuntu", "redhat:enterprise_linux", "fedoraproject:", "suse:",
        "opensuse:", "oracle:linux", "novell:suse", "centos:", "redhat:linux",
    ),
}  # fmt: skip
_OTHER_SYSTEMS = (
    "google:android", "apple:iphone_os", "apple:ipados", "apple:ipad_os", "apple:tvos", "apple:watchos",
    "oracle:solaris", "sun:solaris", "sun:sunos", "ibm:aix", "hp:hp-ux", "freebsd:freebsd", "openbsd:openbsd",
    "netbsd:netbsd", "ibm:i",
    "ibm:z/os", "hpe:hp-ux", "google:chrome_os", "ibm:os/400", "microsoft:xbox",
)  # fmt: skip
# Editions that have versions of their own; of the others a version belongs to every edition.
_OWN_VERSIONS = frozenset({"esr", "lts", "ltsc", "ltsr"})


def module_for(platform: str, edition: str, branch: str = "") -> str:
    """What a program says of itself, as CPE names narrow: ``sw_edition=esr;target_sw=windows``.

    branch: ``branches.mark``.
    """
    parts = (("sw_edition", edition), ("target_sw", platform))
    told = [f"{key}={value}" for key, value in parts if value]
    return ";".join([*told, branch] if branch else told)


def applies(claim: Claim, candidate: Candidate) -> bool:
    """False where the claim is about another edition or platform, or where its condition cannot hold."""
    if branches.channel(candidate) and not branches.names_build(claim, candidate):
        return False
    if claim.ecosystem == MICROSOFT:
        return claim.end_kind != "none"  # fixed by an update that a program's version does not show
    own = _parts(candidate.module)
    asked = _parts(claim.module)
    platform = own.get("target_sw", "")
    if not _target_agrees(asked.get("target_sw", ""), platform):
        return False
    if not _edition_agrees(asked.get("sw_edition", ""), own.get("sw_edition", "")):
        return False
    return all(condition(names, platform) != "unmet" for names in (claim.running_on, *claim.also_running_on))


def open_condition(claim: Claim, candidate: Candidate) -> str:
    """What the claim leaves open, in words: which versions, or what else must be on the device; empty where nothing."""
    if claim.end_kind == "none" and claim.introduced == "0" and claim.ecosystem == CPE:
        return "names no version, so that every version would be affected"
    if (own := branches.channel(candidate)) and not branches.is_of_channel(claim, candidate):
        return f"names no fixed build of its channel {own}"
    platform = _parts(candidate.module).get("target_sw", "")
    asked = (names for names in (claim.running_on, *claim.also_running_on) if names is not None)
    left = [_in_words(names) for names in asked if condition(names, platform) == "open"]
    return f"holds only together with {' and '.join(left)}, which is not checked" if left else ""


def _in_words(identities: tuple[str, ...]) -> str:
    names = ", ".join(name.replace(":", " ").replace("_", " ") for name in identities[:3])
    return f"{names} or others" if len(identities) > 3 else names


def condition(running_on: tuple[str, ...] | None, platform: str) -> Condition:
    """Whether one of the identities is the operating system of this platform (windows, macos, linux, or empty)."""
    if running_on is None:
        return "met"
    if platform and any(identity.startswith(_SYSTEMS[platform]) for identity in running_on):
        return "met"
    systems = _ALL_SYSTEMS if platform else _OTHER_SYSTEMS
    return "unmet" if all(identity.startswith(systems) for identity in running_on) else "open"


_ALL_SYSTEMS = tuple(name for names in _SYSTEMS.values() for name in names) + _OTHER_SYSTEMS


@functools.lru_cache(maxsize=4096)
def _parts(module: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in module.split(";") if "=" in part)


def _target_agrees(asked: str, platform: str) -> bool:
    if not asked:
        return True
    return asked in _TARGETS.get(platform, _DESKTOPS)


def _edition_agrees(asked: str, own: str) -> bool:
    if own in _OWN_VERSIONS:
        return asked == own
    return asked != "esr"
