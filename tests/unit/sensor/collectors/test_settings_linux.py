from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.sensor.support import make_root
from weakspot_sensor.collectors import base, settings_linux

PASSWD = {"/etc/passwd": "root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n"}


def told(folder: Path, files: dict[str, str | bytes]) -> dict[str, str]:
    result = base.run(settings_linux.COLLECTOR, make_root(folder, {**PASSWD, **files}), "linux")
    assert result.status in ("succeeded", "partly"), result.reason
    return {one["name"].removeprefix("linux."): one["value"] for one in result.facts["details"]["settings"]}


def test_the_first_value_of_an_ssh_option_counts_and_matches_do_not(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        {
            "/usr/sbin/sshd": "",
            "/etc/ssh/sshd_config": "Include sshd_config.d/*.conf\n#PermitRootLogin yes\nPermitRootLogin yes\n"
            "MaxAuthTries=3\nMatch User anna\n  PasswordAuthentication no\n",
            "/etc/ssh/sshd_config.d/10-own.conf": 'PermitRootLogin "No"\nMatch all\nX11Forwarding yes\n',
            "/etc/ssh/sshd_config.d/20-own.conf": "permitrootlogin without-password\nX11Forwarding yes # really\n",
        },
    )
    assert {name: value for name, value in found.items() if name.startswith("sshd.")} == {
        "sshd.max_auth_tries": "3",
        "sshd.password_authentication": "yes",
        "sshd.permit_empty_passwords": "no",
        "sshd.permit_root_login": "no",
        "sshd.x11_forwarding": "yes",
    }


def test_a_configuration_that_includes_itself_ends(tmp_path: Path) -> None:
    config = {"/usr/sbin/sshd": "", "/etc/ssh/sshd_config": "Include sshd_config\nPermitRootLogin no\n"}
    assert told(tmp_path, config)["sshd.permit_root_login"] == "no"


def test_without_an_ssh_server_nothing_is_to_be_set(tmp_path: Path) -> None:
    assert told(tmp_path, {"/etc/ssh/sshd_config": "PermitRootLogin yes\n"})["sshd.permit_root_login"] == "absent"


def test_kernel_parameters_are_as_the_kernel_says(tmp_path: Path) -> None:
    found = told(tmp_path, {"/proc/sys/net/ipv4/ip_forward": "1\n", "/proc/sys/kernel/yama/ptrace_scope": "2\n"})
    assert (found["sysctl.net.ipv4.ip_forward"], found["sysctl.kernel.yama.ptrace_scope"]) == ("1", "2")
    assert "sysctl.kernel.randomize_va_space" not in found, "what is not there is unknown"


def test_accounts(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "/etc/passwd": PASSWD["/etc/passwd"] + "toor:x:0:0::/root:/bin/sh\n",
        "/etc/shadow": "root:!:1::\nanna::1::\ntoor:$6$x:1::\n",
        "/etc/login.defs": "# PASS_MAX_DAYS 3\nPASS_MAX_DAYS\t90\n",
    }
    found = told(tmp_path, files)
    assert (found["accounts.root_ids"], found["accounts.empty_passwords"]) == ("2", "1")
    assert found["login_defs.pass_max_days"] == "90"


@pytest.mark.parametrize(
    ("files", "length"),
    [
        ({}, "absent"),
        ({"/usr/lib/x86_64-linux-gnu/security/pam_pwquality.so": ""}, "8"),
        (
            {
                "/usr/lib64/security/pam_pwquality.so": "",
                "/etc/security/pwquality.conf": "# minlen = 3\nminlen = 10\n",
                "/etc/security/pwquality.conf.d/50-own.conf": "minlen=16\n",
            },
            "16",
        ),
        (
            {
                "/usr/lib64/security/pam_pwquality.so": "",
                "/etc/security/pwquality.conf": "minlen = 16\n",
                "/etc/pam.d/common-password": "password requisite pam_pwquality.so retry=3 minlen=12\n",
            },
            "12",
        ),
    ],
)
def test_the_length_of_passwords(files: dict[str, str | bytes], length: str, tmp_path: Path) -> None:
    assert told(tmp_path, files)["pwquality.minlen"] == length


