"""Configuration settings of Windows: the registry, and what only its own management tells (one PowerShell script).

The script is run at most once an hour: it costs more than all the registry.
"""

from __future__ import annotations

import json
import time
from typing import Any, Callable, Dict, Optional, Tuple

from weakspot_sensor import commands, registry
from weakspot_sensor.collectors import settings
from weakspot_sensor.collectors.base import Collector, Findings
from weakspot_sensor.files import Root
from weakspot_sensor.registry import NARROW, NATIVE, Registry

SCRIPT = """
$ErrorActionPreference = 'SilentlyContinue'
$status = Get-MpComputerStatus; $preference = Get-MpPreference
$features = @{}
Get-CimInstance Win32_OptionalFeature | ForEach-Object { $features[[string]$_.Name] = [string]$_.InstallState }
@{
  defender = @{ mode = [string]$status.AMRunningMode; real_time = [string]$status.RealTimeProtectionEnabled;
    tamper = [string]$status.IsTamperProtected; cloud = [string]$preference.MAPSReporting;
    unwanted = [string]$preference.PUAProtection }
  bitlocker = [string](Get-CimInstance -Namespace root/cimv2/Security/MicrosoftVolumeEncryption `
    -ClassName Win32_EncryptableVolume -Filter "DriveLetter='$env:SystemDrive'").ProtectionStatus
  guest = [string](Get-LocalUser | Where-Object { [string]$_.SID -like '*-501' }).Enabled
  in_domain = [string](Get-CimInstance Win32_ComputerSystem).PartOfDomain
  features = $features
} | ConvertTo-Json -Depth 3 -Compress
"""
ASK_SECONDS = 3600.0

_POLICIES = "HKLM\\SOFTWARE\\Policies\\Microsoft\\"
_CURRENT = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\"
_CONTROL = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\"
_SERVICES = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"
_TERMINAL = _POLICIES + "Windows NT\\Terminal Services"
_FIREWALL = _SERVICES + "SharedAccess\\Parameters\\FirewallPolicy\\"
_OFFICE_KEYS = (
    "HKLM\\SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration",
    "HKLM\\SOFTWARE\\Microsoft\\Office\\16.0\\Word\\InstallRoot",
)
_OFFICE_PROGRAMS = ("Word", "Excel", "PowerPoint")
_IN_USE = ("Normal",)
_DISABLED_SERVICE = 4
_ALL_DRIVES = 255


class System:
    """The registry, and the answer of the script; `asked` is empty where it could not be run."""

    def __init__(self, source: Registry, asked: Dict[str, Any]) -> None:
        self.source = source
        self.asked = asked

    def value(self, key: str, name: str) -> Any:
        return self.source.values(key).get(name)

    def number(self, key: str, name: str) -> Optional[int]:
        value = self.value(key, name)
        return value if isinstance(value, int) else None

    def told(self, name: str) -> str:
        """One answer of the script; "" where it told nothing."""
        value = self.asked.get(name)
        return value.strip() if isinstance(value, str) else ""

    def features(self) -> Dict[str, str]:
        """State of each optional feature by name; empty where they could not be listed."""
        found = self.asked.get("features")
        return found if isinstance(found, dict) else {}


Reader = Callable[[System], Optional[str]]


def _equal(key: str, name: str, number: int, is_then_on: bool, default: Optional[int] = None) -> Reader:
    """On or off by whether a value is a number; default: what counts where it is not set."""

    def read(system: System) -> Optional[str]:
        value = system.number(key, name)
        return settings.switch(((default if value is None else value) == number) is is_then_on)

    return read


def _number(key: str, name: str, default: int) -> Reader:
    def read(system: System) -> Optional[str]:
        value = system.number(key, name)
        return str(default if value is None else value)

    return read


def _firewall(policy: str, service: str) -> Reader:
    """The policy decides where there is one."""

    def read(system: System) -> Optional[str]:
        for key in (_POLICIES + "WindowsFirewall\\" + policy, _FIREWALL + service):
            value = system.number(key, "EnableFirewall")
            if value is not None:
                return settings.switch(value == 1)
        return None

    return read


def _defender(name: str, values: Dict[str, str]) -> Reader:
    """One answer of Defender, as the catalogue spells it; another antivirus, or none, is `absent`."""

    def read(system: System) -> Optional[str]:
        defender = system.asked.get("defender")
        if not isinstance(defender, dict):
            return None
        if defender.get("mode") not in _IN_USE:
            return "absent"
        return values.get(str(defender.get(name)))

    return read


_TRUTH = {"True": "enabled", "False": "disabled"}


def _asked(name: str, values: Dict[str, str]) -> Reader:
    return lambda system: values.get(system.told(name))


_ENABLED, _DISABLED, _ABSENT = "1", "2", "3"


