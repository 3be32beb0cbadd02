"""Why a budget is missed on a machine of two cores: what docs/performance.md says below its table.

A figure says what was reached; its reason says what physically stands between it and the budget. A missed budget
without a reason here is told as one that nobody has looked into yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Figure = Mapping[str, Any]

_INTERPRETER = (
    "One interpreter computes on one core at a time. The server's answers pages, follows reports in the index and "
    "works out scores; reports are taken by a second process, and the load (sender and readers) runs on the same two "
    "cores."
)
_ON_POSTGRESQL = (
    " PostgreSQL works for it on the same two cores beside that, and each statement of a commit goes there and back."
)
_PAST_DAY = (
    "All of it is processor time of one core ({cpu} s): what was installed later or is gone since is read for every "
    "device, and {findings:,} findings of that day follow from it; a past day has no index."
)
REASONS: Mapping[str, str] = {
    "reports.delta": (
        "A delta costs {cpu_ms} ms of one core: check, digest, matching of what is new, inventory packed anew, and its "
        "share of the statements of a commit. That is {at_most:,} a second where nothing else takes the core; "
        "{budget:,.0f} would leave {allowed_ms:.2f} ms for each."
    ),
    "reports.full": (
        "A full report costs {cpu_ms} ms of one core: each of its {installations} packages is checked, looked up and "
        "compared. That is {at_most:,} a second where nothing else takes the core; {budget:,.0f} would leave "
        "{allowed_ms:.2f} ms for each."
    ),
    "reports.delta.postgresql": (
        "A delta costs {cpu_ms} ms of one core in this process, {at_most:,} a second if that were all."
        f"{_ON_POSTGRESQL} {{budget:,.0f}} would leave {{allowed_ms:.2f}} ms for both."
    ),
    "reports.full.postgresql": (
        "A full report costs {cpu_ms} ms of one core in this process, {at_most:,} a second if that were all."
        f"{_ON_POSTGRESQL} {{budget:,.0f}} would leave {{allowed_ms:.2f}} ms for both."
    ),
    "intervals.as_of.14_days": _PAST_DAY,
    "intervals.as_of.90_days": _PAST_DAY,
    "server.visible.p50": (
        f"{_INTERPRETER} The index shows a commit after one to two hundredths of a second; the rest is the probe's own "
        "reading of its page, which waits its turn among all others."
    ),
    "server.visible.p99": (
        "As above, and in a run of a minute one probe falls into the second in which an advisory arrives: matching it, "
        "the counts that it moves and the pages that are made anew then want some 0.2 s of the one interpreter."
    ),
    "server.loop.p99": (
        "The event loop shares the interpreter with the threads that read pages and follow reports: a request that "
        "comes while others compute waits for a few turns of some milliseconds."
    ),
    "server.pages.p95": (
        f"{_INTERPRETER} A page costs 7 to 32 ms of processor time alone; beside ten others a second and 300 reports a "
        "second it waits several times as long for its turns."
    ),
    "server.restart": (
        "Imports are a second of it, reading the snapshot of the index and what sensors told of certificates and use "
        "is most of the rest, all on one core."
    ),
}
"""Name of a figure -> reason; in braces what the figure itself tells, and what follows from it."""


def missed(figures: Sequence[Figure]) -> list[str]:
    """Lines of Markdown: each missed budget with the figure that was reached and its reason; empty when none was."""
    over = [one for one in figures if one.get("met") is False]
    if not over:
        return []
    lines = ["## Missed budgets", ""]
    for one in over:
        where = f", {one['devices']:,} devices" if one["devices"] else ""
        reached = f"{one['value']:,.10g} {one['unit']}, not {one['budget']:,.10g}"
        lines.append(f"- **{one['name']}{where}: {reached}.** {_reason(one)}")
    return lines


def _reason(figure: Figure) -> str:
    reason = REASONS.get(figure["name"])
    if reason is None:
        return "Not looked into yet."
    told = dict(figure)
    if cpu := figure.get("cpu_ms"):
        told |= {"at_most": round(1000 / cpu), "allowed_ms": 1000 / figure["budget"]}
    return reason.format_map(told)
