"""Folders that others can reach over the network: Samba (smb.conf(5)) and NFS (exports(5))."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Tuple

from weakspot_sensor import items, limits
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

_SAMBA = "/etc/samba/smb.conf"
_EXPORTS, _EXPORTS_FOLDER = "/etc/exports", "/etc/exports.d"
_YES = frozenset(("yes", "true", "1"))
_SPECIAL = frozenset(("global", "printers", "print$", "homes"))
_WORD = re.compile(r'"([^"]*)"|(\S+)')


def applies(root: Root) -> bool:
    return bool(_files(root))


def watched(_root: Root) -> Tuple[str, ...]:
    return (_SAMBA, _EXPORTS, _EXPORTS_FOLDER)


def read(root: Root) -> Findings:
    found = Findings()
    rows: List[Dict[str, Any]] = []
    for path in _files(root):
        try:
            text = root.head(path, limits.MANIFEST_BYTES).decode("utf-8", "replace")
        except OSError as error:
            found.problems.append("{}: {}".format(path, error.strerror or error))
            continue
        rows.extend(parse_samba(text) if path == _SAMBA else parse_exports(text))
    found.tell("shares", rows[: limits.SHARES])
    return found


def _files(root: Root) -> List[str]:
    more = [_EXPORTS_FOLDER + "/" + name for name in root.names(_EXPORTS_FOLDER) if name.endswith(".exports")]
    return [path for path in (_SAMBA, _EXPORTS, *more) if root.is_file(path)]


def parse_samba(text: str) -> List[Dict[str, Any]]:
    """Shares of folders; settings of [global] hold for all that do not say otherwise."""
    sections: Dict[str, Dict[str, str]] = {}
    current: Optional[Dict[str, str]] = None
    for line in text.replace("\\\n", " ").split("\n"):
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        if line[0] == "[" and line.endswith("]"):
            current = sections.setdefault(line[1:-1].strip(), {})
        elif current is not None:
            name, _, value = line.partition("=")
            current[re.sub(r"\s", "", name.lower())] = value.strip()
    common = next((values for name, values in sections.items() if name.lower() == "global"), {})
    return [
        _samba_share(name, {**common, **values})
        for name, values in sections.items()
        if name.lower() not in _SPECIAL and ("path" in values or "directory" in values)
    ]


def _samba_share(name: str, values: Dict[str, str]) -> Dict[str, Any]:
    writable = next((values[key] for key in ("writable", "writeable", "writeok") if key in values), "no")
    read_only = values.get("readonly", "no" if writable.lower() in _YES else "yes")
    guests = values.get("guestok", values.get("public", "no"))
    clients = re.split(r"[,\s]+", values.get("hostsallow", values.get("allowhosts", "")))
    return {
        "protocol": "smb",
        "name": items.text(name),
        "path": items.text(values.get("path", values.get("directory", ""))),
        "is_read_only": read_only.lower() in _YES,
        "allows_guests": guests.lower() in _YES,
        "clients": [items.short(one) for one in clients if one][: limits.NAMES],
    }


def parse_exports(text: str) -> List[Dict[str, Any]]:
    """One share a line; it is read-only where no client may write (the default of exports(5) is ro)."""
    found: List[Dict[str, Any]] = []
    for line in text.replace("\\\n", " ").split("\n"):
        words = [match.group(1) or match.group(2) or "" for match in _WORD.finditer(line.partition("#")[0])]
        if not words or not words[0].startswith("/"):
            continue
        clients = [word.partition("(")[0] or "*" for word in words[1:] if word[0] != "-"]
        options = [set(word.partition("(")[2].rstrip(")").split(",")) for word in words[1:]]
        found.append(
            {
                "protocol": "nfs",
                "name": items.text(words[0]),
                "path": items.text(words[0]),
                "is_read_only": not any("rw" in one for one in options),
                "allows_guests": not clients or "*" in clients,
                "clients": [items.short(one) for one in clients][: limits.NAMES],
            }
        )
    return found


COLLECTOR = Collector("shares", ("linux",), False, (), applies, read, watched)
