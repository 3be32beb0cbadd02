"""The settings pack: every name of the catalogue that osquery can tell, and values spelled as the catalogue has them.

The queries run here on tables of SQLite with the columns that osquery's schema has.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import msgspec
import pytest

from weakspot import posture
from weakspot.inventory.contracts import OperatingSystem
from weakspot.inventory.protocols.base import device_named
from weakspot.inventory.protocols.osquery import (
    NodeState,
    ResultLine,
    answered,
    applied,
    distributed,
    inventory_of,
    settings_of,
)
from weakspot.inventory.protocols.osquery.settings import FEATURES, SETTINGS
from weakspot.posture import catalogue
from weakspot.runtime.clock import SECOND
from weakspot_sensor.collectors import settings_windows

COLUMNS = {
    "alf": "global_state",
    "apparmor_profiles": "path, name, mode",
    "augeas": "node, value, label, path",
    "bitlocker_info": "drive_letter, protection_status",
    "disk_encryption": "name, encrypted",
    "file": "path, mode",
    "gatekeeper": "assessments_enabled",
    "listening_ports": "pid, port, protocol, address",
    "mounts": "device, path",
    "ntdomains": "name, domain_name",
    "plist": "path, key, value",
    "processes": "pid, name, path",
    "programs": "name, version",
    "registry": "key, path, name, data",
    "screenlock": "enabled, grace_period",
    "secureboot": "secure_boot",
    "selinux_settings": "scope, key, value",
    "services": "name, start_type",
    "sharing_preferences": "remote_apple_events",
    "sip_config": "config_flag, enabled",
    "system_controls": "name, current_value",
    "systemd_units": "id, active_state",
    "users": "uid, username",
    "windows_optional_features": "name, state",
    "windows_security_products": "type, name, state",
}
MACHINE = "HKEY_LOCAL_MACHINE\\"
UNTOLD = {"windows.guest_account"}
"""No table of osquery has it, whatever a note of the catalogue hopes."""


@pytest.fixture
def node() -> Iterator[sqlite3.Connection]:
    conn = sqlite3.connect(":memory:")
    for table, columns in COLUMNS.items():
        conn.execute(f"CREATE TABLE {table} ({columns})")
    yield conn
    conn.close()


def told(node: sqlite3.Connection, platform: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for query in SETTINGS:
        if query.platform == platform:
            found |= dict(node.execute(query.sql))
    return found


def add(node: sqlite3.Connection, table: str, *rows: tuple[object, ...]) -> None:
    for row in rows:
        node.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def registry(node: sqlite3.Connection, **values: object) -> None:
    """Paths below the machine's hive by their last part."""
    for path, data in values.items():
        add(node, "registry", ("", MACHINE + path.replace("/", "\\"), "", str(data)))


def test_every_setting_that_osquery_provides_is_asked_for() -> None:
    text = "\n".join(query.sql for query in SETTINGS)
    named = set(re.findall(r"'((?:linux|windows|macos|firmware)\.[a-z0-9_.]+)'", text))
    named |= {"linux.sysctl." + name for name in re.findall(r"'((?:net|kernel|fs)\.[a-z0-9_.]+)'", text)}
    wanted = {one.setting for one in catalogue.checks().values() if "osquery" in one.provided and not one.is_own}
    wanted |= {one.setting for one in posture.features().values()}
    assert wanted - UNTOLD <= named, wanted - UNTOLD - named


def test_a_role_is_off_where_services_are_told_without_it_and_unknown_where_none_is(node: sqlite3.Connection) -> None:
    name = "windows.service.dns_server"
    assert name not in told(node, "windows")
    add(node, "services", ("Dnscache", "AUTO_START"), ("MSMQ", "DISABLED"))
    found = told(node, "windows")
    assert (found[name], found["windows.service.message_queuing"]) == ("absent", "inactive")
    add(node, "services", ("DNS", "AUTO_START"))
    assert told(node, "windows")[name] == "active"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({"Microsoft-Hyper-V": 2, "TelnetClient": 1}, "disabled"),
        ({"TelnetClient": 1}, "absent"),
        ({"Microsoft-Hyper-V": 4, "VirtualMachinePlatform": 1}, "enabled"),
        ({"Microsoft-Hyper-V": 4, "VirtualMachinePlatform": 2}, None),
        ({}, None),
    ],
)
def test_optional_features_are_judged_as_our_own_sensor_does(
    node: sqlite3.Connection, states: dict[str, int], expected: str | None
) -> None:
    add(node, "windows_optional_features", *states.items())
    found = told(node, "windows")
    assert found.get("windows.feature.hyper_v") == expected
    assert found.get("windows.feature.nfs") == ("absent" if states else None)
    assert FEATURES == {
        "windows.feature.certificate_services": settings_windows.CERTIFICATE_SERVICES,
        "windows.feature.hyper_v": settings_windows.HYPER_V,
        "windows.feature.nfs": settings_windows.NFS,
    }


