"""Microsoft's monthly documents (CVRF 1.1) as records of CVEs.

A product that is known to be affected becomes a range: below the fixed build where a vendor fix names one, else open,
with the update that closes it as ``module`` (``KB5034770``): an open range of Windows is closed by that update or by
one that supersedes it. Editions of Windows are compared by build inside their branch (ecosystem ``windows``),
everything else by version (``microsoft``). Workarounds and mitigations are kept as such; the exploit status gives
evidence.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from weakspot.intel.contracts import (
    AdvisoryRecord,
    EvidenceRecord,
    Mitigation,
    Quarantined,
    Range,
    SeverityClaim,
    Supersedence,
)
from weakspot.intel.rules import names
from weakspot.intel.sources.base import Record, WantEntry
from weakspot.intel.sources.folder import FolderReader
from weakspot.intel.sources.msrc.document import Document, Remediation, Vulnerability
from weakspot.intel.sources.msrc.encodings import load
from weakspot.intel.sources.nvd.reader import moment
from weakspot.runtime.clock import Micros
from weakspot.vocabulary import ecosystems
from weakspot.vocabulary.ecosystems import MICROSOFT, WINDOWS
from weakspot.vocabulary.severity import ORDER, from_words

_KB = re.compile(r"(?:KB)?(\d{6,8})")
_BUILD = re.compile(r"\d+(?:\.\d+){1,5}")
_TAG = re.compile(r"<[^>]{0,500}>")
_NO_REMEDY = Remediation("", "", ())
_KINDS = {
    "workaround": "workaround",
    "mitigation": "mitigation",
    "will not fix": "no_fix_planned",
    "none available": "none_available",
}


class MsrcReader(FolderReader):
    """Reads ``msrc/``: one document a month, JSON or XML."""

    source = "msrc"
    version = 3
    pattern = re.compile(r"(?:msrc-cvrf-)?\d{4}-[A-Z][a-z]{2}\.(?:json|xml)(?:\.gz)?")

    def records(self, path: Path, want: WantEntry) -> Iterator[Record]:  # noqa: ARG002 - the interface
        """A record a CVE, evidence, and which update contains which."""
        document = load(path)
        updates: dict[Supersedence, None] = {}
        for item in document.vulnerabilities:
            try:
                yield from _records(document, item)
                updates.update(dict.fromkeys(_supersedence(item)))
            except ValueError as error:
                yield Quarantined(item.cve or path.name, f"The entry {error}.", item.title[:500])
        yield from updates


def _records(document: Document, item: Vulnerability) -> Iterator[Record]:
    name = names.canonical_name(item.cve)
    if not names.is_usable(name) or names.is_notice(name):
        raise ValueError(f"is not about a CVE: {name[:40]!r}")
    words = [t.text for t in item.threats if t.kind == "severity"]
    yield AdvisoryRecord(
        record_id=name,
        title=plain(item.title)[:400],
        description=plain(item.description)[:4000],
        published_at=_moment(document.released),
        modified_at=_moment(item.revised) or _moment(document.released),
        severities=tuple(SeverityClaim(v[:400], "cna") for v in dict.fromkeys(item.vectors) if v)[:8],
        vendor_severity=max(words, key=lambda word: ORDER[from_words(word)], default=None),
        cwes=tuple(dict.fromkeys(cwe[:20] for cwe in item.cwes)),
        mitigations=tuple(dict.fromkeys(_mitigations(item.remediations)))[:20],
        url=f"https://msrc.microsoft.com/update-guide/vulnerability/{name}",
        ranges=tuple(dict.fromkeys(_ranges(document, item))),
    )
    if unknown := sorted({product for product in item.affected if product not in document.products}):
        told = f"The entry names products that the document does not have; no range for them: {', '.join(unknown)}."
        yield Quarantined(f"{name} products", told, item.title[:500])
    status = " ".join(t.text for t in item.threats if t.kind == "exploit status").lower()
    if "exploited:yes" in status:
        yield EvidenceRecord(name=name, kind="known_exploited", since=document.released[:10] or None)
    elif "disclosed:yes" in status:
        yield EvidenceRecord(name=name, kind="proof_of_concept", details={"reason": "publicly disclosed"})


def _moment(text: str) -> Micros | None:
    try:
        return moment(text)
    except ValueError:
        return None


def plain(text: str) -> str:
    """Text without markup."""
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())


def identity_of(product: str) -> tuple[str, str]:
    """Microsoft's product name as an identity: editions of Windows by build, all else by version.

    A browser's Extended Stable channel is a branch of the same product.
    """
    name = " ".join(product.split()).removesuffix(" Extended Stable")
    is_system = name.startswith(
        ("Windows 1", "Windows Server", "Windows 7", "Windows 8", "Windows RT", "Windows Vista")
    )
    ecosystem = WINDOWS if is_system else MICROSOFT
    return ecosystem, ecosystems.normalise_name(ecosystem, name)


def _ranges(document: Document, item: Vulnerability) -> Iterator[Range]:
    fixes: defaultdict[str, list[Remediation]] = defaultdict(list)
    for remedy in item.remediations:
        if remedy.kind == "vendor fix":
            for product in remedy.products:
                fixes[product].append(remedy)
    for product in item.affected:
        name = document.products.get(product)
        if name is None:
            continue
        ecosystem, identity = identity_of(name)
        for remedy in fixes.get(product) or [_NO_REMEDY]:
            build, kb = remedy.fixed_build.strip(), kb_of(remedy.text)
            if _BUILD.fullmatch(build):
                yield Range(ecosystem, identity, "0", build, "fixed", module=kb)
            else:
                yield Range(ecosystem, identity, "0", None, "none", module=kb)


def kb_of(text: str) -> str:
    """``5034770`` or ``KB5034770`` -> ``KB5034770``; empty for anything else."""
    match = _KB.fullmatch(text.strip())
    return f"KB{match[1]}" if match else ""


def _mitigations(remedies: tuple[Remediation, ...]) -> Iterator[Mitigation]:
    for remedy in remedies:
        kind = _KINDS.get(remedy.kind)
        if kind and remedy.text:
            yield Mitigation(kind, plain(remedy.text)[:2000], remedy.url[:500])


def _supersedence(item: Vulnerability) -> Iterator[Supersedence]:
    for remedy in item.remediations:
        update = kb_of(remedy.text)
        for older in re.split(r"[;,\s]+", remedy.supersedes) if update else ():
            if kb := kb_of(older):
                yield Supersedence(update[2:], kb[2:])
