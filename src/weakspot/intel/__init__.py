"""Intelligence: what public and own sources say about vulnerabilities.

Purpose: keep what each source asserts, join it into vulnerabilities, and answer what is known about software and flaws.

In: files of sources (``open_mirror``, ``starter``), read by ``stage`` under the next knowledge version and put into
force by ``publish`` in the caller's unit of work. Out: ``claims`` by software identity for matching, ``facts`` for
lists and scores, ``detail`` with who said what, and the state of the sources.

Change rows (``runtime.changes``): ``intel.knowledge`` {"version", "source", "vulnerability_ids": at most 1,000 a row,
"all": True when the facts of most vulnerabilities moved}; ``intel.stalled`` {"source", "since": its last success,
None where it never had one}, once a stall (``tell_stalls``).

Invariants: the knowledge version only grows; what is staged is invisible until published, and published whole; ids of
vulnerabilities are never reused; the tables vulnerability, vulnerability_name and link equal a fresh merge of the
assertions in force (``rebuild_check``).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from weakspot.intel import tables as tables
from weakspot.intel.bundle import fingerprint as bundle_fingerprint
from weakspot.intel.bundle import import_bundle, write_bundle
from weakspot.intel.bundle import signer as bundle_signer
from weakspot.intel.contracts import (
    Claim,
    Difference,
    Evidence,
    Identity,
    LifecycleRecord,
    Mitigation,
    OwnAdvisory,
    OwnAdvisoryHead,
    Progress,
    Published,
    Quarantined,
    Reference,
    SourceClaim,
    SourceDescriptor,
    SourceState,
    Staged,
    VexDocument,
    VulnerabilityDetail,
    VulnerabilityFacts,
)
from weakspot.intel.own import has_own, own_advisories, own_advisory, own_reader, remove_own, write_own
from weakspot.intel.package_indexes import read_package_indexes
from weakspot.intel.service import (
    detail,
    find,
    prune,
    publish,
    rebuild,
    rebuild_check,
    record_failure,
    source_states,
    tell_stalls,
    tidy,
)
from weakspot.intel.sources import ALL as _ALL
from weakspot.intel.sources import PRECEDENCE as _PRECEDENCE
from weakspot.intel.sources.base import FetchOptions, Reader
from weakspot.intel.sources.fetching import Fetched, Fetcher
from weakspot.intel.sources.mirror import Mirror, open_mirror
from weakspot.intel.sources.online import online_reader
from weakspot.intel.sources.starter import reader as _starter_reader
from weakspot.intel.staging import discard_unpublished, stage
from weakspot.intel.store import package_indexes as _package_indexes
from weakspot.intel.store import reading as _reading
from weakspot.intel.store import updates as _updates
from weakspot.intel.store.points import decision_points
from weakspot.intel.store.publications import first_knowledge_at, publications_at
from weakspot.intel.store.staging import current_version as _current_version
from weakspot.intel.store.techniques import techniques
from weakspot.intel.store.titles import titled
from weakspot.intel.vex import has_vex, remove_vex, vex_document, vex_documents, vex_reader, write_vex
from weakspot.runtime.clock import Micros

__all__ = [
    "Claim",
    "Difference",
    "Evidence",
    "FetchOptions",
    "Fetched",
    "Fetcher",
    "Identity",
    "LifecycleRecord",
    "Mirror",
    "Mitigation",
    "OwnAdvisory",
    "OwnAdvisoryHead",
    "Progress",
    "Published",
    "Quarantined",
    "Reader",
    "Reference",
    "SourceClaim",
    "SourceDescriptor",
    "SourceState",
    "Staged",
    "VexDocument",
    "VulnerabilityDetail",
    "VulnerabilityFacts",
    "bundle_fingerprint",
    "bundle_signer",
    "claims",
    "count_vulnerabilities",
    "covered_ecosystems",
    "current_version",
    "decision_points",
    "detail",
    "discard_unpublished",
    "epss_history",
    "facts",
    "find",
    "first_knowledge_at",
    "fixed_by_updates",
    "fixed_versions",
    "has_own",
    "has_vex",
    "import_bundle",
    "is_starter_only",
    "knowledge_at",
    "lifecycle",
    "named",
    "names",
    "online_reader",
    "open_mirror",
    "own_advisories",
    "own_advisory",
    "own_reader",
    "precedence",
    "prune",
    "publications_at",
    "publish",
    "quarantined",
    "read_package_indexes",
    "rebuild",
    "rebuild_check",
    "record_failure",
    "remove_own",
    "remove_vex",
    "source_packages",
    "source_states",
    "sources",
    "stage",
    "starter_date",
    "starter_reader",
    "supersedence",
    "techniques",
    "tell_stalls",
    "tidy",
    "titled",
    "vex_document",
    "vex_documents",
    "vex_reader",
    "write_bundle",
    "write_own",
    "write_vex",
]


def current_version(conn: Connection) -> int:
    """The knowledge version in force; 0 when nothing was loaded yet."""
    return _current_version(conn)


def fixed_versions(conn: Connection, ecosystem: str, *, limit: int) -> dict[str, list[str]]:
    """Software of an ecosystem -> versions that advisories in force name as fixed, in no order, at most ``limit``."""
    return _reading.fixed_versions(conn, ecosystem, limit)


def claims(conn: Connection, identities: Iterable[Identity]) -> dict[Identity, list[Claim]]:
    """Claims in force of each identity that any source names: one a range and vulnerability, in no order.

    An identity without claims is absent. Made for bulk: 60,000 identities in one call, not in 60,000.
    """
    return _reading.claims(conn, frozenset(identities))


def source_packages(conn: Connection, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(platform, binary package) -> its source package, of those that a package index of the release names."""
    return _package_indexes.sources(conn, frozenset(wanted))