def test_linux(node: sqlite3.Connection) -> None:
    add(node, "system_controls", ("net.ipv4.ip_forward", "1"), ("vm.swappiness", "60"))
    add(node, "file", ("/usr/sbin/sshd", "0755"), ("/etc/ssh/sshd_config.d/a.conf", "0644"), ("/tmp", "1777"))
    main, own = "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/a.conf"
    add(
        node, "augeas",
        (f"/files{main}/PermitRootLogin", "yes", "PermitRootLogin", main),
        (f"/files{own}/PermitRootLogin", "No", "PermitRootLogin", own),
        (f"/files{main}/Match/Settings/X11Forwarding", "yes", "X11Forwarding", main),
    )  # fmt: skip
    add(node, "processes", (1, "auditd", "/usr/sbin/auditd"))
    add(node, "listening_ports", (1, 23, 6, "0.0.0.0"))
    add(node, "users", (0, "root"), (0, "toor"), (1000, "anna"))
    add(node, "apparmor_profiles", ("/usr/bin/man", "man", "complain"))
    add(node, "secureboot", (1,))
    found = told(node, "linux")
    assert found == {
        "firmware.secure_boot": "enabled",
        "linux.accounts.root_ids": "2",
        "linux.automatic_updates": "disabled",
        "linux.firewall": "absent",
        "linux.mandatory_access_control": "permissive",
        "linux.service.auditd": "active",
        "linux.service.rsh": "absent",
        "linux.service.telnet": "active",
        "linux.sshd.max_auth_tries": "6",
        "linux.sshd.password_authentication": "yes",
        "linux.sshd.permit_empty_passwords": "no",
        "linux.sshd.permit_root_login": "no",
        "linux.sshd.x11_forwarding": "no",
        "linux.sysctl.net.ipv4.ip_forward": "1",
        "linux.time_synchronisation": "inactive",
        "linux.tmp.sticky": "enabled",
    }
    add(node, "file", ("/etc/ssh/sshd_config.d/unread.conf", "0644"))
    assert "linux.sshd.permit_root_login" not in told(node, "linux"), "a file that no lens reads may say otherwise"


