"""SSVC decisions: of one weakness with reasons, and the list, which is the export."""

from __future__ import annotations

from weakspot.access import Permission, Scope
from weakspot.api.listing import COMMON, GROUPS, Asked, sort_parameter
from weakspot.api.operation import Operation, Parameter
from weakspot.api.routes import words
from weakspot.api.routing import read_route
from weakspot.queries import ssvc
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import Page
from weakspot.queries.ssvc import SsvcDetail, SsvcRow

LIST = Operation(
    id="listDecisions",
    summary="SSVC decision of every weakness in every device group",
    tag="ssvc",
    permission=Permission.TVM_VIEW_DATA,
    answer=Page[SsvcRow],
    parameters=(
        *(
            Parameter(name=name, description=words.FILTERS[name], values=values, is_repeatable=True)
            for name, values in ssvc.SHAPE.filters.items()
        ),
        sort_parameter(ssvc.SHAPE.sorts, ssvc.SHAPE.default_sort),
        *COMMON,
    ),
)
SHOW = Operation(
    id="showDecisions",
    summary="SSVC decisions about one weakness, with the reasons of each point",
    tag="ssvc",
    permission=Permission.TVM_VIEW_DATA,
    answer=list[SsvcDetail],
    parameters=(GROUPS,),
    errors=(404,),
)


def _list(read: ReadContext, scope: Scope, asked: Asked) -> Page[SsvcRow]:
    return ssvc.page(read, scope, asked.query)


def _show(read: ReadContext, scope: Scope, asked: Asked) -> list[SsvcDetail]:
    return ssvc.of_vulnerability(read, scope, asked.path["name"])


ROUTES = (
    read_route("/ssvc", LIST, _list),
    read_route("/weaknesses/{name:str}/ssvc", SHOW, _show),
)