def named(conn: Connection, identities: Iterable[Identity]) -> frozenset[Identity]:
    """Those of the identities that some source names, or named once: of the others nothing can be known."""
    return frozenset(_reading.identity_ids(conn, frozenset(identities)).values())


def covered_ecosystems(conn: Connection) -> frozenset[str]:
    """Ecosystems with at least one range in force: software of others cannot be assessed."""
    return _reading.covered_ecosystems(conn)


def facts(conn: Connection, ids: Iterable[int] | None) -> dict[int, VulnerabilityFacts]:
    """Facts by id, with today's EPSS. None: of all current vulnerabilities. Ids that never were are absent."""
    return _reading.facts(conn, ids)


def names(conn: Connection, ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """All names of vulnerabilities by id, in order. Made for bulk."""
    return _reading.names_of_many(conn, frozenset(ids))


def count_vulnerabilities(conn: Connection) -> int:
    """How many vulnerabilities are known now."""
    return _reading.count_vulnerabilities(conn)


def knowledge_at(conn: Connection) -> Micros | None:
    """When the version in force was published; None when nothing was loaded yet."""
    return _reading.knowledge_at(conn)


def epss_history(conn: Connection, name: str) -> list[tuple[str, float, float]]:
    """(date, probability, percentile) of a CVE, oldest first; a value holds up to its date."""
    return _reading.epss_history(conn, name)


def lifecycle(conn: Connection, products: Iterable[str] | None = None) -> list[LifecycleRecord]:
    """Support dates in force; None: of all products."""
    return _reading.lifecycle(conn, products)


def supersedence(conn: Connection) -> list[tuple[str, str, str]]:
    """(update, superseded, product) of Windows updates: the first contains the second; product "" means any."""
    return _reading.supersedence(conn)


def fixed_by_updates(conn: Connection, numbers: Iterable[str]) -> dict[str, list[tuple[int, str]]]:
    """Update number -> (vulnerability id, product) pairs that it fixes; an update that no source knows is absent."""
    return _updates.fixed_by_updates(conn, numbers)


def quarantined(conn: Connection, source: str | None = None, limit: int = 200) -> list[tuple[str, Quarantined]]:
    """(source, record) of what could not be read, newest first."""
    return _reading.quarantined(conn, source, limit)


def sources() -> tuple[SourceDescriptor, ...]:
    """All sources, in loading order."""
    return tuple(source.descriptor for source in _ALL)


def precedence(source: str) -> int:
    """How much a source's claim counts against another's on the same identity and vulnerability; greater wins."""
    return _PRECEDENCE.get(source, 0)


def starter_date() -> str:
    """Date of the starter knowledge, ISO."""
    return _starter_reader.load().date


def starter_reader() -> Reader:
    """The starter knowledge, for ``stage(database, "starter", ...)``."""
    return _starter_reader.StarterReader()


def is_starter_only(conn: Connection) -> bool:
    """True while nothing but the starter knowledge was ever loaded (or nothing at all)."""
    return _reading.loaded_sources(conn) <= {"starter"}
