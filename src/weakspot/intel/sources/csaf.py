"""CSAF 2.0 documents (https://docs.oasis-open.org/csaf/csaf/v2.0/) of Linux distributions to advisories.

Shared by the sources that publish them. A document's product tree names platforms (by CPE) and components (by package
URL, or by a name as rpm writes it), and joins them by relationships, of which one may stand on another (a package of a
module of a platform). What a platform's CPE stands for is the source's own knowledge, handed in as ``Platforms``.

Read: product status (fixed, known and first affected, known not affected, under investigation), remediations, scores,
notes, CWE, references, impact and dates. ``recommended`` says what ``fixed`` says and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec

from weakspot.intel.contracts import AdvisoryRecord, AffectedStatus, Mitigation, Quarantined, Range, Reference
from weakspot.intel.contracts import SeverityClaim as Severity
from weakspot.intel.rules import names
from weakspot.intel.sources import files
from weakspot.intel.sources.base import Record, excerpt
from weakspot.runtime.clock import Micros, from_iso
from weakspot.vocabulary import purl

MAX_RANGES = 20_000
MAX_DEPTH = 8
MAX_MITIGATIONS = 20
MAX_REFERENCES = 40

Platforms = Callable[[str], tuple[str, ...]]
"""CPE name of a platform -> ecosystems that it stands for; none: a product that is not assessed here."""

_RPM_FILE = re.compile(
    r"^(?P<name>.+)-(?:(?P<epoch>\d+):)?(?P<version>[^-:]+)-(?P<release>[^-]+)"
    r"\.(?:src|nosrc|noarch|x86_64|aarch64|ppc64le|ppc64|s390x|i[3-6]86|armv7hl|riscv64)$"
)
_STREAM = re.compile(r"^([\w.+-]+:[\w.+-]+)(?::|$)")
_NOT_CODE = re.compile(r"-(?:debuginfo|debugsource)(?:-|$)")
_KEPT = frozenset({"workaround", "mitigation", "no_fix_planned", "none_available"})


class _Helper(msgspec.Struct):
    purl: str = ""
    cpe: str = ""


class _Product(msgspec.Struct):
    product_id: str
    name: str = ""
    product_identification_helper: _Helper | None = None


class _Branch(msgspec.Struct):
    category: str = ""
    name: str = ""
    product: _Product | None = None
    branches: list[_Branch] = []


class _Relationship(msgspec.Struct):
    full_product_name: _Product
    product_reference: str
    relates_to_product_reference: str


class _Tree(msgspec.Struct):
    branches: list[_Branch] = []
    full_product_names: list[_Product] = []
    relationships: list[_Relationship] = []


class _Tracking(msgspec.Struct):
    id: str
    current_release_date: str = ""
    initial_release_date: str = ""


class _AggregateSeverity(msgspec.Struct):
    text: str = ""


class _Document(msgspec.Struct):
    tracking: _Tracking
    title: str = ""
    aggregate_severity: _AggregateSeverity | None = None


class _Note(msgspec.Struct):
    category: str = ""
    text: str = ""


class _Cwe(msgspec.Struct):
    id: str = ""


class _Status(msgspec.Struct):
    fixed: list[str] = []
    first_fixed: list[str] = []
    known_affected: list[str] = []
    first_affected: list[str] = []
    last_affected: list[str] = []
    known_not_affected: list[str] = []
    under_investigation: list[str] = []


class _Remediation(msgspec.Struct):
    category: str = ""
    details: str = ""
    url: str = ""
    product_ids: list[str] = []


class _Cvss(msgspec.Struct, rename="camel"):
    vector_string: str = ""


class _Score(msgspec.Struct):
    cvss_v4: _Cvss | None = None
    cvss_v3: _Cvss | None = None
    cvss_v2: _Cvss | None = None


class _Threat(msgspec.Struct):
    category: str = ""
    details: str = ""


class _Link(msgspec.Struct):
    url: str = ""
    category: str = ""


class _Flaw(msgspec.Struct):
    cve: str = ""
    title: str = ""
    release_date: str = ""
    cwe: _Cwe | None = None
    notes: list[_Note] = []
    product_status: _Status = msgspec.field(default_factory=_Status)
    remediations: list[_Remediation] = []
    scores: list[_Score] = []
    threats: list[_Threat] = []
    references: list[_Link] = []


class _Csaf(msgspec.Struct):
    document: _Document
    product_tree: _Tree = msgspec.field(default_factory=_Tree)
    vulnerabilities: list[_Flaw] = []


_decoder: msgspec.json.Decoder[_Csaf] = msgspec.json.Decoder(_Csaf)


class Component(msgspec.Struct, frozen=True):
    """A package on a platform. ``version`` empty: whatever version; ``module``: its stream, ``nodejs:18``."""

    ecosystems: tuple[str, ...]
    name: str
    version: str
    module: str


class ProductTree:
    """Looks a document's product ids up."""

    def __init__(self, tree: _Tree, platforms: Platforms) -> None:
        self._platforms = platforms
        self._products: dict[str, _Product] = {}
        left = list(tree.branches)
        while left:
            branch = left.pop()
            left.extend(branch.branches)
            if branch.product is not None:
                self._products[branch.product.product_id] = branch.product
        self._products.update((product.product_id, product) for product in tree.full_product_names)
        self._joined = {
            one.full_product_name.product_id: (one.product_reference, one.relates_to_product_reference)
            for one in tree.relationships
        }

    def component(self, product_id: str) -> Component | None:
        """What a product id stands for; None for a product that is no package of a known platform. Raises ValueError
        for an id that the tree does not explain.
        """
        if product_id not in self._joined:
            if product_id not in self._products:
                raise ValueError(f"names a product that its tree does not have: {product_id[:80]!r}")
            return None
        inner, outer = self._joined[product_id]
        module, seen = "", 0
        while outer in self._joined and seen < MAX_DEPTH:
            part, outer = self._joined[outer]
            module, seen = module or self._stream(part), seen + 1
        platform = self._products.get(outer)
        helper = platform.product_identification_helper if platform else None
        ecosystems = self._platforms(helper.cpe) if helper and helper.cpe else ()
        return self._package(inner, ecosystems, module) if ecosystems else None

    def _package(self, inner: str, ecosystems: tuple[str, ...], module: str) -> Component | None:
        helper = self._helper(inner)
        if helper.purl.startswith("pkg:rpmmod/"):
            return None  # the module as a whole: its packages are named beside it
        if helper.purl:
            found = purl.parse(helper.purl)
            stream = _stream_of(found.qualifiers.get("rpmmod", "")) or module
            epoch = found.qualifiers.get("epoch", "0")
            version = f"{epoch}:{found.version}" if found.version and epoch not in ("", "0") else found.version
            return Component(ecosystems, found.name, version, stream)
        product = self._products.get(inner)
        if match := _RPM_FILE.match(product.name if product and product.name else inner) or _RPM_FILE.match(inner):
            version = f"{match['version']}-{match['release']}"
            epoch = match["epoch"] or "0"
            return Component(ecosystems, match["name"], version if epoch == "0" else f"{epoch}:{version}", module)
        return Component(ecosystems, inner.rpartition("/")[2], "", _stream_of(inner.rpartition("/")[0]) or module)

    def _helper(self, product_id: str) -> _Helper:
        product = self._products.get(product_id)
        found = product.product_identification_helper if product else None
        return found or _Helper()

    def _stream(self, product_id: str) -> str:
        helper = self._helper(product_id)
        if helper.purl.startswith("pkg:rpmmod/"):
            found = purl.parse(helper.purl)
            return _stream_of(f"{found.name}:{found.version}")
        return _stream_of(product_id)


