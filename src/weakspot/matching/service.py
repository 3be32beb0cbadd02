"""Use cases of the matching, each inside a unit of work that the caller gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec
from sqlalchemy.engine import Connection

from weakspot import intel, inventory
from weakspot.inventory.contracts import SoftwareVersion
from weakspot.matching import corrections, store
from weakspot.matching.contracts import Candidate, Match, Verdict
from weakspot.matching.rules import assess, branches, configurations, identities, programs, windows
from weakspot.matching.rules.supersedence import NO_SUPERSEDENCE, Supersedence
from weakspot.runtime import changes, collector
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import in_chunks
from weakspot.vocabulary import ecosystems

MATCHES_CHANGED = "matching.matches"
JUDGED = "matching.judged"
ALL_FROM = 20_000
"""From so many software versions on, followers are told "all" and not given a list."""
_IDS_PER_CHANGE = 1000

Identity = tuple[str, str]


def judge(conn: Connection, versions: Sequence[SoftwareVersion], knowledge_version: int, at: Micros) -> int:
    """Match software versions that were never seen before. Returns how many matches that gave."""
    if not versions:
        return 0
    candidates = _candidates(conn, versions)
    store.insert_candidates(conn, candidates)
    _refresh_reasons(conn, _static_reasons(versions), candidates)
    verdicts = verdicts_of(conn, candidates)
    store.open_matches(conn, verdicts, at, knowledge_version)
    _announce(conn, {v.software_version_id for v in verdicts}, at)
    _judge_taught(conn, versions, knowledge_version, at)
    return len(verdicts)


def rematch(conn: Connection, touched: Iterable[Identity], knowledge_version: int, at: Micros) -> int:
    """Judge again what new knowledge touches, and nothing else. Returns how many software versions changed."""
    candidates = store.candidates_named(conn, touched)
    ids = {candidate.software_version_id for candidate in candidates}
    if not ids:
        return 0
    # A software version with several identities is judged under all of them, or a verdict of another would be lost.
    candidates = store.candidates_of(conn, ids)
    changed = _revise(conn, ids, verdicts_of(conn, candidates), knowledge_version, at)
    _name_programs(conn, candidates)
    _announce(conn, changed, at)
    _announce_judged(conn, ids - changed, at)
    return len(changed)


def _name_programs(conn: Connection, candidates: Sequence[Candidate]) -> None:
    """Say anew what is not assessed because no source names it: one may name it now."""
    covered = intel.covered_ecosystems(conn)
    told = [
        c for c in candidates
        if c.ecosystem in configurations.ECOSYSTEMS or c.method in (windows.SYSTEM, identities.BY_OWN_NAME)
        or c.ecosystem not in covered
    ]  # fmt: skip
    versions = inventory.software_versions(conn, {c.software_version_id for c in told})
    _refresh_reasons(conn, _static_reasons(versions.values()), told)


def refresh_coverage(conn: Connection, before: frozenset[str], after: frozenset[str], at: Micros) -> None:
    """Say anew what is not assessed, where an ecosystem came to be described by a source or ceased to be."""
    if before == after:
        return
    for ecosystem in (before ^ after) & store.ecosystems(conn):
        ids = store.software_versions_in(conn, ecosystem)
        versions = inventory.software_versions(conn, ids)
        _refresh_reasons(conn, _static_reasons(versions.values()), store.candidates_of(conn, ids))
        _announce_judged(conn, set(ids), at)


def derive(conn: Connection, version_ids: Sequence[int]) -> tuple[list[Candidate], list[Verdict], dict[int, str]]:
    """What the tables of the matching should hold for these software versions: the pure rules, run afresh."""
    return assess_versions(conn, list(inventory.software_versions(conn, version_ids).values()))


def assess_versions(
    conn: Connection, versions: Sequence[SoftwareVersion]
) -> tuple[list[Candidate], list[Verdict], dict[int, str]]:
    """Candidates, verdicts and reasons for what is not assessed; nothing is written."""
    candidates = _candidates(conn, versions)
    return candidates, verdicts_of(conn, candidates), _reasons(conn, _static_reasons(versions), candidates)


def differences(conn: Connection) -> list[str]:
    """Where the tables are not what the rules give now, in words; empty when all is well."""
    found: list[str] = []
    ids = sorted(inventory.software_of(conn, None))
    for chunk in in_chunks(ids, 5_000):
        candidates, verdicts, reasons = derive(conn, chunk)
        found += _differ("candidate", set(candidates), set(store.candidates_of(conn, chunk)))
        derived = {_comparable(v) for v in verdicts}
        running = {_comparable(m) for m in store.matches_of(conn, chunk)}
        found += _differ("match", derived, running)
        found += _differ("not assessed", set(reasons.items()), set(store.reasons(conn, chunk).items()))
    return found


def rebuild(conn: Connection, knowledge_version: int, at: Micros) -> int:
    """Derive everything again; matches that should not be are closed, those that are missing open now."""
    changed: set[int] = set()
    judged: set[int] = set()
    for chunk in in_chunks(sorted(inventory.software_of(conn, None)), 5_000):
        candidates, verdicts, reasons = derive(conn, chunk)
        known = set(store.candidates_of(conn, chunk))
        if known != set(candidates):
            store.delete_candidates(conn, chunk)
            store.insert_candidates(conn, candidates)
        told = store.reasons(conn, chunk)
        judged.update(i for i in chunk if told.get(i) != reasons.get(i))
        store.write_not_assessed(conn, {i: reasons.get(i) for i in chunk})
        changed |= _revise(conn, set(chunk), verdicts, knowledge_version, at)
    _announce(conn, changed, at)
    _announce_judged(conn, judged - changed, at)
    return len(changed)


def _candidates(conn: Connection, versions: Sequence[SoftwareVersion]) -> list[Candidate]:
    """Identities of software versions. Where an inventory names no source package, the release's package index tells
    it; else that of others is taken: of the versions beside it first, then of all that are known."""
    wanted = {(v.platform, v.name) for v in versions if identities.needs_source(v)}
    indexed = intel.source_packages(conn, wanted) if wanted else {}
    wanted -= indexed.keys()
    learned = inventory.source_packages(conn, wanted) if wanted else {}
    if wanted:
        beside = {(v.platform, v.name): v.source_name for v in versions if v.source_name}
        learned = {key: beside[key] for key in wanted & beside.keys()} | learned
    found: list[Candidate] = []
    for version in versions:
        key = version.platform, version.name
        found += identities.candidates(version, learned.get(key, ""), indexed.get(key, ""))
    return found


def judge_indexed(conn: Connection, platforms: Iterable[str], knowledge_version: int, at: Micros) -> int:
    """Judge again what has no source package of its own, in releases whose package index changed. Returns how many
    software versions changed.
    """
    ids: set[int] = set()
    for platform in platforms:
        ids.update(store.looked_up_by(conn, platform, identities.WITHOUT_SOURCE))
    changed: set[int] = set()
    for chunk in in_chunks(sorted(ids), 5_000):
        changed |= _judge_anew(conn, chunk, knowledge_version, at)
    return len(changed)


def _judge_anew(conn: Connection, ids: Sequence[int], knowledge_version: int, at: Micros) -> set[int]:
    candidates, verdicts, reasons = derive(conn, ids)
    store.delete_candidates(conn, ids)
    store.insert_candidates(conn, candidates)
    store.write_not_assessed(conn, {i: reasons.get(i) for i in ids})
    changed = _revise(conn, set(ids), verdicts, knowledge_version, at)
    _announce(conn, changed, at)
    _announce_judged(conn, set(ids) - changed, at)
    return changed


def _static_reasons(versions: Iterable[SoftwareVersion]) -> dict[int, str | None]:
    return {version.id: identities.reason_without(version) or None for version in versions}


def _judge_taught(conn: Connection, versions: Sequence[SoftwareVersion], knowledge_version: int, at: Micros) -> None:
    """New versions may name the source package of others that could not: those are looked up anew."""
    teaching = {v.software_id for v in versions if v.source_name and identities.is_looked_up_by_source(v)}
    taught = inventory.without_source(conn, teaching) if teaching else []
    if taught:
        _judge_anew(conn, taught, knowledge_version, at)


def verdicts_of(conn: Connection, candidates: Sequence[Candidate]) -> list[Verdict]:
    """What the claims in force and the corrections say of candidates: read, tested and decided."""
    wanted = {(candidate.ecosystem, candidate.name) for candidate in candidates}
    with collector.paused():  # what is made here is kept
        claims = corrections.with_corrections(conn, intel.claims(conn, wanted), wanted)
        return assess.verdicts(candidates, claims, _supersedence(conn, candidates), intel.precedence)


def _supersedence(conn: Connection, candidates: Sequence[Candidate]) -> Supersedence:
    if not any(candidate.method in windows.METHODS for candidate in candidates):
        return NO_SUPERSEDENCE
    return Supersedence((update, replaced) for update, replaced, _ in intel.supersedence(conn))


def _revise(
    conn: Connection, ids: set[int], verdicts: Sequence[Verdict], knowledge_version: int, at: Micros
) -> set[int]:
    """Make the open matches of these software versions equal to the verdicts. Returns those that changed."""
    wanted = {(v.software_version_id, v.vulnerability_id): v for v in verdicts}
    running = {(m.software_version_id, m.vulnerability_id): m for m in store.matches_of(conn, ids)}
    closed = [pair for pair in running if pair not in wanted]
    opened = [v for pair, v in wanted.items() if pair not in running]
    revised = [v for pair, v in wanted.items() if pair in running and _comparable(v) != _comparable(running[pair])]
    store.close(conn, closed, at)
    store.open_matches(conn, opened, at, knowledge_version)
    store.revise(conn, revised, knowledge_version, at)
    return {s for s, _ in closed} | {v.software_version_id for v in (*opened, *revised)}


def _refresh_reasons(conn: Connection, static: dict[int, str | None], candidates: Sequence[Candidate]) -> None:
    reasons = _reasons(conn, static, candidates)
    store.write_not_assessed(conn, {i: reasons.get(i) for i in static})


def _reasons(conn: Connection, static: dict[int, str | None], candidates: Sequence[Candidate]) -> dict[int, str]:
    reasons = {i: reason for i, reason in static.items() if reason is not None}
    covered = intel.covered_ecosystems(conn)
    by_version: dict[int, set[str]] = {}
    for candidate in candidates:
        by_version.setdefault(candidate.software_version_id, set()).add(candidate.ecosystem)
    bare = [version_id for version_id, names in by_version.items() if not names & covered]
    by_itself = {c.software_version_id for c in candidates if c.method == identities.BY_OWN_NAME}
    unsure = by_itself.union(bare)
    named = _named_versions(conn, [c for c in candidates if c.software_version_id in unsure]) if unsure else set()
    for version_id in bare:
        if version_id not in named:
            reasons[version_id] = f"no advisories for {' or '.join(sorted(by_version[version_id]))} are loaded"
    for version_id in by_itself - named:
        reasons.setdefault(version_id, "its source package, which advisories name, is not known")
    reasons |= _reasons_unnamed(conn, candidates)
    described = [c for c in candidates if c.ecosystem in covered]
    schemes = {c.ecosystem: ecosystems.scheme(c.ecosystem) for c in described}
    for version_id in assess.incomparable(described, schemes):
        reasons.setdefault(version_id, "its version cannot be compared by the rules of its ecosystem")
    return reasons


def _named_versions(conn: Connection, candidates: Sequence[Candidate]) -> set[int]:
    """Software versions of which some source names an identity."""
    named = intel.named(conn, {(c.ecosystem, c.name) for c in candidates})
    return {c.software_version_id for c in candidates if (c.ecosystem, c.name) in named}


def _reasons_unnamed(conn: Connection, candidates: Sequence[Candidate]) -> dict[int, str]:
    """Programs and systems that no source names: that nothing is known is not that nothing is wrong."""
    by_version: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        is_program = candidate.ecosystem in configurations.ECOSYSTEMS and candidate.method != windows.COMPONENT
        if is_program or candidate.method == windows.SYSTEM:
            by_version.setdefault(candidate.software_version_id, []).append(candidate)
    named = intel.named(conn, {(c.ecosystem, c.name) for found in by_version.values() for c in found})
    unnamed = {
        version_id: reason
        for version_id, found in by_version.items()
        if named.isdisjoint((c.ecosystem, c.name) for c in found) and (reason := programs.reason_unnamed(found))
    }
    return unnamed | _reasons_of_channels(conn, by_version)


def _reasons_of_channels(conn: Connection, by_version: Mapping[int, Sequence[Candidate]]) -> dict[int, str]:
    """Programs of which no source names a build of their channel."""
    channelled = {i: found for i, found in by_version.items() if any(branches.channel(c) for c in found)}
    if not channelled:
        return {}
    claims = intel.claims(conn, {(c.ecosystem, c.name) for found in channelled.values() for c in found})
    reasons = {i: programs.reason_of_channel(found, claims) for i, found in channelled.items()}
    return {version_id: reason for version_id, reason in reasons.items() if reason}


def _announce(conn: Connection, ids: Iterable[int], at: Micros) -> None:
    rows = [(MATCHES_CHANGED, {"software_version_ids": chunk}) for chunk in in_chunks(sorted(ids), _IDS_PER_CHANGE)]
    changes.append_many(conn, at, rows)


def _announce_judged(conn: Connection, ids: set[int], at: Micros) -> None:
    """Same matches as before, yet what is known of their software, or why nothing is, may not be the same."""
    if len(ids) >= ALL_FROM:
        changes.append(conn, at, JUDGED, {"software_version_ids": [], "all": True})
        return
    told = [{"software_version_ids": chunk, "all": False} for chunk in in_chunks(sorted(ids), _IDS_PER_CHANGE)]
    changes.append_many(conn, at, [(JUDGED, payload) for payload in told])


def _comparable(item: Verdict | Match) -> tuple[object, ...]:
    return (
        item.software_version_id,
        item.vulnerability_id,
        item.fixed_version,
        item.status,
        item.source,
        item.method,
        item.confidence,
        msgspec.msgpack.encode(item.evidence),
    )


def _differ(what: str, wanted: AbstractSet[object], running: AbstractSet[object]) -> list[str]:
    missing = [f"{what} is missing: {item}" for item in sorted(map(_short, wanted - running))]
    surplus = [f"{what} should not be there: {item}" for item in sorted(map(_short, running - wanted))]
    return missing + surplus


def _short(item: object) -> str:
    return repr(item)[:200]
