"""Which advisory ecosystem a distribution's packages belong to.

Names follow the OSV schema's list of defined ecosystems, with the release after a colon: ``Debian:12``,
``Ubuntu:22.04``,
``Alpine:v3.18``, ``AlmaLinux:9``. Ids are those of os-release(5).
"""

from __future__ import annotations

_MAJOR_ONLY = {
    "debian": "Debian",
    "raspbian": "Debian",
    "almalinux": "AlmaLinux",
    "rocky": "Rocky Linux",
    "rhel": "Red Hat",
    "centos": "CentOS",
    "ol": "Oracle Linux",
    "fedora": "Fedora",
    "amzn": "Amazon Linux",
}
_MAJOR_MINOR = {
    "ubuntu": "Ubuntu",
    "opensuse-leap": "openSUSE:Leap",
    "sles": "SUSE:Linux Enterprise Server",
    "sled": "SUSE:Linux Enterprise Desktop",
}
_CODENAMES = {"buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14"}
DISTRIBUTION_TYPES = frozenset({"dpkg", "rpm", "apk"})
"""Software types that a distribution ships; everything else belongs to an ecosystem of its own."""


def platform_of(distribution: str, version: str, codename: str = "") -> str:
    """Ecosystem of a distribution's packages; empty when the release is not known.

    distribution: ID of os-release, any case; version: VERSION_ID (``12``, ``22.04``, ``3.18.4``), may be empty for
    Debian
    testing, where the codename decides.
    """
    ident = distribution.strip().lower()
    numbers = version.strip().split(".")
    if not numbers[0] and ident in ("debian", "raspbian"):
        numbers = [_CODENAMES.get(codename.strip().lower(), "")]
    if not ident or not numbers[0]:
        return ""
    if ident in _MAJOR_ONLY:
        return f"{_MAJOR_ONLY[ident]}:{numbers[0]}"
    if ident in _MAJOR_MINOR:
        return f"{_MAJOR_MINOR[ident]}:{'.'.join(numbers[:2])}"
    if ident == "alpine" and len(numbers) >= 2:
        return f"Alpine:v{numbers[0]}.{numbers[1]}"
    if ident == "wolfi":
        return "Wolfi"
    if ident == "chainguard":
        return "Chainguard"
    return f"{ident}:{'.'.join(numbers[:2])}"
