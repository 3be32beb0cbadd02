"""``weakspot feeds``: load intelligence, and see how old it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from weakspot.cli.backend import connect
from weakspot.cli.context import CliContext
from weakspot.runtime.clock import system_clock
from weakspot.workflows import bundle_feeds, feeds_folder, import_feeds

_FOLDER = click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)


@click.group()
def feeds() -> None:
    """Intelligence sources."""


@feeds.command()
@click.option("--mirror", type=click.Path(exists=True, file_okay=False, resolve_path=True), help="Read this folder.")
@click.argument("sources", nargs=-1)
@click.pass_obj
def sync(context: CliContext, mirror: str | None, sources: tuple[str, ...]) -> None:
    """Load SOURCES (default: all). Exit status 1 when one of them failed."""
    with connect(context.settings()) as backend:
        body = {"sources": list(sources), "mirror": mirror}
        outcomes = follow(backend.stream("/api/v1/admin/feeds/sync", body))
    _end_by(outcomes)


@feeds.command()
@click.option("--mirror", type=_FOLDER, help="Bundle this folder instead of what was fetched.")
@click.option("--since", type=_FILE, help="Leave out what this earlier bundle holds.")
@click.argument("file", type=click.Path(dir_okay=False, resolve_path=True, path_type=Path))
@click.pass_obj
def bundle(context: CliContext, mirror: Path | None, since: Path | None, file: Path) -> None:
    """Write intelligence into one signed FILE, for an instance without a network."""
    settings = context.settings()
    with ProgressLine() as line:
        written = bundle_feeds(settings.data, file, mirror or settings.mirror, since, system_clock(), line.progress)
    click.echo(f"{file}: {written.files:,} files of {written.created_at}, {file.stat().st_size:,} bytes")
    click.echo(f"signed by {written.fingerprint}")


@feeds.command("import")
@click.option("--trust", metavar="FINGERPRINT", help="Trust this key from now on; needed for a key's first bundle.")
@click.argument("file", type=_FILE)
@click.pass_obj
def import_(context: CliContext, trust: str | None, file: Path) -> None:
    """Verify the bundle FILE and load what it holds. Exit status 1 when a source failed."""
    settings = context.settings()
    with ProgressLine() as line:
        taken = import_feeds(settings.data, file, trust, line.progress)
    click.echo(
        f"{taken.files:,} files of {taken.created_at}, {taken.changed:,} of them new; signed by {taken.fingerprint}"
    )
    with connect(settings) as backend:
        body = {"sources": [], "mirror": str(feeds_folder(settings.data))}
        outcomes = follow(backend.stream("/api/v1/admin/feeds/sync", body))
    _end_by(outcomes)


@feeds.command()
@click.pass_obj
def status(context: CliContext) -> None:
    """State and age of every source."""
    with connect(context.settings()) as backend:
        state = backend.get("/api/v1/knowledge")
    click.echo(f"knowledge version {state['version']}, {state['vulnerabilities']:,} vulnerabilities")
    if state["is_starter_only"]:
        click.echo(f"only the starter knowledge of {state['starter_date']} is loaded: run `weakspot feeds sync`")
    for feed in state["feeds"]:
        when = (feed["last_success_at"] or "never")[:16].replace("T", " ")
        data = (feed["data_at"] or "")[:10]
        reason = f"  {feed['reason']}" if feed["reason"] else ""
        click.echo(
            f"{feed['source']:14} {feed['status']:10} {when:17} data of {data or '?':11}{feed['records']:>9,}{reason}"
        )


def _end_by(outcomes: list[dict[str, Any]]) -> None:
    if any(outcome["status"] == "failed" for outcome in outcomes):
        raise SystemExit(1)


class ProgressLine:
    """Shows a sync's steps on stderr: a moving line while a source is read, a line for each outcome."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}"), TimeElapsedColumn())
        self._progress = Progress(*columns, console=self._console, transient=True)
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, step: dict[str, Any]) -> None:
        """Show one step."""
        if "progress" in step:
            if self._task is None:
                self._task = self._progress.add_task("")
            description = escape(str(step["progress"])[:60])
            self._progress.update(
                self._task, description=description, completed=step["done"], total=step["total"] or None
            )
        elif "unrecognised" in step:
            self._line(f"not recognised, left alone: {step['unrecognised']}")
        elif "outcome" in step:
            self._line(describe(step["outcome"]))

    def progress(self, what: str, done: int, total: int) -> None:
        """Show how far a piece of work is."""
        self.tell({"progress": what, "done": done, "total": total})

    def _line(self, text: str) -> None:
        self._console.print(escape(text), soft_wrap=True)


def follow(steps: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Show the steps as they come. Returns the outcomes."""
    outcomes: list[dict[str, Any]] = []
    with ProgressLine() as line:
        for step in steps:
            line.tell(step)
            if "outcome" in step:
                outcomes.append(step["outcome"])
    return outcomes


def describe(outcome: dict[str, Any]) -> str:
    """One outcome in one line."""
    counts = outcome["counts"]
    parts = [f"{counts[name]:,} {name}" for name in ("added", "changed", "ended", "quarantined") if counts.get(name)]
    text = f"{outcome['source']}: {outcome['status']}"
    if outcome["status"] != "failed":
        text += f" ({', '.join(parts) or 'nothing new'})"
    return f"{text}. {outcome['reason']}".rstrip() if outcome["reason"] else text
