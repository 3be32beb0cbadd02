from __future__ import annotations

import struct
import time
from pathlib import Path

from tests.unit.sensor.support import make_root
from weakspot_sensor.collectors import accounts, base

PASSWD = """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1::/:/usr/sbin/nologin
anna:x:1000:1000:Anna:/home/anna:/bin/bash
bob:x:1001:27::/home/bob:/bin/sh
+nis::::::
broken
"""
GROUP = "root:x:0:\nsudo:x:27:anna\nusers:x:100:anna,bob\n"


def test_users_and_groups(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "/etc/passwd": PASSWD,
        "/etc/group": GROUP,
        "/etc/shadow": "root:!:1::::::\nanna:$y$j9T$x:1::::::\nbob:*:1::::::\n",
    }
    result = base.run(accounts.COLLECTOR, make_root(tmp_path, files), "linux")
    users = {row["name"]: (row["is_enabled"], row["is_admin"]) for row in result.facts["details"]["users"]}
    assert users == {
        "root": (None, True),  # locked against passwords, but a key may let somebody in
        "daemon": (False, False),
        "anna": (True, True),
        "bob": (None, True),  # his primary group is sudo
    }
    assert result.facts["details"]["groups"][1] == {"name": "sudo", "id": "27", "members": ["anna"]}
    assert "$y$" not in str(result), "hashes are never kept"


def test_without_the_shadow_nothing_is_said_of_locks(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/passwd": PASSWD})
    users = base.run(accounts.COLLECTOR, root, "linux").facts["details"]["users"]
    assert [row["is_enabled"] for row in users] == [None, False, None, None]


def test_who_signed_in_lately(tmp_path: Path) -> None:
    """wtmp(5): records of 384 bytes; type 7 is a user's process, 2 a start of the system."""

    def record(kind: int, user: bytes, at: float) -> bytes:
        return struct.pack("<h2xi32s4s32s256shhiii36x", kind, 1, b"pts/0", b"", user, b"", 0, 0, 0, int(at), 0)

    now = time.time()
    log = record(7, b"anna", now - 86_400) + record(7, b"old", now - 31 * 86_400) + record(2, b"reboot", now)
    assert len(log) == 3 * 384
    root = make_root(tmp_path, {"/etc/passwd": PASSWD, "/var/log/wtmp": log + b"cut"})
    assert base.run(accounts.COLLECTOR, root, "linux").facts["users"] == ["anna"]
