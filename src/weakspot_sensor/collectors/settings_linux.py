"""Configuration settings of Linux: kernel parameters, the SSH server, password rules, services that guard or expose."""

from __future__ import annotations

import re
import stat
from typing import Callable, Dict, FrozenSet, Iterator, List, Optional, Tuple

from weakspot_sensor import commands, limits
from weakspot_sensor.collectors import settings
from weakspot_sensor.collectors.base import Collector, Findings, is_root
from weakspot_sensor.collectors.hardware import secure_boot
from weakspot_sensor.files import Root

_SSHD_CONFIG = "/etc/ssh/sshd_config"
_LOGIN_DEFS = "/etc/login.defs"
_PWQUALITY = "/etc/security/pwquality.conf"
_PASSWD, _SHADOW = "/etc/passwd", "/etc/shadow"
_UFW = "/etc/ufw/ufw.conf"
_APT = "/etc/apt/apt.conf"
_PROGRAMS = ("/usr/sbin/", "/sbin/", "/usr/bin/", "/usr/libexec/", "/usr/lib/systemd/", "/lib/systemd/")
_WANTS = "/etc/systemd/system/*.wants"
_CAP_SETGID = 1 << 6
_CONTAINERS = ("/run/systemd/container", "/.dockerenv", "/run/.containerenv")
_PAM_MODULES = ("/lib/security", "/lib64/security", "/usr/lib64/security", "/lib/*/security", "/usr/lib/*/security")
_INCLUDED_FILES = 64
_INCLUDED_DEPTH = 4
_PERIODIC = re.compile(r'^\s*APT::Periodic::Unattended-Upgrade\s+"?(\w+)"?\s*;', re.MULTILINE | re.IGNORECASE)
_PERIODIC_BLOCK = re.compile(r'APT::Periodic\s*\{[^}]*?\bUnattended-Upgrade\s+"?(\w+)"?', re.IGNORECASE | re.DOTALL)

_SYSCTLS = (
    "fs.protected_hardlinks", "fs.protected_symlinks", "fs.suid_dumpable", "kernel.dmesg_restrict",
    "kernel.kptr_restrict", "kernel.randomize_va_space", "kernel.unprivileged_bpf_disabled", "kernel.yama.ptrace_scope",
    "net.ipv4.conf.all.accept_redirects", "net.ipv4.conf.all.accept_source_route", "net.ipv4.conf.all.log_martians",
    "net.ipv4.conf.all.rp_filter", "net.ipv4.conf.all.send_redirects", "net.ipv4.icmp_echo_ignore_broadcasts",
    "net.ipv4.ip_forward", "net.ipv4.tcp_syncookies", "net.ipv6.conf.all.accept_redirects",
)  # fmt: skip

# Option -> what a server without the option does (sshd_config(5)).
_SSHD = {
    "max_auth_tries": ("maxauthtries", "6"),
    "password_authentication": ("passwordauthentication", "yes"),
    "permit_empty_passwords": ("permitemptypasswords", "no"),
    "permit_root_login": ("permitrootlogin", "prohibit-password"),
    "x11_forwarding": ("x11forwarding", "no"),
}


class System:
    """One look at a system: what several readers need is read once."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self._sshd: Optional[Dict[str, str]] = None
        self._running: Optional[FrozenSet[str]] = None

    @property
    def running(self) -> Optional[FrozenSet[str]]:
        """Names of the programs that run (15 characters, as the kernel keeps them); None where that cannot be seen."""
        if self._running is None:
            pids = [name for name in self.root.names("/proc") if name.isdigit()][: limits.PROCESSES]
            self._running = frozenset(self.root.line("/proc/{}/comm".format(pid)) for pid in pids)
        return self._running or None

    @property
    def sshd(self) -> Dict[str, str]:
        """Options of the SSH server by name in lower case; those that are not there have their default."""
        if self._sshd is None:
            self._sshd = _effective(self.root) or _configured(self.root)
        return self._sshd

    def is_installed(self, *programs: str) -> bool:
        return any(self.root.is_file(folder + name) for name in programs for folder in _PROGRAMS)

    def is_enabled(self, *units: str) -> bool:
        """Whether one of the units starts with the system."""
        folders = self.root.folders((_WANTS,))
        return any(unit in self.root.names(folder) for folder in folders for unit in units)

    def text(self, path: str) -> str:
        """What a file of settings holds; "" where it is not there. Raises OSError where it may not be read."""
        if not self.root.is_file(path):
            return ""
        return self.root.head(path, limits.MANIFEST_BYTES).decode("utf-8", "replace")

    def texts(self, folder: str, ending: str = "") -> Iterator[str]:
        for name in self.root.names(folder)[:_INCLUDED_FILES]:
            if name.endswith(ending):
                yield self.text(folder + "/" + name)


def _effective(root: Root) -> Dict[str, str]:
    """What the server itself says that it does; empty where it cannot be asked."""
    if not root.is_live or not is_root() or not _is_unrestricted(root) or commands.find("sshd") is None:
        return {}
    try:
        output = commands.run(["sshd", "-T"])
    except commands.CommandError:
        return {}
    lines = (line.partition(" ") for line in output.decode("utf-8", "replace").lower().split("\n"))
    return {name: value.strip() for name, _, value in lines}


def _is_unrestricted(root: Root) -> bool:
    """Whether this process may become others, as the server's first calls do; our own unit kills what tries to."""
    lines = (line.split() for line in root.line("/proc/self/status").split("\n"))
    masks = [words[1] for words in lines if len(words) == 2 and words[0] == "CapEff:"]
    return bool(masks) and bool(int(masks[0], 16) & _CAP_SETGID)


