"""Files for those who do the work: pure functions from devices and packages to text.

All names come from devices and advisories and are foreign text. What goes into a command is quoted for its language;
what a language could misread even so (names with templates, line breaks, option-like names) is left out and counted in
the file's head.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from weakspot.remediation.handover.ansible import inventory, playbook
from weakspot.remediation.handover.base import Handover, HandoverDevice, Step
from weakspot.remediation.handover.scripts import device_list, powershell, shell

FORMATS: Mapping[str, tuple[Callable[[Handover], str], str]] = {
    "ansible_inventory": (inventory, "inventory.yml"),
    "ansible_playbook": (playbook, "playbook.yml"),
    "powershell": (powershell, "remediate.ps1"),
    "shell": (shell, "remediate.sh"),
    "csv": (device_list, "devices.csv"),
}
"""Format -> what writes it, and the file's name."""

__all__ = ["FORMATS", "Handover", "HandoverDevice", "Step"]