@pytest.mark.parametrize(
    ("name", "files", "value"),
    [
        ("firewall", {}, "absent"),
        ("firewall", {"/usr/sbin/ufw": "", "/etc/ufw/ufw.conf": "ENABLED=no\n"}, "inactive"),
        ("firewall", {"/etc/ufw/ufw.conf": "ENABLED=yes\n"}, "active"),
        ("firewall", {"/proc/7/comm": "firewalld\n"}, "active"),
        (
            "firewall",
            {
                "/usr/sbin/nft": "",
                "/etc/nftables.conf": "chain input { type filter hook input priority 0; }",
                "/etc/systemd/system/sysinit.target.wants/nftables.service": "",
            },
            "active",
        ),
        ("firewall", {"/usr/sbin/nft": "", "/etc/nftables.conf": "hook input"}, "inactive"),
        (
            "automatic_updates",
            {
                "/usr/bin/unattended-upgrade": "",
                "/etc/apt/apt.conf.d/10periodic": 'APT::Periodic::Unattended-Upgrade "0";\n',
                "/etc/apt/apt.conf.d/20auto-upgrades": 'APT::Periodic::Unattended-Upgrade "1";\n',
            },
            "enabled",
        ),
        ("automatic_updates", {"/etc/apt/apt.conf.d/20": 'APT::Periodic { Unattended-Upgrade "1"; };'}, "disabled"),
        (
            "automatic_updates",
            {
                "/etc/dnf/automatic.conf": "[commands]\napply_updates = yes\n",
                "/etc/systemd/system/timers.target.wants/dnf-automatic.timer": "",
            },
            "enabled",
        ),
        ("service.auditd", {"/proc/7/comm": "auditd\n"}, "active"),
        ("service.auditd", {"/proc/7/comm": "sh\n", "/sbin/auditd": ""}, "inactive"),
        ("service.auditd", {"/proc/7/comm": "sh\n"}, "absent"),
        ("service.telnet", {"/etc/inetd.conf": "#telnet x\ntelnet stream tcp nowait root /x\n"}, "active"),
        ("service.telnet", {"/usr/sbin/in.telnetd": "", "/etc/inetd.conf": "#telnet stream\n"}, "inactive"),
        ("service.rsh", {"/etc/xinetd.d/rlogin": "service login\n{\n disable = no\n}\n"}, "active"),
        ("service.rsh", {"/etc/xinetd.d/rlogin": "service login\n{\n disable = yes\n}\n"}, "absent"),
        ("service.rsh", {"/etc/systemd/system/sockets.target.wants/rsh.socket": ""}, "active"),
        ("time_synchronisation", {"/proc/7/comm": "chronyd\n"}, "active"),
        ("time_synchronisation", {"/proc/7/comm": "sh\n"}, "inactive"),
        ("mandatory_access_control", {"/sys/fs/selinux/enforce": "0"}, "permissive"),
        (
            "mandatory_access_control",
            {
                "/sys/module/apparmor/parameters/enabled": "Y\n",
                "/sys/kernel/security/apparmor/profiles": "/usr/bin/man (enforce)\nx (complain)\n",
            },
            "enforcing",
        ),
        ("mandatory_access_control", {}, "disabled"),
    ],
)
def test_what_guards_the_device(name: str, files: dict[str, str | bytes], value: str, tmp_path: Path) -> None:
    assert told(tmp_path, files)[name] == value


def test_what_cannot_be_seen_is_unknown(tmp_path: Path) -> None:
    found = told(tmp_path, {})
    assert {"service.auditd", "time_synchronisation", "tmp.sticky", "accounts.empty_passwords"}.isdisjoint(found)


def test_secure_boot_and_the_sticky_bit(tmp_path: Path) -> None:
    variable = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o777)
    found = told(tmp_path, {variable: b"\x06\0\0\0\x01"})
    assert (found["firmware.secure_boot"], found["tmp.sticky"]) == ("enabled", "disabled")
    (tmp_path / "tmp").chmod(0o1777)
    assert told(tmp_path, {})["tmp.sticky"] == "enabled"


def test_the_systems_own_tmp_counts_not_that_of_a_service(tmp_path: Path) -> None:
    for path, mode in (("tmp", 0o1777), ("proc/1/root/tmp", 0o777)):
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path).chmod(mode)
    assert told(tmp_path, {})["tmp.sticky"] == "disabled"


@pytest.mark.parametrize(("mask", "is_asked"), [("000001ffffffffff", True), ("0000000000080004", False), ("", False)])
def test_the_ssh_server_is_asked_only_where_it_may_start(
    mask: str, is_asked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []

    def run(arguments: list[str]) -> bytes:
        calls.append(arguments)
        return b"permitrootlogin without-password\nmaxauthtries 4\n"

    root = make_root(tmp_path, {"/proc/self/status": f"Name:\tx\nCapEff:\t{mask}\n"})
    monkeypatch.setattr(root, "is_live", True)
    monkeypatch.setattr(root, "locate", lambda path: root.path + path)
    monkeypatch.setattr(settings_linux, "is_root", lambda: True)
    monkeypatch.setattr(settings_linux.commands, "find", lambda name: "/usr/sbin/" + name)
    monkeypatch.setattr(settings_linux.commands, "run", run)
    system = settings_linux.System(root)
    assert system.sshd.get("maxauthtries") == ("4" if is_asked else None)
    assert calls == ([["sshd", "-T"]] if is_asked else [])