def _configured(root: Root) -> Dict[str, str]:
    """The first value of each option counts, as the server reads them; what only holds for some users does not."""
    found: Dict[str, str] = {}
    for option, value in _options(root, _SSHD_CONFIG, 0):
        found.setdefault(option, value)
    return found


def _options(root: Root, path: str, depth: int) -> Iterator[Tuple[str, str]]:
    """Options in their order; files that are included stand where they are named."""
    if not root.is_file(path) or depth > _INCLUDED_DEPTH:
        return
    for line in root.head(path, limits.MANIFEST_BYTES).decode("utf-8", "replace").split("\n"):
        words = line.partition("#")[0].replace("=", " ", 1).split()
        option = words[0].lower() if words else ""
        if option == "match":
            return
        if option == "include":
            for pattern in words[1:]:
                for included in _matching(root, pattern.strip('"')):
                    yield from _options(root, included, depth + 1)
        elif len(words) > 1:
            yield option, words[1].strip('"').lower()


def _matching(root: Root, pattern: str) -> List[str]:
    """Files that an `Include` names; relative ones are below the server's own folder."""
    whole = pattern if pattern.startswith("/") else "/etc/ssh/" + pattern
    return [path for path in root.paths(whole) if root.is_file(path)][:_INCLUDED_FILES]


def _sysctl(name: str) -> Callable[[System], Optional[str]]:
    path = "/proc/sys/" + name.replace(".", "/")
    return lambda system: system.root.line(path) or None


def _sshd_option(name: str, default: str) -> Callable[[System], Optional[str]]:
    def read(system: System) -> Optional[str]:
        return system.sshd.get(name, default) if system.is_installed("sshd") else "absent"

    return read


def _access_control(system: System) -> Optional[str]:
    enforce = system.root.line("/sys/fs/selinux/enforce")
    if enforce in ("0", "1"):
        return "enforcing" if enforce == "1" else "permissive"
    if system.root.line("/sys/module/apparmor/parameters/enabled") != "Y":
        return "disabled"
    try:
        profiles = system.root.head("/sys/kernel/security/apparmor/profiles", limits.MANIFEST_BYTES)
    except OSError:
        return None  # on, but only root sees whether it enforces anything
    if b"(enforce)" in profiles:
        return "enforcing"
    return "permissive" if b"(complain)" in profiles else "disabled"


def _empty_passwords(system: System) -> Optional[str]:
    if not system.root.is_file(_SHADOW):
        return None
    try:
        lines = system.text(_SHADOW).split("\n")
    except OSError:
        return None
    return str(sum(line.split(":")[1:2] == [""] for line in lines if ":" in line))


def _root_ids(system: System) -> Optional[str]:
    lines = [line.split(":") for line in system.text(_PASSWD).split("\n") if ":" in line]
    return str(sum(fields[2:3] == ["0"] for fields in lines)) if lines else None


def _password_days(system: System) -> Optional[str]:
    pairs = [line.split() for line in system.text(_LOGIN_DEFS).split("\n")]
    days = [pair[1] for pair in pairs if len(pair) >= 2 and pair[0] == "PASS_MAX_DAYS"]
    return days[-1] if days else "absent"


def _password_length(system: System) -> Optional[str]:
    """What PAM gives the module counts before its own file."""
    folders = system.root.folders(_PAM_MODULES)
    if not any("pam_pwquality.so" in system.root.names(folder) for folder in folders):
        return "absent"
    for text in system.texts("/etc/pam.d"):
        for line in text.split("\n"):
            match = re.search(r"pam_pwquality\.so\b.*\bminlen=(\d{1,5})", line.partition("#")[0])
            if match:
                return match.group(1)
    length = "8"
    for text in (system.text(_PWQUALITY), *system.texts(_PWQUALITY + ".d", ".conf")):
        for match in re.finditer(r"^\s*minlen\s*=\s*(\d{1,5})", text, re.MULTILINE):
            length = match.group(1)
    return length


