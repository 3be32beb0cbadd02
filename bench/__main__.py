"""All figures. ``python -m bench [--full] [--only PART] [--write]``: one JSON line a figure on standard output.

Each part runs in a process of its own, so that memory and caches of one do not colour the next. ``--full`` takes the
large fleets too; ``--only`` runs one part, such as ``bench.recommendations``; ``--write`` puts the figures into
docs/performance.md. With ``--lines FILE`` a run that was broken off goes on: each part's figures are kept in the file,
and what is there is not measured again; the page says how many parts were. ``--remark`` puts a sentence on the page
that the machine cannot know. Exit status 1 when a part failed; a budget that was missed is told, not
punished, for machines differ.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench._lines import progress
from bench._machine import Stolen
from bench._reasons import missed

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "performance.md"
SHORT = (
    ("bench.feeds",),
    ("bench.versions", "--keys", "20000", "--scheme", "dpkg"),
    ("bench.matching", "--versions", "12000", "--ranges", "50000", "--fleet", "60000"),
    ("bench.fleet", "--devices", "10000"),
    ("bench.findings", "--devices", "2000"),
    ("bench.plan", "--devices", "10000"),
    ("bench.queries", "--devices", "3000"),
    ("bench.reports", "--devices", "2000"),
    ("bench.server", "--devices", "3000", "--seconds", "10"),
)
FULL = (
    ("bench.feeds",),
    ("bench.versions",),
    ("bench.matching",),
    ("bench.fleet", "--full"),
    ("bench.findings", "--devices", "10000"),
    ("bench.plan", "--devices", "100000", "1000000"),
    ("bench.cluster", "--devices", "1000000"),
    ("bench.queries", "--devices", "10000", "100000", "1000000"),
    ("bench.recommendations", "--devices", "10000", "100000"),
    ("bench.reports", "--devices", "10000", "100000"),
    ("bench.reports", "--postgresql", "--devices", "10000"),
    ("bench.intervals", "--devices", "10000", "100000"),
    ("bench.decisions", "--devices", "10000", "100000"),
    ("bench.server", "--devices", "100000", "--seconds", "60"),
)


class Ran(msgspec.Struct, frozen=True):
    """A part that ran: its figures, and how much of the wanted processor time the host took away meanwhile."""

    part: tuple[str, ...]
    seconds: float
    stolen: float | None
    figures: list[dict[str, Any]]


def run(parts: tuple[tuple[str, ...], ...], kept: Path | None = None) -> tuple[list[Ran], list[str]]:
    """Run the parts one after the other and pass their lines on. Returns them, and those that failed.

    kept: file of the parts that ran before, which are not run again; those that succeed are added.
    """
    ran: list[Ran] = []
    failed = []
    known = _known(kept)
    for module, *arguments in parts:
        if before := known.get((module, *arguments)):
            ran.append(before)
            continue
        figures: list[dict[str, Any]] = []
        began, stolen = time.monotonic(), Stolen()
        with subprocess.Popen(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as part:
            assert part.stdout is not None
            for line in part.stdout:
                figure = json.loads(line)
                figures.append(figure)
                print(line, end="", flush=True)
        ran.append(Ran((module, *arguments), time.monotonic() - began, stolen.share(), figures))
        if part.returncode:
            failed.append(module)
        elif kept is not None:
            with kept.open("ab") as file:
                file.write(msgspec.json.encode(ran[-1]) + b"\n")
        progress(f"{module}: {ran[-1].seconds:.0f} s")
    return ran, failed


def _known(kept: Path | None) -> dict[tuple[str, ...], Ran]:
    """Those that ran before."""
    if kept is None or not kept.exists():
        return {}
    ran = [msgspec.json.decode(line, type=Ran) for line in kept.read_bytes().splitlines()]
    return {one.part: one for one in ran}


def _stolen(ran: list[Ran]) -> float | None:
    """Over all of them."""
    told = [(one.seconds, one.stolen) for one in ran if one.stolen is not None]
    whole = sum(seconds for seconds, _ in told)
    return sum(seconds * share for seconds, share in told) / whole if whole else None


def page(figures: list[dict[str, Any]], command: str, stolen: float | None, remarks: Sequence[str] = ()) -> str:
    """docs/performance.md. stolen: by the host, over the whole run; remarks: what else a reader has to know of it."""
    lines = [
        "# Performance",
        "",
        f"Written by `{command}` on {datetime.datetime.now(datetime.UTC):%Y-%m-%d}; do not edit. {_machine()}",
        "",
        _told_stolen(figures, stolen),
        "",
        *(line for remark in remarks for line in (remark, "")),
        "Budgets are those of a machine with two idle cores. `ratio` says how many times better the figure is than its",
        "baseline, the same question answered in the usual way in the same run (bench/ says which). `stolen` is the",
        "share of the wanted processor time that the host of this virtual machine gave to others meanwhile.",
        "",
        "| Figure | Devices | Value | Unit | Budget | Met | Baseline | Ratio | Stolen | More |",
        "|---|---:|---:|---|---:|---|---:|---:|---:|---|",
    ]
    lines += [_row(figure) for figure in figures]
    if told := missed(figures):
        lines += ["", *told]
    return "\n".join(lines) + "\n"


def _row(figure: dict[str, Any]) -> str:
    named = ("name", "devices", "value", "unit", "budget", "met", "baseline", "ratio", "stolen")
    more = ", ".join(f"{key} {value}" for key, value in figure.items() if key not in named and value not in (None, []))
    met = {True: "yes", False: "no", None: ""}[figure.get("met")]
    cells = [
        figure["name"], _number(figure.get("devices")), _number(figure["value"]), figure["unit"],
        _number(figure.get("budget")), met, _number(figure.get("baseline")), _number(figure.get("ratio")),
        _percent(figure.get("stolen")), more,
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.10g}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _told_stolen(figures: list[dict[str, Any]], mean: float | None) -> str:
    shares = [figure["stolen"] for figure in figures if figure.get("stolen") is not None]
    if mean is None or not shares:
        return "This system does not tell how much processor time its host took away."
    told = f"Of the processor time that was wanted the host took away {mean:.0%} over the whole run"
    return f"{told}, and at most {max(shares):.0%} while one figure was measured: the clock went on meanwhile."


def _taken_over(before: int, parts: int) -> list[str]:
    return [f"{before} of {parts} parts were measured in runs before this one."] if before else []


def _machine() -> str:
    cores, busy = os.cpu_count() or 1, os.getloadavg()[0]
    told = (
        f"Machine: {cores} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; load average {busy:.1f} at the end, the measured work included."
    )
    if busy > 2 * cores:
        told += (
            " Other work had the larger part of the processors meanwhile: no figure here is that of an idle machine."
        )
    return told


def main() -> int:
    """Parse the command line and run. Returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="also the large fleets")
    parser.add_argument("--only", choices=sorted({part[0] for part in (*SHORT, *FULL)}), help="this part alone")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--remark", help="what a reader of docs/performance.md has to know of this run")
    parser.add_argument("--lines", type=Path, metavar="FILE", help="keep figures there by part, and go on from them")
    options = parser.parse_args()
    if options.only and options.write:
        parser.error("docs/performance.md holds the figures of all parts: write it without --only")
    began = time.monotonic()
    parts = tuple(part for part in (FULL if options.full else SHORT) if options.only in (None, part[0]))
    if not parts:
        parser.error(f"{options.only} is run with --full")
    before = len(_known(options.lines).keys() & set(parts))
    ran, failed = run(parts, options.lines)
    figures = [figure for one in ran for figure in one.figures]
    over = [figure["name"] for figure in figures if figure.get("met") is False]
    if options.write:
        PAGE.write_text(
            page(
                figures,
                "python -m bench --full --write" if options.full else "python -m bench --write",
                _stolen(ran),
                [*_taken_over(before, len(parts)), *([options.remark] if options.remark else [])],
            ),
            encoding="utf-8",
        )
    progress(f"{len(figures)} figures in {time.monotonic() - began:.0f} s; over budget: {', '.join(over) or 'none'}")
    for module in failed:
        progress(f"{module} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