def _stream_of(text: str) -> str:
    match = _STREAM.match(text)
    return match[1] if match else ""


def read(raw: bytes, label: str, platforms: Platforms, page: str) -> Iterator[Record]:
    """Records of one document, one a vulnerability. ``page``: where people can read of it, before its name. Raises
    files.Refused for what is no CSAF document.
    """
    data: _Csaf = files.decode_json(raw, _decoder)
    tree = ProductTree(data.product_tree, platforms)
    for flaw in data.vulnerabilities:
        name = names.canonical_name(flaw.cve)
        if not names.is_usable(name):
            yield Quarantined(label, f"The document names no usable vulnerability: {flaw.cve[:60]!r}.", excerpt(raw))
            continue
        try:
            yield _record(data.document, flaw, name, tree, page)
        except ValueError as error:
            yield Quarantined(name, f"The record {error}.", excerpt(raw))


def _record(document: _Document, flaw: _Flaw, name: str, tree: ProductTree, page: str) -> AdvisoryRecord:
    own = names.canonical_name(document.tracking.id)
    record_id = name if own == name else f"{document.tracking.id[:60]}#{name}"
    severity = document.aggregate_severity
    impact = next((one.details for one in flaw.threats if one.category == "impact" and one.details), "")
    return AdvisoryRecord(
        record_id=record_id,
        name="" if record_id == name else name,
        title=_title(document, flaw, name)[:400],
        description=next((one.text for one in flaw.notes if one.category == "description"), "")[:4000],
        published_at=_moment(flaw.release_date or document.tracking.initial_release_date),
        modified_at=_moment(document.tracking.current_release_date),
        severities=_severities(flaw),
        vendor_severity=(impact or (severity.text if severity else ""))[:40] or None,
        cwes=(flaw.cwe.id[:20],) if flaw.cwe and flaw.cwe.id else (),
        references=_references(flaw),
        mitigations=_mitigations(flaw),
        url=f"{page}{name}",
        ranges=_ranges(flaw, tree),
    )


