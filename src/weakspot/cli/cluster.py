"""``weakspot cluster``: the fleet index in shards on Ray, for fleets beyond one index."""

from __future__ import annotations

import contextlib
import functools
import math
from pathlib import Path

import click
import msgspec

from weakspot.cli.context import CliContext
from weakspot.runtime.errors import Conflict, InvalidField


@click.group()
def cluster() -> None:
    """The fleet index in shards on several machines."""


@cluster.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def token(folder: Path) -> None:
    """Make the cluster's token in a folder, readable by its owner alone, where there is none; print its path."""
    from weakspot.fleet.cluster import rays

    click.echo(rays.token_file(folder))


@cluster.command()
@click.option("--address", metavar="HOST:PORT", help="The Ray cluster; without it, one of this machine alone.")
@click.option("--node-address", default="127.0.0.2", show_default=True, help="Address of this machine among the nodes.")
@click.option("--token", "token_", type=click.Path(dir_okay=False, path_type=Path), help="The cluster's token file.")
@click.option("--shards", type=click.IntRange(1, 1024), default=4, show_default=True, help="Into how many parts.")
@click.option("--processors", type=click.FloatRange(0, 64), default=1.0, show_default=True, help="For each shard.")
@click.option("--timeout", type=click.FloatRange(1), default=1800.0, show_default=True, help="Seconds to wait.")
@click.option("--groups", help="Only these device groups (ids, comma-separated).")
@click.option("--top", type=click.IntRange(0, 100), default=10, show_default=True, help="Rows of each list.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def summary(
    context: CliContext,
    address: str | None,
    node_address: str,
    token_: Path | None,
    shards: int,
    processors: float,
    timeout: float,
    groups: str | None,
    top: int,
    form: str,
) -> None:
    """Start shards, ask them for the scores of the fleet, its worst devices and commonest weaknesses, and end them."""
    import sqlalchemy as sa

    from weakspot import scoring
    from weakspot.access import internal_caller
    from weakspot.fleet.cluster import ClusterFleet, following, rays
    from weakspot.queries import clustered
    from weakspot.runtime import changes
    from weakspot.runtime.clock import system_clock
    from weakspot.runtime.database import Database

    settings = context.settings()
    scope = internal_caller("cluster").scope.narrowed(_groups(groups))
    if address is not None and settings.url.startswith("sqlite"):
        raise InvalidField(
            "Other machines cannot read this data folder; move to PostgreSQL first: weakspot database move."
        )
    with contextlib.ExitStack() as closing:
        database = closing.enter_context(contextlib.closing(Database(settings.url, readers=2)))
        with database.read() as conn:
            if not sa.inspect(conn).has_table(changes.changes.name):
                raise Conflict("There is no fleet in this database; start the server once, or name another one.")

        def newest() -> int:
            with database.read() as conn:
                return changes.last_seq(conn)

        token_file = token_ or rays.token_file(settings.data)
        cpus = math.ceil(shards * processors)
        rays.connect(address, token=token_file, node_address=node_address, cpus=cpus)
        closing.callback(rays.disconnect)
        make = functools.partial(
            following, url=settings.url, hazard=scoring.hazard, raised=scoring.raised_hazard, clock=system_clock
        )
        fleet = ClusterFleet(rays.RayShards(make, shards, cpus_each=processors), newest, timeout_seconds=timeout)
        closing.enter_context(contextlib.closing(fleet))
        fleet.ready()
        with database.read() as conn:
            found = clustered.summary(conn, fleet, scope, system_clock(), top=top)
    click.echo(render(found) if form == "text" else msgspec.json.format(msgspec.json.encode(found), indent=2).decode())


def render(found: object) -> str:
    """A summary for a terminal."""
    from weakspot.queries.clustered import Summary

    assert isinstance(found, Summary)
    lines = [
        f"{found.devices:,} devices, at change {found.seq}",
        f"exposure score {_score(found.exposure_score)} (detected {_score(found.exposure_score_detected)})",
        f"secure score {found.secure_points:.2f} of {found.secure_maximum:.2f}",
    ]
    lines += ["", "Device groups"] if found.groups else []
    lines += [
        f"  {_score(one.exposure_score):>6}  {one.devices:>10,}  {_plain(one.name)} ({one.id})" for one in found.groups
    ]
    lines += ["", "Worst devices"] if found.worst_devices else []
    lines += [
        f"  {_score(one.exposure_score):>6}  {one.weaknesses:>10,}  {_plain(one.name)} ({one.id})"
        for one in found.worst_devices
    ]
    lines += ["", "Commonest weaknesses"] if found.weaknesses else []
    lines += [f"  {one.exposed_devices:>10,}  {_plain(one.name)}" for one in found.weaknesses]
    return "\n".join(lines)


def _score(score: float | None) -> str:
    return "-" if score is None else f"{score:.1f}"


def _plain(text: str) -> str:
    """Foreign text moves no cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _groups(given: str | None) -> frozenset[int] | None:
    if given is None:
        return None
    try:
        return frozenset(int(one) for one in given.split(","))
    except ValueError:
        raise InvalidField("--groups takes ids of device groups, separated by commas.") from None
