"""Downloads for those who carry out a remediation: scripts and lists of devices, block lists."""

from __future__ import annotations

from collections.abc import Callable

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routing import ApiRequest, asked_of, caller_of, services_of
from weakspot.queries import handover as reads
from weakspot.queries.base import ReadContext
from weakspot.remediation import blocking
from weakspot.remediation import handover as files
from weakspot.runtime.errors import InvalidField

Made = tuple[str, str, str]
"""Text, name of the file, media type."""

HANDOVER = Operation(
    id="downloadRemediationFile",
    summary="A file for those who do the work: Ansible, shell, PowerShell, or the list of devices",
    tag="remediation",
    permission=Permission.REMEDIATION_HANDLING,
    answer=None,
    media_type="text/plain",
    parameters=(
        Parameter(name="format", description="Which file.", values=tuple(files.FORMATS), default="csv"),
        GROUPS,
    ),
    errors=(404,),
)
BLOCK_LIST = Operation(
    id="downloadBlockList",
    summary="The vulnerable versions of a recommendation for what blocks them: AppLocker, WDAC, fapolicyd, Santa, IOC",
    tag="remediation",
    permission=Permission.REMEDIATION_APPLICATIONS,
    answer=None,
    media_type="text/plain",
    parameters=(
        Parameter(name="format", description="Which file.", values=tuple(blocking.FORMATS), default="ioc_csv"),
        Parameter(name="action", description="Block or warn.", values=("Block", "Warn"), default="Block"),
        Parameter(name="sha256", description="Hashes of executables to block as well.", is_repeatable=True),
        Parameter(name="message", description="What the user is told."),
        GROUPS,
    ),
    errors=(404,),
)


def _handover(read: ReadContext, scope: Scope, asked: Asked) -> Made:
    write, name = files.FORMATS[asked.values.get("format", "csv")]
    text = write(reads.of_activity(read, scope, asked.path["id"]))
    return text, name, "text/csv; charset=utf-8" if name.endswith(".csv") else "text/plain; charset=utf-8"


def _block_list(read: ReadContext, scope: Scope, asked: Asked) -> Made:
    form = asked.values.get("format", "ioc_csv")
    mitigation: blocking.Mitigation = "Warn" if asked.values.get("action") == "Warn" else "Block"
    if form == "santa" and mitigation == "Warn":
        raise InvalidField("Santa cannot warn; take another format, or block.", field="action")
    write, name, media_type = blocking.FORMATS[form]
    hashes = asked.query.filters.get("sha256", ())
    found = reads.block_list(read, scope, asked.path["id"], mitigation, hashes, asked.values.get("message", ""))
    return write(found), name, media_type


def _download(path: str, operation: Operation, make: Callable[[ReadContext, Scope, Asked], Made]) -> HTTPRouteHandler:
    async def handle(request: ApiRequest) -> Response[bytes]:
        asked = asked_of(request, operation)
        scope = caller_of(request).scope.narrowed(asked.groups)
        text, name, media_type = await services_of(request).reads.read(lambda read: make(read, scope, asked))
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(text.encode("utf-8", "replace"), media_type=media_type, headers=headers)

    return get(path, opt={OPERATION: operation}, name=operation.id)(handle)


ROUTES = (
    _download("/remediation/activities/{id:str}/files", HANDOVER, _handover),
    _download("/recommendations/{id:str}/block-list", BLOCK_LIST, _block_list),
)
