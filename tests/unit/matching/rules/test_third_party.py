"""weakspot.matching.rules.third_party."""

from __future__ import annotations

import pytest

from weakspot.matching.rules.third_party import is_third_party


@pytest.mark.parametrize(
    ("platform", "version", "vendor"),
    [
        ("Debian:12", "18.19.0-1nodesource1", ""),
        ("Debian:12", "16.2-1.pgdg120+2", "Debian PostgreSQL Maintainers <x@lists.alioth.debian.org>"),
        ("Debian:12", "8.3.1-1+0~20231221.64+debian12~1.gbp1+deb.sury.org", ""),
        ("Ubuntu:22.04", "5:24.0.7-1~ubuntu.22.04~jammy", "Docker <support@docker.com>"),
        ("Ubuntu:22.04", "120.0.6099.71-1", "Chrome Linux Team <chromium-dev@chromium.org>"),
        ("Ubuntu:22.04", "2.40-0ppa1~ubuntu22.04.1", ""),
        ("AlmaLinux:9", "1.0-1.el9", "repository:epel"),
        ("AlmaLinux:9", "1.0-1.el9", "repository:code"),
        ("AlmaLinux:9", "1.0-1.el9", "Fedora Project"),
        ("Rocky Linux:8", "7.1.6-1.el8.remi", ""),
        ("Fedora:25", "0.0.5-9.fc25", "RPM Fusion"),
    ],
)
def test_built_by_somebody_else(platform: str, version: str, vendor: str) -> None:
    assert is_third_party(platform, version, vendor)


@pytest.mark.parametrize(
    ("platform", "version", "vendor"),
    [
        ("Debian:12", "3.0.11-1~deb12u2", "Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>"),
        ("Debian:12", "535.1-1", "Debian NVIDIA Maintainers <pkg-nvidia-devel@lists.alioth.debian.org>"),
        ("Debian:12", "20.10.24+dfsg1-1+b3", ""),
        ("Debian:12", "1.0-1", "A Person <person@example.org>"),
        ("Ubuntu:22.04", "3.0.2-0ubuntu1.15", "Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>"),
        ("AlmaLinux:9", "1.0-1.el9", "repository:codeready-builder-for-rhel-9-x86_64-rpms"),
        ("AlmaLinux:9", "1.0-1.el9", "repository:baseos"),
        ("AlmaLinux:9", "1.0-1.el9", "AlmaLinux"),
        ("Rocky Linux:9", "1.0-1.el9", "Rocky Enterprise Software Foundation"),
        ("Fedora:40", "1.0-1.fc40", "Fedora Project"),
        ("AlmaLinux:9", "1.0-1.el9", ""),
    ],
)
def test_built_by_the_distribution(platform: str, version: str, vendor: str) -> None:
    assert not is_third_party(platform, version, vendor)
