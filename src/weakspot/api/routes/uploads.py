"""Inventories by upload: bills of materials for a device, whole devices without an agent; and a device's sources."""

from __future__ import annotations

from typing import Any

from litestar import Response, delete, post

from weakspot.access import Permission, Scope
from weakspot.api.inflation import inflate
from weakspot.api.listing import Asked
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routing import ApiRequest, asked_of, caller_of, json_response, read_route, services_of
from weakspot.inventory import protocols
from weakspot.inventory.protocols import Document
from weakspot.queries import sources
from weakspot.queries.base import ReadContext
from weakspot.queries.sources import DeviceSourceRow, DeviceTroubles
from weakspot.runtime.errors import InvalidField
from weakspot.runtime.settings import Settings
from weakspot.workflows import Uploaded, UploadOutcome

SBOM_TYPES = (
    "application/json", "application/vnd.cyclonedx+json", "application/vnd.cyclonedx+xml", "application/spdx+json",
    "text/spdx", "application/xml",
)  # fmt: skip
FILE_TYPES = ("application/octet-stream", "application/json", "application/xml", "text/csv", "application/zip")
MAX_TEXT = 300


def body_limit(path: str, settings: Settings) -> int:
    """Bytes that the body of a request to the API may have: uploads are larger than everything else."""
    is_upload = path == "/api/v1/inventories" or (path.startswith("/api/v1/devices/") and path.endswith("/sbom"))
    return settings.report_bytes if is_upload else settings.body_bytes


def _declare(name: str, summary: str, permission: str, answer: Any, **more: Any) -> Operation:
    return Operation(id=name, summary=summary, tag="devices", permission=permission, answer=answer, **more)


SOURCES = _declare(
    "listDeviceSources",
    "Who reports the device: its sensor, other agents, scans and uploads",
    Permission.VIEW_DATA,
    list[DeviceSourceRow],
    errors=(404,),
)
TROUBLES = _declare(
    "showDeviceTroubles",
    "What is wrong with the device's sensor, and the newest lines of its agents' own logs",
    Permission.VIEW_DATA,
    DeviceTroubles,
    errors=(404,),
)
UPLOAD_SBOM = _declare(
    "uploadDeviceSbom",
    "Record a bill of materials (CycloneDX, SPDX, or any inventory that is known) as one component of a device",
    Permission.MANAGE_SECURITY,
    Uploaded,
    raw_body=SBOM_TYPES,
    parameters=(
        Parameter(name="component", description="Name of the component; default: the document's own name."),
        Parameter(name="file", description="Name of the file; tells where the content leaves it open."),
    ),
    errors=(404, 409, 413, 415, 422),
)
UPLOAD = _declare(
    "uploadInventories",
    "Record devices without an agent from any inventory that is known, or a zip archive of several",
    Permission.MANAGE_SECURITY,
    UploadOutcome,
    raw_body=FILE_TYPES,
    parameters=(
        Parameter(
            name="file", description="Name of the file; devices without a name of their own are called after it."
        ),
        Parameter(name="name", description="What the device is called, where the file describes one."),
        Parameter(
            name="columns",
            description="Of a CSV table: field=column pairs, such as name=Product,version=Release,host=Computer.",
        ),
    ),
    errors=(409, 413, 415, 422),
)
REMOVE = _declare(
    "removeDeviceSource",
    "Forget what one source said of a device; its keys end",
    Permission.MANAGE_SECURITY,
    None,
    status=204,
    errors=(404,),
)


def _sources(read: ReadContext, scope: Scope, asked: Asked) -> list[DeviceSourceRow]:
    return sources.of_device(read, scope, asked.path["id"])


def _troubles(read: ReadContext, scope: Scope, asked: Asked) -> DeviceTroubles:
    return sources.troubles_of(read, scope, asked.path["id"])


@post("/devices/{id:str}/sbom", opt={OPERATION: UPLOAD_SBOM}, name=UPLOAD_SBOM.id, status_code=200)
async def upload_sbom(request: ApiRequest) -> Response[bytes]:
    """In force when it is answered."""
    services, actor = services_of(request), caller_of(request)
    asked = asked_of(request, UPLOAD_SBOM)
    body, limit = await request.body(), services.settings.report_inflated_bytes
    encoding = request.scope["state"]["headers"].get("content-encoding", "")

    def work() -> Uploaded:
        document = Document(inflate(body, encoding, limit), _text(asked, "file") or "upload")
        component = _text(asked, "component")
        return services.uploads.for_device(actor, asked.path["id"], document, component)

    return json_response(await services.reads.run(work))


@post("/inventories", opt={OPERATION: UPLOAD}, name=UPLOAD.id, status_code=200)
async def upload_inventories(request: ApiRequest) -> Response[bytes]:
    """What cannot be taken is in the answer with its reason; the rest is in force."""
    services, actor = services_of(request), caller_of(request)
    asked = asked_of(request, UPLOAD)
    body, limit = await request.body(), services.settings.report_inflated_bytes
    encoding = request.scope["state"]["headers"].get("content-encoding", "")

    def work() -> UploadOutcome:
        documents = protocols.unpack(inflate(body, encoding, limit), _text(asked, "file") or "upload")
        return services.uploads.devices(actor, documents, _text(asked, "name"), _columns(asked))

    return json_response(await services.reads.run(work))


@delete("/devices/{id:str}/sources/{name:str}", opt={OPERATION: REMOVE}, name=REMOVE.id, status_code=204)
async def remove_source(request: ApiRequest) -> None:
    """The sensor itself cannot be removed this way."""
    services, actor = services_of(request), caller_of(request)
    asked = asked_of(request, REMOVE)
    await services.reads.run(lambda: services.uploads.remove(actor, asked.path["id"], asked.path["name"]))


ROUTES = (
    read_route("/devices/{id:str}/sources", SOURCES, _sources),
    read_route("/devices/{id:str}/troubles", TROUBLES, _troubles),
    upload_sbom,
    upload_inventories,
    remove_source,
)


def _text(asked: Asked, name: str) -> str:
    text = asked.values.get(name, "").strip()
    if len(text) > MAX_TEXT:
        raise InvalidField(f"{name} has at most {MAX_TEXT} characters.", field=name)
    return text


def _columns(asked: Asked) -> dict[str, str] | None:
    text = asked.values.get("columns", "")
    if not text:
        return None
    pairs = [pair.partition("=") for pair in text.split(",")]
    if not all(field and column for field, _, column in pairs):
        raise InvalidField("Write columns as field=column pairs with commas between them.", field="columns")
    return {field.strip(): column.strip() for field, _, column in pairs}
