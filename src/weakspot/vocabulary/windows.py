"""Words of Windows: the vendor's names of its editions, and the set of updates of a device as one text.

Names are Microsoft's own, as its advisories write them, in lower case: ``windows server 2022``,
``windows 10 version 21h2 for x64-based systems``. Devices say it in many ways
(``Microsoft Windows 10 Pro`` with build 19044); the build decides. Updates are named by the digits of their KB number.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

import msgspec

_CLIENTS = {
    10240: "windows 10", 10586: "windows 10 version 1511", 14393: "windows 10 version 1607",
    15063: "windows 10 version 1703", 16299: "windows 10 version 1709", 17134: "windows 10 version 1803",
    17763: "windows 10 version 1809", 18362: "windows 10 version 1903", 18363: "windows 10 version 1909",
    19041: "windows 10 version 2004", 19042: "windows 10 version 20h2", 19043: "windows 10 version 21h1",
    19044: "windows 10 version 21h2", 19045: "windows 10 version 22h2", 22000: "windows 11 version 21h2",
    22621: "windows 11 version 22h2", 22631: "windows 11 version 23h2", 26100: "windows 11 version 24h2",
    26200: "windows 11 version 25h2", 28000: "windows 11 version 26h1",
    9600: "windows 8.1", 9200: "windows 8",
}  # fmt: skip
_SERVERS = {
    14393: "windows server 2016", 17763: "windows server 2019", 20348: "windows server 2022",
    25398: "windows server 2022, 23h2 edition (server core installation)", 26100: "windows server 2025",
    9600: "windows server 2012 r2", 9200: "windows server 2012",
    16299: "windows server, version 1709 (server core installation)",
    17134: "windows server, version 1803 (server core installation)",
    18362: "windows server, version 1903 (server core installation)",
    18363: "windows server, version 1909 (server core installation)",
    19041: "windows server, version 2004 (server core installation)",
    19042: "windows server, version 20h2 (server core installation)",
}  # fmt: skip
_RELEASE_BY_NAME = {name: build for build, name in _CLIENTS.items()}
_MARKS = re.compile(r"\(r\)|\(tm\)|[®™©]")
_OFFICIAL = re.compile(
    r"windows .*(?:for (?:x64-based|32-bit|arm64-based|arm|itanium-based) systems.*|\(server core installation\))"
)
_SERVER_YEAR = re.compile(r"windows server (2025|2022|2019|2016|2012 r2|2012)\b")
_CLIENT_RELEASE = re.compile(r"windows 1[01]\b.*?\b(?:version )?(1[5-9]\d\d|2004|2[0-9]h[12])\b")
_BUILD = re.compile(r"(?:\d+\.\d+\.)?(\d{4,5})(?:\.\d+)?\b")
_SERVICE_PACK = re.compile(r"service pack (\d)|\bsp(\d)\b")


@functools.lru_cache(maxsize=4096)
def product_of(name: str, version: str, architecture: str = "") -> str:
    """The edition as the vendor's advisories name it; empty when it cannot be told.

    name: as the device says it, vendor's spelling or caption (``Microsoft Windows Server 2012 R2 Standard``); version:
    ``10.0.19044.2364`` or less of it; architecture: ``x64``, ``x86``, ``arm64`` in any spelling, x64 when not given.
    """
    text = " ".join(_MARKS.sub(" ", name).lower().split()).removeprefix("microsoft ")
    if not text.startswith("windows"):
        return ""
    if _OFFICIAL.fullmatch(text):
        return text.replace("arm systems", "arm64-based systems")
    match = _BUILD.search(version)
    build = int(match[1]) if match else 0
    pack = _service_pack(f"{text} {version.lower()}")
    arch = _architecture(architecture, text)
    return _server(text, build, arch, pack) if "server" in text else _client(text, build, arch, pack)


def _server(text: str, build: int, arch: str, pack: int) -> str:
    if build in (7600, 7601):
        suffix = f" service pack {pack or 1}" if build == 7601 else ""
        return f"windows server 2008 r2 for {arch} systems{suffix}"
    if 6001 <= build <= 6003:
        return f"windows server 2008 for {arch} systems" + (" service pack 2" if build > 6001 else "")
    if build == 3790:
        return _old("windows server 2003", arch, pack)
    if build in _SERVERS:
        return _SERVERS[build]
    match = _SERVER_YEAR.search(text)
    return f"windows server {match[1]}" if match and not build else ""


def _client(text: str, build: int, arch: str, pack: int) -> str:
    if build in (7600, 7601):
        return f"windows 7 for {arch} systems" + (f" service pack {pack or 1}" if build == 7601 else "")
    if 6000 <= build <= 6003:
        edition = "windows vista x64 edition" if arch == "x64-based" else "windows vista"
        return edition + (f" service pack {build - 6000 if build < 6003 else 2}" if build > 6000 else "")
    if build in (2600, 3790):
        edition = "windows xp professional" if arch == "x64-based" else "windows xp"
        return _old(edition, arch, pack)
    release = _CLIENTS.get(build) or _release_named(text)
    return f"{release} for {arch} systems" if release and (not build or build in _CLIENTS) else ""


def _release_named(text: str) -> str:
    match = _CLIENT_RELEASE.search(text)
    if match is None:
        return ""
    release = f"{text[:10]} version {match[1]}"
    return release if release in _RELEASE_BY_NAME else ""


def _old(edition: str, arch: str, pack: int) -> str:
    """Names before 2006 begin with the vendor."""
    bits = " x64 edition" if arch == "x64-based" else ""
    return f"microsoft {edition}{bits}" + (f" service pack {pack}" if pack else "")


def _architecture(architecture: str, text: str) -> str:
    word = architecture.lower() or text
    if "arm" in word or "aarch64" in word:
        return "arm64-based"
    if "itanium" in word or "ia64" in word:
        return "itanium-based"
    if "64" in word:
        return "x64-based"
    return "32-bit" if re.search(r"x86|i[3-6]86|32", word) else "x64-based"


def _service_pack(text: str) -> int:
    match = _SERVICE_PACK.search(text)
    return int(match[1] or match[2]) if match else 0


NOT_FIXES = frozenset({"890830", "2267602", "4052623", "5007651", "4023057", "4481252", "925673", "5001716"})
"""Updates that every device gets again and again and that fix nothing of the system: the removal tool, definitions and
platform of the antivirus, the update client's own helpers."""

