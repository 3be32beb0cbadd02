"""Use cases of the intelligence that write, and those that put several reads together."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from weakspot.intel import merging
from weakspot.intel import tables as t
from weakspot.intel.contracts import (
    AdvisoryRecord,
    Difference,
    Evidence,
    Published,
    SourceClaim,
    SourceState,
    Staged,
    VulnerabilityDetail,
)
from weakspot.intel.rules import merge as rules
from weakspot.intel.rules.merge import Said
from weakspot.intel.rules.names import canonical_name
from weakspot.intel.sources import BY_NAME, PRECEDENCE
from weakspot.intel.store import merging as merge_store
from weakspot.intel.store import pruning, reading
from weakspot.intel.store import publishing as store
from weakspot.intel.store.bulk import chunks
from weakspot.intel.store.staging import current_version
from weakspot.runtime import changes
from weakspot.runtime.clock import DAY, Micros
from weakspot.runtime.database import Database
from weakspot.runtime.errors import NotFound
from weakspot.vocabulary.severity import from_words

CHANGE = "intel.knowledge"
STALLED = "intel.stalled"
IDS_PER_CHANGE = 1_000
ALL_FROM = 50_000
"""From this many touched vulnerabilities on, followers are told "all" and not given a list."""
MAX_CLAIMS = 200


def publish(conn: Connection, staged: Staged, at: Micros) -> Published:
    """Put a staged run into force; see the facade. Raises Conflict when another run was staged in the meantime."""
    if staged.token:
        store.check_token(conn, staged)
    store.save_state(conn, _state(staged, at))
    if staged.is_empty:
        if staged.token:
            store.flip_parts(conn, staged.source, staged.version)
            store.clear_staging(conn)
        return Published(
            version=current_version(conn),
            identities=frozenset(),
            vulnerability_ids=frozenset(),
            touches_all=False,
            counts=staged.counts,
        )
    identities = store.touched_identities(conn, staged.version)
    ids = store.staged_vulnerability_ids(conn)
    touches_all = store.has_new_epss_day(conn, staged.version) or len(ids) >= ALL_FROM
    store.flip(conn, staged.version, staged.source, at, staged.counts)
    store.clear_staging(conn)
    changes.append_many(conn, at, _change_rows(staged, ids, touches_all=touches_all))
    return Published(
        version=staged.version,
        identities=identities,
        vulnerability_ids=ids,
        touches_all=touches_all,
        counts=staged.counts,
    )


def _change_rows(staged: Staged, ids: frozenset[int], *, touches_all: bool) -> Iterator[tuple[str, dict[str, object]]]:
    head: dict[str, object] = {"version": staged.version, "source": staged.source}
    if touches_all or not ids:
        yield CHANGE, {**head, "vulnerability_ids": [], "all": touches_all}
        return
    for block in chunks(sorted(ids), IDS_PER_CHANGE):
        yield CHANGE, {**head, "vulnerability_ids": block, "all": False}


def _state(staged: Staged, at: Micros) -> SourceState:
    return SourceState(
        source=staged.source,
        status=staged.status,
        reason=staged.reason,
        last_run_at=at,
        last_success_at=at,
        data_at=staged.data_at,
        counts=staged.counts,
    )


def record_failure(conn: Connection, source: str, at: Micros, reason: str) -> None:
    """Note that a run of a source failed; what it said before stays in force."""
    store.save_state(conn, SourceState(source=source, status="failed", reason=reason, last_run_at=at))


def source_states(conn: Connection, now: Micros | None = None) -> dict[str, SourceState]:
    """State of every source, also of those that never ran. With ``now``, ``is_stalled`` tells which are older than they
    should be: no success for longer than the source's own limit. A source that was tried and never succeeded counts
    from the first moment that anything was known."""
    found = reading.states(conn)
    first = reading.first_known_at(conn) if now is not None else None
    result: dict[str, SourceState] = {}
    for name, source in BY_NAME.items():
        state = found.get(name, SourceState(source=name))
        limit = source.descriptor.stale_after_days * DAY
        since = state.last_success_at or (first if state.last_run_at is not None else None)
        is_stalled = now is not None and since is not None and now - since > limit
        result[name] = SourceState(
            source=name,
            status=state.status,
            reason=state.reason,
            last_run_at=state.last_run_at,
            last_success_at=state.last_success_at,
            data_at=state.data_at,
            counts=state.counts,
            is_stalled=is_stalled,
        )
    return result


def tell_stalls(conn: Connection, now: Micros) -> list[str]:
    """Raise a change for each source that has stalled since it was last told; see the facade. The sources told."""
    told: list[str] = []
    for name, state in source_states(conn, now).items():
        since = state.last_success_at
        if state.is_stalled and store.mark_stall_told(conn, name, since, now):
            changes.append(conn, now, STALLED, {"source": name, "since": since})
            told.append(name)
    return told


def find(conn: Connection, name: str) -> int | None:
    """Id by any name, without regard to case; None when no source names it."""
    text = canonical_name(name)
    return reading.find(conn, text) if 0 < len(text) <= 200 else None


def detail(conn: Connection, vulnerability_id: int) -> VulnerabilityDetail:
    """The merged record and who said what. A vulnerability that was joined with another answers with the other's record
    and names it in ``merged_into``. Raises NotFound for an id that never was."""
    known = reading.merged_into(conn, vulnerability_id)
    if known is None:
        raise NotFound(f"There is no vulnerability with the internal id {vulnerability_id}.")
    state, into = known
    if state == "merged" and into is not None and into != vulnerability_id:
        other = detail(conn, into)
        return msgspec.structs.replace(other, merged_into=other.facts.name)
    facts = reading.facts(conn, [vulnerability_id])[vulnerability_id]
    names = reading.names_of(conn, vulnerability_id) or (facts.name,)
    links = reading.links_to(conn, vulnerability_id, MAX_CLAIMS)
    records = merge_store.documents(conn, [link[0] for link in links])
    said = rules.in_order(
        Said(source, PRECEDENCE.get(source, 0), relation, records[advisory_id])
        for advisory_id, source, _, relation, _ in links
        if advisory_id in records
    )
    amounts = {(source, record_id): amount for _, source, record_id, _, amount in links}
    found = merge_store.evidence(conn, names)
    evidence = tuple(item for name in names for item in found.get(name, ()))
    known_exploited = _known_exploited(evidence)
    return VulnerabilityDetail(
        facts=facts,
        description=rules.description(said),
        aliases=tuple(name for name in names if name != facts.name),
        references=rules.references(said),
        cwes=rules.cwes(said),
        mitigations=rules.mitigations([s for s in said if s.relation != "about"]),
        decision_points=rules.decision_points(said),
        is_disputed=any(s.record.is_disputed for s in said if s.relation != "about"),
        known_exploited_since=known_exploited.since if known_exploited else None,
        required_action=known_exploited.details.get("required_action") or None if known_exploited else None,
        due_on=known_exploited.details.get("due_on") or None if known_exploited else None,
        evidence=evidence,
        claims=tuple(_claim(s, amounts[s.source, s.record.record_id]) for s in said),
    )


def _known_exploited(evidence: tuple[Evidence, ...]) -> Evidence | None:
    known = [item for item in evidence if item.kind == "known_exploited"]
    return min(
        known, key=lambda item: (not item.details.get("due_on"), item.since or "9999", item.source), default=None
    )


def _claim(said: Said, affected: int) -> SourceClaim:
    record: AdvisoryRecord = said.record
    best = rules.choose_cvss([Said(said.source, said.precedence, "self", record)])
    return SourceClaim(
        source=said.source,
        record_id=record.record_id,
        relation=said.relation,
        title=record.title,
        description=record.description,
        severity=best.severity if best else from_words(record.vendor_severity),
        vendor_severity=record.vendor_severity,
        cvss=record.severities,
        published_at=record.published_at,
        modified_at=record.modified_at,
        withdrawn_at=record.withdrawn_at,
        url=record.url,
        affected=affected,
    )


def rebuild(conn: Connection, at: Micros) -> None:
    """Merge all assertions in force afresh, in the caller's unit of work. A run that is staged meanwhile is refused
    when it is to be published, and must be repeated."""
    store.clear_staging(conn)
    for block in merging.blocks(conn, _plan_of_all(conn), PRECEDENCE):
        merge_store.write_staged(conn, block.rows, block.names, block.links)
    store.flip_vulnerabilities(conn)
    store.clear_staging(conn)
    head = {"version": current_version(conn), "source": "rebuild"}
    changes.append(conn, at, CHANGE, {**head, "vulnerability_ids": [], "all": True})


def _plan_of_all(conn: Connection) -> merging.Plan:
    names = set(conn.execute(sa.select(t.advisory_reference.c.name).distinct()).scalars())
    names.update(conn.execute(sa.select(t.vulnerability_name.c.name)).scalars())
    return merging.plan(conn, names)


def rebuild_check(conn: Connection) -> list[Difference]:
    """Where the derived tables are not what a fresh merge of the assertions in force gives; empty when all is well."""
    plan = _plan_of_all(conn)
    differences: list[Difference] = [
        Difference(name, "no vulnerability has this name", "one has it") for name in plan.lost
    ]
    differences.extend(Difference(name, "not current", "current") for _, name, _ in plan.retired)
    for some in chunks(plan.groups, merging.BLOCK):
        differences.extend(_check_block(conn, some, plan))
    return differences


def _check_block(conn: Connection, groups: list[merging.Group], plan: merging.Plan) -> Iterator[Difference]:
    merged = merging.merge_groups(conn, groups, plan.heads, PRECEDENCE)
    ids = [group.id for group in groups]
    rows = merge_store.current_rows(conn, ids)
    names = merge_store.current_names(conn, ids)
    links = merge_store.current_links(conn, ids)
    for group in groups:
        expected = merging.row_of(group.id, merged[group.id])
        name = merged[group.id].name
        if rows.get(group.id) != expected:
            yield Difference(name, repr(expected), repr(rows.get(group.id)))
        if names.get(group.id, frozenset()) != group.names:
            yield Difference(name, repr(sorted(group.names)), repr(sorted(names.get(group.id, ()))))
        if links.get(group.id, {}) != group.links:
            yield Difference(name, f"{len(group.links)} links", f"{len(links.get(group.id, {}))} links, or others")


TIDY_ROWS = 20_000


def tidy(database: Database) -> None:
    """Move EPSS days that are no longer in force into the history, a small unit at a time. Safe to interrupt."""
    while database.write(lambda conn: store.move_old_scores(conn, TIDY_ROWS)):
        pass


PRUNE_ROWS = 500


def prune(database: Database, before: Micros) -> int:
    """Delete revisions that were no longer in force at a moment, a small unit at a time. Safe to interrupt, and while
    a source is loaded. How many went."""
    with database.read() as conn:
        version = pruning.version_before(conn, before)
    total = 0
    while version and (gone := database.write(lambda conn: pruning.prune_block(conn, version, PRUNE_ROWS))):
        total += gone
    return total
