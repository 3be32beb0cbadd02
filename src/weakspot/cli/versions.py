"""``weakspot versions``: compare versions as the matching does."""

from __future__ import annotations

import sys

import click

from weakspot.vocabulary import versions as order
from weakspot.vocabulary.versions import table

_SHOWN = 20


@click.group()
def versions() -> None:
    """Version order of every ecosystem."""


@versions.command()
@click.argument("scheme", type=click.Choice(sorted(order.SCHEMES)), metavar="SCHEME")
@click.argument("pair", nargs=-1, metavar="[A B]")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read lines `A OP B`; '#' starts a comment.")
def compare(scheme: str, pair: tuple[str, ...], from_stdin: bool) -> None:
    """Print <, =, > or ? (not comparable) for A and B, or check a table from standard input.

    SCHEME is one of: dpkg rpm apk pep440 semver npm go cargo maven nuget gem composer hex pub cran hackage homebrew
    generic windows java.
    """
    if not from_stdin:
        if len(pair) != 2:
            raise click.UsageError("Give two versions, or --stdin.")
        click.echo(order.compare(scheme, *pair).value)
        return
    if pair:
        raise click.UsageError("--stdin takes the versions from standard input; give none here.")
    found = table.summarise(scheme, sys.stdin, keep=_SHOWN)
    click.echo(f"{found.lines} lines, {found.disagreements} disagreements")
    for verdict in found.first:
        click.echo(str(verdict))
    if found.disagreements:
        raise SystemExit(1)
