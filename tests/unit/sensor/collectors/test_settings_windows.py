from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.sensor.registry_fixture import WrittenRegistry
from weakspot_sensor import commands
from weakspot_sensor.collectors.settings_windows import ASK_SECONDS, Script, read_from

POLICIES = "HKLM\\SOFTWARE\\Policies\\Microsoft\\"
CONTROL = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\"
SERVICES = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"
CURRENT = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\"
ANNA = "HKU\\S-1-5-21-1-2-3-1001\\SOFTWARE\\Policies\\Microsoft\\Office\\16.0\\"
DEFENDER = {"mode": "Normal", "real_time": "True", "tamper": "False", "cloud": "2", "unwanted": "2"}
ASKED = {
    "defender": DEFENDER,
    "bitlocker": "1",
    "guest": "False",
    "in_domain": "True",
    "features": {"MicrosoftWindowsPowerShellV2": "1", "SMB1Protocol": "3", "ServerForNFS-Infrastructure": "2"},
}


def failing() -> bytes:
    raise commands.CommandError("powershell is not installed")


def told(keys: dict[str, dict[str, Any]], asked: object = ASKED) -> dict[str, str]:
    found = read_from(WrittenRegistry(keys), Script(lambda: json.dumps(asked).encode()))
    assert found.problems == []
    rows = found.facts["details"]["settings"]
    return {one["name"].removeprefix("windows."): one["value"] for one in rows}


def test_defaults_of_a_system_on_which_nothing_is_set() -> None:
    assert told({}) == {
        "firmware.secure_boot": "absent",
        "automatic_updates": "enabled",
        "autorun": "enabled",
        "bitlocker.system_drive": "enabled",
        "defender.cloud": "enabled",
        "defender.real_time": "enabled",
        "defender.tamper": "disabled",
        "defender.unwanted_programs": "audit",
        "feature.certificate_services": "absent",
        "feature.hyper_v": "absent",
        "feature.nfs": "disabled",
        "guest_account": "disabled",
        "llmnr": "enabled",
        "lm_compatibility_level": "3",
        "lsa_protection": "disabled",
        "netlogon.sign_secure_channel": "enabled",
        "office.block_internet_macros": "absent",
        "powershell.script_block_logging": "disabled",
        "powershell2": "enabled",
        "rdp.network_level_authentication": "absent",
        "service.telnet": "absent",
        "smart_screen": "enabled",
        "smb.server_signing_required": "disabled",
        "smb1": "absent",
        "uac": "enabled",
        "uac.administrator_prompt": "5",
        "wdigest": "disabled",
    }


def test_what_is_set_in_the_registry() -> None:
    found = told(
        {
            CONTROL + "SecureBoot\\State": {"UEFISecureBootEnabled": 1},
            POLICIES + "Windows\\WindowsUpdate\\AU": {"NoAutoUpdate": 1},
            CURRENT + "Policies\\Explorer": {"NoDriveTypeAutoRun": 255},
            POLICIES + "WindowsFirewall\\DomainProfile": {"EnableFirewall": 0},
            SERVICES + "SharedAccess\\Parameters\\FirewallPolicy\\DomainProfile": {"EnableFirewall": 1},
            SERVICES + "SharedAccess\\Parameters\\FirewallPolicy\\StandardProfile": {"EnableFirewall": 1},
            POLICIES + "Windows NT\\DNSClient": {"EnableMulticast": 0},
            CONTROL + "Lsa": {"LmCompatibilityLevel": 5, "RunAsPPL": 2},
            CONTROL + "Terminal Server": {"fDenyTSConnections": 0},
            CONTROL + "Terminal Server\\WinStations\\RDP-Tcp": {"UserAuthentication": 1},
            SERVICES + "TlntSvr": {"Start": 4},
            CURRENT + "Explorer": {"SmartScreenEnabled": "Off"},
            SERVICES + "LanmanServer\\Parameters": {"RequireSecuritySignature": 1, "SMB1": 0},
            CURRENT + "Policies\\System": {"EnableLUA": 0, "ConsentPromptBehaviorAdmin": 2},
            CONTROL + "SecurityProviders\\WDigest": {"UseLogonCredential": 1},
            POLICIES + "Windows\\PowerShell\\ScriptBlockLogging": {"EnableScriptBlockLogging": 1},
        }
    )
    assert (found["firmware.secure_boot"], found["automatic_updates"], found["autorun"]) == (
        "enabled", "disabled", "disabled",
    )  # fmt: skip
    assert (found["firewall.domain"], found["firewall.private"]) == ("disabled", "enabled")
    assert "firewall.public" not in found
    assert (found["llmnr"], found["lm_compatibility_level"], found["lsa_protection"]) == ("disabled", "5", "enabled")
    assert (found["rdp.network_level_authentication"], found["service.telnet"]) == ("enabled", "inactive")
    assert (found["smart_screen"], found["smb.server_signing_required"], found["smb1"]) == (
        "disabled", "enabled", "disabled",
    )  # fmt: skip
    assert (found["uac"], found["uac.administrator_prompt"], found["wdigest"]) == ("disabled", "2", "enabled")
    assert found["powershell.script_block_logging"] == "enabled"


