"""Queries for the configuration settings that the checks read: each row is a name of the catalogue and its value.

What a table does not tell gives no row: unknown is not the same as off. Tables of which older nodes know nothing are in
queries of their own, so that one that fails takes no other with it.
"""

# ruff: noqa: S608 - nothing but constants of this file goes into these texts, and they run on the node

from __future__ import annotations

from weakspot.inventory.protocols.osquery.pack import PREFIX, Platform, Query

_SYSCTLS = (
    "fs.protected_hardlinks", "fs.protected_symlinks", "fs.suid_dumpable", "kernel.dmesg_restrict",
    "kernel.kptr_restrict", "kernel.randomize_va_space", "kernel.unprivileged_bpf_disabled", "kernel.yama.ptrace_scope",
    "net.ipv4.conf.all.accept_redirects", "net.ipv4.conf.all.accept_source_route", "net.ipv4.conf.all.log_martians",
    "net.ipv4.conf.all.rp_filter", "net.ipv4.conf.all.send_redirects", "net.ipv4.icmp_echo_ignore_broadcasts",
    "net.ipv4.ip_forward", "net.ipv4.tcp_syncookies", "net.ipv6.conf.all.accept_redirects",
)  # fmt: skip
_SSHD = {
    "max_auth_tries": ("MaxAuthTries", "6"),
    "password_authentication": ("PasswordAuthentication", "yes"),
    "permit_empty_passwords": ("PermitEmptyPasswords", "no"),
    "permit_root_login": ("PermitRootLogin", "prohibit-password"),
    "x11_forwarding": ("X11Forwarding", "no"),
}
_MACHINE = "HKEY_LOCAL_MACHINE\\"
_POLICIES = "SOFTWARE\\Policies\\Microsoft\\"
_CURRENT = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\"
_CONTROL = "SYSTEM\\CurrentControlSet\\Control\\"
_SERVICES = "SYSTEM\\CurrentControlSet\\Services\\"
_DEFENDER = "SOFTWARE\\Microsoft\\Windows Defender\\"
_FIREWALL = _SERVICES + "SharedAccess\\Parameters\\FirewallPolicy\\"


def _value(path: str) -> str:
    return f"(SELECT data FROM registry WHERE path = '{_MACHINE}{path}' LIMIT 1)"


