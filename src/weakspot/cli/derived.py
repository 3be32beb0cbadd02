"""``check``, ``rebuild`` and ``version``."""

from __future__ import annotations

import click

from weakspot import __version__
from weakspot.cli.backend import connect
from weakspot.cli.context import CliContext


@click.command()
@click.pass_obj
def check(context: CliContext) -> None:
    """Derive everything again and prove that it equals what runs; exit status 1 when it does not."""
    with connect(context.settings()) as backend:
        answer = backend.get("/api/v1/admin/check")
    for name, count in answer["parts"].items():
        click.echo(f"{name:16} {'equal' if count == 0 else f'{count} differences'}")
    for line in answer["differences"]:
        click.echo(f"  {line}")
    if not answer["is_exact"]:
        click.echo("What runs differs from what follows; `weakspot rebuild` mends it. Please report it.", err=True)
        raise SystemExit(1)
    click.echo(f"exact at change {answer['seq']}")


@click.command()
@click.pass_obj
def rebuild(context: CliContext) -> None:
    """Derive everything again from what was asserted and decided."""
    with connect(context.settings()) as backend:
        answer = backend.post("/api/v1/admin/rebuild", {})
    click.echo(f"rebuilt; {answer['software_versions_changed']} software versions changed")


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"weakspot {__version__}")
