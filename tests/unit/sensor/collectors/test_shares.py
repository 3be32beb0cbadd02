from __future__ import annotations

from pathlib import Path

from tests.unit.sensor.support import make_root
from weakspot_sensor.collectors import base, shares

SAMBA = """
[global]
   workgroup = EXAMPLE
   hosts allow = 192.0.2. 198.51.100.0/24
; a comment
[homes]
   browseable = no
[public]
   path = /srv/public
   guest ok = Yes
   writable = yes
[docs]
   path = /srv/docs
   hosts allow = 203.0.113.7
"""


def test_samba_shares_inherit_from_global() -> None:
    public, docs = shares.parse_samba(SAMBA)
    assert (public["name"], public["is_read_only"], public["allows_guests"]) == ("public", False, True)
    assert public["clients"] == ["192.0.2.", "198.51.100.0/24"]
    assert (docs["path"], docs["is_read_only"], docs["allows_guests"]) == ("/srv/docs", True, False)
    assert docs["clients"] == ["203.0.113.7"]


def test_exports() -> None:
    text = '/srv/a 192.0.2.0/24(rw,sync) host(ro)\n"/srv/b c" \\\n  *(ro)\n# /srv/no\n/srv/d\n'
    first, second, third = shares.parse_exports(text)
    assert (first["clients"], first["is_read_only"], first["allows_guests"]) == (["192.0.2.0/24", "host"], False, False)
    assert (second["path"], second["is_read_only"], second["allows_guests"]) == ("/srv/b c", True, True)
    assert third["allows_guests"], "without a client everyone is one"


def test_both_are_one_section(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/samba/smb.conf": SAMBA, "/etc/exports.d/x.exports": "/srv/x host\n"})
    rows = base.run(shares.COLLECTOR, root, "linux").facts["details"]["shares"]
    assert [(row["protocol"], row["name"]) for row in rows] == [("smb", "public"), ("smb", "docs"), ("nfs", "/srv/x")]
