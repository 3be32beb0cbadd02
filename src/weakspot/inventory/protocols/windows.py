"""How Windows is written as items: the system with its full build, and one item an update.

The system is ``windows_os`` under the name that it gives itself, its version is the build as far as it is known;
which product of Microsoft's advisories that is, ``vocabulary.windows`` says. An update is ``windows_update`` named
``KB…``, without a version, and says in ``module`` whether it is ``applied`` or ``unapplied``.
"""

from __future__ import annotations

import re

from weakspot.inventory.protocols.base import WINDOWS_OS, WINDOWS_UPDATE, Gathering

_KB = re.compile(r"^(?:KB|Q)?(\d{5,8})$", re.IGNORECASE)
_SERVICE_PACK = re.compile(r"Service Pack (\d)", re.IGNORECASE)
# Old consoles write the registered mark as a letter: "Microsoftr Windows Serverr".
_MARKS = re.compile(r"\(R\)|\(TM\)|[®™\ufffd\xa0]|(?<=Microsoft)r\b|(?<=Windows)r\b|(?<=Server)r\b", re.IGNORECASE)


def caption(name: str, service_pack: str = "") -> str:
    """What the system calls itself, from "Windows" on: without marks, and with its service pack."""
    text = " ".join(_MARKS.sub(" ", name).split())
    text = re.sub(r"Windows(?=\d|XP|Vista)", "Windows ", text[max(0, text.find("Windows")) :])
    return f"{text} {service_pack}".strip() if service_pack not in text else text


def add_system(gathering: Gathering, name: str, build: str, architecture: str = "") -> None:
    """The operating system as an item."""
    gathering.add(WINDOWS_OS, name, build, vendor="Microsoft", architecture=architecture)


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
