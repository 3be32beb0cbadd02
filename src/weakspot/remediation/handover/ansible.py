"""An Ansible inventory and playbook, as YAML of plain scalars in double quotes.

Ansible evaluates ``{{`` inside strings, so only names that cannot hold it are written.
"""

from __future__ import annotations

import json
from collections import defaultdict

from weakspot.remediation.handover.base import DEVICE, Handover, Step, head, is_plain

_MODULES = {"dpkg": "ansible.builtin.apt", "rpm": "ansible.builtin.dnf", "apk": "community.general.apk"}
_JOIN = {"dpkg": "=", "rpm": "-", "apk": "="}
GROUP = "remediation"


def inventory(given: Handover) -> str:
    """Devices by their names, in one group for each kind of package manager."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    left_out = 0
    for device in given.devices:
        kinds = {step.type for step in device.steps if step.type in _MODULES}
        if not DEVICE.fullmatch(device.name):
            left_out += 1
            continue
        for kind in kinds:
            groups[kind].append(device.name)
    lines = [*head(given, left_out), "all:", "  children:"]
    for kind in sorted(groups):
        lines += [f"    {GROUP}_{kind}:", "      hosts:"]
        lines += [f"        {json.dumps(name)}: {{}}" for name in sorted(set(groups[kind]))]
    return "\n".join(lines if groups else [*lines[:-2], "all: {}"]) + "\n"


def playbook(given: Handover) -> str:
    """One play for each kind of package manager."""
    steps = {step for device in given.devices for step in device.steps if step.type in _MODULES}
    plain = sorted((one for one in steps if is_plain(one)), key=lambda one: (one.type, one.name, one.version))
    lines = head(given, len(steps) - len(plain))
    for kind in sorted({one.type for one in plain}):
        lines += [
            "- name: " + json.dumps(f"Remediate with {kind}"),
            f"  hosts: {GROUP}_{kind}",
            "  become: true",
            "  tasks:",
        ]
        for step in (one for one in plain if one.type == kind):
            lines += _task(step)
    return "\n".join(lines if plain else [*lines, "[]"]) + "\n"


def _task(step: Step) -> list[str]:
    wanted = (
        step.name if step.action == "remove" or not step.version else f"{step.name}{_JOIN[step.type]}{step.version}"
    )
    state = "absent" if step.action == "remove" else "present" if step.version else "latest"
    lines = [
        "    - name: " + json.dumps(f"{step.action} {step.name}"),
        f"      {_MODULES[step.type]}:",
        "        name: " + json.dumps(wanted),
        "        state: " + state,
    ]
    if step.type == "dpkg":
        lines += ["        update_cache: true"] + (["        only_upgrade: true"] if step.action == "update" else [])
    return lines
