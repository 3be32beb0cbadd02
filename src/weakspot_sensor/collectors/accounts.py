"""Local users and groups (passwd(5), shadow(5), group(5)), and who signed in lately (wtmp(5)).

Password hashes are looked at for locks, never kept.
"""

from __future__ import annotations

import os
import struct
import time
from typing import Any, Dict, List, Optional, Tuple

from weakspot_sensor import items, limits
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

_PASSWD, _GROUP, _SHADOW = "/etc/passwd", "/etc/group", "/etc/shadow"
_WTMP = "/var/log/wtmp"
_RECORD = struct.Struct("<h2xi32s4s32s256shhiii36x")
_USER_PROCESS = 7
_SIGN_IN_DAYS = 30
_NO_SHELL = ("/nologin", "/false", "/sync", "/halt", "/shutdown")
_ADMIN_GROUPS = frozenset(("sudo", "wheel", "admin", "root"))


def applies(root: Root) -> bool:
    return root.is_file(_PASSWD)


def watched(_root: Root) -> Tuple[str, ...]:
    return (_PASSWD, _GROUP, _SHADOW, _WTMP)


def read(root: Root) -> Findings:
    found = Findings()
    groups = [fields for fields in _lines(root, _GROUP, found) if len(fields) >= 4]
    rows = [
        {"name": items.short(fields[0]), "id": items.short(fields[2]), "members": _members(fields[3])}
        for fields in groups[: limits.USERS]
    ]
    admins = {name for row in rows if row["name"] in _ADMIN_GROUPS for name in row["members"]}
    admin_ids = {row["id"] for row in rows if row["name"] in _ADMIN_GROUPS}
    locked = _locked(root, found)
    users: List[Dict[str, Any]] = []
    for fields in _lines(root, _PASSWD, found):
        if len(fields) < 7 or not fields[0]:
            continue
        if len(users) >= limits.USERS:
            found.problems.append("more than {} users; the rest is left out".format(limits.USERS))
            break
        is_admin = fields[2] == "0" or fields[0] in admins or fields[3] in admin_ids
        users.append(
            {
                "name": items.short(fields[0]),
                "id": items.short(fields[2]),
                "is_enabled": _enabled(fields[6], None if locked is None else fields[0] in locked),
                "is_admin": is_admin,
            }
        )
    found.tell("users", users)
    found.tell("groups", rows)
    if root.is_file(_WTMP):
        found.facts["users"] = _signed_in(root, time.time())
    return found


def _signed_in(root: Root, now: float) -> List[str]:
    """Names of those who signed in within the last 30 days, as far as the newest part of the log goes."""
    try:
        with root.file(_WTMP) as file:
            size = file.seek(0, os.SEEK_END)
            records = min(size, limits.MANIFEST_BYTES) // _RECORD.size
            file.seek((size // _RECORD.size - records) * _RECORD.size)
            data = file.read(records * _RECORD.size)
    except OSError:
        return []
    names = set()
    for kind, _pid, _line, _id, user, _host, _end, _exit, _session, seconds, _micros in _RECORD.iter_unpack(data):
        if kind == _USER_PROCESS and seconds >= now - _SIGN_IN_DAYS * 86400:
            names.add(items.short(user.rstrip(b"\0")))
    return sorted(name for name in names if name)[: limits.NAMES]


def _enabled(shell: str, is_locked: Optional[bool]) -> Optional[bool]:
    """A locked password does not keep a key out, so only the shell says no for sure; unread shadows say nothing."""
    if shell.endswith(_NO_SHELL):
        return False
    return None if is_locked is None or is_locked else True


def _locked(root: Root, found: Findings) -> Optional[frozenset[str]]:
    """Names whose password is locked or never set; None where this process may not look."""
    if not root.is_file(_SHADOW):
        return None
    try:
        text = root.head(_SHADOW, limits.MANIFEST_BYTES).decode("utf-8", "replace")
    except OSError:
        found.problems.append("only root may see which users are locked")
        return None
    pairs = (line.split(":", 2) for line in text.split("\n"))
    return frozenset(pair[0] for pair in pairs if len(pair) == 3 and pair[1][:1] in ("!", "*"))


def _lines(root: Root, path: str, found: Findings) -> List[List[str]]:
    try:
        text = root.head(path, limits.MANIFEST_BYTES).decode("utf-8", "replace")
    except OSError as error:
        found.problems.append("{}: {}".format(path, error.strerror or error))
        return []
    return [line.split(":") for line in text.split("\n") if line and line[0] not in "#+-"]


def _members(text: str) -> List[str]:
    return [items.short(name) for name in text.split(",") if name][: limits.NAMES]


COLLECTOR = Collector("accounts", ("linux",), True, (), applies, read, watched)
