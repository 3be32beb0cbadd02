"""weakspot.intel.sources.package_indexes: binary packages and their sources, in three forms."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from weakspot.intel.sources import package_indexes
from weakspot.runtime.errors import SourceUnavailable

PACKAGES = b"""Package: libssl3
Source: openssl (3.0.15-1)
Version: 3.0.15-1~deb12u1

Package: openssl
Version: 3.0.15-1~deb12u1

Description: a stanza without a package
"""
APKINDEX = b"C:Q1\nP:libcrypto3\nV:3.1.4-r2\no:openssl\n\nP:busybox\nV:1\n"
PRIMARY = b"""<metadata><package type="rpm">
  <name>openssl-libs</name>
  <format><rpm:sourcerpm>openssl-3.0.7-27.el9.src.rpm</rpm:sourcerpm></format>
</package><package type="rpm">
  <name>bare</name>
  <format><rpm:sourcerpm/></format>
</package></metadata>
"""


def write(mirror: Path, name: str, content: bytes) -> None:
    path = mirror / "packages-index" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_every_form_gives_sources_by_release(tmp_path: Path) -> None:
    write(tmp_path, "debian-12/main/Packages.gz", gzip.compress(PACKAGES))
    write(tmp_path, "debian-12/Release", b"not an index")
    write(tmp_path, "alpine-3.19/APKINDEX", APKINDEX)
    write(tmp_path, "rocky-9/abc-primary.xml", PRIMARY)
    write(tmp_path, "whatever/Packages", PACKAGES)
    found = package_indexes.indexes(tmp_path)
    assert {platform: package_indexes.sources(paths) for platform, paths in found.items()} == {
        "Debian:12": {"libssl3": "openssl", "openssl": "openssl"},
        "Alpine:v3.19": {"libcrypto3": "openssl", "busybox": "busybox"},
        "Rocky Linux:9": {"openssl-libs": "openssl"},
    }


def test_the_digest_tells_one_state_from_another(tmp_path: Path) -> None:
    write(tmp_path, "debian-12/Packages", PACKAGES)
    before = package_indexes.digest(package_indexes.indexes(tmp_path)["Debian:12"])
    write(tmp_path, "debian-12/Packages", PACKAGES + b"\nPackage: new\n")
    assert package_indexes.digest(package_indexes.indexes(tmp_path)["Debian:12"]) != before


def test_a_mirror_without_indexes_has_none(tmp_path: Path) -> None:
    assert package_indexes.indexes(tmp_path) == {}


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    write(tmp_path, "debian-12/Packages.gz", gzip.compress(PACKAGES)[:-12])
    with pytest.raises(SourceUnavailable, match="damaged"):
        package_indexes.sources(package_indexes.indexes(tmp_path)["Debian:12"])