def test_office_is_compliant_only_for_everybody_and_every_program() -> None:
    office = {"HKLM\\SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration": {"x": 1}}
    assert "office.block_internet_macros" not in told(office), "nobody is signed in"
    keys = {f"{ANNA}{one}\\Security": {"blockcontentexecutionfrominternet": 1} for one in ("Word", "Excel")}
    assert told(office | keys)["office.block_internet_macros"] == "disabled"
    keys[f"{ANNA}PowerPoint\\Security"] = {"blockcontentexecutionfrominternet": 1}
    assert told(office | keys)["office.block_internet_macros"] == "enabled"


@pytest.mark.parametrize("mode", ["Passive Mode", "Not running", ""])
def test_another_antivirus_makes_defender_absent(mode: str) -> None:
    found = told({}, ASKED | {"defender": DEFENDER | {"mode": mode}})
    assert {value for name, value in found.items() if name.startswith("defender.")} == {"absent"}


def test_what_only_the_script_tells_is_unknown_where_it_fails() -> None:
    found = read_from(WrittenRegistry({}), Script(failing))
    names = {one["name"] for one in found.facts["details"]["settings"]}
    assert found.problems == ["PowerShell: powershell is not installed"]
    asked = {"bitlocker.system_drive", "defender.real_time", "powershell2", "feature.hyper_v", "feature.nfs"}
    assert names.isdisjoint(f"windows.{one}" for one in asked)
    assert "windows.uac" in names


ODD = [[], {}, {"defender": [], "features": [1]}, {"bitlocker": 7, "guest": {}, "features": {}}, "text"]


@pytest.mark.parametrize("odd", ODD)
def test_odd_answers_tell_nothing(odd: object) -> None:
    found = told({}, odd)
    assert "bitlocker.system_drive" not in found
    assert "feature.hyper_v" not in found, "what could not be listed is unknown, not absent"


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ({"Microsoft-Hyper-V": "2", "TelnetClient": "1"}, "disabled"),
        ({"TelnetClient": "1"}, "absent"),
        ({"Microsoft-Hyper-V": "2", "VirtualMachinePlatform": "1"}, "enabled"),
        ({"Microsoft-Hyper-V": "4", "VirtualMachinePlatform": "1"}, "enabled"),
        ({"Microsoft-Hyper-V": "4", "VirtualMachinePlatform": "2"}, None),
    ],
)
def test_a_part_is_on_with_any_of_its_features_and_unknown_with_a_state_that_is(
    features: dict[str, str], expected: str | None
) -> None:
    assert told({}, ASKED | {"features": features}).get("feature.hyper_v") == expected


def test_version_1_of_smb_is_there_with_its_feature() -> None:
    assert told({}, ASKED | {"features": {"SMB1Protocol": "1"}})["smb1"] == "enabled"


def test_the_script_is_run_once_an_hour() -> None:
    at, runs = 0.0, 0

    def run() -> bytes:
        nonlocal runs
        runs += 1
        return b'{"bitlocker": "0"}'

    script = Script(run, lambda: at)
    for at in (0.0, ASK_SECONDS - 1, ASK_SECONDS + 1):  # noqa: B007 - read by the clock
        assert script.answer(pytest.fail) == {"bitlocker": "0"}
    assert runs == 2


def test_a_role_is_off_where_services_can_be_read_without_it_and_unknown_where_they_cannot() -> None:
    assert "service.dns_server" not in told({})
    found = told(
        {SERVICES + "Dnscache": {"Start": 2}, SERVICES + "MSMQ": {"Start": 4}, SERVICES + "LPDSVC": {"Start": 3}}
    )
    assert (found["service.dns_server"], found["service.dhcp_server"]) == ("absent", "absent")
    assert (found["service.message_queuing"], found["service.line_printer_daemon"]) == ("inactive", "active")
    assert told({SERVICES + "RemoteAccess": {"Start": 4}})["service.routing_and_remote_access"] == "inactive"