def _feature(*names: str) -> Reader:
    """On where any of them is. A feature that is not in the list is none of this system; without a list, or where a
    state is not known, nothing is said.
    """

    def read(system: System) -> Optional[str]:
        features = system.features()
        states = {str(features.get(name, _ABSENT)) for name in names}
        if _ENABLED in states:
            return "enabled"
        if not features or states - {_DISABLED, _ABSENT}:
            return None
        return "disabled" if _DISABLED in states else "absent"

    return read


def _lsa(system: System) -> Optional[str]:
    return settings.switch(system.number(_CONTROL + "Lsa", "RunAsPPL") in (1, 2))


def _office(system: System) -> Optional[str]:
    """Policies of everybody who is signed in; where nobody is, nothing is known."""
    if not any(system.source.exists(key, view) for key in _OFFICE_KEYS for view in (NATIVE, NARROW)):
        return "absent"
    users = [name for name in system.source.subkeys("HKU") if name.startswith("S-1-5-21-") and "_" not in name]
    keys = [
        "HKU\\{}\\SOFTWARE\\Policies\\Microsoft\\Office\\16.0\\{}\\Security".format(user, program)
        for user in users
        for program in _OFFICE_PROGRAMS
    ]
    if not keys:
        return None
    return settings.switch(all(system.number(key, "blockcontentexecutionfrominternet") == 1 for key in keys))


def _remote_desktop(system: System) -> Optional[str]:
    own = _CONTROL + "Terminal Server"
    denied = system.number(_TERMINAL, "fDenyTSConnections")
    if denied is None:
        denied = system.number(own, "fDenyTSConnections")
    if denied in (None, 1):
        return "absent"
    level = system.number(_TERMINAL, "UserAuthentication")
    if level is None:
        level = system.number(own + "\\WinStations\\RDP-Tcp", "UserAuthentication")
    return settings.switch(level == 1)


def _secure_channel(system: System) -> Optional[str]:
    if system.told("in_domain") != "True":
        return "absent" if system.told("in_domain") == "False" else None
    return settings.switch(system.number(_SERVICES + "Netlogon\\Parameters", "SignSecureChannel") in (None, 1))


def _smart_screen(system: System) -> Optional[str]:
    policy = system.number(_POLICIES + "Windows\\System", "EnableSmartScreen")
    if policy is not None:
        return settings.switch(policy != 0)
    return settings.switch(str(system.value(_CURRENT + "Explorer", "SmartScreenEnabled")).lower() != "off")


def _smb1(system: System) -> Optional[str]:
    value = system.number(_SERVICES + "LanmanServer\\Parameters", "SMB1")
    if value is not None:
        return settings.switch(value == 1)
    is_there = system.source.exists(_SERVICES + "mrxsmb10") or system.features().get("SMB1Protocol") == _ENABLED
    return "enabled" if is_there else "absent"


def _service(name: str) -> Reader:
    """A service that nobody installed has no key; where none has one that can be read, nothing is known."""

    def read(system: System) -> Optional[str]:
        if not system.source.exists(_SERVICES + name):
            return "absent" if system.source.exists(_SERVICES[:-1]) else None
        return "inactive" if system.number(_SERVICES + name, "Start") == _DISABLED_SERVICE else "active"

    return read


def _telnet(system: System) -> Optional[str]:
    return _service("TlntSvr")(system) or "absent"


def _secure_boot(system: System) -> Optional[str]:
    value = system.number(_CONTROL + "SecureBoot\\State", "UEFISecureBootEnabled")
    return "absent" if value is None else settings.switch(value == 1)


