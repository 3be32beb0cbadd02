"""Block and warn lists for vulnerable versions: files for the products that enforce them (spec/features.md 8).

Pure: from what is known of vulnerable versions to text. Weakspot has no agent that blocks; these files are for those
who have one. Names are foreign text and are escaped for each format; AppLocker and WDAC policies come in audit mode
where the list only warns.
"""

from __future__ import annotations

import csv
import io
import json
import plistlib
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Literal
from xml.sax.saxutils import quoteattr

import msgspec

Mitigation = Literal["Block", "Warn"]
_NAMESPACE = uuid.UUID("6d2f2d8f-6f0e-4a2c-9d39-5a1f6d1a7c11")
EVERYBODY = "S-1-1-0"
MAX_PATHS = 5_000
_HASH = re.compile(r"[0-9a-f]{64}")
_NUMBERS = re.compile(r"\d+")


class BlockedVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A vulnerable version. paths: where devices have its executables; sha256: of executables, lower case."""

    publisher: str
    product: str
    version: str
    paths: tuple[str, ...] = ()


class BlockList(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be blocked or warned about, and what the user is told."""

    title: str
    mitigation: Mitigation
    versions: tuple[BlockedVersion, ...]
    sha256: tuple[str, ...] = ()
    message: str = ""


def applocker(given: BlockList) -> str:
    """AppLocker policy (XML): publisher and path rules for executables; audit only where the list warns."""
    mode = "Enabled" if given.mitigation == "Block" else "AuditOnly"
    lines = [
        '<AppLockerPolicy Version="1">',
        f'  <RuleCollection Type="Exe" EnforcementMode="{mode}">',
        # Without a rule that allows, a collection denies all there is.
        f'    <FilePathRule Id={_id("a", "*")} Name="All else" Description=""',
        f'      UserOrGroupSid="{EVERYBODY}" Action="Allow">',
        '      <Conditions><FilePathCondition Path="*" /></Conditions>',
        "    </FilePathRule>",
    ]
    for one in given.versions:
        if (high := four_part(one.version)) is not None and one.publisher and one.product:
            name = f"{one.product} up to {one.version}"
            said = f"Name={_attribute(name)} Description={_attribute(given.title)}"
            lines += [
                (f'    <FilePublisherRule Id={_id("p", name)} {said} UserOrGroupSid="{EVERYBODY}" Action="Deny">'),
                "      <Conditions>",
                (
                    f"        <FilePublisherCondition PublisherName={_attribute(one.publisher.upper())}"
                    f' ProductName={_attribute(one.product.upper())} BinaryName="*">'
                ),
                f'          <BinaryVersionRange LowSection="*" HighSection="{high}" />',
                "        </FilePublisherCondition>",
                "      </Conditions>",
                "    </FilePublisherRule>",
            ]
    for path in windows_paths(given.versions):
        lines += [
            (
                f"    <FilePathRule Id={_id('f', path)} Name={_attribute(path)} Description={_attribute(given.title)}"
                f' UserOrGroupSid="{EVERYBODY}" Action="Deny">'
            ),
            f"      <Conditions><FilePathCondition Path={_attribute(path)} /></Conditions>",
            "    </FilePathRule>",
        ]
    return "\n".join([*lines, "  </RuleCollection>", "</AppLockerPolicy>", ""])


def wdac(given: BlockList) -> str:
    """Windows Defender Application Control supplemental deny policy (XML), by path and by hash."""
    rules, references = [], []
    for path in windows_paths(given.versions):
        key = f"ID_DENY_{uuid.uuid5(_NAMESPACE, path).hex[:16].upper()}"
        rules.append(f'    <Deny ID="{key}" FriendlyName={_attribute(given.title)} FilePath={_attribute(path)} />')
        references.append(f'            <FileRuleRef RuleID="{key}" />')
    for digest in _hashes(given):
        key = f"ID_DENY_{digest[:16].upper()}"
        rules.append(f'    <Deny ID="{key}" FriendlyName={_attribute(given.title)} Hash="{digest.upper()}" />')
        references.append(f'            <FileRuleRef RuleID="{key}" />')
    audit = [] if given.mitigation == "Block" else ["    <Rule><Option>Enabled:Audit Mode</Option></Rule>"]
    policy = str(uuid.uuid5(_NAMESPACE, given.title)).upper()
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<SiPolicy xmlns="urn:schemas-microsoft-com:sipolicy" PolicyType="Base Policy">',
            "  <VersionEx>1.0.0.0</VersionEx>",
            f"  <PolicyID>{{{policy}}}</PolicyID>",
            f"  <BasePolicyID>{{{policy}}}</BasePolicyID>",
            "  <PlatformID>{2E07F7E4-194C-4D20-B7C9-6F44A6C5A234}</PlatformID>",
            "  <Rules>",
            *audit,
            "    <Rule><Option>Enabled:Unsigned System Integrity Policy</Option></Rule>",
            "  </Rules>",
            "  <EKUs />",
            "  <FileRules>",
            '    <Allow ID="ID_ALLOW_ALL" FriendlyName="All else" FileName="*" />',
            *rules,
            "  </FileRules>",
            "  <Signers />",
            "  <SigningScenarios>",
            '    <SigningScenario Value="12" ID="ID_SIGNINGSCENARIO_UMCI" FriendlyName="User mode">',
            "      <ProductSigners>",
            "        <FileRulesRef>",
            '            <FileRuleRef RuleID="ID_ALLOW_ALL" />',
            *references,
            "        </FileRulesRef>",
            "      </ProductSigners>",
            "    </SigningScenario>",
            "  </SigningScenarios>",
            "  <HvciOptions>0</HvciOptions>",
            "</SiPolicy>",
            "",
        ]
    )


