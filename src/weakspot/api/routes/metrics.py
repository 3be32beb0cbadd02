"""Figures for monitoring."""

from __future__ import annotations

from litestar import Response, get

from weakspot.access import Permission
from weakspot.api.metrics import MEDIA_TYPE, collect, render
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, asked_of, caller_of, services_of

METRICS = Operation(
    id="showMetrics",
    summary="Figures for monitoring, in the text format of Prometheus",
    tag="metrics",
    permission=Permission.VIEW_DATA,
    media_type="text/plain",
)


@get("/metrics", opt={OPERATION: METRICS}, name=METRICS.id)
async def show_metrics(request: ApiRequest) -> Response[bytes]:
    """Devices are counted in the caller's scope."""
    asked_of(request, METRICS)
    services, scope = services_of(request), caller_of(request).scope
    text = await services.reads.read(lambda read: render(collect(read, scope, services.counters)))
    return Response(text.encode(), media_type=MEDIA_TYPE)


ROUTES = (show_metrics,)
