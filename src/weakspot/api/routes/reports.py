"""Reports: as files, as data, and the devices behind their bars."""

from __future__ import annotations

from typing import cast

from litestar import Response, get

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked, list_parameters
from weakspot.api.operation import OPERATION, Operation, Parameter
from weakspot.api.routes import words
from weakspot.api.routing import ApiRequest, asked_of, caller_of, read_route, services_of
from weakspot.queries import periods, reports, vulnerable_devices
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import DeviceRow, Page
from weakspot.queries.reports import AskedReport, ReportDocument
from weakspot.runtime.clock import to_iso

_FILTERS = {
    "age": "Only weaknesses that were published so long ago.",
    "exploit": "Only weaknesses of these exploit levels.",
    "os": "Only devices with these operating systems (platform or distribution).",
    "os_version": "Only devices with these versions: 10.0.19045, or Windows 10.0.19045.",
    "severity": "Only weaknesses of these severities.",
}
_BARS = {
    "age": "Only devices whose oldest weakness was published so long ago.",
    "exploit": "Only devices whose highest exploit level is one of these.",
    "os_version": _FILTERS["os_version"],
    "severity": "Only devices whose most severe weakness is one of these.",
}
ASKED = (
    Parameter(name="period", description="Of the trend.", values=tuple(periods.PERIODS), default="30d"),
    Parameter(name="since", description="First day of the trend (2026-01-31), instead of a period."),
    Parameter(name="until", description="Last day of the trend (2026-01-31); today unless given."),
    *(
        Parameter(name=name, description=_FILTERS[name], values=values, is_repeatable=True)
        for name, values in vulnerable_devices.FILTERS.items()
    ),
    GROUPS,
)
REPORT = Operation(
    id="downloadReport",
    summary="The vulnerable devices report or the executive report, as HTML or PDF",
    tag="reports",
    permission=Permission.TVM_VIEW_DATA,
    media_type="application/octet-stream",
    parameters=(
        Parameter(name="report", description="Which report.", values=reports.NAMES, default=reports.NAMES[0]),
        Parameter(name="format", description="Kind of file.", values=("html", "pdf"), default="html"),
        *ASKED,
    ),
)
SHOW = Operation(
    id="showReport",
    summary="The vulnerable devices report or the executive report, as data",
    tag="reports",
    permission=Permission.TVM_VIEW_DATA,
    answer=ReportDocument,
    parameters=(
        Parameter(name="report", description="Which report.", values=reports.NAMES, default=reports.NAMES[0]),
        *ASKED,
    ),
)
DEVICES = Operation(
    id="listVulnerableDevices",
    summary="Devices behind the bars of the vulnerable devices report: each under its worst weakness",
    tag="reports",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[DeviceRow],
    parameters=list_parameters(vulnerable_devices.DEVICES_SHAPE, "device names and domains", words.FILTERS | _BARS),
)


def asked_report(asked: Asked) -> AskedReport:
    """What a report is asked for."""
    return AskedReport(
        period=asked.values.get("period", "30d"),
        since=asked.values.get("since"),
        until=asked.values.get("until"),
        filters=asked.query.filters,
    )


def _show(read: ReadContext, scope: Scope, asked: Asked) -> ReportDocument:
    name = cast("reports.ReportName", asked.values.get("report", reports.NAMES[0]))
    return reports.make(read, scope, name, asked=asked_report(asked))


def _devices(read: ReadContext, scope: Scope, asked: Asked) -> Page[DeviceRow]:
    return vulnerable_devices.devices(read, scope, asked.query)


@get("/reports/file", opt={OPERATION: REPORT}, name=REPORT.id)
async def download_report(request: ApiRequest) -> Response[bytes]:
    """About the devices of the caller's scope."""
    asked = asked_of(request, REPORT)
    scope = caller_of(request).scope.narrowed(asked.groups)
    name = cast("reports.ReportName", asked.values.get("report", reports.NAMES[0]))
    kind = asked.values.get("format", "html")

    def read(context: ReadContext) -> Response[bytes]:
        from weakspot.queries import report_files  # the PDF library is loaded where a report is made

        report = reports.make(context, scope, name, asked=asked_report(asked))
        content = report_files.to_pdf(report) if kind == "pdf" else report_files.to_html(report)
        file = f"{name}-{to_iso(context.now)[:10]}.{kind}"
        media_type = "application/pdf" if kind == "pdf" else "text/html; charset=utf-8"
        headers = {"content-disposition": f'attachment; filename="{file}"'}
        return Response(content, media_type=media_type, headers=headers)

    return await services_of(request).reads.read(read)


ROUTES = (
    download_report,
    read_route("/reports/data", SHOW, _show),
    read_route("/reports/vulnerable-devices", DEVICES, _devices),
)
