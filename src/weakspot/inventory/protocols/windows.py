"""How Windows is written as items: the system with its full build, and one item an update.

The system is ``windows_os`` under the name that Microsoft's advisories use (``Windows 10 Version 21H2 for x64-based
Systems``), its version is the full build. An update is ``windows_update`` named ``KB…``, without a version, and says in
``module`` whether it is ``applied`` or ``unapplied``.
"""

from __future__ import annotations

import re

from weakspot.inventory.protocols.base import WINDOWS_OS, WINDOWS_UPDATE, Gathering

_WINDOWS_10 = {
    10240: "", 10586: "1511", 14393: "1607", 15063: "1703", 16299: "1709", 17134: "1803", 17763: "1809", 18362: "1903",
    18363: "1909", 19041: "2004", 19042: "20H2", 19043: "21H1", 19044: "21H2", 19045: "22H2",
}  # fmt: skip
_WINDOWS_11 = {22000: "21H2", 22621: "22H2", 22631: "23H2", 26100: "24H2", 26200: "25H2"}
_SERVER = re.compile(r"server", re.IGNORECASE)
_SERVER_NAME = re.compile(r"Windows Server (\d{4}(?: R2)?)", re.IGNORECASE)
_CLIENT_NAME = re.compile(r"Windows ?(XP|Vista|7|8\.1|8|10|11|2000)(?!\d)", re.IGNORECASE)
# Old consoles write the registered mark as a letter: "Microsoftr Windows Serverr".
_MARKS = re.compile(r"\(R\)|\(TM\)|[®™]|(?<=Microsoft)r\b|(?<=Windows)r\b|(?<=Server)r\b", re.IGNORECASE)
_OLD_CLIENTS = {
    "5.1": "Windows XP", "6.0": "Windows Vista", "6.1": "Windows 7", "6.2": "Windows 8", "6.3": "Windows 8.1",
}  # fmt: skip
_KB = re.compile(r"^(?:KB|Q)?(\d{5,8})$", re.IGNORECASE)
_SERVICE_PACK = re.compile(r"Service Pack (\d)", re.IGNORECASE)


def product_name(name: str, build: str, architecture: str, service_pack: str = "") -> str:
    """Microsoft's name for the product, as far as it can be told; else the name as it is, without marks.

    name: what the system calls itself, in any language; build: ``10.0.19044`` or more; architecture: ``x64``, ``x86``,
    ``arm64`` or empty.
    """
    name, parts = _plain(name), build.split(".")
    number = int(parts[2]) if len(parts) > 2 and parts[2].isdigit() else 0
    if _SERVER.search(name):
        match = _SERVER_NAME.search(name)
        base = f"Windows Server {match[1]}" if match else name
        if base in ("Windows Server 2008", "Windows Server 2008 R2", "Windows Server 2003"):
            return _with_architecture(base, architecture, service_pack)
        return base
    if number in _WINDOWS_11:
        return _with_architecture(f"Windows 11 Version {_WINDOWS_11[number]}", architecture or "x64")
    if number in _WINDOWS_10:
        version = _WINDOWS_10[number]
        return _with_architecture(f"Windows 10 Version {version}" if version else "Windows 10", architecture)
    match = _CLIENT_NAME.search(name)
    base = f"Windows {match[1]}" if match else _OLD_CLIENTS.get(".".join(parts[:2]), name)
    return _with_architecture(base, architecture, service_pack)


def add_system(gathering: Gathering, name: str, build: str) -> None:
    """The operating system as an item."""
    gathering.add(WINDOWS_OS, name, build, vendor="Microsoft")


def add_update(gathering: Gathering, text: str, state: str) -> None:
    """An update by its KB number, with or without the letters. ``state``: applied or unapplied."""
    match = _KB.match(text.strip())
    if match is None:
        gathering.refuse(text, "", "is no KB number")
    else:
        gathering.add(WINDOWS_UPDATE, f"KB{match[1]}", "", module=state)


def architecture_of(text: str) -> str:
    """``x64``, ``x86``, ``arm64``, or empty."""
    lowered = text.lower()
    if "arm64" in lowered or "aarch64" in lowered:
        return "arm64"
    if "x64" in lowered or "x86_64" in lowered or "amd64" in lowered or "64-bit" in lowered or "64 bit" in lowered:
        return "x64"
    return "x86" if "x86" in lowered or "i386" in lowered or "32-bit" in lowered or "32 bit" in lowered else ""


def service_pack_of(text: str) -> str:
    """``Service Pack 1``, or empty."""
    match = _SERVICE_PACK.search(text)
    return f"Service Pack {match[1]}" if match else ""


def _with_architecture(name: str, architecture: str, service_pack: str = "") -> str:
    suffix = {"x64": "x64-based Systems", "x86": "32-bit Systems", "arm64": "ARM64-based Systems"}.get(architecture, "")
    text = f"{name} for {suffix}" if suffix else name
    return f"{text} {service_pack}" if service_pack else text


def _plain(name: str) -> str:
    return " ".join(_MARKS.sub(" ", name).replace("\ufffd", " ").replace("\xa0", " ").split()).removeprefix("Microsoft ")
