"""Why a budget is missed on a machine of two cores: what docs/performance.md says below its table.

A figure says what was reached; its reason says what physically stands between it and the budget. A missed budget
without a reason here is told as one that nobody has looked into yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Figure = Mapping[str, Any]

_INTERPRETER = (
    "One interpreter computes on one core at a time. The server's one answers pages, follows reports and "
    "works out scores; reports are taken by a second process, and the load (sender and readers) runs on the same two "
    "cores."
)
_ON_POSTGRESQL = (
    " PostgreSQL works for it on the same two cores beside that, and each statement of a commit goes there and back."
)
_PAST_DAY = (
    "All of it is processor time of one core ({cpu} s): what was installed later or is gone since is read for every "
    "device, and {findings:,} findings of that day follow from it; the index holds the present alone."
)
_MANY_DEVICES = (
    "All of it is processor time of one core ({cpu} s), {each_us:.0f} microseconds a device. What part of that rules, "
    "rows and the index have was not looked into."
)
_START = (
    "A start under a profiler, beside other work: 2.5 s of processor time for imports, 1.8 s for the web framework's "
    "409 routes, 0.9 s for the index's snapshot. The first two have nothing to do with the fleet."
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
    "decisions.include.all": _MANY_DEVICES,
    "decisions.exclude.half": _MANY_DEVICES,
    "decisions.group.new": _MANY_DEVICES,
    "decisions.group.first": _MANY_DEVICES,
    "decisions.group.delete": _MANY_DEVICES,
    "intervals.as_of.14_days": _PAST_DAY,
    "intervals.as_of.90_days": _PAST_DAY,
    "server.visible.p50": (
        f"{_INTERPRETER} The index rests up to 12 ms after a step, or pages would get too little of the interpreter; "
        "under this load it shows a commit after 10 to 20 ms (p50). The probe's page is some 7 ms of work itself, and "
        "takes turns with ten others a second."
    ),
    "server.visible.p99": (
        "As above; of some hundred probes in a minute this is the worst. A change of knowledge with the pages after it "
        "is some 0.2 s of the one interpreter; which of both the worst probe met was not looked into."
    ),
    "server.loop.p99": (
        "The event loop shares the interpreter with the threads that read pages and follow reports: a request that "
        "comes while others compute waits for a few turns of some milliseconds."
    ),
    "server.pages.p95": (
        f"{_INTERPRETER} A page is 4 to 32 ms of work, and takes turns with ten others and 300 reports a second."
    ),
    "server.restart": _START,
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
    if cpu_ms := figure.get("cpu_ms"):
        told |= {"at_most": round(1000 / cpu_ms), "allowed_ms": 1000 / figure["budget"]}
    if cpu := figure.get("cpu"):
        told["each_us"] = cpu / figure["devices"] * 1_000_000
    return reason.format_map(told)