def _switch(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 'enabled' ELSE 'disabled' END"


def _is(path: str, *numbers: int, default: int = -1) -> str:
    """Whether a value of the registry is one of these; default: what counts where it is not set."""
    return f"CAST(coalesce({_value(path)}, {default}) AS INTEGER) IN ({', '.join(map(str, numbers))})"


def _files(*names: str) -> str:
    return f"EXISTS (SELECT 1 FROM file WHERE path IN ({', '.join(repr(name) for name in names)}))"


def _runs(*names: str) -> str:
    return f"EXISTS (SELECT 1 FROM processes WHERE name IN ({', '.join(repr(name) for name in names)}))"


def _query(name: str, platform: Platform, values: dict[str, str]) -> Query:
    """values: name of a setting -> an expression, NULL for unknown."""
    parts = " UNION ALL ".join(f"SELECT '{setting}' AS name, {sql} AS value" for setting, sql in values.items())
    sql = f"SELECT name, value FROM ({parts}) WHERE value IS NOT NULL"
    return Query(name=f"{PREFIX}settings_{name}", sql=sql, platform=platform, purpose="setting")


def _sshd(option: str, default: str) -> str:
    """The first value counts, and files that are included come first where a distribution has them included at all.
    Where a file cannot be read by the node's lenses, nothing is said."""
    below = "path LIKE '/etc/ssh/sshd_config.d/%.conf'"
    wanted = f"label = '{option}' AND node NOT LIKE '%/Match%'"
    included = f"(SELECT value FROM augeas WHERE {below} AND {wanted} ORDER BY path, node LIMIT 1)"
    main = f"(SELECT value FROM augeas WHERE path = '/etc/ssh/sshd_config' AND {wanted} ORDER BY node LIMIT 1)"
    unread = f"(SELECT count(*) FROM file WHERE {below}) <> (SELECT count(DISTINCT path) FROM augeas WHERE {below})"
    there = _files("/usr/sbin/sshd", "/sbin/sshd")
    return (
        f"CASE WHEN NOT {there} THEN 'absent' WHEN {unread} THEN NULL "
        f"ELSE lower(coalesce({included}, {main}, '{default}')) END"
    )


_ENFORCING = (
    "CASE WHEN EXISTS (SELECT 1 FROM selinux_settings WHERE key = 'enforce' AND value = '1') "
    "OR EXISTS (SELECT 1 FROM apparmor_profiles WHERE mode = 'enforce') THEN 'enforcing' "
    "WHEN EXISTS (SELECT 1 FROM selinux_settings WHERE key = 'enforce' AND value = '0') "
    "OR EXISTS (SELECT 1 FROM apparmor_profiles WHERE mode = 'complain') THEN 'permissive' ELSE 'disabled' END"
)
_FIREWALL_LINUX = (
    f"CASE WHEN {_runs('firewalld')} OR EXISTS (SELECT 1 FROM systemd_units WHERE id = 'nftables.service' "
    "AND active_state = 'active') OR EXISTS (SELECT 1 FROM augeas WHERE path = '/etc/ufw/ufw.conf' "
    "AND label = 'ENABLED' AND lower(value) = 'yes') THEN 'active' "
    f"WHEN {_files('/usr/sbin/ufw', '/usr/sbin/firewalld', '/usr/sbin/nft')} THEN 'inactive' ELSE 'absent' END"
)
_PERIODIC = (
    "(SELECT value FROM augeas WHERE path LIKE '/etc/apt/apt.conf.d/%' AND label = 'Unattended-Upgrade' "
    "ORDER BY path DESC LIMIT 1)"
)
_UPDATES_LINUX = (
    f"CASE WHEN coalesce({_PERIODIC}, '0') NOT IN ('0', '') AND {_files('/usr/bin/unattended-upgrade')} THEN 'enabled' "
    "WHEN EXISTS (SELECT 1 FROM systemd_units WHERE active_state = 'active' AND id IN "
    "('dnf-automatic-install.timer', 'os-update.timer', 'transactional-update.timer')) THEN 'enabled' "
    "WHEN EXISTS (SELECT 1 FROM systemd_units WHERE active_state = 'active' AND id IN "
    "('dnf-automatic.timer', 'dnf5-automatic.timer')) THEN NULL ELSE 'disabled' END"
)
_STICKY = (
    "(SELECT CASE WHEN (length(mode) = 4 AND substr(mode, 1, 1) IN ('1', '3', '5', '7')) OR "
    "(substr(mode, -1) IN ('0', '1', '4', '5') AND substr(mode, -2, 1) IN ('0', '1', '4', '5')) "
    "THEN 'enabled' ELSE 'disabled' END FROM file WHERE path = '/tmp')"
)


def _served(port: int, *programs: str) -> str:
    listens = f"EXISTS (SELECT 1 FROM listening_ports WHERE port = {port} AND protocol = 6)"
    places = (folder + name for name in programs for folder in ("/usr/sbin/", "/usr/libexec/", "/sbin/"))
    return f"CASE WHEN {listens} THEN 'active' WHEN {_files(*places)} THEN 'inactive' ELSE 'absent' END"


_USERS = (
    "(SELECT count(*) FROM registry WHERE key = 'HKEY_USERS' AND name LIKE 'S-1-5-21-%' AND name NOT LIKE '%_Classes')"
)
_BLOCKING = (
    "(SELECT count(*) FROM registry WHERE path LIKE 'HKEY_USERS\\%\\SOFTWARE\\Policies\\Microsoft\\Office\\16.0\\%"
    "\\Security\\blockcontentexecutionfrominternet' AND data = '1' AND (path LIKE '%\\Word\\%' "
    "OR path LIKE '%\\Excel\\%' OR path LIKE '%\\PowerPoint\\%'))"
)
_OFFICE = (
    "CASE WHEN NOT EXISTS (SELECT 1 FROM programs WHERE name LIKE 'Microsoft Office%' OR name LIKE 'Microsoft 365%') "
    f"THEN 'absent' WHEN {_USERS} = 0 THEN NULL WHEN {_BLOCKING} >= 3 * {_USERS} THEN 'enabled' ELSE 'disabled' END"
)
_SMB1_VALUE = _SERVICES + "LanmanServer\\Parameters\\SMB1"
_SMB1 = (
    f"CASE WHEN {_value(_SMB1_VALUE)} IS NOT NULL THEN {_switch(_is(_SMB1_VALUE, 1))} "
    f"WHEN EXISTS (SELECT 1 FROM registry WHERE key = '{_MACHINE}{_SERVICES}mrxsmb10') "
    "OR EXISTS (SELECT 1 FROM windows_optional_features WHERE name = 'SMB1Protocol' AND state = 1) THEN 'enabled' "
    "ELSE 'absent' END"
)
_FEATURE = (
    "coalesce((SELECT CASE state WHEN 1 THEN 'enabled' WHEN 2 THEN 'disabled' ELSE 'absent' END "
    "FROM windows_optional_features WHERE name = 'MicrosoftWindowsPowerShellV2'), 'absent')"
)
FEATURES = {
    "windows.feature.certificate_services": (
        "ADCertificateServicesRole", "CertificateEnrollmentPolicyServer", "CertificateEnrollmentServer",
        "CertificateServices", "NetworkDeviceEnrollmentServices", "OnlineRevocationServices", "WebEnrollmentServices",
    ),
    "windows.feature.hyper_v": (
        "Containers", "Containers-DisposableClientVM", "HypervisorPlatform", "Microsoft-Hyper-V",
        "Microsoft-Hyper-V-All", "Microsoft-Hyper-V-Hypervisor", "Microsoft-Hyper-V-Online",
        "Microsoft-Hyper-V-Services", "VirtualMachinePlatform",
    ),
    "windows.feature.nfs": (
        "ClientForNFS-Infrastructure", "ServerForNFS-Infrastructure", "ServicesForNFS-ServerAndClient",
    ),
}  # fmt: skip
"""Setting -> optional features of which any makes it "enabled". Listing them is slow: one look gives all settings."""


def _optional_features() -> Query:
    """A feature that is not in the list is none of this system; where none is listed, or a state is unknown, no row."""
    wanted = " UNION ALL ".join(
        f"SELECT '{setting}' AS setting, '|{'|'.join(names)}|' AS names" for setting, names in FEATURES.items()
    )
    state = (
        "max(CASE WHEN instr(w.names, '|' || f.name || '|') = 0 THEN 0 "
        "WHEN f.state = 1 THEN 3 WHEN f.state = 2 THEN 1 WHEN f.state = 3 THEN 0 ELSE 2 END)"
    )
    sql = (
        "SELECT name, value FROM (SELECT w.setting AS name, "
        f"CASE {state} WHEN 0 THEN 'absent' WHEN 1 THEN 'disabled' WHEN 3 THEN 'enabled' END AS value "
        f"FROM windows_optional_features f CROSS JOIN ({wanted}) w GROUP BY w.setting) WHERE value IS NOT NULL"
    )
    return Query(name=f"{PREFIX}settings_optional_features", sql=sql, platform="windows", purpose="setting")


_TERMINAL = _CONTROL + "Terminal Server\\"
_DENIED, _LEVEL = _TERMINAL + "fDenyTSConnections", _TERMINAL + "WinStations\\RDP-Tcp\\UserAuthentication"
_RDP = f"CASE WHEN {_is(_DENIED, 0)} THEN {_switch(_is(_LEVEL, 1))} ELSE 'absent' END"
_SCREEN_POLICY, _SCREEN = _POLICIES + "Windows\\System\\EnableSmartScreen", _CURRENT + "Explorer\\SmartScreenEnabled"
_SCREEN_OFF = f"lower(coalesce({_value(_SCREEN)}, '')) = 'off'"
_SMART_SCREEN = (
    f"CASE WHEN {_value(_SCREEN_POLICY)} IS NOT NULL THEN {_switch('NOT ' + _is(_SCREEN_POLICY, 0))} "
    f"ELSE {_switch('NOT ' + _SCREEN_OFF)} END"
)
_SECURE_BOOT = _CONTROL + "SecureBoot\\State\\UEFISecureBootEnabled"
_SECURE_BOOT_WINDOWS = (
    f"CASE WHEN {_value(_SECURE_BOOT)} IS NULL THEN 'absent' ELSE {_switch(_is(_SECURE_BOOT, 1))} END"
)


def _service(name: str) -> str:
    return (
        "coalesce((SELECT CASE WHEN start_type = 'DISABLED' THEN 'inactive' ELSE 'active' END "
        f"FROM services WHERE name = '{name}'), 'absent')"
    )


_ROLES = {
    f"windows.service.{role}": f"CASE WHEN EXISTS (SELECT 1 FROM services) THEN {_service(name)} END"
    for role, name in (
        ("deployment_services", "WDSServer"),
        ("dhcp_server", "DHCPServer"),
        ("dns_server", "DNS"),
        ("line_printer_daemon", "LPDSVC"),
        ("message_queuing", "MSMQ"),
        ("remote_desktop_gateway", "TSGateway"),
        ("remote_desktop_licensing", "TermServLicensing"),
        ("routing_and_remote_access", "RemoteAccess"),
    )
}
"""Where no service is told at all, nothing is known of these."""
_CHANNEL = _switch("NOT " + _is(_SERVICES + "Netlogon\\Parameters\\SignSecureChannel", 0))
_SIGNED_CHANNEL = (
    f"CASE WHEN EXISTS (SELECT 1 FROM ntdomains WHERE coalesce(domain_name, '') <> '') THEN {_CHANNEL} "
    "ELSE 'absent' END"
)
_SYSTEM_ROOT = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SystemRoot"
_BITLOCKER = (
    "(SELECT CASE protection_status WHEN 1 THEN 'enabled' WHEN 0 THEN 'disabled' END FROM bitlocker_info "
    f"WHERE drive_letter = substr({_value(_SYSTEM_ROOT)}, 1, 2))"
)


def _defender(expression: str) -> str:
    """Where another antivirus is the one in use, `absent`; where none is known, nothing."""
    on = "SELECT 1 FROM windows_security_products WHERE type = 'Antivirus' AND state = 'On' AND name"
    return (
        f"CASE WHEN EXISTS ({on} LIKE '%Defender%') THEN {expression} "
        f"WHEN EXISTS ({on} NOT LIKE '%Defender%') THEN 'absent' END"
    )


def _firewall(policy: str, service: str) -> str:
    """The policy decides where there is one."""
    values = (_POLICIES + "WindowsFirewall\\" + policy, _FIREWALL + service)
    first, second = (_value(one + "\\EnableFirewall") for one in values)
    return f"CASE coalesce({first}, {second}) WHEN '1' THEN 'enabled' WHEN '0' THEN 'disabled' END"


def _number(path: str, default: int) -> str:
    return f"coalesce({_value(path)}, '{default}')"


_REAL_TIME = _DEFENDER + "Real-Time Protection\\DisableRealtimeMonitoring"
_CLOUD, _TAMPER = _DEFENDER + "Spynet\\SpynetReporting", _DEFENDER + "Features\\TamperProtection"
_UAC = _CURRENT + "Policies\\System\\"
_REGISTRY = {
    "firmware.secure_boot": _SECURE_BOOT_WINDOWS,
    "windows.automatic_updates": _switch("NOT " + _is(_POLICIES + "Windows\\WindowsUpdate\\AU\\NoAutoUpdate", 1)),
    "windows.autorun": _switch("NOT " + _is(_CURRENT + "Policies\\Explorer\\NoDriveTypeAutoRun", 255)),
    "windows.firewall.domain": _firewall("DomainProfile", "DomainProfile"),
    "windows.firewall.private": _firewall("PrivateProfile", "StandardProfile"),
    "windows.firewall.public": _firewall("PublicProfile", "PublicProfile"),
    "windows.llmnr": _switch("NOT " + _is(_POLICIES + "Windows NT\\DNSClient\\EnableMulticast", 0)),
    "windows.lm_compatibility_level": _number(_CONTROL + "Lsa\\LmCompatibilityLevel", 3),
    "windows.lsa_protection": _switch(_is(_CONTROL + "Lsa\\RunAsPPL", 1, 2)),
    "windows.powershell.script_block_logging": _switch(
        _is(_POLICIES + "Windows\\PowerShell\\ScriptBlockLogging\\EnableScriptBlockLogging", 1)
    ),
    "windows.rdp.network_level_authentication": _RDP,
    "windows.smart_screen": _SMART_SCREEN,
    "windows.smb.server_signing_required": _switch(
        _is(_SERVICES + "LanmanServer\\Parameters\\RequireSecuritySignature", 1)
    ),
    "windows.uac": _switch("NOT " + _is(_UAC + "EnableLUA", 0)),
    "windows.uac.administrator_prompt": _number(_UAC + "ConsentPromptBehaviorAdmin", 5),
    "windows.wdigest": _switch(_is(_CONTROL + "SecurityProviders\\WDigest\\UseLogonCredential", 1)),
}
_UPDATES_MACOS = (
    "CASE WHEN EXISTS (SELECT 1 FROM plist WHERE path = '/Library/Preferences/com.apple.SoftwareUpdate.plist' "
    "AND key IN ('AutomaticCheckEnabled', 'CriticalUpdateInstall', 'ConfigDataInstall') "
    "AND lower(value) IN ('0', 'false')) THEN 'disabled' ELSE 'enabled' END"
)
_GUEST = _switch(
    "EXISTS (SELECT 1 FROM plist WHERE path = '/Library/Preferences/com.apple.loginwindow.plist' "
    "AND key = 'GuestEnabled' AND lower(value) IN ('1', 'true'))"
)
_FILEVAULT = (
    "(SELECT CASE WHEN d.encrypted = 1 THEN 'enabled' ELSE 'disabled' END FROM mounts m "
    "JOIN disk_encryption d ON d.name = m.device WHERE m.path IN ('/', '/System/Volumes/Data') "
    "ORDER BY m.path DESC LIMIT 1)"
)

SETTINGS: tuple[Query, ...] = (
    Query(
        name=PREFIX + "settings_kernel",
        sql=(
            "SELECT 'linux.sysctl.' || name AS name, current_value AS value FROM system_controls "
            f"WHERE name IN ({', '.join(repr(name) for name in _SYSCTLS)}) AND current_value <> ''"
        ),
        platform="linux",
        purpose="setting",
    ),
    _query("sshd", "linux", {f"linux.sshd.{name}": _sshd(*option) for name, option in _SSHD.items()}),
    _query("access_control", "linux", {"linux.mandatory_access_control": _ENFORCING}),
    _query(
        "services",
        "linux",
        {
            "linux.accounts.root_ids": "(SELECT CAST(count(*) AS TEXT) FROM users WHERE uid = 0)",
            "linux.service.auditd": (
                f"CASE WHEN {_runs('auditd')} THEN 'active' "
                f"WHEN {_files('/usr/sbin/auditd', '/sbin/auditd')} THEN 'inactive' ELSE 'absent' END"
            ),
            "linux.service.rsh": _served(513, "in.rshd", "in.rlogind", "in.rexecd", "rshd", "rlogind"),
            "linux.service.telnet": _served(23, "in.telnetd", "telnetd", "inetutils-telnetd"),
            "linux.time_synchronisation": (
                f"CASE WHEN {_runs('systemd-timesyn', 'systemd-timesyncd', 'chronyd', 'ntpd')} THEN 'active' "
                "ELSE 'inactive' END"
            ),
            "linux.tmp.sticky": _STICKY,
        },
    ),
    _query("firewall", "linux", {"linux.firewall": _FIREWALL_LINUX}),
    _query("updates", "linux", {"linux.automatic_updates": _UPDATES_LINUX}),
    _query(
        "secure_boot",
        "linux",
        {"firmware.secure_boot": "(SELECT CASE secure_boot WHEN 1 THEN 'enabled' ELSE 'disabled' END FROM secureboot)"},
    ),
    _query("registry", "windows", _REGISTRY),
    _query("features", "windows", {"windows.powershell2": _FEATURE, "windows.smb1": _SMB1}),
    _optional_features(),
    _query("office", "windows", {"windows.office.block_internet_macros": _OFFICE}),
    _query("telnet", "windows", {"windows.service.telnet": _service("TlntSvr")}),
    _query("roles", "windows", _ROLES),
    _query("domain", "windows", {"windows.netlogon.sign_secure_channel": _SIGNED_CHANNEL}),
    _query("bitlocker", "windows", {"windows.bitlocker.system_drive": _BITLOCKER}),
    _query(
        "defender",
        "windows",
        {
            "windows.defender.real_time": _defender(_switch("NOT " + _is(_REAL_TIME, 1))),
            "windows.defender.cloud": _defender(_switch(_is(_CLOUD, 1, 2))),
            "windows.defender.tamper": _defender(_switch(_is(_TAMPER, 1, 5))),
        },
    ),
    _query("updates_macos", "darwin", {"macos.automatic_updates": _UPDATES_MACOS, "macos.guest_account": _GUEST}),
    _query("filevault", "darwin", {"macos.filevault": _FILEVAULT}),
    _query("firewall_macos", "darwin", {"macos.firewall": f"(SELECT {_switch('global_state > 0')} FROM alf)"}),
    _query(
        "gatekeeper", "darwin", {"macos.gatekeeper": f"(SELECT {_switch('assessments_enabled = 1')} FROM gatekeeper)"}
    ),
    _query(
        "sharing",
        "darwin",
        {"macos.remote_apple_events": f"(SELECT {_switch('remote_apple_events = 1')} FROM sharing_preferences)"},
    ),
    _query(
        "screen_lock",
        "darwin",
        {"macos.screen_lock": f"(SELECT {_switch('enabled = 1 AND grace_period <= 5')} FROM screenlock)"},
    ),
    _query(
        "integrity",
        "darwin",
        {
            "macos.system_integrity_protection": (
                f"(SELECT {_switch('enabled = 1')} FROM sip_config WHERE config_flag = 'sip')"
            )
        },
    ),
)
"""Every setting of the catalogue that osquery's tables tell; Windows' guest account is in none of them."""
