"""Scripts for package managers, and the list of devices."""

from __future__ import annotations

import csv
import io
import shlex

from weakspot.remediation.handover.base import Handover, Step, head, is_plain, one_line

_UPDATE = {
    "dpkg": "apt-get install --only-upgrade --yes --",
    "rpm": "dnf upgrade --assumeyes --",
    "apk": "apk add --upgrade --",
}
_REMOVE = {"dpkg": "apt-get remove --yes --", "rpm": "dnf remove --assumeyes --", "apk": "apk del --"}
_JOIN = {"dpkg": "=", "rpm": "-", "apk": "="}
_TESTS = {"dpkg": "apt-get", "rpm": "dnf", "apk": "apk"}
_QUOTES = "'\u2018\u2019\u201a\u201b"
"""PowerShell reads each of these as an end of a single-quoted string."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_WINDOWS = ("program", "windows", "msi", "msix", "winget")


def shell(given: Handover) -> str:
    """Commands of apt, dnf and apk, to be run as root on each device; each runs where its manager is."""
    steps = _steps(given, tuple(_UPDATE))
    plain = [one for one in steps if is_plain(one)]
    lines = ["#!/bin/sh", *head(given, len(steps) - len(plain)), "set -eu", ""]
    for kind in sorted({one.type for one in plain}):
        lines.append(f"if command -v {_TESTS[kind]} >/dev/null 2>&1; then")
        if kind == "dpkg":
            lines.append("  apt-get update")
        lines += [f"  {_command(one)}" for one in plain if one.type == kind]
        lines += ["fi", ""]
    return "\n".join(lines)


def powershell(given: Handover) -> str:
    """Commands of winget, to be run as administrator on each Windows device; programs are named exactly."""
    steps = _steps(given, _WINDOWS)
    lines = [*head(given, 0), "$ErrorActionPreference = 'Stop'", ""]
    for step in steps:
        verb = "uninstall" if step.action == "remove" else "upgrade"
        version = f" --version {quoted(step.version)}" if step.version and step.action == "update" else ""
        agreed = " --accept-package-agreements" if verb == "upgrade" else ""
        lines.append(
            f"winget {verb} --name {quoted(step.name)} --exact{version} --silent{agreed} --accept-source-agreements"
        )
    return "\r\n".join([*lines, ""])


def device_list(given: Handover) -> str:
    """Devices with what is to be done on each, for Intune, ConfigMgr or a spreadsheet."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(("DeviceName", "DeviceId", "DeviceGroup", "OperatingSystem", "Software", "Action", "Version"))
    for device in given.devices:
        for step in device.steps:
            row = (device.name, device.id, device.group_name, device.system, step.name, step.action, step.version)
            writer.writerow([_cell(one) for one in row])
    return buffer.getvalue()


def quoted(text: str) -> str:
    """A PowerShell string in single quotes, in which nothing is expanded."""
    return "'" + "".join(one * 2 if one in _QUOTES else one for one in one_line(text)) + "'"


def _command(step: Step) -> str:
    if step.action == "remove":
        return f"{_REMOVE[step.type]} {shlex.quote(step.name)}"
    wanted = f"{step.name}{_JOIN[step.type]}{step.version}" if step.version else step.name
    return f"{_UPDATE[step.type]} {shlex.quote(wanted)}"


def _steps(given: Handover, kinds: tuple[str, ...]) -> list[Step]:
    steps = {step for device in given.devices for step in device.steps if step.type in kinds}
    return sorted(steps, key=lambda one: (one.type, one.name, one.version))


def _cell(text: str) -> str:
    cleaned = one_line(text)
    return f"'{cleaned}" if cleaned.startswith(_FORMULA_STARTS) else cleaned