def _firewall(system: System) -> Optional[str]:
    if re.search(r"^\s*ENABLED\s*=\s*yes\b", system.text(_UFW), re.MULTILINE | re.IGNORECASE):
        return "active"
    if "firewalld" in (system.running or ()):
        return "active"
    rules = system.text("/etc/nftables.conf") + system.text("/etc/sysconfig/nftables.conf")
    rules = "\n".join(line.partition("#")[0] for line in rules.split("\n"))
    if system.is_enabled("nftables.service") and re.search(r"\bhook\s+input\b", rules):
        return "active"
    return "inactive" if system.is_installed("ufw", "firewalld", "nft") else "absent"


def _automatic_updates(system: System) -> Optional[str]:
    value = ""
    for text in (system.text(_APT), *system.texts(_APT + ".d")):
        plain = re.sub(r"(^|\s)(//|#).*", "", text)
        matches = [*_PERIODIC_BLOCK.finditer(plain), *_PERIODIC.finditer(plain)]
        value = matches[-1].group(1).lower() if matches else value
    if value not in ("", "0", "false", "no", "off") and system.is_installed("unattended-upgrade"):
        return "enabled"
    if system.is_enabled("dnf-automatic-install.timer", "os-update.timer", "transactional-update.timer"):
        return "enabled"
    if system.is_enabled("dnf-automatic.timer", "dnf5-automatic.timer"):
        texts = [system.text("/etc/dnf/automatic.conf"), system.text("/etc/dnf/dnf5-plugins/automatic.conf")]
        if any(re.search(r"^\s*apply_updates\s*=\s*(yes|true|1|on)\b", text, re.M | re.I) for text in texts):
            return "enabled"
    return "disabled"


def _service(running: str, *programs: str) -> Callable[[System], Optional[str]]:
    def read(system: System) -> Optional[str]:
        if system.running is None:
            return None
        if running in system.running:
            return "active"
        return "inactive" if system.is_installed(*programs) else "absent"

    return read


def _served(names: Tuple[str, ...], programs: Tuple[str, ...]) -> Callable[[System], Optional[str]]:
    """A service of old that inetd, xinetd, a socket of systemd or its own program serves."""

    def read(system: System) -> Optional[str]:
        if any(name[:15] in (system.running or ()) for name in programs):
            return "active"
        if system.is_enabled(*(name + ".socket" for name in names)):
            return "active"
        lines = system.text("/etc/inetd.conf").split("\n")
        if any(line.split()[:1] in [[name] for name in names] for line in lines):
            return "active"
        for name in names:
            text = system.text("/etc/xinetd.d/" + name)
            if text and not re.search(r"^\s*disable\s*=\s*yes\b", text, re.MULTILINE):
                return "active"
        return "inactive" if system.is_installed(*programs) else "absent"

    return read


def _time(system: System) -> Optional[str]:
    if any(system.root.stat(path) is not None for path in _CONTAINERS):
        return "active"  # a container has the clock of its host
    if system.running is None:
        return None
    return "inactive" if system.running.isdisjoint(("systemd-timesyn", "chronyd", "ntpd", "openntpd")) else "active"


def _sticky(system: System) -> Optional[str]:
    # A service of its own may have another /tmp than the system.
    facts = system.root.stat("/proc/1/root/tmp") or system.root.stat("/tmp")  # noqa: S108 - only looked at
    if facts is None:
        return None
    is_safe = bool(facts.st_mode & stat.S_ISVTX) or not facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return settings.switch(is_safe)


def _secure_boot(system: System) -> Optional[str]:
    if not system.root.is_folder("/sys/firmware/efi"):
        return "absent"
    value = secure_boot(system.root)
    return None if value is None else settings.switch(value)


READERS: Dict[str, Callable[[System], Optional[str]]] = {
    "firmware.secure_boot": _secure_boot,
    "linux.accounts.empty_passwords": _empty_passwords,
    "linux.accounts.root_ids": _root_ids,
    "linux.automatic_updates": _automatic_updates,
    "linux.firewall": _firewall,
    "linux.login_defs.pass_max_days": _password_days,
    "linux.mandatory_access_control": _access_control,
    "linux.pwquality.minlen": _password_length,
    "linux.service.auditd": _service("auditd", "auditd"),
    "linux.service.rsh": _served(
        ("shell", "login", "exec", "rsh", "rlogin", "rexec"), ("in.rshd", "in.rlogind", "in.rexecd", "rshd", "rlogind")
    ),
    "linux.service.telnet": _served(("telnet",), ("in.telnetd", "telnetd", "inetutils-telnetd")),
    "linux.time_synchronisation": _time,
    "linux.tmp.sticky": _sticky,
    **{"linux.sysctl." + name: _sysctl(name) for name in _SYSCTLS},
    **{"linux.sshd." + name: _sshd_option(*option) for name, option in _SSHD.items()},
}


def applies(root: Root) -> bool:
    return root.is_file(_PASSWD)


def watched(_root: Root) -> Tuple[str, ...]:
    return ()


def read(root: Root) -> Findings:
    return settings.read_all(READERS, System(root))


COLLECTOR = Collector("settings_linux", ("linux",), True, (), applies, read, watched)
