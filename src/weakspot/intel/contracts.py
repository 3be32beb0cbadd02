"""What crosses the border of the intelligence, and the records that sources are read into.

Times are microseconds since the epoch, UTC; dates are ISO text. Structs are frozen; sequences are tuples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from weakspot.runtime.clock import Micros
from weakspot.vocabulary.severity import Severity

Identity = tuple[str, str]
"""(ecosystem, name): ("Debian:12", "openssl"), ("PyPI", "requests"), ("cpe", "7-zip:7-zip")."""

Relation = Literal["self", "alias", "about"]
EndKind = Literal["fixed", "last_affected", "none", "versions"]
AffectedStatus = Literal[
    "affected", "not_affected", "wont_fix", "end_of_life", "under_investigation", "unimportant", "fixed"
]
ExploitLevel = Literal["none", "proof_of_concept", "public", "verified", "kit", "known_exploited"]
RunStatus = Literal["never", "succeeded", "partly", "failed"]

Progress = Callable[[str, int, int], None]
"""Called as ``progress(what, done, total)``; ``total`` 0 means not known."""


# --- what readers produce -------------------------------------------------------------------------------------------


class Range(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Which versions of one software are affected: ``introduced <= v < end`` (fixed), ``<= end`` (last_affected), all
    from ``introduced`` on (none), or just the ``versions`` listed (versions). ``introduced`` "0" means from the first
    version.
    """

    ecosystem: str
    name: str
    introduced: str = "0"
    end: str | None = None
    end_kind: EndKind = "none"
    versions: tuple[str, ...] | None = None
    status: AffectedStatus = "affected"
    module: str = ""
    """Narrower than the name: an rpm module stream (``nodejs:18``) or a CPE's target software
    (``target_sw=wordpress``).
    """
    running_on: tuple[str, ...] | None = None
    """CPE identities (``vendor:product``) of which one must be on the device too; None: no such condition."""
    is_introduced_excluded: bool = False
    """True where ``introduced`` itself is not affected (NVD's versionStartExcluding)."""
    also_running_on: tuple[tuple[str, ...], ...] = ()
    """Further conditions like ``running_on``: of each, one identity must be on the device too."""


class SeverityClaim(msgspec.Struct, frozen=True, array_like=True):
    """One CVSS vector; ``by`` names who gave it (``nvd``, ``cna``, ...), empty: the source itself."""

    vector: str
    by: str = ""


class Reference(msgspec.Struct, frozen=True, array_like=True):
    """A link; ``kind`` is OSV's reference type in lower case (``advisory``, ``fix``, ``web``, ...)."""

    url: str
    kind: str = "web"


class Mitigation(msgspec.Struct, frozen=True, array_like=True):
    """What can be done: ``kind`` is required_action, workaround, mitigation, vendor_fix, no_fix_planned or
    none_available.
    """

    kind: str
    text: str
    url: str = ""
    due_on: str | None = None


class AdvisoryRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One record of one source, as normalised by its reader.

    ``aliases``: ids of the same flaw; ``about``: ids of the flaws that this notice covers (``intel.rules.names``
    decides).
    """

    record_id: str
    name: str = ""
    """The flaw's id, where ``record_id`` says more than that (a source with several records a flaw)."""
    title: str = ""
    description: str = ""
    published_at: Micros | None = None
    modified_at: Micros | None = None
    withdrawn_at: Micros | None = None
    aliases: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    severities: tuple[SeverityClaim, ...] = ()
    vendor_severity: str | None = None
    cwes: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    mitigations: tuple[Mitigation, ...] = ()
    decision_points: dict[str, str] = {}
    """SSVC: Exploitation, Automatable, Technical Impact."""
    url: str | None = None
    ranges: tuple[Range, ...] = ()
    is_disputed: bool = False


class EvidenceRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one source says about exploitation of ``name``. One row for each (source, name, kind)."""

    name: str
    kind: Literal["known_exploited", "ransomware", "kit", "verified", "public", "proof_of_concept", "technique"]
    since: str | None = None
    details: dict[str, str] = {}


class EpssDay(msgspec.Struct, frozen=True):
    """Head of one day's EPSS file; its rows follow as ``EpssRow``."""

    scored_on: str
    model: str


class EpssRow(msgspec.Struct, frozen=True, array_like=True):
    """Probability (0-1) of exploitation in the next 30 days, and its percentile (0-1)."""

    name: str
    probability: float
    percentile: float


class LifecycleRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Support dates of one release cycle of a product. Dates are ISO text; ``ended`` True: over, without a date."""

    product: str
    cycle: str
    title: str = ""
    category: str = ""
    released_on: str | None = None
    support_ends_on: str | None = None
    security_ends_on: str | None = None
    is_ended: bool = False
    latest: str | None = None
    identifiers: tuple[str, ...] = ()
    """CPE names and package URLs of the product."""


class Supersedence(msgspec.Struct, frozen=True, array_like=True):
    """``update`` (a KB number) contains everything that ``superseded`` did, for ``product`` ('' = any)."""

    update: str
    superseded: str
    product: str = ""


class Quarantined(msgspec.Struct, frozen=True):
    """A record that could not be read, with the reason in a sentence and at most 500 characters of it."""

    record_id: str
    reason: str
    excerpt: str = ""


# --- what other contexts read ---------------------------------------------------------------------------------------


class Claim(msgspec.Struct, frozen=True, gc=False):
    """One range of one advisory for one vulnerability, in force now.

    ``introduced_key`` is empty for "from the first version"; ``end_key`` is None where there is no end.
    """

    advisory_id: int
    source: str
    record_id: str
    relation: Relation
    vulnerability_id: int
    ecosystem: str
    name: str
    scheme: str
    introduced: str
    introduced_key: bytes
    fixed: str | None
    last_affected: str | None
    end_key: bytes | None
    end_kind: EndKind
    versions: tuple[str, ...] | None
    status: AffectedStatus
    module: str
    vendor_severity: str | None
    running_on: tuple[str, ...] | None = None
    is_introduced_excluded: bool = False
    also_running_on: tuple[tuple[str, ...], ...] = ()


class VulnerabilityFacts(msgspec.Struct, frozen=True, gc=False):
    """What lists and scores need of a vulnerability. ``epss`` and its percentile are 0-1; None: not known."""

    id: int
    name: str
    title: str
    severity: Severity
    cvss_score: float | None
    cvss_vector: str | None
    epss: float | None
    epss_percentile: float | None
    exploit_level: ExploitLevel
    is_known_exploited: bool
    is_used_by_ransomware: bool
    published_at: Micros | None
    modified_at: Micros | None
    withdrawn_at: Micros | None


class SourceClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says about one vulnerability."""

    source: str
    record_id: str
    relation: Relation
    title: str
    description: str
    severity: Severity
    vendor_severity: str | None
    cvss: tuple[SeverityClaim, ...]
    published_at: Micros | None
    modified_at: Micros | None
    withdrawn_at: Micros | None
    url: str | None
    affected: int
    """How many ranges it names."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says about exploitation."""

    source: str
    kind: str
    since: str | None
    details: dict[str, str]


class VulnerabilityDetail(msgspec.Struct, frozen=True, kw_only=True):
    """The merged record of one vulnerability, and who said what."""

    facts: VulnerabilityFacts
    description: str
    aliases: tuple[str, ...]
    references: tuple[Reference, ...]
    cwes: tuple[str, ...]
    mitigations: tuple[Mitigation, ...]
    decision_points: dict[str, str]
    is_disputed: bool
    known_exploited_since: str | None
    required_action: str | None
    due_on: str | None
    evidence: tuple[Evidence, ...]
    claims: tuple[SourceClaim, ...]
    merged_into: str | None = None


class OwnAdvisory(msgspec.Struct, frozen=True):
    """An advisory that the organisation wrote by API; ``document``: OSV JSON as it was given. ``written_by``:
    kind:id:name at that time.
    """

    record_id: str
    document: bytes
    written_at: Micros
    written_by: str


class OwnAdvisoryHead(msgspec.Struct, frozen=True, kw_only=True):
    """An own advisory in short; ``software``: ``ecosystem/name`` of what it says is affected, at most 50."""

    record_id: str
    title: str
    modified_at: Micros | None
    withdrawn_at: Micros | None
    software: tuple[str, ...]
    written_at: Micros
    written_by: str


class VexDocument(msgspec.Struct, frozen=True, kw_only=True):
    """An uploaded VEX document. ``name``: the id that it gives itself; ``statements``, ``refused``: how many of its
    statements could be read, and how many not.
    """

    id: str
    name: str
    statements: int
    refused: int
    written_at: Micros
    written_by: str


class SourceDescriptor(msgspec.Struct, frozen=True, kw_only=True):
    """What a source is, as data: shown to people and used to run it."""

    name: str
    title: str
    precedence: int
    """The greater wins where two sources claim the same identity and vulnerability. 0 is the starter knowledge."""
    needs: frozenset[str]
    """``network``: has a fetcher; ``key``: works better with an API key; nothing: files only."""
    licence: str
    attribution: str
    url: str
    mirror_layout: tuple[str, ...]
    """Globs below a mirror folder."""
    ecosystems: tuple[str, ...] = ()
    stale_after_days: int = 7


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """How a source's last run went."""

    source: str
    status: RunStatus = "never"
    reason: str = ""
    last_run_at: Micros | None = None
    last_success_at: Micros | None = None
    data_at: Micros | None = None
    counts: dict[str, int] = {}
    is_stalled: bool = False


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """A source's run, written under the next version and not visible yet. ``counts``: records, added, changed, ended,
    unchanged, quarantined. ``is_empty``: nothing would change; publishing it only notes the run. ``token`` is empty
    where not even a file changed.
    """

    source: str
    version: int
    token: str
    is_empty: bool
    counts: dict[str, int]
    status: RunStatus
    reason: str
    data_at: Micros | None


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What a publication changed. ``touches_all``: facts of most vulnerabilities moved (a new EPSS day)."""

    version: int
    identities: frozenset[Identity]
    vulnerability_ids: frozenset[int]
    touches_all: bool
    counts: dict[str, int]


class Difference(msgspec.Struct, frozen=True):
    """One place where a derived table is not what a fresh merge gives."""

    name: str
    expected: str
    actual: str
