"""The queries that nodes run for us, and the configuration that carries them.

Columns are named, so that a column that a later osquery adds changes no row; tables of which nothing but the newest row
counts are taken as snapshots. Names begin with ``weakspot/``: results of other queries are left out.
"""

from __future__ import annotations

from typing import Any

from weakspot.inventory.protocols.osquery.pack import HOUR, PREFIX, Query
from weakspot.inventory.protocols.osquery.settings import SETTINGS

RUNNING = PREFIX + "running"
STARTED = PREFIX + "started"
"""Starts of programs, where the node's own flags have osquery follow the audit log; nothing elsewhere."""

_INVENTORY: tuple[Query, ...] = (
    Query(
        name="weakspot/deb_packages",
        sql="SELECT name, version, arch, source, maintainer, status FROM deb_packages",
        platform="linux",
    ),
    Query(
        name="weakspot/rpm_packages",
        sql="SELECT name, version, release, epoch, arch, source FROM rpm_packages",
        platform="linux",
    ),
    Query(name="weakspot/python_packages", sql="SELECT name, version, path FROM python_packages"),
    Query(name="weakspot/npm_packages", sql="SELECT name, version, path FROM npm_packages", platform="linux"),
    Query(
        name="weakspot/programs",
        sql="SELECT name, version, publisher, install_location, install_date FROM programs",
        platform="windows",
    ),
    Query(name="weakspot/patches", sql="SELECT DISTINCT hotfix_id FROM patches", platform="windows"),
    Query(
        name="weakspot/apps",
        sql="SELECT name, path, bundle_short_version, bundle_identifier FROM apps",
        platform="darwin",
    ),
    Query(
        name="weakspot/homebrew_packages", sql="SELECT name, version, path FROM homebrew_packages", platform="darwin"
    ),
    Query(name="weakspot/os_version", sql="SELECT * FROM os_version", purpose="fact"),
    Query(name="weakspot/kernel_info", sql="SELECT version FROM kernel_info", purpose="fact"),
    Query(name="weakspot/system_info", sql="SELECT * FROM system_info", interval_seconds=6 * HOUR, purpose="fact"),
    Query(
        name="weakspot/interfaces",
        sql=(
            "SELECT d.interface, d.mac, a.address FROM interface_details d "
            "LEFT JOIN interface_addresses a ON a.interface = d.interface"
        ),
        interval_seconds=6 * HOUR,
        purpose="fact",
    ),
    Query(
        name="weakspot/windows_revision",
        sql=(
            "SELECT data FROM registry WHERE path = "
            r"'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\UBR'"
        ),
        platform="windows",
        purpose="fact",
    ),
    Query(
        name="weakspot/listening",
        sql=(
            "SELECT DISTINCT l.address, l.port, l.protocol, p.path FROM listening_ports l "
            "LEFT JOIN processes p ON p.pid = l.pid WHERE l.port > 0 AND l.address NOT LIKE '127.%' "
            "AND l.address <> '::1' AND (l.protocol = 6 OR (l.protocol = 17 AND l.port < 32768))"
        ),
        purpose="fact",
    ),
)
_USE = (
    Query(name=RUNNING, sql="SELECT DISTINCT path FROM processes WHERE path <> ''", purpose="use"),
    Query(name=STARTED, sql="SELECT DISTINCT path FROM process_events", platform="linux", purpose="use", is_event=True),
)
QUERIES = (*_INVENTORY, *SETTINGS, *_USE)
BY_NAME = {query.name: query for query in QUERIES}


def schedule(epoch: int) -> dict[str, Any]:
    """The configuration of a node. epoch: a higher one than before makes it send everything again."""
    entries: dict[str, dict[str, Any]] = {}
    for query in QUERIES:
        entry: dict[str, Any] = {"query": query.sql, "interval": query.interval_seconds}
        if query.platform:
            entry["platform"] = query.platform
        if query.is_fact:
            entry["snapshot"] = True
        entries[query.name] = entry
    return {"schedule": entries, "options": {"schedule_epoch": epoch, "schedule_splay_percent": 20}}


def distributed(platform: str, known: frozenset[str]) -> dict[str, str]:
    """Queries whose results are not known yet, for a node to answer at once rather than at their next turn.

    platform: as the device names it (Linux, Windows, macOS).
    """
    own = {"Linux": "linux", "Windows": "windows", "macOS": "darwin"}.get(platform, "")
    asked = (query for query in QUERIES if query.platform in ("", own) and not query.is_event)
    return {query.name: query.sql for query in asked if query.name not in known}
