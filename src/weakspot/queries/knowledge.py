"""Which knowledge is in force, and how its sources are. The same for every caller: it says nothing about devices."""

from __future__ import annotations

from weakspot import intel
from weakspot.intel.contracts import SourceDescriptor, SourceState
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import FeedRow, KnowledgeState
from weakspot.queries.memory import memory_of
from weakspot.queries.rows import iso


def state(read: ReadContext) -> KnowledgeState:
    """The knowledge of this snapshot."""
    states = intel.source_states(read.conn, read.now)
    version = intel.current_version(read.conn)
    facts = memory_of(read.fleet).knowledge(read, version)
    return KnowledgeState(
        version=version,
        at=iso(intel.knowledge_at(read.conn)),
        is_starter_only=facts.is_starter_only,
        starter_date=intel.starter_date(),
        vulnerabilities=facts.vulnerabilities,
        feeds=[_feed(source, states[source.name]) for source in intel.sources()],
    )


def _feed(source: SourceDescriptor, run: SourceState) -> FeedRow:
    reason = run.reason
    if run.is_stalled and not reason:
        reason = f"No new data for over {source.stale_after_days} days."
    return FeedRow(
        source=source.name,
        title=source.title,
        status=run.status,
        reason=reason,
        last_run_at=iso(run.last_run_at),
        last_success_at=iso(run.last_success_at),
        data_at=iso(run.data_at),
        records=run.counts.get("records", 0),
        quarantined=run.counts.get("quarantined", 0),
        is_stalled=run.is_stalled,
        licence=source.licence,
        attribution=source.attribution,
        url=source.url,
    )
