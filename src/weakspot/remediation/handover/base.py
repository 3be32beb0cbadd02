"""What is handed over, and what of it can be written into files that machines run."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

PACKAGE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@/-]{0,200}")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+:~_^-]{0,200}")
DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,250}")
Action = Literal["update", "remove"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One software on one kind of system. version: what to move to; empty: the newest."""

    type: str
    name: str
    version: str
    action: Action


class HandoverDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device that does not show the fix yet, with what is to be done on it."""

    id: str
    name: str
    group_name: str
    system: str
    steps: tuple[Step, ...]


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """An activity to be carried out."""

    title: str
    activity_id: str
    devices: tuple[HandoverDevice, ...]


def is_plain(step: Step) -> bool:
    """Whether a package manager and every shell read its names as nothing but names."""
    return bool(PACKAGE.fullmatch(step.name)) and (not step.version or bool(VERSION.fullmatch(step.version)))


def head(given: Handover, left_out: int, mark: str = "#") -> list[str]:
    """Comment lines at the top of a file."""
    lines = [f"{mark} {one_line(given.title)}", f"{mark} Remediation activity {one_line(given.activity_id)}"]
    if left_out:
        lines.append(f"{mark} {left_out} names could be misread and are left out; see the list of devices.")
    return lines


def one_line(text: str) -> str:
    """Text without anything that would end a line or hide what follows."""
    return "".join(one if one.isprintable() else " " for one in text)[:200]
