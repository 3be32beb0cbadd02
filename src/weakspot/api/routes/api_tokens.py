"""Tokens of programs: which there are, and ending one at once (spec/features.md 20). ``admin`` makes them."""

from __future__ import annotations

from typing import Literal

import msgspec
from litestar import Response, delete, get

from weakspot import access
from weakspot.access import ApiTokenRow, Permission
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, asked_of, caller_of, json_response, number_of, services_of
from weakspot.runtime.clock import Micros, to_iso


class ApiTokenListed(msgspec.Struct, frozen=True, kw_only=True):
    """A token without its secret. permissions null: all of the role's; groups null: all device groups."""

    id: int
    name: str
    role: str
    permissions: list[str] | None
    groups: list[int] | None
    created_at: str
    expires_at: str
    revoked_at: str | None
    state: Literal["good", "expired", "revoked"]


LIST = Operation(
    id="listApiTokens",
    summary="Tokens of programs, the newest first; never their secrets",
    tag="administration",
    permission=Permission.MANAGE_SYSTEM,
    answer=list[ApiTokenListed],
)
REVOKE = Operation(
    id="revokeApiToken",
    summary="Stop a token from working at once",
    tag="administration",
    permission=Permission.MANAGE_SYSTEM,
    status=204,
    errors=(404,),
)


@get("/admin/api-tokens", opt={OPERATION: LIST}, name=LIST.id)
async def list_api_tokens(request: ApiRequest) -> Response[bytes]:
    """Expired and revoked ones stay in the list, as the audit log speaks of them."""
    services = services_of(request)

    def read() -> list[ApiTokenListed]:
        with services.database.read() as conn:
            return [_row(one, services.clock()) for one in reversed(access.api_tokens(conn))]

    return json_response(await services.reads.run(read))


@delete("/admin/api-tokens/{id:str}", opt={OPERATION: REVOKE}, name=REVOKE.id, status_code=204)
async def revoke_api_token(request: ApiRequest) -> None:
    """From the next request on it is refused, and its event streams end."""
    services, actor = services_of(request), caller_of(request)
    number = number_of(asked_of(request, REVOKE).path["id"])
    await services.reads.run(lambda: access.revoke_api_token(services.database, actor, number, services.clock()))


def _row(one: ApiTokenRow, now: Micros) -> ApiTokenListed:
    is_revoked = one.revoked_at is not None
    return ApiTokenListed(
        id=one.id,
        name=one.name,
        role=one.role,
        permissions=None if one.permissions is None else sorted(one.permissions),
        groups=None if one.scope.group_ids is None else sorted(one.scope.group_ids),
        created_at=to_iso(one.created_at),
        expires_at=to_iso(one.expires_at),
        revoked_at=None if one.revoked_at is None else to_iso(one.revoked_at),
        state="revoked" if is_revoked else "good" if now < one.expires_at else "expired",
    )


ROUTES = (list_api_tokens, revoke_api_token)
