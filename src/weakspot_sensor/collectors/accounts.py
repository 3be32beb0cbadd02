"""Local users and groups (passwd(5), shadow(5), group(5)). Password hashes are looked at for locks, never kept."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from weakspot_sensor import items, limits
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root

_PASSWD, _GROUP, _SHADOW = "/etc/passwd", "/etc/group", "/etc/shadow"
_NO_SHELL = ("/nologin", "/false", "/sync", "/halt", "/shutdown")
_ADMIN_GROUPS = frozenset(("sudo", "wheel", "admin", "root"))


def applies(root: Root) -> bool:
    return root.is_file(_PASSWD)


def watched(_root: Root) -> Tuple[str, ...]:
    return (_PASSWD, _GROUP, _SHADOW)


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
    return found


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