_MARK = {"applied": "a", "pending_restart": "p", "unapplied": "o"}
_KB = re.compile(r"(?:kb)?\s*(\d{5,8})", re.IGNORECASE)


class UpdateSet(msgspec.Struct, frozen=True):
    """Updates of a device by what it says of them. ``offered``: it lists them itself as still to be installed."""

    applied: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    offered: frozenset[str] = frozenset()
    tells_offered: bool = False
    """Whether it said at all what it still needs: then what it does not ask for does not apply to it."""

    @property
    def is_known(self) -> bool:
        """Whether the device said anything about its updates."""
        return bool(self.applied or self.pending or self.tells_offered)

    def to_text(self) -> str:
        """One line, the same for the same set; empty for none."""
        sets = (("a", self.applied, False), ("p", self.pending, False), ("o", self.offered, self.tells_offered))
        return ";".join(f"{mark}:{','.join(sorted(kbs))}" for mark, kbs, is_told in sets if kbs or is_told)


def update_number(name: str) -> str:
    """``KB5021233`` -> ``5021233``; empty when it is no update's name."""
    match = _KB.fullmatch(name.strip())
    return match[1] if match else ""


def update_set(states: Iterable[tuple[str, str]]) -> UpdateSet:
    """From (name, ``applied`` | ``unapplied`` | ``pending_restart``); other states count as applied."""
    found: dict[str, set[str]] = {"a": set(), "p": set(), "o": set()}
    tells_offered = False
    for name, state in states:
        tells_offered = tells_offered or state == "unapplied"
        if (number := update_number(name)) and number not in NOT_FIXES:
            found[_MARK.get(state, "a")].add(number)
    return UpdateSet(frozenset(found["a"]), frozenset(found["p"]), frozenset(found["o"]), tells_offered)


def read_update_set(text: str) -> UpdateSet:
    """What ``to_text`` wrote; parts that it did not write are left out."""
    parts: dict[str, frozenset[str]] = {}
    for part in text.split(";"):
        mark, _, numbers = part.partition(":")
        parts[mark] = frozenset(number for number in numbers.split(",") if number.isdigit())
    empty: frozenset[str] = frozenset()
    return UpdateSet(parts.get("a", empty), parts.get("p", empty), parts.get("o", empty), "o" in parts)