def _title(document: _Document, flaw: _Flaw, name: str) -> str:
    """A title that only repeats the name (``SUSE CVE CVE-2024-1``) says nothing; that of a notice is not the flaw's."""
    is_own = document.tracking.id == name
    return next((text for text in (flaw.title, document.title if is_own else "") if text and name not in text), "")


def _moment(text: str) -> Micros | None:
    return from_iso(text) if text else None


def _severities(flaw: _Flaw) -> tuple[Severity, ...]:
    vectors = (
        one.vector_string for score in flaw.scores for one in (score.cvss_v4, score.cvss_v3, score.cvss_v2) if one
    )
    return tuple(Severity(vector[:400]) for vector in dict.fromkeys(vectors) if vector)[:8]


def _references(flaw: _Flaw) -> tuple[Reference, ...]:
    fixes = (one.url for one in flaw.remediations if one.category == "vendor_fix")
    links = {url: Reference(url, "fix") for url in fixes if _is_link(url)}
    for one in flaw.references:
        if _is_link(one.url):
            links.setdefault(one.url, Reference(one.url, "advisory" if one.category == "self" else "web"))
    return tuple(links.values())[:MAX_REFERENCES]


def _is_link(url: str) -> bool:
    return url.startswith(("https://", "http://")) and len(url) <= 1000


def _mitigations(flaw: _Flaw) -> tuple[Mitigation, ...]:
    kept = (one for one in flaw.remediations if one.category in _KEPT and one.details)
    found = (Mitigation(one.category, one.details[:4000], one.url if _is_link(one.url) else "") for one in kept)
    return tuple(dict.fromkeys(found))[:MAX_MITIGATIONS]


def _ranges(flaw: _Flaw, tree: ProductTree) -> tuple[Range, ...]:
    found: dict[Range, None] = {}
    told = flaw.product_status
    without_fix = _without_fix(flaw)
    for product_id in (*told.fixed, *told.first_fixed):
        for one in _placed(tree, product_id):
            if one.end is not None:
                found[one] = None
    for product_id in (*told.known_affected, *told.first_affected, *told.last_affected):
        _add(found, tree, product_id, without_fix.get(product_id, "affected"))
    for product_id in told.known_not_affected:
        _add(found, tree, product_id, "not_affected")
    for product_id in told.under_investigation:
        _add(found, tree, product_id, "under_investigation")
    if len(found) > MAX_RANGES:
        raise ValueError(f"names {len(found)} packages; at most {MAX_RANGES} are read")
    return tuple(found)


def _add(found: dict[Range, None], tree: ProductTree, product_id: str, status: AffectedStatus) -> None:
    for one in _placed(tree, product_id):
        found[Range(one.ecosystem, one.name, status=status, module=one.module)] = None


def _placed(tree: ProductTree, product_id: str) -> Iterator[Range]:
    component = tree.component(product_id)
    if component is None or _NOT_CODE.search(component.name):
        return
    end = component.version or None
    for ecosystem in component.ecosystems:
        kind = "none" if end is None else "fixed"
        yield Range(ecosystem, component.name, "0", end, kind, module=component.module)  # type: ignore[arg-type]


def _without_fix(flaw: _Flaw) -> dict[str, AffectedStatus]:
    """Products that get no fix, by what their vendor says of it."""
    found: dict[str, AffectedStatus] = {}
    for one in flaw.remediations:
        if one.category == "no_fix_planned":
            is_over = "out of support" in one.details.lower()
            found.update(dict.fromkeys(one.product_ids, "end_of_life" if is_over else "wont_fix"))
    return found