def fapolicyd(given: BlockList) -> str:
    """Rules of fapolicyd: denied (or, where the list warns, allowed and logged) by hash and path."""
    decision = "deny_audit" if given.mitigation == "Block" else "allow_audit"
    lines = [f"# {_line(given.title)}"]
    lines += [f"{decision} perm=execute all : sha256hash={one}" for one in _hashes(given)]
    # A path with a blank or a quotation mark cannot be written in a rule.
    plain = [one for one in unix_paths(given.versions) if re.fullmatch(r"/[^\s\"'=:,]+", one)]
    lines += [f"{decision} perm=execute all : path={one}" for one in plain]
    left_out = len(unix_paths(given.versions)) - len(plain)
    if left_out:
        lines.insert(1, f"# {left_out} paths cannot be written in a rule and are left out.")
    return "\n".join([*lines, ""])


def santa(given: BlockList) -> str:
    """Rules of Santa for ``santactl rule --import`` (JSON) by hash; paths as a regular expression for its profile.

    Santa cannot warn: it blocks, and tells the user the message.
    """
    message = _line(given.message or given.title)
    rules = [
        {"rule_type": "BINARY", "policy": "BLOCKLIST", "identifier": one, "custom_msg": message}
        for one in _hashes(given)
    ]
    paths = "|".join(re.escape(one) for one in unix_paths(given.versions))
    profile = plistlib.dumps({"BlockedPathRegex": f"^({paths})$"}).decode() if paths else ""
    return json.dumps({"rules": rules, "configuration_profile": profile}, indent=2, ensure_ascii=True) + "\n"


def ioc_csv(given: BlockList) -> str:
    """Indicators as CSV with the columns of EDR consoles: type, value, action, severity, platforms, description."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(("type", "value", "action", "severity", "platforms", "description"))
    action = "prevent" if given.mitigation == "Block" else "detect"
    for one in _hashes(given):
        writer.writerow(("sha256", one, action, "high", "windows,mac,linux", _cell(given.title)))
    for one in (*windows_paths(given.versions), *unix_paths(given.versions)):
        platform = "linux,mac" if one.startswith("/") else "windows"
        writer.writerow(("path", _cell(one), action, "high", platform, _cell(given.title)))
    return buffer.getvalue()


FORMATS: Mapping[str, tuple[Callable[[BlockList], str], str, str]] = {
    "applocker": (applocker, "applocker.xml", "application/xml"),
    "wdac": (wdac, "wdac.xml", "application/xml"),
    "fapolicyd": (fapolicyd, "90-weakspot.rules", "text/plain; charset=utf-8"),
    "santa": (santa, "santa.json", "application/json"),
    "ioc_csv": (ioc_csv, "indicators.csv", "text/csv; charset=utf-8"),
}
"""Format -> what writes it, the file's name and media type."""


def windows_paths(versions: Iterable[BlockedVersion]) -> list[str]:
    """Executables on Windows, without what a policy would read as a wildcard or variable."""
    found = {path for one in versions for path in one.paths if re.match(r"[A-Za-z]:\\", path)}
    return sorted(one for one in found if one.isprintable() and not set(one) & set('*?%"<>|'))[:MAX_PATHS]


def unix_paths(versions: Iterable[BlockedVersion]) -> list[str]:
    """Executables elsewhere."""
    found = {path for one in versions for path in one.paths if path.startswith("/")}
    return sorted(one for one in found if one.isprintable())[:MAX_PATHS]


def four_part(version: str) -> str | None:
    """A version as Windows files have it: four numbers up to 65535; None where it has none."""
    numbers = [int(one) for one in _NUMBERS.findall(version)[:4]]
    if not numbers or any(one > 65_535 for one in numbers):
        return None
    return ".".join(str(one) for one in [*numbers, 0, 0, 0][:4])


def _hashes(given: BlockList) -> list[str]:
    return sorted({one.lower() for one in given.sha256 if _HASH.fullmatch(one.lower())})


def _id(kind: str, text: str) -> str:
    return f'"{uuid.uuid5(_NAMESPACE, kind + text)}"'


def _attribute(text: str) -> str:
    return quoteattr(_line(text))


def _line(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)[:1_000]


def _cell(text: str) -> str:
    cleaned = _line(text)
    return f"'{cleaned}" if cleaned.startswith(("=", "+", "-", "@")) else cleaned
