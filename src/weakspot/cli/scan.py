"""``weakspot scan``: what is weak on this device, without any server."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from weakspot import workflows
from weakspot.cli.context import CliContext
from weakspot.cli.knowledge import open_knowledge
from weakspot.cli.output import FORMATS
from weakspot.inventory.contracts import DescribedDevice, InstalledSoftware
from weakspot.matching import DEFAULT_THRESHOLD
from weakspot.workflows import Assessment
from weakspot_sensor.collect import collect

_SEVERITIES = ("low", "medium", "high", "critical")


@click.command()
@click.option(
    "--mirror", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Judge by this folder's data."
)
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default="table", show_default=True)
@click.option(
    "--root",
    default="/",
    show_default=True,
    type=click.Path(exists=True, file_okay=False),
    help="File system to look at.",
)
@click.option("--all", "show_all", is_flag=True, help="Also what has too little confidence to count.")
@click.option("--fail-on", type=click.Choice(_SEVERITIES), help="Exit with 1 when a weakness is at least this severe.")
@click.pass_obj
def scan(context: CliContext, mirror: Path | None, form: str, root: str, show_all: bool, fail_on: str | None) -> None:
    """Assess this device and print a ranked list."""
    found = collect(root)
    device = msgspec.convert(found["device"], DescribedDevice)
    items = msgspec.convert(found["software"], list[InstalledSoftware])
    with open_knowledge(context.settings(), mirror) as database, database.read() as conn:
        threshold = 0 if show_all else DEFAULT_THRESHOLD
        assessment = workflows.assess(conn, device, items, threshold=threshold)
    click.echo(FORMATS[form](assessment))
    if fail_on is not None and is_met(assessment, fail_on):
        raise SystemExit(1)


def is_met(assessment: Assessment, severity: str) -> bool:
    """Whether some finding is at least that severe; an unknown severity is not."""
    least = _SEVERITIES.index(severity)
    names = {item.vulnerability.facts.severity.lower() for item in assessment.findings}
    return any(_SEVERITIES.index(name) >= least for name in names if name in _SEVERITIES)
