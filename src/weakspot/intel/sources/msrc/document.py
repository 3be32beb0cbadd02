"""A CVRF document as neither XML nor JSON: what both encodings are read into."""

from __future__ import annotations

import msgspec

STATUS_AFFECTED = "known affected"


class Remediation(msgspec.Struct, frozen=True):
    """One remedy. ``kind``: vendor fix, workaround, mitigation, will not fix, none available, known issue, release
    notes.
    """

    kind: str
    text: str
    products: tuple[str, ...]
    url: str = ""
    fixed_build: str = ""
    supersedes: str = ""


class Threat(msgspec.Struct, frozen=True):
    """``kind``: impact, severity, exploit status."""

    kind: str
    text: str
    products: tuple[str, ...] = ()


class Vulnerability(msgspec.Struct, frozen=True):
    """One CVE of a document."""

    cve: str
    title: str = ""
    description: str = ""
    cwes: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()
    threats: tuple[Threat, ...] = ()
    vectors: tuple[str, ...] = ()
    remediations: tuple[Remediation, ...] = ()
    revised: str = ""


class Document(msgspec.Struct, frozen=True):
    """``products``: id -> full name. ``released``: ISO time."""

    products: dict[str, str]
    vulnerabilities: tuple[Vulnerability, ...]
    released: str = ""
