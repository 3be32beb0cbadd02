"""Inventories that people and other tools upload: bills of materials of a device, and whole unmanaged devices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from sqlalchemy.engine import Connection

from weakspot import access, inventory
from weakspot.access import Caller
from weakspot.inventory import SourceInventory, protocols
from weakspot.inventory.protocols import Document, ReadInventory, RefusedRecord, csv_list
from weakspot.inventory.protocols.base import printable
from weakspot.inventory.protocols.gathering import with_companions
from weakspot.runtime.clock import Micros
from weakspot.runtime.database import Unit
from weakspot.runtime.errors import Forbidden, InputError, InvalidField, NotFound
from weakspot.workflows.agents import record_source
from weakspot.workflows.services import Services

MAX_NAME = 200


class Uploaded(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one device in an upload. ``records`` = ``software`` + ``repeated`` + refused ones.

    software: installations that count now; repeated: records joined with another one of the same software.
    """

    device_id: str
    device_name: str
    source: str
    format: str
    records: int
    software: int
    repeated: int
    refused: tuple[RefusedRecord, ...]
    notes: tuple[str, ...]


class UploadFailure(msgspec.Struct, frozen=True, kw_only=True):
    """A file, or a device in it, that was not taken, and why."""

    file: str
    reason: str


class UploadOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one upload led to."""

    devices: tuple[Uploaded, ...]
    failures: tuple[UploadFailure, ...]


def upload_for_device(
    services: Services, actor: Caller, device_id: str, document: Document, component: str, now: Micros
) -> Uploaded:
    """Record a document as one component of a device, in place of what that component was before.

    component: name of the part, such as an application; empty: the name that the document gives itself. Raises
    NotFound, InputError (an unknown form), InvalidField.
    """
    reader = protocols.recognise(document)
    found = reader.read(document)
    if len(found) != 1:
        raise InputError(f"{document.name} describes {len(found)} devices; upload it without naming one.")
    (read,) = found
    source = f"sbom:{_name(component or read.device.name)}"

    def unit(conn: Connection) -> Uploaded:
        device = inventory.device_by_public_id(conn, device_id)
        if device is None or not actor.scope.includes(device.group_id):
            raise NotFound("There is no such device among those you may see; open it from the list of devices.")
        done = _record(services, conn, (device.id, device.public_id), read, source, reader.name, now)
        access.record_audit(conn, now, actor, "device.upload", device_id, {"source": source, "format": reader.name})
        return done

    return services.database.write(unit)


def upload_devices(
    services: Services,
    actor: Caller,
    documents: list[Document],
    now: Micros,
    *,
    name: str = "",
    columns: Mapping[str, str] | None = None,
) -> UploadOutcome:
    """Record devices that have no agent; each is known again by its name.

    name: what the device is called, where there is only one. columns: field -> column of a CSV table. One that
    cannot be taken is a failure with its reason and does not stop the others.
    """
    devices: list[Uploaded] = []
    failures: list[UploadFailure] = []
    read = list(_read_all(documents, columns, failures))
    if name and len(read) > 1:
        raise InvalidField(f"The upload describes {len(read)} devices; leave out the name.", field="name")
    for document, form, one in read:
        called = _name(name or one.device.name)
        try:
            devices.append(services.database.write(_device_unit(services, actor, one, called, form, now)))
        except (InputError, Forbidden, NotFound) as error:
            failures.append(UploadFailure(file=document.name, reason=f"{called}: {error.detail}"))
    return UploadOutcome(devices=tuple(devices), failures=tuple(failures))


def _device_unit(
    services: Services, actor: Caller, read: ReadInventory, name: str, form: str, now: Micros
) -> Unit[Uploaded]:
    described = msgspec.structs.replace(read.device, name=name)
    told = msgspec.structs.replace(read, device=described)

    def unit(conn: Connection) -> Uploaded:
        device = inventory.device_for_upload(conn, name, described, now)
        kept = inventory.device(conn, device[0])
        if kept is None or not actor.scope.includes(kept.group_id):
            raise Forbidden("The device is, or would be, in a device group that you may not see.")
        done = _record(services, conn, device, told, f"import:{form}", form, now)
        access.record_audit(conn, now, actor, "device.import", device[1], {"name": name, "format": form})
        return done

    return unit


def _record(
    services: Services,
    conn: Connection,
    device: tuple[int, str],
    read: ReadInventory,
    source: str,
    form: str,
    now: Micros,
) -> Uploaded:
    told = SourceInventory(source=source, device=read.device, software=read.software)
    record_source(services, conn, device, told, now)
    return Uploaded(
        device_id=device[1],
        device_name=read.device.name,
        source=source,
        format=form,
        records=read.records,
        software=len(read.software),
        repeated=read.repeated,
        refused=read.refused,
        notes=read.notes,
    )


def _read_all(
    documents: list[Document], columns: Mapping[str, str] | None, failures: list[UploadFailure]
) -> Iterator[tuple[Document, str, ReadInventory]]:
    for main, beside in protocols.gather(documents):
        try:
            if columns is not None:
                found, form = csv_list.read_mapped(main, columns), csv_list.READER.name
            else:
                reader = protocols.recognise(main)
                found, form = list(reader.read(main)), reader.name
        except InputError as error:
            failures.append(UploadFailure(file=main.name, reason=error.detail))
            continue
        for one in found:
            yield main, form, with_companions(one, beside) if beside else one


def _name(text: str) -> str:
    name = " ".join(printable(text).split())
    if not name or len(name) > MAX_NAME:
        raise InvalidField(f"A name has 1 to {MAX_NAME} printable characters.", field="name")
    return name