_SYSTEM_POLICIES = _CURRENT + "Policies\\System"
CERTIFICATE_SERVICES = (
    "ADCertificateServicesRole", "CertificateEnrollmentPolicyServer", "CertificateEnrollmentServer",
    "CertificateServices", "NetworkDeviceEnrollmentServices", "OnlineRevocationServices", "WebEnrollmentServices",
)  # fmt: skip
HYPER_V = (
    "Containers", "Containers-DisposableClientVM", "HypervisorPlatform", "Microsoft-Hyper-V", "Microsoft-Hyper-V-All",
    "Microsoft-Hyper-V-Hypervisor", "Microsoft-Hyper-V-Online", "Microsoft-Hyper-V-Services", "VirtualMachinePlatform",
)  # fmt: skip
"""All that lets virtual machines run on Microsoft's hypervisor, also without the role: sandbox, WSL, emulators."""
NFS = ("ClientForNFS-Infrastructure", "ServerForNFS-Infrastructure", "ServicesForNFS-ServerAndClient")
READERS: Dict[str, Reader] = {
    "firmware.secure_boot": _secure_boot,
    "windows.automatic_updates": _equal(_POLICIES + "Windows\\WindowsUpdate\\AU", "NoAutoUpdate", 1, False),
    "windows.autorun": _equal(_CURRENT + "Policies\\Explorer", "NoDriveTypeAutoRun", _ALL_DRIVES, False),
    "windows.bitlocker.system_drive": _asked("bitlocker", {"1": "enabled", "0": "disabled"}),
    "windows.defender.cloud": _defender("cloud", {"0": "disabled", "1": "enabled", "2": "enabled"}),
    "windows.defender.real_time": _defender("real_time", _TRUTH),
    "windows.defender.tamper": _defender("tamper", _TRUTH),
    "windows.defender.unwanted_programs": _defender("unwanted", {"0": "disabled", "1": "enabled", "2": "audit"}),
    "windows.feature.certificate_services": _feature(*CERTIFICATE_SERVICES),
    "windows.feature.hyper_v": _feature(*HYPER_V),
    "windows.feature.nfs": _feature(*NFS),
    "windows.firewall.domain": _firewall("DomainProfile", "DomainProfile"),
    "windows.firewall.private": _firewall("PrivateProfile", "StandardProfile"),
    "windows.firewall.public": _firewall("PublicProfile", "PublicProfile"),
    "windows.guest_account": _asked("guest", _TRUTH),
    "windows.llmnr": _equal(_POLICIES + "Windows NT\\DNSClient", "EnableMulticast", 0, False),
    "windows.lm_compatibility_level": _number(_CONTROL + "Lsa", "LmCompatibilityLevel", 3),
    "windows.lsa_protection": _lsa,
    "windows.netlogon.sign_secure_channel": _secure_channel,
    "windows.office.block_internet_macros": _office,
    "windows.powershell.script_block_logging": _equal(
        _POLICIES + "Windows\\PowerShell\\ScriptBlockLogging", "EnableScriptBlockLogging", 1, True
    ),
    "windows.powershell2": _feature("MicrosoftWindowsPowerShellV2"),
    "windows.rdp.network_level_authentication": _remote_desktop,
    "windows.service.deployment_services": _service("WDSServer"),
    "windows.service.dhcp_server": _service("DHCPServer"),
    "windows.service.dns_server": _service("DNS"),
    "windows.service.line_printer_daemon": _service("LPDSVC"),
    "windows.service.message_queuing": _service("MSMQ"),
    "windows.service.remote_desktop_gateway": _service("TSGateway"),
    "windows.service.remote_desktop_licensing": _service("TermServLicensing"),
    "windows.service.routing_and_remote_access": _service("RemoteAccess"),
    "windows.service.telnet": _telnet,
    "windows.smart_screen": _smart_screen,
    "windows.smb.server_signing_required": _equal(
        _SERVICES + "LanmanServer\\Parameters", "RequireSecuritySignature", 1, True
    ),
    "windows.smb1": _smb1,
    "windows.uac": _equal(_SYSTEM_POLICIES, "EnableLUA", 0, False),
    "windows.uac.administrator_prompt": _number(_SYSTEM_POLICIES, "ConsentPromptBehaviorAdmin", 5),
    "windows.wdigest": _equal(_CONTROL + "SecurityProviders\\WDigest", "UseLogonCredential", 1, True),
}


class Script:
    """The answer of the script, asked for anew when it is an hour old."""

    def __init__(self, run: Callable[[], bytes], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._run = run
        self._monotonic = monotonic
        self._answer: Dict[str, Any] = {}
        self._next = 0.0

    def answer(self, found_problem: Callable[[str], None]) -> Dict[str, Any]:
        if self._answer and self._monotonic() < self._next:
            return self._answer
        try:
            told = json.loads(self._run().decode("utf-8-sig", "replace"))
        except (commands.CommandError, ValueError, RecursionError) as error:
            found_problem("PowerShell: {}".format(error))
            return {}
        self._answer = told if isinstance(told, dict) else {}
        self._next = self._monotonic() + ASK_SECONDS
        return self._answer


_script = Script(lambda: commands.run(["powershell", "-NoProfile", "-NonInteractive", "-Command", SCRIPT]))


def applies(_root: Root) -> bool:
    return registry.system().exists("HKLM\\SOFTWARE")


def watched(_root: Root) -> Tuple[str, ...]:
    return ()


def read(_root: Root) -> Findings:
    return read_from(registry.system(), _script)


def read_from(source: Registry, script: Script) -> Findings:
    """Everything that is found there; what only the script tells is left out where it fails."""
    problems: list[str] = []
    found = settings.read_all(READERS, System(source, script.answer(problems.append)))
    found.problems.extend(problems)
    return found


COLLECTOR = Collector("settings_windows", ("win32",), True, (), applies, read, watched)
