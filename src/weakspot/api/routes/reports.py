"""Reports as files."""

from __future__ import annotations

from typing import cast

from litestar import Response, get

from weakspot.access import Permission
from weakspot.api.listing import GROUPS
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routing import ApiRequest, asked_of, caller_of, services_of
from weakspot.queries import reports
from weakspot.queries.base import ReadContext
from weakspot.runtime.clock import to_iso

REPORT = Operation(
    id="downloadReport",
    summary="The vulnerable devices report or the executive report, as HTML or PDF",
    tag="reports",
    permission=Permission.TVM_VIEW_DATA,
    media_type="application/octet-stream",
    parameters=(
        Parameter(name="report", description="Which report.", values=reports.NAMES, default=reports.NAMES[0]),
        Parameter(name="format", description="Kind of file.", values=("html", "pdf"), default="html"),
        GROUPS,
    ),
)


@get("/reports/file", opt={OPERATION: REPORT}, name=REPORT.id)
async def download_report(request: ApiRequest) -> Response[bytes]:
    """About the devices of the caller's scope."""
    asked = asked_of(request, REPORT)
    scope = caller_of(request).scope.narrowed(asked.groups)
    name = cast("reports.ReportName", asked.values.get("report", reports.NAMES[0]))
    kind = asked.values.get("format", "html")

    def read(context: ReadContext) -> Response[bytes]:
        from weakspot.queries import report_files  # the PDF library is loaded where a report is made

        report = reports.make(context, scope, name)
        content = report_files.to_pdf(report) if kind == "pdf" else report_files.to_html(report)
        file = f"{name}-{to_iso(context.now)[:10]}.{kind}"
        media_type = "application/pdf" if kind == "pdf" else "text/html; charset=utf-8"
        headers = {"content-disposition": f'attachment; filename="{file}"'}
        return Response(content, media_type=media_type, headers=headers)

    return await services_of(request).reads.read(read)


ROUTES = (download_report,)
