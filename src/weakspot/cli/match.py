"""``weakspot match``: what is weak on devices that others described, without any server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from weakspot.cli.context import CliContext
from weakspot.cli.knowledge import open_knowledge
from weakspot.cli.output import FORMATS, document
from weakspot.inventory import protocols
from weakspot.inventory.contracts import DescribedDevice
from weakspot.inventory.protocols import Document, ReadInventory
from weakspot.inventory.protocols.gathering import with_companions
from weakspot.inventory.protocols.releases import distribution_id
from weakspot.matching import DEFAULT_THRESHOLD
from weakspot.runtime.errors import InputError, InvalidField
from weakspot.workflows import Assessor

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option(
    "--inventory", "inventories", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that describes devices; may be given several times, or followed by more files.",
)  # fmt: skip
@click.argument("more", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[FILE ...]")
@click.option("--mirror", type=_FOLDER, help="Judge by this folder's data.")
@click.option("--data", type=_FOLDER, help="Judge by the knowledge that this data folder holds.")
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default="json", show_default=True)
@click.option("--os", "system", metavar="ID:VERSION", help="The devices' distribution, such as ubuntu:22.04.")
@click.option("--all", "show_all", is_flag=True, help="Also what has too little confidence to count.")
@click.option("--threshold", type=click.IntRange(0, 100), default=DEFAULT_THRESHOLD, show_default=True)
@click.pass_obj
def match(
    context: CliContext,
    inventories: tuple[Path, ...],
    more: tuple[Path, ...],
    mirror: Path | None,
    data: Path | None,
    form: str,
    system: str | None,
    show_all: bool,
    threshold: int,
) -> None:
    """Assess devices from files: sensor reports, CycloneDX, SPDX, dpkg, rpm and apk databases, lists and others.

    One device gives one JSON document; several devices one on each line. A file that cannot be read is told on stderr
    and makes the exit status 1; the others are assessed all the same.
    """
    files = [*inventories, *more]
    if not files:
        raise click.UsageError("Give at least one file with --inventory.")
    if mirror is not None and data is not None:
        raise click.UsageError("Give --mirror or --data, not both.")
    failures: list[str] = []
    read = list(_devices(files, failures))
    if system is not None:
        read = [msgspec.structs.replace(item, device=_with_system(item.device, system)) for item in read]
    with open_knowledge(context.settings(), mirror, data) as database, database.read() as conn:
        assessor = Assessor(conn, threshold=0 if show_all else threshold, is_brief=form in ("json", "table"))
        for item in read:
            assessment = msgspec.structs.replace(
                assessor.assess(item.device, item.software), refused=item.refused, notes=item.notes
            )
            is_line = form == "json" and len(files) + len(read) > 2
            click.echo(document.render_line(assessment) if is_line else FORMATS[form](assessment))
    for failure in failures:
        click.echo(f"weakspot: {failure}", err=True)
    if failures:
        raise SystemExit(1)


def _devices(files: list[Path], failures: list[str]) -> Iterator[ReadInventory]:
    documents: list[Document] = []
    for path in files:
        try:
            documents += protocols.unpack(path.read_bytes(), path.name)
        except (InputError, OSError) as error:
            failures.append(str(error))
    for main, beside in protocols.gather(documents):
        try:
            found = protocols.read(main)
        except InputError as error:
            failures.append(error.detail)
            continue
        yield from (with_companions(item, beside) if beside else item for item in found)


def _with_system(device: DescribedDevice, text: str) -> DescribedDevice:
    name, colon, version = text.partition(":")
    if not colon or not version:
        raise InvalidField("Write the system as ID:VERSION, for example debian:12.", field="os")
    known = msgspec.structs.replace(
        device.os, platform="Linux", distribution=distribution_id(name)[:256], version=version[:256]
    )
    return msgspec.structs.replace(device, os=known)