def test_windows_defaults_and_what_is_set(node: sqlite3.Connection) -> None:
    found = told(node, "windows")
    assert (found["windows.uac"], found["windows.lm_compatibility_level"]) == ("enabled", "3")
    assert (found["firmware.secure_boot"], found["windows.powershell2"]) == ("absent", "absent")
    assert (found["windows.smart_screen"], found["windows.smb1"]) == ("enabled", "absent")
    assert (found["windows.office.block_internet_macros"], found["windows.service.telnet"]) == ("absent", "absent")
    assert found["windows.netlogon.sign_secure_channel"] == "absent"
    assert {"windows.bitlocker.system_drive", "windows.defender.real_time", "windows.firewall.domain"}.isdisjoint(found)
    control = "SYSTEM/CurrentControlSet/Control/"
    registry(
        node,
        **{
            "SOFTWARE/Microsoft/Windows/CurrentVersion/Policies/System/EnableLUA": 0,
            "SOFTWARE/Microsoft/Windows/CurrentVersion/Explorer/SmartScreenEnabled": "Off",
            "SOFTWARE/Microsoft/Windows NT/CurrentVersion/SystemRoot": "C:\\Windows",
            "SOFTWARE/Policies/Microsoft/WindowsFirewall/DomainProfile/EnableFirewall": 0,
            "SYSTEM/CurrentControlSet/Services/SharedAccess/Parameters/FirewallPolicy/PublicProfile/EnableFirewall": 1,
            "SYSTEM/CurrentControlSet/Services/LanmanServer/Parameters/SMB1": 0,
            control + "Terminal Server/fDenyTSConnections": 0,
            control + "Terminal Server/WinStations/RDP-Tcp/UserAuthentication": 1,
            control + "SecureBoot/State/UEFISecureBootEnabled": 1,
            control + "Lsa/RunAsPPL": 2,
        },
    )
    add(node, "bitlocker_info", ("D:", 0), ("C:", 1))
    add(node, "windows_optional_features", ("MicrosoftWindowsPowerShellV2", 1))
    add(node, "windows_security_products", ("Antivirus", "Microsoft Defender Antivirus", "On"))
    add(node, "services", ("TlntSvr", "DISABLED"))
    add(node, "ntdomains", ("Domain: CORP", "CORP"))
    add(node, "programs", ("Microsoft 365 Apps", "16"))
    add(node, "registry", ("HKEY_USERS", "HKEY_USERS\\S-1-5-21-1", "S-1-5-21-1", ""))
    for one in ("Word", "Excel", "PowerPoint"):
        name = "blockcontentexecutionfrominternet"
        path = f"HKEY_USERS\\S-1-5-21-1\\SOFTWARE\\Policies\\Microsoft\\Office\\16.0\\{one}\\Security\\{name}"
        add(node, "registry", ("", path, name, "1"))
    found = told(node, "windows")
    assert {found[f"windows.{name}"] for name in ("uac", "smart_screen", "firewall.domain", "smb1")} == {"disabled"}
    on = (
        "firewall.public", "rdp.network_level_authentication", "lsa_protection", "bitlocker.system_drive",
        "powershell2", "defender.real_time", "netlogon.sign_secure_channel", "office.block_internet_macros",
    )  # fmt: skip
    assert {found[f"windows.{name}"] for name in on} == {"enabled"}
    assert (found["windows.service.telnet"], found["firmware.secure_boot"]) == ("inactive", "enabled")
    add(node, "windows_security_products", ("Antivirus", "Other", "On"))
    node.execute("DELETE FROM windows_security_products WHERE name LIKE '%Defender%'")
    assert told(node, "windows")["windows.defender.real_time"] == "absent"


def test_macos(node: sqlite3.Connection) -> None:
    add(node, "alf", (1,))
    add(node, "gatekeeper", (0,))
    add(node, "sip_config", ("sip", 1))
    add(node, "screenlock", (1, 300))
    add(node, "mounts", ("/dev/disk3s1", "/"), ("/dev/disk3s5", "/System/Volumes/Data"))
    add(node, "disk_encryption", ("/dev/disk3s1", 0), ("/dev/disk3s5", 1))
    add(node, "sharing_preferences", (0,))
    add(node, "plist", ("/Library/Preferences/com.apple.loginwindow.plist", "GuestEnabled", "true"))
    assert told(node, "darwin") == {
        "macos.automatic_updates": "enabled",
        "macos.filevault": "enabled",
        "macos.firewall": "enabled",
        "macos.gatekeeper": "disabled",
        "macos.guest_account": "enabled",
        "macos.remote_apple_events": "disabled",
        "macos.screen_lock": "disabled",
        "macos.system_integrity_protection": "enabled",
    }


def test_what_a_node_tells_becomes_its_settings() -> None:
    state = NodeState()
    assert settings_of(state) is None, "nothing was told yet"
    rows = [{"name": "linux.firewall", "value": "active"}, {"name": "; DROP", "value": "x"}, {"value": "y"}]
    assert answered(state, {"weakspot/settings_firewall": rows}, {}, 100)
    assert [(one.name, one.value) for one in settings_of(state) or ()] == [("linux.firewall", "active")]
    known = device_named("node", OperatingSystem(platform="Linux"))
    assert inventory_of(state, known).software == ()


def test_what_a_node_cannot_run_is_not_asked_again_and_says_nothing() -> None:
    state, name = NodeState(), "weakspot/settings_secure_boot"
    assert answered(state, {name: []}, {name: "1"}, 100)
    assert not answered(state, {name: []}, {name: "1"}, 200)
    assert name not in distributed("Linux", frozenset(state.queries))
    assert settings_of(state) is None
    # A later osquery has the table: a change of what was never told whole asks for everything, an answer is taken.
    row = {"name": "firmware.secure_boot", "value": "enabled"}
    line = {"name": name, "action": "added", "columns": row, "unixTime": 300, "epoch": 7, "counter": 4}
    assert not applied(state, [msgspec.convert(line, ResultLine)], 300 * SECOND)
    assert (state.least_epoch, settings_of(state)) == (8, None)
    assert answered(state, {name: [row]}, {name: "0"}, 400)
    assert [one.value for one in settings_of(state) or ()] == ["enabled"]
