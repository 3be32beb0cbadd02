"""Ids of flaws and of notices, and what a record's lists of ids mean.

A flaw has one-to-one ids (CVE, GHSA, PYSEC, GO, RUSTSEC, ...): these may be joined into one vulnerability. A notice
(DSA, USN, RHSA, ...) announces updates and may cover many flaws: its id never joins anything, it is *about* each flaw
that it names.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Literal

from weakspot.intel.contracts import AdvisoryRecord

MAX_NAME_LENGTH = 120

_CVE = re.compile(r"^CVE-(\d{4})-(\d{4,19})$", re.IGNORECASE)
_GHSA = re.compile(r"^GHSA(-[0-9a-z]{4}){3}$", re.IGNORECASE)
_USABLE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:+@-]*$")
_DISTRIBUTION_CVE = re.compile(r"^[A-Za-z]+-(CVE-\d{4}-\d{4,19})$")
_NOTICE = re.compile(
    r"^(?:(?:D[SL]A|DTSA|USN|LSN|RH[SBE]A|AL[SBE]A|RL[SBE]A|RXSA|EL[SBE]A|ALAS\w*|(?:open)?SUSE-[A-Z]{2,3}|FEDORA"
    r"|MGAS[AE]|OESA|openEuler-[A-Z]{2}|CGA|BREW|ASB|PUB|A|MFSA|CLSA|GLSA|PHSA|AZL|ASA)[-:_]|MFSA ?\d{4}-|KB\d|MS\d\d-)"
)
_BUG_FIX = re.compile(r"^(?:RH|AL|RL|EL)[BE]A[-:]")
_ONE_TO_ONE = re.compile(r"^(?:CVE|GHSA|PYSEC|GO|RUSTSEC|PSF|CURL|HSEC|OSV|GSD|MAL|BIT|SNYK|EEF|RSEC|JLSEC|TEMP|TVM)-")


NameRelation = Literal["self", "alias", "about", "notice"]
"""How a record stands to a name it gives: notice is the id of a record that is about other names."""


@functools.lru_cache(maxsize=65_536)
def canonical_name(text: str) -> str:
    """One spelling: CVE in capitals, GHSA with a lower-case tail; others as they are, without blanks around them."""
    name = text.strip()
    if _CVE.match(name):
        return name.upper()
    if _GHSA.match(name):
        return "GHSA" + name[4:].lower()
    return name


def is_cve(name: str) -> bool:
    """True for a CVE id in its canonical spelling."""
    return name.startswith("CVE-") and _CVE.match(name) is not None


def is_usable(name: str) -> bool:
    """True for what can be an id at all: no blanks, no URL, at most 120 characters."""
    return 0 < len(name) <= MAX_NAME_LENGTH and _USABLE.match(name) is not None


@functools.lru_cache(maxsize=65_536)
def is_notice(name: str) -> bool:
    """True for ids of notices, which cover any number of flaws (``DSA-5000-1``, ``RHSA-2024:0001``)."""
    if _ONE_TO_ONE.match(name) or _DISTRIBUTION_CVE.match(name):
        return False
    return _NOTICE.match(name) is not None


def relations(record: AdvisoryRecord) -> list[tuple[str, NameRelation]]:
    """The names a record gives, each once, its own id first, and what they are to it.

    - A notice is about each CVE in ``about`` and ``aliases`` (other ids where it names no CVE), and stands for itself
      where it names none; a bug-fix notice that names none is no flaw at all.
    - A record with a CVE id is that CVE; other CVEs in its ``aliases`` come from transitive lists and are dropped.
    - A distribution's id (``UBUNTU-CVE-2024-1``) is the CVE inside.
    - Any other record is its own flaw, joined with its aliases; where these hold two CVEs or more it is about each
      instead.
    """
    own = canonical_name(record.name or record.record_id)
    aliases = _usable(record.aliases, own)
    about = _usable(record.about, own)
    if is_notice(own):
        covered = _covered((*aliases, *about))
        is_flaw = not covered and not _BUG_FIX.match(own)
        return _naming(own, "self" if is_flaw else "notice", (), covered)
    if is_cve(own):
        return _naming(own, "self", (name for name in aliases if not is_cve(name) and not is_notice(name)), ())
    if inside := _DISTRIBUTION_CVE.match(own):
        return _naming(own, "self", (inside[1].upper(),), ())
    cves = [name for name in aliases if is_cve(name)]
    if len(cves) > 1:
        return _naming(own, "notice", (), cves)
    return _naming(own, "self", (name for name in aliases if not is_notice(name)), ())


def preferred(names: Iterable[str]) -> str:
    """The name a vulnerability is known by: its CVE, else GHSA, else the first in order. Raises ValueError for none."""
    return min(names, key=lambda name: (0 if is_cve(name) else 1 if name.startswith("GHSA-") else 2, name))


def _usable(names: Iterable[str], own: str) -> list[str]:
    seen = dict.fromkeys(canonical_name(name) for name in names)
    return [name for name in seen if name != own and is_usable(name)]


def _covered(names: Iterable[str]) -> list[str]:
    flaws = [name for name in names if not is_notice(name)]
    flaws = list(dict.fromkeys(_inside(name) for name in flaws))
    return [name for name in flaws if is_cve(name)] or flaws


def _inside(name: str) -> str:
    match = _DISTRIBUTION_CVE.match(name)
    return match[1].upper() if match else name


def _naming(
    own: str, relation: NameRelation, aliases: Iterable[str], about: Iterable[str]
) -> list[tuple[str, NameRelation]]:
    names: dict[str, NameRelation] = {own: relation}
    for name in aliases:
        names.setdefault(name, "alias")
    for name in about:
        names.setdefault(name, "about")
    return list(names.items())
