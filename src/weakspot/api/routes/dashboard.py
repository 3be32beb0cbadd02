"""The first page, the state of knowledge, device groups and the global search."""

from __future__ import annotations

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked
from weakspot.api.operation import Operation, Parameter
from weakspot.api.routing import read_route
from weakspot.queries import dashboard, groups, knowledge, search
from weakspot.queries.base import ReadContext
from weakspot.queries.contracts import Dashboard, GroupRow, KnowledgeState, SearchResult

SHOW = Operation(
    id="showDashboard",
    summary="Exposure score, trend, distribution and the worst of everything",
    tag="dashboard",
    permission=Permission.TVM_VIEW_DATA,
    answer=Dashboard,
    parameters=(GROUPS,),
)
KNOWLEDGE = Operation(
    id="showKnowledge",
    summary="Which knowledge is in force, and how its sources are",
    tag="knowledge",
    permission=Permission.VIEW_DATA,
    answer=KnowledgeState,
)
GROUP_LIST = Operation(
    id="listGroups",
    summary="Device groups that the caller may see",
    tag="groups",
    permission=Permission.VIEW_DATA,
    answer=list[GroupRow],
)
SEARCH = Operation(
    id="search",
    summary="Devices, software and weaknesses by name",
    tag="search",
    permission=Permission.VIEW_DATA,
    answer=list[SearchResult],
    parameters=(Parameter(name="q", description="Text to find."), GROUPS),
)


def _dashboard(read: ReadContext, scope: Scope, _: Asked) -> Dashboard:
    return dashboard.show(read, scope)


def _knowledge(read: ReadContext, _scope: Scope, _: Asked) -> KnowledgeState:
    return knowledge.state(read)


def _groups(read: ReadContext, scope: Scope, _: Asked) -> list[GroupRow]:
    return groups.visible(read, scope)


def _search(read: ReadContext, scope: Scope, asked: Asked) -> list[SearchResult]:
    return search.search(read, scope, asked.values.get("q", ""))


ROUTES = (
    read_route("/dashboard", SHOW, _dashboard),
    read_route("/knowledge", KNOWLEDGE, _knowledge),
    read_route("/groups", GROUP_LIST, _groups),
    read_route("/search", SEARCH, _search),
)
